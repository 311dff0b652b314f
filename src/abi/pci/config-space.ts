/**
 * A PCI function's configuration space, as the function itself answers: which bits there are, which of them software
 * may write, what clears by a written 1, and registers that do something (PCI Express Base 5.0, chapter 7.5). Nobody's
 * rights are asked here: sysfs gives those without CAP_SYS_ADMIN 64 bytes, a guest has all.
 *
 * One model for whoever shows the function. `function.ts` has what else there is of it: BARs, MSI-X, VPD.
 *
 *     const space = configSpace(shape)   as after power-up: no BAR has an address, the command register is 0
 *     space.read(0x10, 4)                any offset and length, up to the end: fewer bytes, or none, beyond it
 *     space.write(0x10, bytes)           the same; what cannot be written stays as it is
 *     space.reset()                      a function-level reset, as a written bit of Device Control is
 *     space.onReset = () => {...}        told after each, for what else of the function is reset
 */

/** A run of 1, 2 or 4 bytes: offset, length, value, and the bits that are written, or cleared by writing 1. */
export type Row = readonly [offset: number, bytes: 1 | 2 | 4, value: number, writable?: number, cleared?: number];

/** Four bytes that do something when they are read or written. */
export interface LiveDword {
  /** A multiple of 4. */
  readonly offset: number;
  /** The bits of it that are live; the others are the row's. */
  readonly bits: number;
  /** Called once for each access that touches one of its bytes. */
  read(): number;
  /** `mask`: the bits that the access wrote. */
  write(value: number, mask: number): void;
}

/** Bytes of a function with extended configuration space (PCI-X 2.0, PCIe), and of one without. */
export const EXTENDED_BYTES = 4096;
export const CONVENTIONAL_BYTES = 256;

export class ConfigSpace {
  /** 256 or 4096. */
  readonly size: number;
  /** Told of each reset after it is done. */
  onReset: (() => void) | undefined;
  private readonly now: DataView;
  private readonly atReset: Uint8Array;
  private readonly writable: DataView;
  private readonly cleared: DataView;
  private readonly live: ReadonlyMap<number, LiveDword>;

  /** Rows are put one over the other. */
  constructor(size: number, rows: Iterable<Row>, live: Iterable<LiveDword> = []) {
    this.size = size;
    this.now = new DataView(new ArrayBuffer(size));
    this.writable = new DataView(new ArrayBuffer(size));
    this.cleared = new DataView(new ArrayBuffer(size));
    for (const [offset, bytes, value, writable = 0, cleared = 0] of rows) {
      put(this.now, offset, bytes, value);
      put(this.writable, offset, bytes, writable);
      put(this.cleared, offset, bytes, cleared);
    }
    this.atReset = bytesOf(this.now).slice();
    this.live = new Map(Array.from(live, (one) => [one.offset, one]));
  }

  /** The bytes that are there of those asked for. */
  read(offset: number, length: number): Uint8Array {
    const end = Math.min(this.size, offset + length);
    const bytes = new Uint8Array(Math.max(0, end - offset));
    for (let at = offset & ~3; at < end; at += 4) {
      const dword = this.dword(at);
      for (let i = Math.max(at, offset); i < Math.min(at + 4, end); i++) bytes[i - offset] = dword >>> (8 * (i - at));
    }
    return bytes;
  }

  /** Writes the bytes that fit; how many. */
  write(offset: number, bytes: Uint8Array): number {
    const end = Math.min(this.size, offset + bytes.length);
    for (let at = offset & ~3; at < end; at += 4) {
      let [value, mask] = [0, 0];
      for (let i = Math.max(at, offset); i < Math.min(at + 4, end); i++) {
        value |= (bytes[i - offset] ?? 0) << (8 * (i - at));
        mask |= 0xff << (8 * (i - at));
      }
      this.writeDword(at, value, mask);
    }
    return Math.max(0, end - offset);
  }

  /** A little-endian value of 1, 2 or 4 bytes that lie in one dword. */
  get(offset: number, bytes: 1 | 2 | 4): number {
    const dword = this.dword(offset & ~3) >>> (8 * (offset & 3));
    return bytes === 4 ? dword >>> 0 : dword & ((1 << (8 * bytes)) - 1);
  }

  set(offset: number, bytes: 1 | 2 | 4, value: number): void {
    this.write(
      offset,
      Uint8Array.from({ length: bytes }, (_, i) => value >>> (8 * i)),
    );
  }

  /** Every register but the live ones is as after power-up. */
  reset(): void {
    bytesOf(this.now).set(this.atReset);
    this.onReset?.();
  }

  private dword(at: number): number {
    const kept = this.now.getUint32(at, true);
    const live = this.live.get(at);
    return live === undefined ? kept : ((kept & ~live.bits) | (live.read() & live.bits)) >>> 0;
  }

  private writeDword(at: number, value: number, mask: number): void {
    const kept = this.now.getUint32(at, true);
    const written = this.writable.getUint32(at, true) & mask;
    const gone = this.cleared.getUint32(at, true) & mask & value;
    this.now.setUint32(at, ((kept & ~written) | (value & written)) & ~gone, true);
    const live = this.live.get(at);
    if (live !== undefined && (mask & live.bits) !== 0) live.write(value >>> 0, mask & live.bits);
  }
}

function put(view: DataView, offset: number, bytes: 1 | 2 | 4, value: number): void {
  if (bytes === 1) view.setUint8(offset, value);
  else if (bytes === 2) view.setUint16(offset, value, true);
  else view.setUint32(offset, value, true);
}

function bytesOf({ buffer }: DataView): Uint8Array {
  return new Uint8Array(buffer);
}
