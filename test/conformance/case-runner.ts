/** Runs one symbolic case and says what became of structure and buffers, in the words of the golden records. */
import { errnoName } from '../../src/abi/errno.ts';
import { fwctlInfo, fwctlRpc } from '../../src/abi/fwctl.ts';
import { BIG, type Place, ROLE, resolve } from './arenas.ts';
import type { Case } from './case-file.ts';
import { fnv1a64 } from './fnv.ts';
import type { GoldenRecord } from './golden.ts';
import type { Target } from './target.ts';

export function runCase(target: Target, c: Case): GoldenRecord {
  const { memory } = target;
  const at = (place: Place, length: number): Uint8Array => memory.view(Number(place.address), length);
  const argument = resolve(c.arg, ROLE.argument);
  const isRpc = c.as === 'R';
  const first = resolve(c.first, isRpc ? ROLE.in : ROLE.out, { argument });
  const output = isRpc ? resolve(c.second, ROLE.out, { argument, first }) : first;
  const outLength = isRpc ? c.outLen : c.dlen;
  const struct = structBytes(c, first, output);

  const outWindow = windowOf(output, outLength);
  const inWindow = isRpc ? Math.min(windowOf(first, c.inLen), BIG) : 0;
  const tailWindow = Math.min(argument.capacity, 4096);
  if (outWindow > 0) at(output, outWindow).fill(0xaa);
  if (inWindow > 0) fillRequest(c, at(first, inWindow));
  if (tailWindow > 0) {
    const window = at(argument, tailWindow).fill(0);
    window.set(struct.subarray(0, Math.min(argument.capacity, struct.length)));
    if (c.nz !== undefined && c.nz.offset < argument.capacity) at(argument, c.nz.offset + 1)[c.nz.offset] = c.nz.value;
  }
  const outBefore = outWindow > 0 ? at(output, outWindow).slice() : new Uint8Array(0);
  const inBefore = inWindow > 0 ? Buffer.from(at(first, inWindow)) : undefined;
  const tailBefore = tailWindow > 0 ? Buffer.from(at(argument, tailWindow)) : Buffer.alloc(0);

  const calls = target.firmwareCalls();
  const result = target.ioctl(c.fd, c.ctx, c.cmd, argument.address);
  const record: Record<string, unknown> = {
    id: c.id,
    case: c.text,
    ret: result < 0 ? -1 : result,
    err: result < 0 ? errnoName(-result) : 'OK',
  };
  if (tailWindow > 0) describeArgument(record, at(argument, tailWindow), tailBefore, struct, argument.capacity);
  if (outWindow > 0) record.out = describeOutput(c, target.uid(c.fd), outBefore, at(output, outWindow).slice(), output);
  if (inBefore !== undefined) record.in_chg = inBefore.equals(at(first, inWindow)) ? 0 : 1;
  record.fw = target.firmwareCalls() - calls;
  if (c.nz !== undefined && c.nz.offset < argument.capacity) at(argument, c.nz.offset + 1)[c.nz.offset] = 0;
  return record;
}

function structBytes(c: Case, first: Place, second: Place): Uint8Array {
  const bytes = new Uint8Array(c.as === 'R' ? fwctlRpc.bytes : fwctlInfo.bytes);
  const view = new DataView(bytes.buffer);
  const words = c.as === 'R' ? [c.size, c.scope, c.inLen, c.outLen] : [c.size, c.flags, c.odt, c.dlen];
  words.forEach((word, i) => {
    view.setUint32(4 * i, word, true);
  });
  view.setBigUint64(16, first.address, true);
  if (c.as === 'R') view.setBigUint64(24, second.address, true);
  return bytes;
}

function windowOf(place: Place, length: number): number {
  return Math.min(place.capacity, Math.max(length + 64, 128));
}

/** Header, a pattern to in_len, 0xbb behind it. */
function fillRequest(c: Case, window: Uint8Array): void {
  const header = [c.op >> 8, c.op, c.uid >> 8, c.uid, 0, 0, c.mod >> 8, c.mod];
  const length = Math.min(window.length, c.inLen);
  for (let i = 0; i < length; i++) window[i] = i < 16 ? (header[i] ?? 0) : i * 3 + 7;
  window.fill(0xbb, length);
}

function describeArgument(
  record: Record<string, unknown>,
  now: Uint8Array,
  before: Buffer,
  struct: Uint8Array,
  capacity: number,
): void {
  if (capacity < struct.length) {
    record.arg_chg = before.equals(now) ? 0 : 1;
    return;
  }
  const view = new DataView(now.buffer, now.byteOffset, now.byteLength);
  const given = new DataView(struct.buffer);
  const fields: (number | string)[] = [0, 4, 8, 12].map((offset) => view.getUint32(offset, true));
  for (let i = 16; i < struct.length; i += 8) {
    const value = view.getBigUint64(i, true);
    fields.push(value === given.getBigUint64(i, true) ? '=' : value.toString(16).padStart(16, '0'));
  }
  const n = struct.length;
  record.arg = fields;
  record.arg_chg = before.subarray(0, n).equals(now.subarray(0, n)) ? 0 : 1;
  record.tail_chg = before.subarray(n).equals(now.subarray(n)) ? 0 : 1;
}

function describeOutput(c: Case, uid: number, before: Uint8Array, after: Uint8Array, output: Place): GoldenRecord {
  const win = after.length;
  if (Buffer.compare(before, after) === 0) return { win, chg: 0 };
  let first = 0;
  while (before[first] === after[first]) first++;
  let last = win - 1;
  while (before[last] === after[last]) last--;
  maskUid(c, uid, before, after, output);
  const head = Buffer.from(after.subarray(0, 64)).toString('hex');
  return { win, chg: 1, first, last, hash: fnv1a64(after), head };
}

/**
 * A descriptor's uid is the implementation's choice: masked where
 * it stands, unless the structure was written over that place.
 */
function maskUid(c: Case, uid: number, before: Uint8Array, after: Uint8Array, output: Place): void {
  const overStruct = (offset: number): boolean =>
    output.kind === 'arg' && output.n + offset < (c.as === 'R' ? fwctlRpc.bytes : fwctlInfo.bytes);
  if (uid === 0) return;
  if (c.as === 'I' && !overStruct(0)) {
    const room = Math.min(4, c.dlen, after.length);
    let m = 0;
    while (m < room && after[m] === ((uid >>> (8 * m)) & 0xff)) m++;
    if (m > 0 && (m === room || after[m] === before[m])) after.fill(0xfe, 0, m);
  } else if (c.as === 'R' && !overStruct(18) && after.length >= 20 && c.outLen >= 20) {
    const changed = after[18] !== before[18] || after[19] !== before[19];
    if (changed && after[18] === uid >> 8 && after[19] === (uid & 0xff)) after.set([0xfe, 0xed], 18);
  }
}
