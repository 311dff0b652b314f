/**
 * Builds a device profile by asking a device, real or emulated: identity, capabilities, registers, special contexts,
 * numbers of channels and VFs. A register's value is taken down where an emulated device that is told nothing of it
 * answers otherwise: what the emulation works out by itself (identity, masks, counters) is not written twice.
 */
import type { FieldInput, Layout } from '../../../../abi/bits.ts';
import type { Clock } from '../../../../abi/clock.ts';
import { type MessageBuffer, messageBuffer } from '../../../../abi/message-buffer.ts';
import { CAP_TYPES } from '../../../../abi/mlx5/cap-types.ts';
import { QUERY_ADAPTER, QUERY_SPECIAL_CONTEXTS } from '../../../../abi/mlx5/commands.ts';
import type {
  DeviceIdentity,
  DevicePorts,
  DeviceWorld,
  FieldValues,
  Mlx5DeviceProfile,
} from '../../../../abi/mlx5/device-profile.ts';
import {
  accessRegister,
  hcaCapOpMod,
  queryHcaCap,
  REGISTER_READ,
  requestHeader,
} from '../../../../abi/mlx5/headers.ts';
import { MODULES, NO_MODULE } from '../../../../abi/mlx5/modules.ts';
import { NV_CLASS, NV_TLVS, NV_VERSION } from '../../../../abi/mlx5/nv/tlvs.ts';
import { objectType } from '../../../../abi/mlx5/objects/types.ts';
import { OPCODE } from '../../../../abi/mlx5/opcodes.ts';
import { LAID_OUT_REGISTERS, type LaidOutRegister, laidOut } from '../../../../abi/mlx5/registers/layouts.ts';
import { MGIR } from '../../../../abi/mlx5/registers/mgir.ts';
import { MNVDA } from '../../../../abi/mlx5/registers/mnvda.ts';
import { MNVQC } from '../../../../abi/mlx5/registers/mnvqc.ts';
import { MQIS } from '../../../../abi/mlx5/registers/mqis.ts';
import { PDDR } from '../../../../abi/mlx5/registers/pddr.ts';
import { STATUS } from '../../../../abi/mlx5/status.ts';
import { plainFields, plainValue, samePlain } from '../../../../devices/mlx5/profile-tree.ts';
import { DEVICE_PROFILES } from '../../../../devices/mlx5/profiles.ts';
import { createMlx5Firmware } from '../../../../firmware/mlx5/firmware.ts';
import { MLX5_REGISTERS } from '../../../../firmware/mlx5/registers.ts';
import type { Ask } from '../../../profiles/profile-kind.ts';

type ProfileNames = Pick<Mlx5DeviceProfile, 'name' | 'title'>;

/** Throws an Error when the device does not even tell its identity. */
export async function captureProfile(ask: Ask, names: ProfileNames): Promise<Mlx5DeviceProfile> {
  const identity = await captureIdentity(ask);
  const caps: Record<string, FieldValues> = {};
  const capsMax: Record<string, FieldValues> = {};
  for (const { type, name: capName, layout } of CAP_TYPES) {
    const current = await queryCap(ask, type, 'current');
    if (current === undefined) continue;
    caps[capName] = layout === undefined ? {} : valuesOf(layout, current);
    const max = await queryCap(ask, type, 'max');
    if (max !== undefined && layout !== undefined) capsMax[capName] = changedFields(layout, current, max);
  }
  const ports = await capturePorts(ask, identity);
  const world = await captureWorld(ask);
  const special = await command(ask, OPCODE.QUERY_SPECIAL_CONTEXTS, 0, 16, 32);
  const special_contexts = special === undefined ? {} : valuesOf(QUERY_SPECIAL_CONTEXTS.reply, viewOf(special));
  const nv = await captureNv(ask);
  const bare = { ...names, identity, caps, capsMax, registers: {}, nv, special_contexts, ports, world };
  return { ...bare, registers: await captureRegisters(ask, bare) };
}

