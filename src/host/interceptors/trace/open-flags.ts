/**
 * The flags of open(2) in words: include/uapi/asm-generic/fcntl.h, and arch/arm64/include/uapi/asm/fcntl.h, where four
 * have other values. O_LARGEFILE is in those of every 64-bit program and of no meaning here: it is left out.
 */

type Bits = readonly (readonly [name: string, bits: number])[];

const ACCESS = ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE'];

/** O_SYNC has two bits, one of which is O_DSYNC's: before that. */
const EVERYWHERE: Bits = [
  ['O_CREAT', 0o100],
  ['O_EXCL', 0o200],
  ['O_NOCTTY', 0o400],
  ['O_TRUNC', 0o1000],
  ['O_APPEND', 0o2000],
  ['O_NONBLOCK', 0o4000],
  ['O_SYNC', 0o4010000],
  ['O_DSYNC', 0o10000],
  ['O_ASYNC', 0o20000],
  ['O_NOATIME', 0o1000000],
  ['O_CLOEXEC', 0o2000000],
  ['O_PATH', 0o10000000],
];

interface OwnFlags {
  readonly largeFile: number;
  readonly bits: Bits;
}

const GENERIC: OwnFlags = {
  largeFile: 0o100000,
  bits: [
    ['O_DIRECT', 0o40000],
    ['O_DIRECTORY', 0o200000],
    ['O_NOFOLLOW', 0o400000],
  ],
};

/** By the name that Node has for the processor. */
const OWN: Readonly<Record<string, OwnFlags>> = {
  x64: GENERIC,
  arm64: {
    largeFile: 0o400000,
    bits: [
      ['O_DIRECT', 0o200000],
      ['O_DIRECTORY', 0o40000],
      ['O_NOFOLLOW', 0o100000],
    ],
  },
};

/** `O_RDWR|O_NONBLOCK`; bits without a name as one hexadecimal number behind them. */
export function openFlagsText(flags: number, arch: string = process.arch): string {
  const { largeFile, bits } = OWN[arch] ?? GENERIC;
  const words = [ACCESS[flags & 3]];
  let rest = flags & ~(3 | largeFile);
  for (const [name, mask] of [...EVERYWHERE, ...bits]) {
    if ((rest & mask) !== mask) continue;
    words.push(name);
    rest &= ~mask;
  }
  if (rest !== 0) words.push(`0x${(rest >>> 0).toString(16)}`);
  return words.join('|');
}
