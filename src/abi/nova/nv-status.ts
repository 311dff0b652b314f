/** NV_STATUS codes that this firmware gives: nvstatuscodes.h of NVIDIA/open-gpu-kernel-modules 307159f. 0 is NV_OK. */

export const NV_STATUS = {
  INSUFFICIENT_RESOURCES: 0x1a,
  INVALID_ARGUMENT: 0x1f,
  INVALID_COMMAND: 0x24,
  INVALID_PARAM_STRUCT: 0x3a,
  INVALID_STATE: 0x40,
  NOT_SUPPORTED: 0x56,
  OBJECT_NOT_FOUND: 0x57,
  STATE_IN_USE: 0x63,
} as const;

export const NV_STATUS_ROWS: readonly { readonly name: string; readonly status: number }[] = Object.entries(
  NV_STATUS,
).map(([name, status]) => ({ name, status }));

export function nvStatusName(status: number): string {
  const row = NV_STATUS_ROWS.find((one) => one.status === status);
  return row === undefined ? `0x${status.toString(16)}` : `NV_ERR_${row.name}`;
}
