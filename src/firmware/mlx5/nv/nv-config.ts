/**
 * The non-volatile configuration: TLVs as made (factory), as at power-up (current), as at the next (next). A type dword
 * has class, index, and for whom it is: port, host, function, module (PRM: config_item_type), each with its own data.
 */
import { NV_CAPABILITIES, NV_PARAMETERS } from './defaults.ts';
import { NV_TLVS, type NvTlv } from './tlvs.ts';

/** MNVDA access_mode. */
export type NvMode = 'next' | 'current' | 'factory';

/** Class byte: its low 6 bits are the class, the upper two say "all of them" in one or the other way. */
const CLASS_MASK = 0x3f;
/** Bits of parameter_index by class. */
const INDEX_BITS: Readonly<Record<number, number>> = { 0: 24, 1: 16, 3: 10, 6: 24, 7: 18, 9: 14 };
const PORT_CLASS = 1;
const ALL_PORTS = 0xff;

export class NvConfig {
  private readonly next = new Map<number, Uint8Array>();
  private current: ReadonlyMap<number, Uint8Array> = new Map();
  private readonly ports: number;
  private readonly own: ReadonlyMap<string, Uint8Array>;

  /** `own`: factory data of single TLVs, by name, that differ from device to device. */
  constructor(ports: number, own: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.ports = ports;
    this.own = own;
  }

  /** The TLV of a type dword; undefined: the device has none of it, or not for that addressee. */
  tlv(type: number): NvTlv | undefined {
    const typeClass = (type >>> 24) & CLASS_MASK;
    const bits = INDEX_BITS[typeClass];
    if (bits === undefined) return undefined;
    if (typeClass === PORT_CLASS) {
      const port = (type >>> 16) & 0xff;
      if (port > this.ports && port !== ALL_PORTS) return undefined;
    }
    return byKey.get(keyOf(typeClass, type & (2 ** bits - 1)));
  }

  /** A copy of the data; undefined: no such TLV. */
  read(type: number, mode: NvMode): Uint8Array | undefined {
    const tlv = this.tlv(type);
    if (tlv === undefined) return undefined;
    const stored = mode === 'next' ? this.next : mode === 'current' ? this.current : undefined;
    return (stored?.get(type) ?? this.own.get(tlv.name))?.slice() ?? factoryData(tlv);
  }

  /** Whether somebody has set it. */
  isSet(type: number): boolean {
    return this.next.has(type);
  }

  /** False: no such TLV, or data of another size. */
  write(type: number, data: Uint8Array): boolean {
    if (this.tlv(type)?.bytes !== data.length) return false;
    this.next.set(type, data.slice());
    return true;
  }

  /** The factory's value at the next power-up. False: no such TLV. */
  invalidate(type: number): boolean {
    this.next.delete(type);
    return this.tlv(type) !== undefined;
  }

  invalidateAll(): void {
    this.next.clear();
  }

  /** What was set, in the order in which it was set first: type dword and data. What a power cut leaves. */
  stored(): readonly (readonly [number, Uint8Array])[] {
    return [...this.next].map(([type, data]) => [type, data.slice()] as const);
  }

  /** Power-up: what `stored` gave is next and current. Entries that are no TLV of this device are left out. */
  restore(entries: Iterable<readonly [number, Uint8Array]>): void {
    this.next.clear();
    for (const [type, data] of entries) this.write(type, data);
    this.current = new Map(this.next);
  }
}

function factoryData({ name, bytes }: NvTlv): Uint8Array {
  const data = new Uint8Array(bytes);
  const capabilities = NV_CAPABILITIES[name] ?? '';
  for (let i = 0; i < capabilities.length / 2; i++) data[i] = Number.parseInt(capabilities.slice(i * 2, i * 2 + 2), 16);
  const view = new DataView(data.buffer);
  for (const [tlv, , bit, bits, value] of NV_PARAMETERS) {
    if (tlv !== name) continue;
    const at = (bit >>> 5) * 4;
    view.setUint32(at, (view.getUint32(at) | (value << (32 - (bit & 31) - bits))) >>> 0);
  }
  return data;
}

function keyOf(typeClass: number, index: number): number {
  return typeClass * 2 ** 24 + index;
}

const byKey: ReadonlyMap<number, NvTlv> = new Map(NV_TLVS.map((tlv) => [keyOf(tlv.typeClass, tlv.index), tlv]));
