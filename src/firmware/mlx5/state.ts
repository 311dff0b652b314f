/**
 * What a device keeps without power: the non-volatile configuration, the firmware that was burnt, and the registers
 * named below. Everything else
 * begins anew at each power-up. Saved as plain JSON data, bytes in hex, to be read by people.
 */
import { FirmwareStateError, isRecord, isTexts } from '../../abi/device-state.ts';
import { hex, unhex } from '../../abi/hex.ts';
import { MVTS } from '../../abi/mlx5/registers/mvts.ts';
import type { Mlx5Device } from './device.ts';
import type { FirmwareVersion } from './firmware-update.ts';
import type { RegisterRow } from './register-table.ts';
import { RUNNING } from './registers/timestamps.ts';

/** Registers kept as written. Unverified: a real device keeps its description and DCBX mode by other ways. */
const RETAINED: readonly string[] = ['NODE_DESC', 'DCBX_PARAM', 'MVTS'];

/** Raised when the form changes: an older state is then refused, not guessed at. */
export const STATE_VERSION = 1;

export interface FirmwareState {
  readonly version: typeof STATE_VERSION;
  /** TLV's type dword (`0x` and 8 hex digits) -> its data, in hex; in the order in which they were set. */
  readonly nv: Readonly<Record<string, string>>;
  /** Register's name -> instance (port, ...) -> image, in hex. */
  readonly registers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What was burnt last, and runs from the next power-up on; absent: nothing. */
  readonly firmware?: FirmwareVersion;
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
  const firmware = device.update.pending ?? device.update.running;
  return { version: STATE_VERSION, nv, registers, ...(firmware && { firmware }) };
}

/**
 * Power-up with a saved state. What this device does not have (a TLV, a register of another size) is refused as a
 * whole: throws FirmwareStateError, and nothing is changed then.
 */
export function restoreState(device: Mlx5Device, state: unknown): void {
  const { nv, registers, firmware } = checked(state);
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
  for (const [row, instance, image] of images) {
    device.registerTable.restoreImage(device, row, instance, image);
    // The time stamp that was set is that of the firmware which runs now.
    if (row.register.layout === MVTS) device.registerTable.restoreImage(device, row, RUNNING, image);
  }
  if (firmware !== undefined) boot(device, firmware);
}

/** What was burnt runs: the identity says so, to every client. */
function boot(device: Mlx5Device, firmware: FirmwareVersion): void {
  const { identity } = device.profile;
  device.profile = {
    ...device.profile,
    identity: { ...identity, fw_version: firmware.version, fw_date: firmware.date },
  };
  device.update.running = firmware;
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
  const { nv, registers, firmware } = state;
  const sound = isTexts(nv) && isRecord(registers) && Object.values(registers).every(isTexts);
  if (!sound) throw new FirmwareStateError('nv or registers is missing, or no record of hex texts');
  const kept = { version: STATE_VERSION, nv, registers: registers as FirmwareState['registers'] } as const;
  if (firmware === undefined) return kept;
  const { version = '', date = '' } = isTexts(firmware) ? firmware : {};
  if (!/^\d{1,5}\.\d{1,5}\.\d{1,5}$/.test(version) || !/^[0-9a-f]{4}-[0-9a-f]{2}-[0-9a-f]{2}$/.test(date)) {
    throw new FirmwareStateError('firmware: a version and a date are wanted');
  }
  return { ...kept, firmware: { version, date } };
}

function unhexed(text: string, place: string): Uint8Array {
  const bytes = unhex(text);
  if (bytes === undefined) throw new FirmwareStateError(`${place}: pairs of hex digits are wanted`);
  return bytes;
}
