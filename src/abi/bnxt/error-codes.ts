/** What a response's error_code says, by name. */
import { ERRNO, errnoName } from '../errno.ts';
import { ERROR_CODE, isUndelivered } from './hwrm.ts';

export interface ErrorCodeRow {
  readonly code: number;
  readonly name: string;
  /** Why, for people: a clause without a full stop. */
  readonly text: string;
  /** What passes. */
  readonly remedy?: string;
}

/** [why, what passes]: what HWRM_ERR_CODE_* of hsi.h stand for; what real firmware gives them for is not public. */
const TEXTS: Readonly<Record<keyof typeof ERROR_CODE, readonly [string, string?]>> = {
  SUCCESS: ['it was carried out'],
  FAIL: [
    'the request failed; cmd_err says which of its own failures it is',
    'look cmd_err up in hsi.h, at the request',
  ],
  INVALID_PARAMS: [
    'a field has a value that the request does not know, or the request is shorter than its structure',
    'send the whole structure, with values of hsi.h',
  ],
  RESOURCE_ACCESS_DENIED: ['what is asked for may not be used, or not be changed', 'use what the function owns'],
  RESOURCE_ALLOC_ERROR: ['there is no resource of that kind left', 'free one'],
  INVALID_FLAGS: ['flags has a bit that the request does not know', 'clear it'],
  INVALID_ENABLES: ['enables has a bit that the request does not know', 'clear it'],
  UNSUPPORTED_TLV: ['the request carries a TLV that the firmware does not know', 'send it without'],
  NO_BUFFER: ['the firmware has no buffer for the request', 'send it again later'],
  UNSUPPORTED_OPTION_ERR: ['the firmware does not have this option of the request', 'leave it out'],
  HOT_RESET_PROGRESS: ['a hot reset is under way', 'wait until it is over'],
  HOT_RESET_FAIL: ['a hot reset has failed'],
  NO_FLOW_COUNTER_DURING_ALLOC: ['there is no flow counter left', 'free one'],
  KEY_HASH_COLLISION: ["the key's place is taken by another key"],
  KEY_ALREADY_EXISTS: ['there is one of that key already', 'use another, or remove it first'],
  HWRM_ERROR: ['the firmware itself has an error'],
  BUSY: ['the firmware is busy', 'send it again later'],
  RESOURCE_LOCKED: ['somebody else holds the resource', 'wait until it is let go'],
  PF_UNAVAILABLE: ['the physical function that the request concerns is not there'],
  ENTITY_NOT_PRESENT: ['what the request names is not there', 'ask for one that is'],
  SECURE_SOC_ERROR: ['the secure part of the chip has refused'],
  TLV_ENCAPSULATED_RESPONSE: ['the response is inside a TLV: no refusal'],
  UNKNOWN_ERR: ['the firmware does not say why'],
  CMD_NOT_SUPPORTED: [
    'the firmware does not have this request',
    'ask VER_GET what it has; an emulated one has those of docs/bnxt.md, and what hwrm of its profile adds',
  ],
};

/** The firmware's codes, and the driver's own for what could not be delivered. */
export const ERROR_CODES: readonly ErrorCodeRow[] = [
  ...Object.entries(ERROR_CODE).map(([name, code]): ErrorCodeRow => {
    const [text, remedy] = TEXTS[name as keyof typeof ERROR_CODE];
    return { code, name, text, ...(remedy !== undefined && { remedy }) };
  }),
  ...Object.values(ERRNO)
    .map((errno) => ({
      code: 0x10000 - errno,
      name: `UNDELIVERED_${errnoName(errno)}`,
      text: `the driver could not deliver the request, with ${errnoName(errno)}: the firmware has not seen it`,
    }))
    .filter(({ code }) => isUndelivered(code)),
];

const byCode: ReadonlyMap<number, ErrorCodeRow> = new Map(ERROR_CODES.map((row) => [row.code, row]));

export const ERROR_CODE_NAMES: readonly string[] = ERROR_CODES.map(({ name }) => name);

/** `INVALID_PARAMS`, `UNDELIVERED_EBUSY`; in hex where there is no name. */
export function errorCodeName(code: number): string {
  return byCode.get(code)?.name ?? `0x${code.toString(16)}`;
}

export function errorCode(code: number): ErrorCodeRow | undefined {
  return byCode.get(code);
}
