/**
 * Registers as rows. What all of them have in common is here and follows from the layout's access column: a read answers the stored image
 * with the request's selecting (INDEX) fields echoed; a write changes the RW fields and nothing else. A row names what is
 * selected (device, port, sensor) and, where a register does more than keep values, a handler.
 *
 * Lengths (seen from real clients: 3100 bytes for 16, 1024 for 160, and the kernel's older, shorter structures): data that the
 * request lacks count as 0, a longer request is cut; the reply is cut or left zero behind the image. A write takes whole
 * dwords only and leaves what it does not reach. Unverified: that a real firmware refuses none of the short ones.
 */
import type { FieldAccess, FieldInput } from '../abi/bits.ts';
import type { LaidOutRegister } from '../abi/mlx5/registers/layouts.ts';
import type { Refusal } from './command-table.ts';

/** One access under way. Reused: handlers keep nothing of it. */
export interface RegisterExchange<Device> {
  readonly device: Device;
  /** The request's data, padded with zeros (or cut) to the register's size. */
  readonly input: DataView;
  /** The answer: the stored image with the request's selecting fields. A write's is what has been stored. */
  readonly output: DataView;
  /** Which port, sensor, ...: what `instance` of the row said. */
  readonly instance: number;
}

export interface RegisterRow<Device> {
  readonly register: LaidOutRegister;
  readonly access: 'read' | 'read-write';
  /** Which instance the request's data select, >= 0; undefined: none that exists. Default: there is one, 0. */
  instance?(input: DataView, device: Device): number | undefined;
  /** Values after power-up, below the profile's own. */
  initial?(device: Device): Readonly<Record<string, FieldInput>>;
  /** Completes a read's answer in `output`. */
  read?(exchange: RegisterExchange<Device>): Refusal | undefined;
  /**
   * Decides about a write before anything is stored: changes `input` where the register takes something else than what was
   * written, or refuses. In `output` stands the image as it is.
   */
  write?(exchange: RegisterExchange<Device>): Refusal | undefined;
}

/** The refusals of the table itself. */
export interface RegisterRefusals {
  readonly unknown: Refusal;
  readonly readOnly: Refusal;
  readonly selector: Refusal;
  readonly noData: Refusal;
}

/** One device's images. */
export class RegisterStore {
  /** Written images by register and instance. */
  readonly written = new Map<number, Uint8Array>();
  /** Images after power-up by register. */
  readonly initial = new Map<number, Uint8Array>();
  readonly input: Uint8Array;
  readonly output: Uint8Array;

  /** `bytes`: the largest register's size. */
  constructor(bytes: number) {
    this.input = new Uint8Array(bytes);
    this.output = new Uint8Array(bytes);
  }
}

export interface RegisterAccess {
  readonly id: number;
  readonly write: boolean;
  /** Request data: `bytes` in [from, to). */
  readonly request: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** What a device must say of itself for its registers' first values. */
export interface RegisterOwner {
  readonly registers: RegisterStore;
  readonly profile: { readonly registers: Readonly<Record<string, Readonly<Record<string, FieldInput>>>> };
}

const INSTANCES = 0x10000;

export class RegisterTable<Device extends RegisterOwner> {
  readonly rows: readonly RegisterRow<Device>[];
  private readonly byId: ReadonlyMap<number, RegisterRow<Device>>;
  private readonly masks = new Map<RegisterRow<Device>, { selecting: Uint8Array; writable: Uint8Array }>();
  private readonly refusals: RegisterRefusals;

  constructor(rows: readonly RegisterRow<Device>[], refusals: RegisterRefusals) {
    this.rows = rows;
    this.refusals = refusals;
    this.byId = new Map(rows.map((row) => [row.register.id, row]));
    if (this.byId.size !== rows.length) throw new Error('a register stands twice in the table');
  }

  /** Size of the largest register, bytes. */
  get maxBytes(): number {
    return Math.max(...this.rows.map((row) => row.register.bytes));
  }

  has(id: number): boolean {
    return this.byId.has(id);
  }

  /** Which of the 128 registers from `first` on exist: four dwords, the highest numbers first, as MCAM and PCAM list them. */
  presentFrom(first: number): [number, number, number, number] {
    const words: [number, number, number, number] = [0, 0, 0, 0];
    for (const { register } of this.rows) {
      const bit = register.id - first;
      if (bit < 0 || bit >= 128) continue;
      const word = 3 - (bit >>> 5);
      words[word] = ((words[word] ?? 0) | (1 << (bit & 31))) >>> 0;
    }
    return words;
  }

  /** Runs one access; on success the first `register.bytes` of `device.registers.output` are the answer. Returns their number. */
  access(device: Device, access: RegisterAccess): number | Refusal {
    const row = this.byId.get(access.id);
    if (row === undefined) return this.refusals.unknown;
    if (access.write && row.access === 'read') return this.refusals.readOnly;
    const { bytes } = row.register;
    const sent = Math.min(bytes, access.to - access.from) & ~3;
    if (access.write && sent === 0) return this.refusals.noData;
    const { input, output } = device.registers;
    for (let i = 0; i < sent; i++) input[i] = access.request[access.from + i] ?? 0;
    input.fill(0, sent, bytes);
    const exchange = { device, input: viewOf(input, bytes), output: viewOf(output, bytes), instance: 0 };
    const instance = row.instance?.(exchange.input, device) ?? (row.instance === undefined ? 0 : undefined);
    if (instance === undefined) return this.refusals.selector;
    exchange.instance = instance;
    const { selecting, writable } = this.masksOf(row);
    const image = this.image(device, row, instance);
    for (let i = 0; i < bytes; i++) output[i] = merge(image[i], input[i], selecting[i]);
    const refusal = access.write ? row.write?.(exchange) : row.read?.(exchange);
    if (refusal !== undefined) return refusal;
    if (access.write) {
      for (let i = 0; i < sent; i++) output[i] = merge(output[i], input[i], writable[i]);
      device.registers.written.set(row.register.id * INSTANCES + instance, output.slice(0, bytes));
    }
    return bytes;
  }

  private image(device: Device, row: RegisterRow<Device>, instance: number): Uint8Array {
    const { register } = row;
    const written = device.registers.written.get(register.id * INSTANCES + instance);
    if (written !== undefined) return written;
    let initial = device.registers.initial.get(register.id);
    if (initial === undefined) {
      initial = register.layout.encode({ ...row.initial?.(device), ...device.profile.registers[register.name] });
      device.registers.initial.set(register.id, initial);
    }
    return initial;
  }

  private masksOf(row: RegisterRow<Device>): { selecting: Uint8Array; writable: Uint8Array } {
    let masks = this.masks.get(row);
    if (masks === undefined) {
      masks = { selecting: maskOf(row.register, 'INDEX'), writable: maskOf(row.register, 'RW') };
      this.masks.set(row, masks);
    }
    return masks;
  }
}

/** One bits where the layout has a field of that access. */
export function maskOf({ layout, bytes }: LaidOutRegister, access: FieldAccess): Uint8Array {
  const mask = new Uint8Array(bytes);
  for (const field of layout.fields.values()) {
    if (field.access !== access) continue;
    for (let bit = field.bit; bit < field.bit + field.bits; bit++) {
      mask[bit >>> 3] = (mask[bit >>> 3] ?? 0) | (0x80 >>> (bit & 7));
    }
  }
  return mask;
}

function merge(old: number | undefined, value: number | undefined, mask: number | undefined): number {
  return ((old ?? 0) & ~(mask ?? 0)) | ((value ?? 0) & (mask ?? 0));
}

function viewOf(bytes: Uint8Array, length: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, length);
}
