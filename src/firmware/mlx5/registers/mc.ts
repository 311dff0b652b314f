/**
 * The registers of the firmware update: MCQS lists the components, MCQI describes one, MCC instructs, MCDA carries the
 * image, MIRC takes it back (PRM; mlxsw reg.h; mstflint fw_comps_mgr). The state machine: firmware-update.ts.
 */
import type { FieldInput } from '../../../abi/bits.ts';
import { MCC } from '../../../abi/mlx5/registers/mcc.ts';
import { MCDA } from '../../../abi/mlx5/registers/mcda.ts';
import { MCQI } from '../../../abi/mlx5/registers/mcqi.ts';
import { MCQS } from '../../../abi/mlx5/registers/mcqs.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { type FirmwareVersion, UPDATE_COMPONENTS, UPDATE_STATE } from '../firmware-update.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

type Exchange = RegisterExchange<Mlx5Device>;

const componentIndex = MCQS.word('component_index');
/** component_status: present. */
const PRESENT = 1;
/** component_update_state. */
const UPDATE = { IDLE: 0, IN_PROGRESS: 1, ACTIVE_PENDING_RESET: 4 } as const;

export function readMcqs({ device: { update }, input, output }: Exchange): Refusal | undefined {
  const index = componentIndex.get(input, 0);
  const component = UPDATE_COMPONENTS[index];
  if (component === undefined) return REFUSAL.REGISTER_SELECTOR;
  MCQS.assign(output, {
    last_index_flag: index === UPDATE_COMPONENTS.length - 1,
    identifier: component.identifier,
    component_status: PRESENT,
    component_update_state: updateState(update, index, component.kind),
  });
  return undefined;
}

function updateState(update: Mlx5Device['update'], index: number, kind: string): number {
  if (update.state === UPDATE_STATE.DOWNLOAD && update.componentIndex === index) return UPDATE.IN_PROGRESS;
  return kind === 'image' && update.pending !== undefined ? UPDATE.ACTIVE_PENDING_RESET : UPDATE.IDLE;
}

const INFO = { CAPABILITIES: 0, VERSION: 1, ACTIVATION_METHOD: 5 } as const;
/** Sizes of the info structures. */
const INFO_BYTES: Readonly<Record<number, number>> = { 0: 20, 1: 124, 5: 8 };
const MCQI_DATA = 24;
const MCDA_BYTES = 128;
const MCDA_DATA = 16;

export function readMcqi({ device, input, output }: Exchange): Refusal | undefined {
  const get = (field: string) => MCQI.word(field).get(input, 0);
  const component = UPDATE_COMPONENTS[get('component_index')];
  const type = get('info_type');
  const bytes = INFO_BYTES[type];
  if (component === undefined || bytes === undefined || (infoMask(component) & (1 << type)) === 0)
    return REFUSAL.REGISTER_SELECTOR;
  const { fw_version: version, fw_date: date } = device.profile.identity;
  const pending = get('read_pending_component') === 0 ? undefined : device.update.pending;
  MCQI.assign(output, { ...infoOf(component, type, pending ?? { version, date }), info_size: bytes });
  windowOf(output, bytes, get('offset'), get('data_size'));
  return undefined;
}

/** Leaves of the structure behind the header what was asked for; data_size 0 is taken for "all". */
function windowOf(output: DataView, bytes: number, offset: number, size: number): void {
  const whole = new Uint8Array(output.buffer, output.byteOffset + MCQI_DATA, output.byteLength - MCQI_DATA);
  const part = whole.slice(Math.min(offset, bytes), Math.min(bytes, offset + (size === 0 ? bytes : size)));
  whole.fill(0);
  whole.set(part);
}

type Component = (typeof UPDATE_COMPONENTS)[number];

/** Only a firmware has a version. */
function infoMask({ kind }: Component): number {
  return (1 << INFO.CAPABILITIES) | (1 << INFO.ACTIVATION_METHOD) | (kind === 'image' ? 1 << INFO.VERSION : 0);
}

function infoOf(component: Component, type: number, { version, date }: FirmwareVersion): Record<string, FieldInput> {
  if (type === INFO.CAPABILITIES) {
    return {
      'data.mcqi_cap.supported_info_bitmask': infoMask(component),
      'data.mcqi_cap.component_size': component.maxBytes,
      'data.mcqi_cap.max_component_size': component.maxBytes,
      'data.mcqi_cap.log_mcda_word_size': 2,
      'data.mcqi_cap.mcda_max_write_size': MCDA_BYTES,
      'data.mcqi_cap.signed_updates_only': 1,
      'data.mcqi_cap.match_chip_id': 1,
      'data.mcqi_cap.match_psid': 1,
    };
  }
  if (type === INFO.ACTIVATION_METHOD) return { 'data.mcqi_activation_method.pending_fw_reset': 1 };
  const [major = 0, minor = 0, subMinor = 0] = version.split('.').map(Number);
  const [year = '0', month = '0', day = '0'] = date.split('-');
  return {
    'data.mcqi_version.build_time_valid': 1,
    'data.mcqi_version.version_string_length': version.length,
    'data.mcqi_version.version': (((major & 0xff) << 24) | ((minor & 0xff) << 16) | (subMinor & 0xffff)) >>> 0,
    'data.mcqi_version.version_string': version,
    // Binary-coded decimal, as in MGIR.
    'data.mcqi_version.build_time.year': Number(`0x${year}`),
    'data.mcqi_version.build_time.month': Number(`0x${month}`),
    'data.mcqi_version.build_time.day': Number(`0x${day}`),
  };
}

export function readMcc({ device: { update }, output }: Exchange): undefined {
  MCC.assign(output, {
    instruction: 0,
    update_handle: update.handle,
    control_state: update.state,
    error_code: update.error,
    control_progress:
      update.state === UPDATE_STATE.DOWNLOAD ? progress(update.receivedBytes, update.componentBytes) : 0,
  });
  return undefined;
}

export function writeMcc(exchange: Exchange): Refusal | undefined {
  const { device, input } = exchange;
  const get = (field: string) => MCC.word(field).get(input, 0);
  const refusal = device.update.instruct(
    get('instruction'),
    get('update_handle'),
    get('component_index'),
    get('component_size'),
  );
  if (refusal !== undefined) return refusal;
  // The answer to a lock tells the handle.
  MCC.set(input, 'update_handle', device.update.handle);
  return readMcc(exchange);
}

export function writeMcda({ device, input }: Exchange): Refusal | undefined {
  const get = (field: string) => MCDA.word(field).get(input, 0);
  const size = get('size');
  if (size > MCDA_BYTES) return REFUSAL.REGISTER_VALUE;
  return device.update.receive(get('update_handle'), get('offset'), fileBytes(input, size));
}

/** A file's dwords go as numbers that a little-endian host has read of it (mlxsw_reg_mcda_data_set, mstflint). */
function fileBytes(input: DataView, size: number): Uint8Array {
  const block = new DataView(new ArrayBuffer(MCDA_BYTES));
  for (let at = 0; at < size; at += 4) block.setUint32(at, input.getUint32(MCDA_DATA + at), true);
  return new Uint8Array(block.buffer, 0, size);
}

/** MIRC. Unverified: that a card with nothing pending calls it a success, too. */
export function writeMirc({ device }: Exchange): undefined {
  device.update.reactivate();
  return undefined;
}

/** Per cent. */
function progress(received: number, total: number): number {
  return total === 0 ? 0 : Math.floor((received * 100) / total);
}