async function captureIdentity(ask: Ask): Promise<DeviceIdentity> {
  const mgir = await readRegister(ask, laidOut(MGIR), {});
  if (mgir === undefined) throw new Error('register MGIR is refused: without it a device cannot be told apart');
  const number = (path: string) => Number(MGIR.get(mgir, path));
  const text = (layout: Layout, view: DataView, path: string) => {
    const value = plainValue(layout.get(view, path));
    return typeof value === 'string' ? value : '';
  };
  const bcd = (path: string, digits: number) => number(path).toString(16).padStart(digits, '0');
  const version = ['major', 'minor', 'sub_minor'].map(
    (part) => number(`fw_info.extended_${part}`) || number(`fw_info.${part}`),
  );
  const mac =
    (BigInt(number('hw_info.manufacturing_base_mac_47_32')) << 32n) |
    BigInt(number('hw_info.manufacturing_base_mac_31_0'));
  const adapter = await command(ask, OPCODE.QUERY_ADAPTER, 0, 16, 272);
  return {
    pci_device_id: number('hw_info.device_id'),
    hw_dev_id: number('hw_info.hw_dev_id'),
    hw_revision: number('hw_info.device_hw_revision'),
    // Older firmware leaves it 0.
    num_ports: Math.max(1, number('hw_info.num_ports')),
    fw_version: version.join('.'),
    fw_date: `${bcd('fw_info.year', 4)}-${bcd('fw_info.month', 2)}-${bcd('fw_info.day', 2)}`,
    psid: text(MGIR, mgir, 'fw_info.psid'),
    model_name: await informationString(ask, 1),
    model_description: await informationString(ask, 2),
    vsd: adapter === undefined ? '' : text(QUERY_ADAPTER.reply, viewOf(adapter), 'vsd'),
    base_mac: mac.toString(16).padStart(12, '0'),
  };
}

/** MQIS gives 8 bytes at a time. Empty: the device has none. */
async function informationString(ask: Ask, info_type: number): Promise<string> {
  const [textAt, most] = [16, 8];
  let text = '';
  for (let turn = 0; turn < 64; turn++) {
    const view = await readRegister(ask, laidOut(MQIS), { info_type, read_offset: text.length, read_length: most });
    if (view === undefined) return '';
    const length = Number(MQIS.get(view, 'info_length'));
    for (let i = 0; i < most && text.length < length; i++) text += String.fromCharCode(view.getUint8(textAt + i));
    if (text.length >= length) break;
  }
  return text.replace(/\0[\s\S]*$/, '').replace(/[^\x20-\x7e]/g, '?');
}

/** The module by its part number; one that nobody knows here is the one of the built-in profile of that chip. */
async function capturePorts(ask: Ask, { hw_dev_id }: DeviceIdentity): Promise<DevicePorts> {
  const usual = DEVICE_PROFILES.find(({ identity }) => identity.hw_dev_id === hw_dev_id) ?? DEVICE_PROFILES[0];
  const page = await readRegister(ask, laidOut(PDDR), { local_port: 1, page_select: PDDR_MODULE_PAGE });
  const read = (field: string) =>
    page === undefined ? undefined : plainValue(PDDR.get(page, `page_data.pddr_module_info.${field}`));
  if (read('cable_type') === CABLE_UNPLUGGED) return { module: NO_MODULE };
  const part = read('vendor_pn');
  const known = MODULES.find(({ partNumber }) => typeof part === 'string' && partNumber === part.trimEnd());
  return { module: known?.name ?? usual?.ports.module ?? NO_MODULE };
}

const PDDR_MODULE_PAGE = 3;
const CABLE_UNPLUGGED = 4;

/** Three EQs are the driver's own, the others a channel's each. */
async function captureWorld(ask: Ask): Promise<DeviceWorld> {
  let queues = 0;
  const { query } = objectType('EQ');
  for (let eqn = 0; eqn < 256; eqn++) {
    const fill = (view: DataView) => query.request.set(view, 'eq_number', eqn);
    if ((await command(ask, OPCODE.QUERY_EQ, 0, query.request.bytes, query.reply.bytes, fill)) !== undefined) queues++;
  }
  const functions = await command(ask, OPCODE.QUERY_ESW_FUNCTIONS, 0, 16, 128);
  const { reply } = objectType('ESW_FUNCTIONS').query;
  const vfs = functions === undefined ? 0 : Number(reply.get(viewOf(functions), 'host_params_context.host_num_of_vfs'));
  return { channels: clamp(queues - 3, 64), vfs: clamp(vfs, 127) };
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(1, value));
}

/**
 * In two turns, because what a register answers may follow from others (temperatures exist when MTCAP says so): the
 * second compares with a device that has all that the first found, but for the register in question.
 */
