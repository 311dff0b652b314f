/** What an ioctl may open for its caller beside the device's own files. */

/** A file without a path that an ioctl opens for its caller: anon_inode_getfile(). */
export interface AnonymousFile {
  /** read(2) of up to `length` bytes: what is there. Throws Errno. */
  read(length: number): Uint8Array;
  /** write(2): the bytes taken. Throws Errno. */
  write(bytes: Uint8Array): number;
  /** poll(2): the events that are set now. */
  poll(): number;
  /** The last close. Never throws. */
  release(): void;
}
