/** What a CXL mailbox command returns: CMD_CMD_RC_TABLE of drivers/cxl/cxlmem.h (CXL 3.2, table 8-34), in its order. */
// [why, what passes]: in words of our own, for what the command's text has them for.
const ROWS = {
  SUCCESS: ['it was carried out'],
  BACKGROUND: ['it goes on in the background', 'ask for its status'],
  INPUT: ['a field of the payload has a value that the command does not take', 'see offset, count and flags'],
  UNSUPPORTED: ['the device does not have this command, or this feature', 'ask GET_SUPPORTED_FEATURES'],
  INTERNAL: ['the device has an error of its own', 'send it again, or reset the device'],
  RETRY: ['the command failed by chance', 'send it again'],
  BUSY: ['a background operation keeps the device from it', 'send it again when that is over'],
  MEDIADISABLED: ['the media are disabled', 'enable them'],
  FWINPROGRESS: ['a firmware transfer is under way', 'wait until it is over'],
  FWOOO: ['a part of the firmware came out of order', 'begin the transfer again'],
  FWAUTH: ['the firmware is not signed by whom the device trusts'],
  FWSLOT: ['the firmware slot is none that may be used', 'ask GET_FW_INFO'],
  FWROLLBACK: ['the new firmware did not start: the old one is back'],
  FWRESET: ['the device needs a cold reset for the new firmware', 'reset it'],
  HANDLE: ['a handle names nothing', 'take one of the list'],
  PADDR: ['the physical address is none of the device'],
  POISONLMT: ['the device keeps no more poisoned addresses', 'clear some'],
  MEDIAFAILURE: ['the media have failed for good'],
  ABORT: ['the background operation was aborted', 'begin it again'],
  SECURITY: ['the security state forbids it', 'unlock the device'],
  PASSPHRASE: ['the passphrase is wrong'],
  MBUNSUPPORTED: ['the mailbox that it came by does not carry this command', 'use the primary mailbox'],
  PAYLOADLEN: [
    "the payload has another length than the command takes, or is above the mailbox's",
    'set op_size to the command and its data',
  ],
  LOG: ['the log is none of the device', 'ask GET_SUPPORTED_LOGS'],
  INTERRUPTED: ['an asynchronous event has interrupted it', 'send it again'],
  FEATUREVERSION: ["the version is not the feature's", 'take set_version of its entry in GET_SUPPORTED_FEATURES'],
  FEATURESELVALUE: ['the feature has no such value (default or saved)', 'ask for the current one: selection 0'],
  FEATURETRANSFERIP: ['a transfer of a feature is under way', 'finish or abort it'],
  FEATURETRANSFEROOO: [
    'a part of the transfer is out of order',
    'go on where the last one ended, or begin with flags initiate',
  ],
  RESOURCEEXHAUSTED: ['the device has no resource left for it', 'free some'],
  EXTLIST: ['the list of extents is none that the device can take'],
} as const satisfies Readonly<Record<string, readonly [text: string, remedy?: string]>>;

export type ReturnCodeName = keyof typeof ROWS;

export interface ReturnCodeRow {
  readonly name: ReturnCodeName;
  readonly code: number;
  /** Why, for people: a clause without a full stop. */
  readonly text: string;
  /** What passes. */
  readonly remedy?: string;
}

export const RETURN_CODES: readonly ReturnCodeRow[] = (Object.keys(ROWS) as ReturnCodeName[]).map((name, code) => {
  const [text, remedy]: readonly [string, string?] = ROWS[name];
  return { name, code, text, ...(remedy !== undefined && { remedy }) };
});

/** By name. */
export const RETURN_CODE = Object.fromEntries(RETURN_CODES.map(({ name, code }) => [name, code])) as Readonly<
  Record<ReturnCodeName, number>
>;

export function returnCodeName(code: number): string {
  return RETURN_CODES[code]?.name ?? `return code 0x${code.toString(16)}`;
}