async function captureRegisters(ask: Ask, profile: Mlx5DeviceProfile): Promise<Record<string, FieldValues>> {
  const answers = new Map<LaidOutRegister, DataView>();
  for (const register of LAID_OUT_REGISTERS) {
    const answer = await readRegister(ask, register, selectionOf(register));
    if (answer !== undefined) answers.set(register, answer);
  }
  const registers: Record<string, FieldValues> = {};
  for (let turn = 0; turn < 2; turn++) {
    for (const [register, answer] of answers) {
      const { [register.name]: _, ...others } = registers;
      const values = await differingFields(register, answer, { ...profile, registers: turn === 0 ? {} : others });
      if (values === undefined) delete registers[register.name];
      else registers[register.name] = values;
    }
  }
  return withEffect(registers, profile);
}

/**
 * The fields that such a device answers in another way. Undefined: none, or the emulation has no such register, and a
 * profile no use for its values. A reading that moves with the time is taken down as it stands, or as the built-in
 * profile of such a device has it where that could read so too.
 */
async function differingFields(
  register: LaidOutRegister,
  answer: DataView,
  profile: Mlx5DeviceProfile,
): Promise<FieldValues | undefined> {
  const own = await readings(register, profile);
  const [before] = own;
  if (before === undefined) return undefined;
  const known = DEVICE_PROFILES.find(({ identity }) => identity.hw_dev_id === profile.identity.hw_dev_id);
  const values: Record<string, FieldInput> = {};
  for (const field of register.layout.fields.values()) {
    if (field.access === 'INDEX' || field.access === 'OP' || field.access === 'WO') continue;
    const plain = (view: DataView) => plainValue(field.read(view, 0));
    const value = plain(answer);
    const moves = own.some((view) => !samePlain(plain(view), plain(before)));
    if (!moves && samePlain(value, plain(before))) continue;
    const usual = known?.registers[register.name]?.[field.path];
    const asUsual =
      moves &&
      known !== undefined &&
      usual !== undefined &&
      (await readings(register, known)).some((view) => samePlain(plain(view), value));
    values[field.path] = asUsual ? usual : field.read(answer, 0);
  }
  return Object.keys(values).length > 0 ? values : undefined;
}

/** Of an emulated device, over an hour from power-up; empty: it has no such register. */
async function readings(register: LaidOutRegister, profile: Mlx5DeviceProfile): Promise<readonly DataView[]> {
  const clock = new SteppingClock();
  const emulated = emulatedAsk(profile, clock);
  const views: DataView[] = [];
  for (let turn = 0; turn < 40; turn++) {
    const view = await readRegister(emulated, register, selectionOf(register));
    if (view === undefined) return [];
    views.push(view);
    clock.step();
  }
  return views;
}

/** access_mode of MNVDA: the factory's data; they begin behind the header. */
const FACTORY = 2;
const MNVDA_DATA = 12;
/** What the addresses of a device's own follow from: its identity. */
const BASE_ADDRESSES = 'nv_base_mac_guid';

/** The TLVs that can be read, of the first port, host and function. */
async function captureNv(ask: Ask): Promise<Record<string, FieldValues>> {
  const nv: Record<string, FieldValues> = {};
  for (const { name, typeClass, index, bytes, layout } of NV_TLVS) {
    const type = typeClass * 2 ** 24 + (typeClass === NV_CLASS.PORT ? 1 << 16 : 0) + index;
    const query = await readRegister(ask, laidOut(MNVQC), { type });
    if (query === undefined || Number(MNVQC.get(query, 'support_rd')) === 0) continue;
    const data = await readRegister(ask, laidOut(MNVDA), {
      'configuration_item_header.type': type,
      'configuration_item_header.length': bytes,
      'configuration_item_header.access_mode': FACTORY,
    });
    const image = new Uint8Array(layout.bytes);
    if (data !== undefined && name !== BASE_ADDRESSES) {
      image.set(new Uint8Array(data.buffer, data.byteOffset + MNVDA_DATA, bytes));
    }
    layout.set(viewOf(image), NV_VERSION, Number(MNVQC.get(query, 'version')));
    nv[name] = valuesOf(layout, viewOf(image));
  }
  return nv;
}

/**
 * Without the values that would change nothing: the emulation answers those fields in its own way, or so anyway (what
 * is operational follows from what is asked for). One by one, for of two that say the same the other then counts.
 */
