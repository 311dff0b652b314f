/**
 * The vendor-specific capability by which tools and mlx5_core read the chip's own address spaces through configuration
 * space. Source: drivers/net/ethernet/mellanox/mlx5/core/lib/pci_vsc.c, mtcr_pciconf_*() of mstflint's mtcr_ul_com.c.
 *
 * Whoever wants it reads the semaphore until it is 0, writes the counter's value there and reads that back. Then: the
 * space into control, whose status is 0 where there is none such; the address with flag 0 to read, until the flag is 1
 * and the data is there; or the data, then the address with flag 1 to write, until it is 0.
 */
import { CAP, type Capability } from '../../../abi/pci/capabilities.ts';

/** The chip's address spaces, in dwords by byte address. */
export interface AddressSpaces {
  /** Its bytes; 0: the space is there, and has no size to tell; undefined: there is no such space. */
  size(space: number): number | undefined;
  /** Undefined: nothing is at that address. */
  read(space: number, address: number): number | undefined;
  /** False: nothing is at that address. */
  write(space: number, address: number, value: number): boolean;
  /** The address that comes after this one in a scan. */
  next(space: number, address: number): number;
}

const LENGTH = 0x18;
/** Type 0, functional. */
const HEAD = LENGTH;
const AT = { control: 0x4, counter: 0x8, semaphore: 0xc, address: 0x10, data: 0x14 } as const;

const SPACE = 0xffff;
const SYNDROME_CODE_SHIFT = 24;
const SIZE_VALID = 1 << 28;
/** Bits 31 to 29 are not 0: the space is there. Which bits a chip sets, nobody tells. */
const STATUS = 1 << 29;
const ADDRESS = 0x3fff_ffff;
const SYNDROME = 1 << 30;
const FLAG = 1 << 31;
/** ADDRESS_OUT_OF_RANGE of mstflint's vsec syndromes. */
const OUT_OF_RANGE = 3;
/** What a chip gives for what it does not show. */
const NO_ACCESS = 0xbadacce5;

export function vendorCapability(at: number, spaces: AddressSpaces): Capability {
  const registers = new Gateway(spaces);
  const row = (offset: number, read: () => number, write: (value: number) => void = () => {}) => ({
    offset,
    bits: ~0,
    read,
    write,
  });
  return {
    id: CAP.VENDOR,
    at,
    rows: [[2, 1, HEAD]],
    live: [
      row(
        AT.control,
        () => registers.control,
        (value) => registers.select(value & SPACE),
      ),
      row(AT.counter, () => registers.ticket()),
      row(
        AT.semaphore,
        () => registers.semaphore,
        (value) => registers.lock(value),
      ),
      row(
        AT.address,
        () => registers.address,
        (value) => registers.access(value),
      ),
      row(
        AT.data,
        () => registers.data,
        (value) => {
          registers.data = value;
        },
      ),
    ],
  };
}

class Gateway {
  semaphore = 0;
  data = 0;
  control = 0;
  address = 0;
  private tickets = 0;
  private readonly spaces: AddressSpaces;

  constructor(spaces: AddressSpaces) {
    this.spaces = spaces;
  }

  /** Another one at each read, and never 0. */
  ticket(): number {
    this.tickets = (this.tickets % 0xffff_fffe) + 1;
    return this.tickets;
  }

  /** 0 lets it go, and anything else takes it if it is free. */
  lock(value: number): void {
    if (value === 0 || this.semaphore === 0) this.semaphore = value;
  }

  select(space: number): void {
    const size = this.spaces.size(space);
    if (size === undefined) {
      this.control = space;
      return;
    }
    this.control = space | STATUS | (size > 0 ? SIZE_VALID : 0);
    if (size > 0) this.address = size & ADDRESS;
  }

  access(value: number): void {
    const space = this.control & SPACE;
    const address = value & ADDRESS & ~3;
    this.control &= ~(0xf << SYNDROME_CODE_SHIFT);
    let there = true;
    if ((value & FLAG) === 0) {
      const found = this.spaces.read(space, address);
      there = found !== undefined;
      this.data = found ?? NO_ACCESS;
      this.address = this.spaces.next(space, address) | FLAG;
    } else {
      there = this.spaces.write(space, address, this.data);
      this.address = address;
    }
    if (there) return;
    this.address |= SYNDROME;
    this.control |= OUT_OF_RANGE << SYNDROME_CODE_SHIFT;
  }
}
