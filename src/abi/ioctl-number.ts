/** The 32-bit ioctl word of asm-generic/ioctl.h: dir[31:30] size[29:16] type[15:8] nr[7:0]. */

/** `_IO(type, nr)`: no direction, no size. All fwctl and iommufd ioctls are encoded so. */
export function io(type: number, nr: number): number {
  return ((type & 0xff) << 8) | (nr & 0xff);
}

/** `_IOC_TYPE` of an ioctl word. */
export function ioctlType(cmd: number): number {
  return (cmd >>> 8) & 0xff;
}

/** `_IOC_NR` of an ioctl word. */
export function ioctlNr(cmd: number): number {
  return cmd & 0xff;
}