async function withEffect(
  registers: Readonly<Record<string, FieldValues>>,
  profile: Mlx5DeviceProfile,
): Promise<Record<string, FieldValues>> {
  const told = emulatedAsk({ ...profile, registers }, new SteppingClock());
  const result: Record<string, FieldValues> = {};
  for (const register of LAID_OUT_REGISTERS) {
    const { name, layout } = register;
    const view = await readRegister(told, register, selectionOf(register));
    const kept = Object.entries(registers[name] ?? {}).filter(([path, value]) => {
      const wanted = plainValue(layout.get(viewOf(layout.encode({ [path]: value })), path));
      return view !== undefined && samePlain(plainValue(layout.get(view, path)), wanted);
    });
    let needed = Object.fromEntries(kept);
    const computes = MLX5_REGISTERS.rows.find((row) => row.register.name === name)?.compute !== undefined;
    for (const [path] of computes ? kept : []) {
      const { [path]: _, ...others } = needed;
      const without = emulatedAsk({ ...profile, registers: { ...registers, [name]: others } }, new SteppingClock());
      const answer = await readRegister(without, register, selectionOf(register));
      if (answer !== undefined && view !== undefined && sameBytes(answer, view)) needed = others;
    }
    if (Object.keys(needed).length > 0) result[name] = needed;
  }
  return result;
}

function sameBytes(a: DataView, b: DataView): boolean {
  return (
    a.byteLength === b.byteLength &&
    Array.from({ length: a.byteLength }, (_, i) => i).every((i) => a.getUint8(i) === b.getUint8(i))
  );
}

/** The first port; of everything else the first too. */
function selectionOf({ layout }: LaidOutRegister): Readonly<Record<string, FieldInput>> {
  return layout.has('local_port') ? { local_port: 1 } : {};
}

function queryCap(ask: Ask, type: number, mode: 'current' | 'max'): Promise<DataView | undefined> {
  return command(ask, OPCODE.QUERY_HCA_CAP, hcaCapOpMod(type, mode), queryHcaCap.inBytes, queryHcaCap.outBytes).then(
    (reply) => reply && viewOf(reply, queryHcaCap.data),
  );
}

async function readRegister(
  ask: Ask,
  register: LaidOutRegister,
  selection: Readonly<Record<string, FieldInput>>,
): Promise<DataView | undefined> {
  const length = accessRegister.data + register.bytes;
  const reply = await command(ask, OPCODE.ACCESS_REG, REGISTER_READ, length, length, (view) => {
    view.setUint16(accessRegister.registerId, register.id);
    register.layout.assign(view, selection, accessRegister.data);
  });
  return reply && viewOf(reply, accessRegister.data);
}

/** The reply; undefined: the firmware refuses. */
async function command(
  ask: Ask,
  opcode: number,
  opMod: number,
  bytes: number,
  replyBytes: number,
  fill: (view: DataView) => void = () => {},
): Promise<Uint8Array | undefined> {
  const request = new Uint8Array(bytes);
  const view = viewOf(request);
  view.setUint16(requestHeader.opcode, opcode);
  view.setUint16(requestHeader.opMod, opMod);
  fill(view);
  const reply = await ask(request, replyBytes);
  return reply[0] === STATUS.OK ? reply : undefined;
}

function viewOf(bytes: Uint8Array, from = 0): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + from, bytes.length - from);
}

/** The fields that are not 0. */
function valuesOf(layout: Layout, view: DataView): FieldValues {
  return plainFields(layout, layout.decode(view)) as FieldValues;
}

function changedFields(layout: Layout, current: DataView, max: DataView): FieldValues {
  const changed: Record<string, FieldInput> = {};
  for (const field of layout.fields.values()) {
    const value = field.read(max, 0);
    if (!samePlain(plainValue(value), plainValue(field.read(current, 0)))) changed[field.path] = value;
  }
  return changed;
}

/** A device of the emulation's own, to compare with. */
function emulatedAsk(profile: Mlx5DeviceProfile, clock: Clock): Ask {
  const firmware = createMlx5Firmware(profile, { clock });
  return async (bytes, replyBytes) => {
    const request: MessageBuffer = messageBuffer(bytes.length);
    request.bytes.set(bytes);
    const reply = messageBuffer(replyBytes);
    firmware.exec(request, reply);
    return reply.bytes;
  };
}

/** Stands still until told. */
class SteppingClock implements Clock {
  private seconds = 1_000_000;

  step(): void {
    this.seconds += 97;
  }

  monotonicNs(): number {
    return this.seconds * 1e9;
  }

  wallMs(): number {
    return this.seconds * 1e3;
  }

  after(): () => void {
    return () => {};
  }
}
