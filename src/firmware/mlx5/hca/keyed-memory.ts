/**
 * The driver's memory by memory key: of a physical key (mkc.access_mode 0) an address is the bus's own, of a translated
 * one (1) it is found by the pages that CREATE_MKEY listed. Other modes reach no memory here.
 */
import { QUERY_MKEY } from '../../../abi/mlx5/objects/mkey.ts';
import type { PciBus } from '../../../abi/pci/bus.ts';

const ACCESS_MODE = { physical: 0, translated: 1 } as const;
const field = (name: string) => QUERY_MKEY.reply.word(`memory_key_mkey_entry.${name}`);

interface Key {
  readonly low: number;
  readonly mode: number;
  readonly writable: boolean;
  readonly start: number;
  readonly bytes: number;
  readonly pageBytes: number;
  readonly pages: readonly number[];
}

export class KeyedMemory {
  private readonly keys = new Map<number, Key>();

  get size(): number {
    return this.keys.size;
  }

  /** `image`: of the object that QUERY_MKEY shows; `pages`: the addresses behind CREATE_MKEY. */
  add(index: number, image: Uint8Array, pages: readonly number[]): void {
    const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
    const whole = field('length64').get(view, 0) === 1;
    const quad = (name: string) => Number(QUERY_MKEY.reply.get(view, `memory_key_mkey_entry.${name}`));
    this.keys.set(index, {
      low: field('mkey_7_0').get(view, 0),
      mode: field('access_mode_1_0').get(view, 0),
      writable: field('lw').get(view, 0) === 1,
      start: whole ? 0 : quad('start_addr'),
      bytes: whole ? Number.MAX_SAFE_INTEGER : quad('len'),
      pageBytes: 2 ** field('log_page_size').get(view, 0),
      pages,
    });
  }

  /** False: there is none. */
  remove(index: number): boolean {
    return this.keys.delete(index);
  }

  indexes(): IterableIterator<number> {
    return this.keys.keys();
  }

  clear(): void {
    this.keys.clear();
  }

  /** False: no such key, or it does not reach so far, or nobody is there. */
  write(bus: PciBus, mkey: number, address: number, bytes: Uint8Array): boolean {
    const key = this.keys.get(mkey >>> 8);
    if (key === undefined || key.low !== (mkey & 0xff) || !key.writable) return false;
    if (address < key.start || address + bytes.length > key.start + key.bytes) return false;
    if (key.mode === ACCESS_MODE.physical) return bus.write(address, bytes);
    if (key.mode !== ACCESS_MODE.translated) return false;
    for (let done = 0; done < bytes.length; ) {
      const at = address + done - key.start + (key.start % key.pageBytes);
      const page = key.pages[Math.floor(at / key.pageBytes)];
      const length = Math.min(bytes.length - done, key.pageBytes - (at % key.pageBytes));
      if (page === undefined || !bus.write(page + (at % key.pageBytes), bytes.subarray(done, done + length))) {
        return false;
      }
      done += length;
    }
    return true;
  }
}
