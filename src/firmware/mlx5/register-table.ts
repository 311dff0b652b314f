/**
 * Registers as rows. What they have in common is here and follows from the layout's access column: a read answers the
 * stored image with the request's selecting (INDEX) fields; a write changes the RW fields and nothing else. A row names
 * what is selected (device, port, sensor) and, where a register does more than keep values, a handler.
 *
 * Lengths (seen from real clients: 3100 bytes for 16, 1024 for 160, and the kernel's older, shorter structures): what
 * the request lacks counts as 0, a longer one is cut; the reply is cut or left zero behind the image. A write takes
 * whole dwords and leaves what it does not reach. Unverified: that a real firmware refuses none of the short ones.
 */
import type { Field, FieldAccess, FieldInput, Layout } from '../../abi/bits.ts';
import type { LaidOutRegister } from '../../abi/mlx5/registers/layouts.ts';
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
  /** Which devices have it; default: all. Who has it not refuses it as an unknown one. */
  readonly on?: (device: Device) => boolean;
  /** Which instance the request's data select, >= 0; undefined: none that exists. Default: there is one, 0. */
  instance?(input: DataView, device: Device): number | undefined;
  /** Values after power-up, below the profile's own. */
  initial?(device: Device): Readonly<Record<string, FieldInput>>;
  /**
   * Puts into `output` what follows from the device's state, for the answer of a read and of a write; changes nothing.
   */
  compute?(exchange: RegisterExchange<Device>): void;
  /** Completes a read's answer in `output`. */
  read?(exchange: RegisterExchange<Device>): Refusal | undefined;
  /** Before a write is stored: changes `input` to what the register takes, or refuses. `output`: the image as it is. */
  write?(exchange: RegisterExchange<Device>): Refusal | undefined;
  /**
   * Fields by which an operator steers the device: what is read follows from them, and is not pinned to what was set.
   */
  readonly steers?: readonly string[];
  /** Hears that a write or an operator is about to change an image, of one instance or (undefined) of all. */
  changing?(device: Device, instance: number | undefined): void;
  /** Hears that it has been changed. */
  changed?(device: Device, instance: number | undefined): void;
}

/** The refusals of the table itself. */
export interface RegisterRefusals {
  readonly unknown: Refusal;
  readonly readOnly: Refusal;
  readonly selector: Refusal;
  readonly noData: Refusal;
}

/** A field that reads as an operator has set it, whatever the firmware would answer. */
export interface PinnedField {
  /** Undefined: of every instance. */
  readonly instance: number | undefined;
  readonly field: Field;
  readonly value: FieldInput;
}

/** One device's images. */
export class RegisterStore {
  /** By register. */
  readonly pinned = new Map<number, PinnedField[]>();
  /** Written images by register and instance. */
  readonly written = new Map<number, Uint8Array>();
  /** Images after power-up by register. */
  readonly initial = new Map<number, Uint8Array>();
}

/** What a device must say of itself for its registers' first values. */
export interface RegisterOwner {
  readonly registers: RegisterStore;
  readonly profile: { readonly registers: Readonly<Record<string, Readonly<Record<string, FieldInput>>>> };
}

/** A row made ready at its first access, so that no access allocates: its masks, its part of the table's buffers. */
interface Prepared<Device> {
  /** The same object for every access; `device` and `instance` are those of the one under way. */
  readonly exchange: { device: Device; readonly input: DataView; readonly output: DataView; instance: number };
  /** What `exchange.input` and `exchange.output` show. */
  readonly input: Uint8Array;
  readonly answer: Uint8Array;
  readonly selecting: Uint8Array;
  /** The bytes in which `selecting` has a bit. */
  readonly selectingAt: readonly number[];
  readonly writable: Uint8Array;
}

/** Instances of one register at most: keys of `written` are id * INSTANCES + instance. */
const INSTANCES = 0x100_0000;

