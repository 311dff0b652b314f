/**
 * What a device keeps without power: the non-volatile configuration, and the registers named below. Everything else
 * begins anew at each power-up. Saved as plain JSON data, bytes in hex, to be read by people.
 */
import { FirmwareStateError, isRecord, isTexts } from '../../abi/device-state.ts';
import { hex, unhex } from '../../abi/hex.ts';
import type { Mlx5Device } from './device.ts';
import type { RegisterRow } from './register-table.ts';

/** Registers kept as written. Unverified: a real device keeps its description and DCBX mode by other ways. */
const RETAINED: readonly string[] = ['NODE_DESC', 'DCBX_PARAM'];

/** Raised when the form changes: an older state is then refused, not guessed at. */
export const STATE_VERSION = 1;

export interface FirmwareState {
  readonly version: typeof STATE_VERSION;
  /** TLV's type dword (`0x` and 8 hex digits) -> its data, in hex; in the order in which they were set. */
  readonly nv: Readonly<Record<string, string>>;
  /** Register's name -> instance (port, ...) -> image, in hex. */
  readonly registers: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export function saveState(device: Mlx5Device): FirmwareState {
  const nv: Record<string, string> = {};
  for (const [type, data] of device.nv.stored()) nv[`0x${type.toString(16).padStart(8, '0')}`] = hex(data);
  const registers: Record<string, Record<string, string>> = {};
  for (const row of retainedRows(device)) {
    const images = device.registerTable.writtenImages(device, row);
    if (images.size === 0) continue;
    registers[row.register.name] = Object.fromEntries([...images].map(([instance, image]) => [instance, hex(image)]));
  }
  return { version: STATE_VERSION, nv, registers };
}

/**
 * Power-up with a saved state. What this device does not have (a TLV, a register of another size) is refused as a
 * whole: throws FirmwareStateError, and nothing is changed then.
 */
export function restoreState(device: Mlx5Device, state: unknown): void {
  const { nv, registers } = checked(state);
  const items: [number, Uint8Array][] = Object.entries(nv).map(([name, data]) => {
    const type = /^0x[0-9a-f]{8}$/.test(name) ? Number(name) : Number.NaN;
    const bytes = unhexed(data, `nv.${name}`);
    if (device.nv.tlv(type)?.bytes !== bytes.length) {
      throw new FirmwareStateError(`nv.${name}: the device has no TLV of this type with ${bytes.length} bytes`);
    }
    return [type, bytes];
  });
  const images: [RegisterRow<Mlx5Device>, number, Uint8Array][] = [];
  const rows = new Map(retainedRows(device).map((row) => [row.register.name, row]));
  for (const [name, instances] of Object.entries(registers)) {
    const row = rows.get(name);
    if (row === undefined) throw new FirmwareStateError(`registers.${name}: no register that is kept`);
    for (const [instance, data] of Object.entries(instances)) {
      const bytes = unhexed(data, `registers.${name}.${instance}`);
      if (!/^\d{1,9}$/.test(instance) || bytes.length !== row.register.bytes) {
        throw new FirmwareStateError(
          `registers.${name}.${instance}: ${row.register.bytes} bytes of an instance are wanted`,
        );
      }
      images.push([row, Number(instance), bytes]);
    }
  }
  device.nv.restore(items);
  for (const [row, instance, image] of images) device.registerTable.restoreImage(device, row, instance, image);
}

function retainedRows(device: Mlx5Device): readonly RegisterRow<Mlx5Device>[] {
  return device.registerTable.rows.filter(({ register }) => RETAINED.includes(register.name));
}

/** The shape alone. */
function checked(state: unknown): FirmwareState {
  if (!isRecord(state)) throw new FirmwareStateError('no record of a state');
  if (state.version !== STATE_VERSION) {
    throw new FirmwareStateError(`version ${String(state.version)}; this fwctl-emu reads version ${STATE_VERSION}`);
  }
  const { nv, registers } = state;
  const sound = isTexts(nv) && isRecord(registers) && Object.values(registers).every(isTexts);
  if (!sound) throw new FirmwareStateError('nv or registers is missing, or no record of hex texts');
  return { version: STATE_VERSION, nv, registers: registers as FirmwareState['registers'] };
}

function unhexed(text: string, place: string): Uint8Array {
  const bytes = unhex(text);
  if (bytes === undefined) throw new FirmwareStateError(`${place}: pairs of hex digits are wanted`);
  return bytes;
}
