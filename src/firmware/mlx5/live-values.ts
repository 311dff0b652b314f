/**
 * A device's values as an operator sees and changes them while it runs: register fields past their access rules, and
 * the profile that identity and capabilities come from. What is read is what a client would be answered at this moment.
 */
import type { Field, FieldInput, FieldValue } from '../../abi/bits.ts';
import type { Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import type { LaidOutRegister } from '../../abi/mlx5/registers/layouts.ts';
import { didYouMean } from '../../abi/nearest-name.ts';
import type { Mlx5Device } from './device.ts';
import { offeredParameters } from './nv/offered-parameters.ts';
import type { RegisterRow } from './register-table.ts';

/** Which of a register's instances: values of its selecting (INDEX) fields, those left out being 0. */
export type RegisterSelection = Readonly<Record<string, FieldInput>>;

/** A name that is none, or a value that does not fit. The message says which, and what would do. */
export class LiveValueError extends Error {
  override readonly name = 'LiveValueError';
}

export class Mlx5LiveValues {
  private readonly device: Mlx5Device;

  constructor(device: Mlx5Device) {
    this.device = device;
  }

  get profile(): Mlx5DeviceProfile {
    return this.device.profile;
  }

  /**
   * Identity, capabilities and special contexts are that profile's from now on; objects stay as of power-up. Registers
   * keep what they hold, but those first filled from the identity are made anew where nobody has written them.
   */
  adopt(profile: Mlx5DeviceProfile): void {
    const { device } = this;
    const { rows } = device.registerTable;
    for (const row of rows) row.changing?.(device, undefined);
    device.profile = profile;
    device.caps.adopt(profile);
    device.nv.adopt(profile);
    device.uctxs.setLimit(device.caps.maxUctx);
    for (const row of rows) if (row.initial !== undefined) device.registers.initial.delete(row.register.id);
    for (const row of rows) row.changed?.(device, undefined);
  }

  /** What a configuration tool shows now: mstconfig's names, values of the next power-up. */
  nvParameters(): ReadonlyMap<string, FieldValue> {
    return offeredParameters(this.device.nv);
  }

  /** Registers that the device has, with known fields. */
  registers(): readonly LaidOutRegister[] {
    return this.device.registerTable.rowsOf(this.device).map(({ register }) => register);
  }

  /** All fields as a read answers them now. Throws LiveValueError. */
  readRegister(name: string, selection: RegisterSelection): Record<string, FieldValue> {
    const { register } = this.rowOf(name);
    return register.layout.decode(this.answer(name, selection), 0, register.bytes);
  }

  /**
   * Changes one field of the selected instance; without a selection, of all. A field that the firmware works out anew
   * for each read is answered so from now on, unless it is one that steers. Throws LiveValueError, FieldError; then
   * nothing has changed.
   */
  writeRegister(name: string, selection: RegisterSelection | undefined, path: string, value: FieldInput): void {
    const { device } = this;
    const row = this.rowOf(name);
    const field = row.register.layout.field(path);
    if (field.access === 'INDEX') {
      throw new LiveValueError(
        `${name}.${path} selects what is meant and holds no value; write ${name}[${path}=N].FIELD`,
      );
    }
    const image = new DataView(new ArrayBuffer(row.register.bytes));
    field.write(image, 0, value);
    const instance = selection === undefined ? undefined : this.instanceOf(row, selection);
    device.registerTable.patch(device, row, instance, field, value);
    this.unpin(row.register.id, instance, field);
    if (row.steers?.includes(path)) return;
    if (!sameValue(this.shown(name, selection ?? {}, field), field.read(image, 0))) {
      const pinned = device.registers.pinned.get(row.register.id) ?? [];
      device.registers.pinned.set(row.register.id, [...pinned, { instance, field, value }]);
    }
  }

  private unpin(id: number, instance: number | undefined, field: Field): void {
    const { pinned } = this.device.registers;
    const kept = (pinned.get(id) ?? []).filter(
      (other) => other.field !== field || (instance !== undefined && other.instance !== instance),
    );
    if (kept.length > 0) pinned.set(id, kept);
    else pinned.delete(id);
  }

  /** Undefined: the register answers nothing without a selection. */
  private shown(name: string, selection: RegisterSelection, field: Field): FieldValue | undefined {
    try {
      return field.read(this.answer(name, selection), 0);
    } catch (error) {
      if (error instanceof LiveValueError) return undefined;
      throw error;
    }
  }

  private answer(name: string, selection: RegisterSelection): DataView {
    const { device } = this;
    const row = this.rowOf(name);
    const { id, bytes } = row.register;
    const request = this.requestOf(row, selection);
    if (Object.keys(selection).length > 0) this.instanceOf(row, selection);
    const answer = device.registerTable.access(device, id, false, new DataView(request.buffer), 0, bytes);
    if (typeof answer !== 'number') {
      const known = selecting(row);
      const hint = known.length === 0 ? '' : `; select what is meant: ${name}[${known[0]}=N], by ${known.join(', ')}`;
      throw new LiveValueError(
        `the firmware does not answer ${name} so (status 0x${answer.status.toString(16)}, syndrome 0x${answer.syndrome.toString(16)})${hint}`,
      );
    }
    const image = device.registerTable.answer.slice();
    return new DataView(image.buffer);
  }

  private instanceOf(row: RegisterRow<Mlx5Device>, selection: RegisterSelection): number {
    const request = this.requestOf(row, selection);
    const instance = row.instance === undefined ? 0 : row.instance(new DataView(request.buffer), this.device);
    if (instance !== undefined) return instance;
    throw new LiveValueError(`${row.register.name}: the device has nothing that is selected so`);
  }

  private requestOf(row: RegisterRow<Mlx5Device>, selection: RegisterSelection): Uint8Array<ArrayBuffer> {
    const { name, layout, bytes } = row.register;
    const known = selecting(row);
    for (const path of Object.keys(selection)) {
      if (known.includes(path)) continue;
      const there = known.length === 0 ? 'it has only one' : `what selects is ${known.join(', ')}`;
      throw new LiveValueError(`${name}: ${path} selects nothing of it: ${there}${didYouMean(path, known)}`);
    }
    const request = new Uint8Array(bytes);
    layout.assign(new DataView(request.buffer), selection);
    return request;
  }

  private rowOf(name: string): RegisterRow<Mlx5Device> {
    const rows = this.device.registerTable.rowsOf(this.device);
    const row = rows.find(({ register }) => register.name === name);
    if (row !== undefined) return row;
    const names = rows.map(({ register }) => register.name);
    throw new LiveValueError(`the device has no register ${name} with known fields${didYouMean(name, names)}`);
  }
}

function selecting({ register }: RegisterRow<Mlx5Device>): string[] {
  return [...register.layout.fields.values()].filter(({ access }) => access === 'INDEX').map(({ path }) => path);
}

/** Undefined counts as the same: nothing contradicts. */
function sameValue(shown: FieldValue | undefined, wanted: FieldValue): boolean {
  if (shown === undefined) return true;
  if (!(shown instanceof Uint8Array) || !(wanted instanceof Uint8Array)) return shown === wanted;
  return shown.every((byte, i) => byte === wanted[i]);
}