export class RegisterTable<Device extends RegisterOwner> {
  readonly rows: readonly RegisterRow<Device>[];
  private readonly byId: ReadonlyMap<number, RegisterRow<Device>>;
  private readonly byLayout: ReadonlyMap<Layout, RegisterRow<Device>>;
  private readonly prepared = new Map<RegisterRow<Device>, Prepared<Device>>();
  private readonly refusals: RegisterRefusals;
  /** One pair of buffers for all devices: an access is over before the next one starts, and nothing stays in them. */
  private readonly input: ArrayBuffer;
  private readonly output: ArrayBuffer;
  /** The answer of the last access, `register.bytes` long. Valid until the next one. */
  answer: Uint8Array;

  constructor(rows: readonly RegisterRow<Device>[], refusals: RegisterRefusals) {
    this.rows = rows;
    this.refusals = refusals;
    this.byId = new Map(rows.map((row) => [row.register.id, row]));
    this.byLayout = new Map(rows.map((row) => [row.register.layout, row]));
    if (this.byId.size !== rows.length) throw new Error('a register stands twice in the table');
    const largest = Math.max(...rows.map((row) => row.register.bytes));
    this.input = new ArrayBuffer(largest);
    this.output = new ArrayBuffer(largest);
    this.answer = new Uint8Array(this.output);
  }

  /** Whether some device has the register; with `device`: whether that one has. */
  has(id: number, device?: Device): boolean {
    const row = this.byId.get(id);
    return row !== undefined && (device === undefined || row.on?.(device) !== false);
  }

  /** The rows of the registers that a device has. */
  rowsOf(device: Device): readonly RegisterRow<Device>[] {
    return this.rows.filter((row) => row.on?.(device) !== false);
  }

  /** An operator's change of one field, past all access rules: of one instance's image or (undefined) of them all. */
  patch(device: Device, row: RegisterRow<Device>, instance: number | undefined, field: Field, value: FieldInput): void {
    const { registers } = device;
    const { id, bytes } = row.register;
    const write = (image: Uint8Array) => field.write(viewOf(image, bytes), 0, value);
    row.changing?.(device, instance);
    if (instance !== undefined) {
      const image = this.image(device, row, instance).slice();
      write(image);
      registers.written.set(id * INSTANCES + instance, image);
    } else {
      write(this.initialImage(device, row));
      for (const [key, image] of registers.written) if (Math.floor(key / INSTANCES) === id) write(image);
    }
    row.changed?.(device, instance);
  }

  /** Images that were written, by instance: what is left of a retained register after power-down. */
  writtenImages(device: Device, row: RegisterRow<Device>): ReadonlyMap<number, Uint8Array> {
    const images = new Map<number, Uint8Array>();
    for (const [key, image] of device.registers.written) {
      if (Math.floor(key / INSTANCES) === row.register.id) images.set(key % INSTANCES, image);
    }
    return images;
  }

  /** Puts an image of the register's size back, as if it had been written. */
  restoreImage(device: Device, row: RegisterRow<Device>, instance: number, image: Uint8Array): void {
    device.registers.written.set(row.register.id * INSTANCES + instance, image.slice(0, row.register.bytes));
  }

  /** An instance is again what it was after power-up. */
  forget(device: Device, layout: Layout, instance: number): void {
    const row = this.byLayout.get(layout);
    if (row !== undefined) device.registers.written.delete(row.register.id * INSTANCES + instance);
  }

  /** Whether an instance has an image of its own. */
  isWritten(device: Device, layout: Layout, instance: number): boolean {
    const row = this.byLayout.get(layout);
    return row !== undefined && device.registers.written.has(row.register.id * INSTANCES + instance);
  }

  /** Which of the 128 registers from `first` on exist: four dwords, the highest first, as MCAM and PCAM list them. */
  presentFrom(device: Device, first: number): readonly [number, number, number, number] {
    const words: [number, number, number, number] = [0, 0, 0, 0];
    for (const { register } of this.rowsOf(device)) {
      const bit = register.id - first;
      if (bit < 0 || bit >= 128) continue;
      const word = 3 - (bit >>> 5);
      words[word] = ((words[word] ?? 0) | (1 << (bit & 31))) >>> 0;
    }
    return words;
  }

