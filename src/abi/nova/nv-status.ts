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

/** Why, for people, in our own words. */
const TEXTS: Readonly<Record<keyof typeof NV_STATUS, string>> = {
  INSUFFICIENT_RESOURCES: 'there is no room for one more',
  INVALID_ARGUMENT: 'a value of the command is none that it takes',
  INVALID_COMMAND: 'the firmware does not have this command',
  INVALID_PARAM_STRUCT: "the payload is shorter than the command's structure",
  INVALID_STATE: 'the GPU is in another state than the command needs, as without vGPU',
  NOT_SUPPORTED: 'the GPU cannot do it',
  OBJECT_NOT_FOUND: 'what the command names is not there',
  STATE_IN_USE: 'what is to be changed is in use',
};

export interface NvStatusRow {
  readonly name: keyof typeof NV_STATUS;
  readonly status: number;
  readonly text: string;
}

export const NV_STATUS_ROWS: readonly NvStatusRow[] = (Object.keys(NV_STATUS) as (keyof typeof NV_STATUS)[]).map(
  (name) => ({ name, status: NV_STATUS[name], text: TEXTS[name] }),
);

export function nvStatusName(status: number): string {
  const row = NV_STATUS_ROWS.find((one) => one.status === status);
  return row === undefined ? `0x${status.toString(16)}` : `NV_ERR_${row.name}`;
}

/** `: the GPU cannot do it`; nothing for a status without a row. */
export function nvStatusText(status: number): string {
  const row = NV_STATUS_ROWS.find((one) => one.status === status);
  return row === undefined ? '' : `: ${row.text}`;
}
