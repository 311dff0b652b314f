/** What dispatch refuses before a command is known: an ioctl word that is none, a size word below its structure. */

import type { ErrnoName } from '../../../abi/errno.ts';
import { ioctlNr, ioctlType } from '../../../abi/ioctl-number.ts';

/** An ioctl of the node. */
export interface KnownIoctl {
  readonly name: string;
  /** The 32-bit ioctl word. */
  readonly number: number;
  /** Of its structure, at least; 0: it has none. */
  readonly bytes: number;
}

/** asm-generic/ioctl.h: bits 31:30, and 29:16. */
const DIRECTIONS = ['_IO', '_IOW', '_IOR', '_IOWR'];
const SIZE_MASK = 0x3fff;

/** `_IOWR(0x9a, 0, 24)`. */
export function encodingText(cmd: number): string {
  const size = (cmd >>> 16) & SIZE_MASK;
  const direction = DIRECTIONS[cmd >>> 30] ?? '';
  const behind = direction === '_IO' && size === 0 ? '' : `, ${size}`;
  return `${direction}(${hex(ioctlType(cmd))}, ${ioctlNr(cmd)}${behind})`;
}

/** ENOTTY: the number that was meant, or those that there are. Undefined: nothing is known of the node's. */
export function numberFix(cmd: number, known: readonly KnownIoctl[]): string | undefined {
  const [first] = known;
  const last = known.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const given = `${hex(cmd)} is ${encodingText(cmd)}`;
  const there = ({ name, number }: KnownIoctl) => `${name} ${hex(number)}`;
  const meant = known.find(({ number }) => (number & 0xffff) === (cmd & 0xffff));
  if (meant !== undefined) return `use ${meant.name} = ${encodingText(meant.number)} = ${hex(meant.number)}: ${given}`;
  const all = known.length <= 2 ? known.map(there).join(' and ') : `${there(first)} to ${there(last)}`;
  return `use one of this node's, ${all}: ${given}`;
}

/** A size word below the structure. Undefined: it is not, or it did not arrive. */
export function sizeFix(errno: ErrnoName, size: number | undefined, row: KnownIoctl | undefined): string | undefined {
  if (errno !== 'EINVAL' && errno !== 'EOPNOTSUPP') return undefined;
  if (size === undefined || row === undefined || size >= row.bytes) return undefined;
  const structure = row.name.toLowerCase();
  return `set ${structure}.size = ${row.bytes}, as sizeof(struct ${structure}) is: it is ${size}`;
}

function hex(number: number): string {
  return `0x${number.toString(16)}`;
}
