/**
 * O_LARGEFILE, which the kernel sets in the flags of every file that a 64-bit program opens, has a value of each
 * processor's (arch/arm64/include/uapi/asm/fcntl.h): recorded flags are compared without it.
 */

/** By Node's name of the processor; elsewhere include/uapi/asm-generic/fcntl.h's, which is x64's. */
const O_LARGEFILE: Readonly<Record<string, number>> = { x64: 0o100000, arm64: 0o400000 };

/** What the recordings were made on. */
export const RECORDED_ARCH = 'x64';

/** `flags`: of fcntl(F_GETFL). */
export function withoutLargeFile(flags: number, arch: string): number {
  return flags & ~(O_LARGEFILE[arch] ?? 0o100000);
}
