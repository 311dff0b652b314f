/** One direction of a firmware command, as kernel, drivers and firmware hand it on. */

/** View and bytes are of the whole buffer, kept for good (no allocation per command); [0, length) is what is valid. */
export interface MessageBuffer {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  /** Valid bytes. */
  length: number;
}

/** A buffer of its own memory, of `capacity` bytes, all of them valid and zero. */
export function messageBuffer(capacity: number): MessageBuffer {
  const bytes = new Uint8Array(capacity);
  return { bytes, view: new DataView(bytes.buffer), length: capacity };
}

/** Above so many bytes the built-in is faster than the loop. */
const SHORT = 128;

/** Zeroes the first `length` bytes. */
export function zero({ view, bytes }: MessageBuffer, length: number): void {
  if (length > SHORT) {
    bytes.fill(0, 0, length);
    return;
  }
  let at = 0;
  for (; at + 8 <= length; at += 8) view.setFloat64(at, 0);
  for (; at < length; at++) bytes[at] = 0;
}
