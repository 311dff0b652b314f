/** What a response's error_code says, by name. */
import { ERRNO, errnoName } from '../errno.ts';
import { ERROR_CODE, isUndelivered } from './hwrm.ts';

export interface ErrorCodeRow {
  readonly code: number;
  readonly name: string;
}

/** The firmware's codes, and the driver's own for what could not be delivered. */
export const ERROR_CODES: readonly ErrorCodeRow[] = [
  ...Object.entries(ERROR_CODE).map(([name, code]) => ({ code, name })),
  ...Object.values(ERRNO)
    .map((errno) => ({ code: 0x10000 - errno, name: `UNDELIVERED_${errnoName(errno)}` }))
    .filter(({ code }) => isUndelivered(code)),
];

const nameByCode: ReadonlyMap<number, string> = new Map(ERROR_CODES.map(({ code, name }) => [code, name]));

export const ERROR_CODE_NAMES: readonly string[] = ERROR_CODES.map(({ name }) => name);

/** `INVALID_PARAMS`, `UNDELIVERED_EBUSY`; in hex where there is no name. */
export function errorCodeName(code: number): string {
  return nameByCode.get(code) ?? `0x${code.toString(16)}`;
}
