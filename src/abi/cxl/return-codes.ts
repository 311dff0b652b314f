/** What a CXL mailbox command returns: CMD_CMD_RC_TABLE of drivers/cxl/cxlmem.h (CXL 3.2, table 8-34), in its order. */
const NAMES = [
  'SUCCESS',
  'BACKGROUND',
  'INPUT',
  'UNSUPPORTED',
  'INTERNAL',
  'RETRY',
  'BUSY',
  'MEDIADISABLED',
  'FWINPROGRESS',
  'FWOOO',
  'FWAUTH',
  'FWSLOT',
  'FWROLLBACK',
  'FWRESET',
  'HANDLE',
  'PADDR',
  'POISONLMT',
  'MEDIAFAILURE',
  'ABORT',
  'SECURITY',
  'PASSPHRASE',
  'MBUNSUPPORTED',
  'PAYLOADLEN',
  'LOG',
  'INTERRUPTED',
  'FEATUREVERSION',
  'FEATURESELVALUE',
  'FEATURETRANSFERIP',
  'FEATURETRANSFEROOO',
  'RESOURCEEXHAUSTED',
  'EXTLIST',
] as const;

export type ReturnCodeName = (typeof NAMES)[number];

export const RETURN_CODES = NAMES.map((name, code) => ({ name, code }));

/** By name. */
export const RETURN_CODE = Object.fromEntries(RETURN_CODES.map(({ name, code }) => [name, code])) as Readonly<
  Record<ReturnCodeName, number>
>;

export function returnCodeName(code: number): string {
  return NAMES[code] ?? `return code 0x${code.toString(16)}`;
}
