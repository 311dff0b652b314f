/**
 * What the clients of the toy driver say to it, all of it invented: little-endian where mlx5 is big-endian, a command
 * that is one word, a status that is one word, and a buffer whose address stands in the request. test/c/toy-client.c
 * says the same in C.
 */
import type { MessageBuffer } from '../../src/abi/message-buffer.ts';

/** enum fwctl_device_type: of nobody. */
export const TOY_TYPE = 0x70;

export const WORDS = [
  { value: 1, name: 'DOUBLE' },
  { value: 2, name: 'INVERT' },
] as const;

/**
 * `INVERT` reads `bufferBytes` bytes at `buffer`, and writes them
 * back with every bit turned. `DOUBLE` answers twice `value`.
 */
export const WORD = { DOUBLE: 1, INVERT: 2 } as const;

export const STATUSES = [{ value: 7, name: 'BROKEN' }] as const;

/** Offsets, bytes; u32 unless told. */
export const request = { word: 0, bufferBytes: 4, /** u64 */ buffer: 8, value: 16, bytes: 20 } as const;
export const reply = { status: 0, value: 4, bytes: 8 } as const;

/** Undefined: the request is too short to have one. */
export function wordOf({ view, length }: MessageBuffer): number | undefined {
  return length < request.word + 4 ? undefined : view.getUint32(request.word, true);
}

export function nameOf(rows: readonly { value: number; name: string }[], value: number): string {
  return rows.find((row) => row.value === value)?.name ?? `0x${value.toString(16)}`;
}
