/**
 * The non-volatile configuration: TLVs as made (factory), as at power-up (current), as at the next (next). A type dword
 * has class, index, and for whom it is: port, host, function, module (PRM: config_item_type), each with its own data.
 * Which TLVs there are, and their factory data, is the profile's (`nv`).
 */
import type { Mlx5DeviceProfile } from '../../../abi/mlx5/device-profile.ts';
import { NV_CLASS, NV_VERSION, type NvTlv, nvTlvByType } from '../../../abi/mlx5/nv/tlvs.ts';

/** MNVDA access_mode. */
export type NvMode = 'next' | 'current' | 'factory';

/** Class byte: its low 6 bits are the class, the upper two say "all of them" in one or the other way. */
const CLASS_MASK = 0x3f;
/** Bits of parameter_index by class. */
const INDEX_BITS: Readonly<Record<number, number>> = { 0: 24, 1: 16, 3: 10, 6: 24, 7: 18, 9: 14 };
const ALL_PORTS = 0xff;

export class NvConfig {
  private readonly next = new Map<number, Uint8Array>();
  private current: ReadonlyMap<number, Uint8Array> = new Map();
  private profile: Mlx5DeviceProfile;

  constructor(profile: Mlx5DeviceProfile) {
    this.profile = profile;
  }

  /** Factory data are those of this profile from now on. */
  adopt(profile: Mlx5DeviceProfile): void {
    this.profile = profile;
  }

  /** The TLV of a type dword; undefined: the device has none of it, or not for that addressee. */
  tlv(type: number): NvTlv | undefined {
    const typeClass = (type >>> 24) & CLASS_MASK;
    const bits = INDEX_BITS[typeClass];
    if (bits === undefined) return undefined;
    if (typeClass === NV_CLASS.PORT) {
      const port = (type >>> 16) & 0xff;
      if (port > this.ports && port !== ALL_PORTS) return undefined;
    }
    // 0 is the first module; one a port.
    if (typeClass === NV_CLASS.MODULE && ((type >>> 14) & 0x3ff) >= this.ports) return undefined;
    const tlv = nvTlvByType(typeClass, type & (2 ** bits - 1));
    return tlv !== undefined && Object.hasOwn(this.profile.nv, tlv.name) ? tlv : undefined;
  }

  /** What MNVQC says of a TLV that the device has. */
  version(tlv: NvTlv): number {
    return Number(this.profile.nv[tlv.name]?.[NV_VERSION] ?? 0);
  }

  /** A copy of the data; undefined: no such TLV. */
  read(type: number, mode: NvMode): Uint8Array | undefined {
    const tlv = this.tlv(type);
    if (tlv === undefined) return undefined;
    const stored = mode === 'next' ? this.next : mode === 'current' ? this.current : undefined;
    return stored?.get(type)?.slice() ?? this.factoryData(tlv);
  }

  /** Whether somebody has set it. */
  isSet(type: number): boolean {
    return this.next.has(type);
  }

  /** False: no such TLV, or data of another size. */
  write(type: number, data: Uint8Array): boolean {
    const tlv = this.tlv(type);
    if (tlv?.bytes !== data.length) return false;
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
    this.restart();
  }

  /** A reset: what was set is current. */
  restart(): void {
    this.current = new Map(this.next);
  }

  /** Ports of the board, one module each: as MGIR tells, whose num_ports mstconfig takes for the number of ports. */
  get ports(): number {
    const { identity, registers } = this.profile;
    return Number(registers.MGIR?.['hw_info.num_ports'] ?? identity.num_ports);
  }

  private factoryData({ name, bytes, layout }: NvTlv): Uint8Array {
    const own = name === BASE_ADDRESSES ? addresses(this.profile.identity.base_mac) : {};
    return layout.encode({ ...own, ...this.profile.nv[name] }).slice(0, bytes);
  }
}

const BASE_ADDRESSES = 'nv_base_mac_guid';

/** The MAC in 8 bytes, and the GUID made from it with 0300 in its middle. */
function addresses(mac: string) {
  return { base_mac: BigInt(`0x${mac}`), base_guid: BigInt(`0x${mac.slice(0, 6)}0300${mac.slice(6)}`) };
}