  /**
   * Runs one access with the request's data in [from, to); on success `answer` is the answer. Returns its length. Hot
   * path: nothing is allocated once the row has been accessed before, unless something is written.
   */
  access(device: Device, id: number, write: boolean, request: DataView, from: number, to: number): number | Refusal {
    const row = this.byId.get(id);
    if (row === undefined || row.on?.(device) === false) return this.refusals.unknown;
    if (write && row.access === 'read') return this.refusals.readOnly;
    const { bytes } = row.register;
    const sent = Math.min(bytes, to - from) & ~3;
    if (write && sent === 0) return this.refusals.noData;
    const prepared = this.prepared.get(row) ?? this.prepare(row, device);
    const { exchange, input, answer, selecting, selectingAt } = prepared;
    exchange.device = device;
    for (let i = 0; i < sent; i += 4) exchange.input.setInt32(i, request.getInt32(from + i));
    for (let i = sent; i < bytes; i++) input[i] = 0;
    const instance = row.instance === undefined ? 0 : row.instance(exchange.input, device);
    if (instance === undefined) return this.refusals.selector;
    exchange.instance = instance;
    answer.set(this.image(device, row, instance));
    for (let k = 0; k < selectingAt.length; k++) {
      const i = selectingAt[k] as number;
      answer[i] = merge(answer[i], input[i], selecting[i]);
    }
    const refusal = write ? row.write?.(exchange) : row.read?.(exchange);
    if (refusal !== undefined) return refusal;
    if (write) {
      const { writable } = prepared;
      for (let i = 0; i < sent; i++) answer[i] = merge(answer[i], input[i], writable[i]);
      row.changing?.(device, instance);
      device.registers.written.set(id * INSTANCES + instance, answer.slice());
      row.changed?.(device, instance);
    }
    row.compute?.(exchange);
    if (device.registers.pinned.size > 0) showPinned(device.registers, id, instance, exchange.output);
    this.answer = answer;
    return bytes;
  }

  /** What an instance of a register holds now, for other registers, not to be changed. Zero if not in the table. */
  imageOf(device: Device, layout: Layout, instance: number): DataView {
    const row = this.byLayout.get(layout);
    const image = row === undefined ? new Uint8Array(layout.bytes) : this.image(device, row, instance);
    return new DataView(image.buffer, image.byteOffset, image.byteLength);
  }

  private image(device: Device, row: RegisterRow<Device>, instance: number): Uint8Array {
    const { register } = row;
    const { registers } = device;
    // the key is no small integer: not to be made for nothing
    const written =
      registers.written.size === 0 ? undefined : registers.written.get(register.id * INSTANCES + instance);
    return written ?? this.initialImage(device, row);
  }

  private initialImage(device: Device, row: RegisterRow<Device>): Uint8Array {
    const { register } = row;
    let initial = device.registers.initial.get(register.id);
    if (initial === undefined) {
      initial = register.layout.encode({ ...row.initial?.(device), ...device.profile.registers[register.name] });
      device.registers.initial.set(register.id, initial);
    }
    return initial;
  }

  private prepare(row: RegisterRow<Device>, device: Device): Prepared<Device> {
    const { bytes } = row.register;
    const selecting = maskOf(row.register, 'INDEX');
    const prepared: Prepared<Device> = {
      exchange: {
        device,
        input: new DataView(this.input, 0, bytes),
        output: new DataView(this.output, 0, bytes),
        instance: 0,
      },
      input: new Uint8Array(this.input, 0, bytes),
      answer: new Uint8Array(this.output, 0, bytes),
      selecting,
      selectingAt: [...selecting.keys()].filter((i) => selecting[i] !== 0),
      writable: maskOf(row.register, 'RW'),
    };
    this.prepared.set(row, prepared);
    return prepared;
  }
}

function showPinned(registers: RegisterStore, id: number, instance: number, output: DataView): void {
  for (const pinned of registers.pinned.get(id) ?? []) {
    if (pinned.instance === undefined || pinned.instance === instance) pinned.field.write(output, 0, pinned.value);
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
