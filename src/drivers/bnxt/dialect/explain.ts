/** Why the firmware refused a request, as far as its error code and the request itself tell. */
import { ERROR_CODES, errorCode } from '../../../abi/bnxt/error-codes.ts';
import { ERROR_CODE } from '../../../abi/bnxt/hwrm.ts';
import { layoutsOf } from '../../../abi/bnxt/request-layouts.ts';
import { REQUESTS } from '../../../abi/bnxt/requests.ts';
import type { ExplainedRefusal, RefusalCode } from '../../../fwctl/dialect.ts';
import { otherOrder } from '../../../fwctl/other-order.ts';

export function explain(type: number, inLength: number, code: number, cmdErr: number): ExplainedRefusal | undefined {
  const row = errorCode(code);
  if (row === undefined) return undefined;
  const { name, text: rule, remedy } = row;
  const least = layoutsOf(type).request.bytes;
  if (code === ERROR_CODE.INVALID_PARAMS && inLength < least) {
    const whole = 'the request is shorter than its structure';
    return {
      name,
      rule: whole,
      part: `in_len ${inLength}, needs at least ${least}`,
      fix: `set fwctl_rpc.in_len = ${least}`,
    };
  }
  const fix = code === ERROR_CODE.CMD_NOT_SUPPORTED ? (meantRequest(type) ?? remedy) : remedy;
  const part = cmdErr === 0 ? {} : { part: `cmd_err ${cmdErr}` };
  return { name, rule, ...part, ...(fix !== undefined && { fix }) };
}

/** For a type that is none, in the other order of bytes. */
export function meantRequest(type: number): string | undefined {
  return otherOrder('req_type', type, 2, 'little-endian', (number) => names.get(number));
}

const names: ReadonlyMap<number, string> = new Map(REQUESTS.map(({ type, name }) => [type, name]));

export const REFUSAL_CODES: readonly RefusalCode[] = ERROR_CODES.filter(({ code }) => code !== 0).map(
  ({ code, name, text, remedy }) => ({
    field: 'error_code',
    number: code,
    name,
    text,
    ...(remedy !== undefined && { remedy }),
  }),
);
