/** How two requests differ, in the names of their fields: what a replay that missed tells. */
import type { FieldValue } from '../../../abi/bits.ts';
import { accessRegister, requestHeader } from '../../../abi/mlx5/headers.ts';
import { OPCODE, opcodeName } from '../../../abi/mlx5/opcodes.ts';
import { placedFields, requestLayouts } from '../../../abi/mlx5/payload-layout.ts';
import { registerById } from '../../../abi/mlx5/registers.ts';

export interface ComparedRequest {
  readonly scope: number;
  readonly outLength: number;
  readonly bytes: Uint8Array;
}

/** Bytes of the uid in an mlx5 request: the kernel's own, whatever the client put there. */
const UID_END = requestHeader.uid + 2;

/** Whether two requests ask for the same, byte by byte. */
export function sameRequest(a: ComparedRequest, b: ComparedRequest, mlx5: boolean): boolean {
  if (a.scope !== b.scope || a.outLength !== b.outLength || a.bytes.length !== b.bytes.length) return false;
  return distance(a.bytes, b.bytes, mlx5) === 0;
}

/** Bytes that differ; the larger, the less alike. Another command is further away than any payload. */
export function unlikeness(a: ComparedRequest, b: ComparedRequest, mlx5: boolean): number {
  const sizes = (a.scope === b.scope ? 0 : 1) + (a.outLength === b.outLength ? 0 : 1);
  const head = mlx5 ? 0x1000 * distance(a.bytes.subarray(0, HEAD), b.bytes.subarray(0, HEAD), true) : 0;
  return sizes + head + distance(a.bytes, b.bytes, mlx5);
}

/** opcode, op_mod, register_id. */
const HEAD = accessRegister.argument;

/** `register_id: MGIR 0x9020, recorded MCAM 0x907f`, ... At most `limit` of them, and then how many more. */
export function differences(asked: ComparedRequest, recorded: ComparedRequest, mlx5: boolean, limit = 8): string[] {
  const found: string[] = [];
  const note = (name: string, a: string | number | bigint, b: string | number | bigint): void => {
    if (a !== b) found.push(`${name}: ${a}, recorded ${b}`);
  };
  note('scope', asked.scope, recorded.scope);
  note('in_len', asked.bytes.length, recorded.bytes.length);
  note('out_len', asked.outLength, recorded.outLength);
  const explained = mlx5 ? noteFields(asked.bytes, recorded.bytes, note) : new Set<number>();
  const rest = unexplained(asked.bytes, recorded.bytes, explained, mlx5);
  if (rest.length > 0)
    found.push(`bytes without a name: ${rest.slice(0, 4).join(', ')}${rest.length > 4 ? ', ...' : ''}`);
  return found.length <= limit ? found : [...found.slice(0, limit), `and ${found.length - limit} more`];
}

type Note = (name: string, a: string | number | bigint, b: string | number | bigint) => void;

/** Names what can be named; the bytes that are spoken for by it. */
function noteFields(a: Uint8Array, b: Uint8Array, note: Note): Set<number> {
  const explained = new Set<number>();
  const cover = (from: number, to: number): void => {
    for (let at = from; at < to; at++) explained.add(at);
  };
  const [left, right] = [viewOf(a), viewOf(b)];
  if (a.length < requestHeader.own || b.length < requestHeader.own) return explained;
  const opcodes = [left.getUint16(requestHeader.opcode), right.getUint16(requestHeader.opcode)] as const;
  note('opcode', opcodeName(opcodes[0]), opcodeName(opcodes[1]));
  note('op_mod', left.getUint16(requestHeader.opMod), right.getUint16(requestHeader.opMod));
  cover(requestHeader.opcode, UID_END);
  cover(requestHeader.opMod, requestHeader.own);
  // Another command's payload has nothing to compare.
  if (opcodes[0] !== opcodes[1]) {
    cover(0, Math.max(a.length, b.length));
    return explained;
  }
  const register = opcodes[0] === OPCODE.ACCESS_REG || opcodes[0] === OPCODE.ACCESS_REGISTER_USER;
  if (register && a.length >= accessRegister.argument && b.length >= accessRegister.argument) {
    const ids = [left.getUint16(accessRegister.registerId), right.getUint16(accessRegister.registerId)] as const;
    note('register_id', registerText(ids[0]), registerText(ids[1]));
    cover(accessRegister.registerId, accessRegister.argument);
    if (ids[0] !== ids[1]) {
      cover(0, Math.max(a.length, b.length));
      return explained;
    }
  }
  for (const { field, base } of placedFields(requestLayouts(left), left)) {
    if (base + field.end > right.byteLength || field.path === 'register_id') continue;
    note(field.path, shown(field.read(left, base)), shown(field.read(right, base)));
    cover(base + (field.bit >> 3), base + ((field.bit + field.bits + 7) >> 3));
  }
  return explained;
}

/** `16-19: 00000001, recorded 00000000`. */
function unexplained(a: Uint8Array, b: Uint8Array, explained: ReadonlySet<number>, mlx5: boolean): string[] {
  const runs: string[] = [];
  const length = Math.min(a.length, b.length);
  const differs = (at: number): boolean =>
    a[at] !== b[at] && !explained.has(at) && !(mlx5 && at >= requestHeader.uid && at < UID_END);
  for (let at = 0; at < length; at++) {
    if (!differs(at)) continue;
    let end = at + 1;
    while (end < length && differs(end)) end++;
    runs.push(`${at}${end - 1 === at ? '' : `-${end - 1}`}: ${hex(a, at, end)}, recorded ${hex(b, at, end)}`);
    at = end;
  }
  return runs;
}

function hex(bytes: Uint8Array, from: number, to: number): string {
  const text = Buffer.from(bytes.subarray(from, Math.min(to, from + 8))).toString('hex');
  return to - from > 8 ? `${text}...` : text;
}

function distance(a: Uint8Array, b: Uint8Array, mlx5: boolean): number {
  let count = Math.abs(a.length - b.length);
  for (let at = Math.min(a.length, b.length) - 1; at >= 0; at--) {
    if (a[at] !== b[at] && !(mlx5 && at >= requestHeader.uid && at < UID_END)) count++;
  }
  return count;
}

function registerText(id: number): string {
  return `${registerById(id)?.name ?? 'register'} 0x${id.toString(16)}`;
}

function shown(value: FieldValue): string | number | bigint {
  return value instanceof Uint8Array
    ? Buffer.from(value)
        .toString('hex')
        .replace(/(00)+$/, '')
    : value;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
