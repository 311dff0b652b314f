/**
 * The values of one plugged device by dotted name, read and changed while it runs. The names are those of the
 * configuration's `set` (devices/overrides.ts), and a register's instance may be selected:
 *
 *     identity.fw_version    caps.GENERAL.log_max_qp    registers.PAOS.oper_status
 *     registers.PAOS[local_port=2].oper_status    ports.module
 *     nv    nv.NUM_OF_VFS    nv.RPG_GD_P2    nv.nv_memic_cap.max_memic_size_limit
 */
import { FieldError, type FieldValue, type Layout } from '../../../../abi/bits.ts';
import { CAP_TYPES, capTypeByName } from '../../../../abi/mlx5/cap-types.ts';
import { QUERY_SPECIAL_CONTEXTS } from '../../../../abi/mlx5/commands.ts';
import type { FieldValues, Mlx5DeviceProfile } from '../../../../abi/mlx5/device-profile.ts';
import { nvTlvByName } from '../../../../abi/mlx5/nv/tlvs.ts';
import { didYouMean } from '../../../../abi/nearest-name.ts';
import { OverrideError } from '../../../../abi/override-error.ts';
import type { OverrideValue } from '../../../../abi/profile-shape.ts';
import { applyOverrides } from '../../../../devices/mlx5/overrides.ts';
import type { Mlx5Firmware } from '../../../../firmware/mlx5/firmware.ts';
import { LiveValueError, type Mlx5LiveValues, type RegisterSelection } from '../../../../firmware/mlx5/live-values.ts';
import { type LiveValues, type PlainValue, ValueError } from '../../live-values.ts';

const ROOTS = ['identity', 'caps', 'caps_max', 'registers', 'nv', 'special_contexts', 'ports'];

/** Those of an emulated mlx5 function. */
export class FirmwareValues implements LiveValues {
  private readonly firmware: Mlx5Firmware;

  constructor(firmware: Mlx5Firmware) {
    this.firmware = firmware;
  }

  identity(): Record<string, PlainValue> {
    const values = Object.entries(this.get('identity'));
    return Object.fromEntries(values.map(([name, value]) => [name.replace(/^identity\./, ''), value]));
  }

  all(): Record<string, PlainValue> {
    const live = this.firmware.liveValues();
    const caps = CAP_TYPES.filter(({ name, layout }) => layout !== undefined && live.profile.caps[name] !== undefined);
    const names = [
      'identity',
      ...caps.map(({ name }) => `caps.${name}`),
      ...caps.map(({ name }) => `caps_max.${name}`),
      'special_contexts',
      ...live.registers().map(({ name }) => `registers.${name}`),
    ];
    return Object.assign({}, ...names.map((name) => readable(live, name)));
  }

  get(name: string): Record<string, PlainValue> {
    return told(name, () => read(this.firmware.liveValues(), name));
  }

  set(name: string, value: OverrideValue): void {
    told(name, () => write(this.firmware.liveValues(), name, value));
  }
}

function write(live: Mlx5LiveValues, name: string, value: OverrideValue): void {
  if (name.startsWith('registers.')) {
    const { register, selection, field } = registerName(name);
    if (field === undefined) throw new ValueError(`${name}: wanted is registers.REGISTER.FIELD`);
    live.writeRegister(register, selection, field, value);
    return;
  }
  if (name.startsWith('world.')) {
    throw new ValueError(`${name}: it says what is made at power-up; give it with --device set.${name}=... instead`);
  }
  live.adopt(applyOverrides(live.profile, { [name]: value }));
}

function read(live: Mlx5LiveValues, name: string): Record<string, PlainValue> {
  const [root = '', first] = name.split('.', 2);
  const all = readRoot(live, root, first ?? '', name);
  const found = Object.entries(all).filter(([path]) => path === name || path.startsWith(`${name}.`));
  if (found.length === 0) throw new ValueError(`${name}: there is no such value${didYouMean(name, Object.keys(all))}`);
  return Object.fromEntries(found);
}

/** Nothing of a register that is not read without a choice. */
function readable(live: Mlx5LiveValues, name: string): Record<string, PlainValue> {
  try {
    return read(live, name);
  } catch (error) {
    if (error instanceof ValueError || error instanceof LiveValueError) return {};
    throw error;
  }
}

function readRoot(live: Mlx5LiveValues, root: string, first: string, name: string): Record<string, PlainValue> {
  const { profile } = live;
  switch (root) {
    case 'identity':
      return prefixed('identity', profile.identity as unknown as FieldValues);
    case 'caps':
      return capabilities(profile, 'caps', first, name);
    case 'caps_max':
      return capabilities(profile, 'caps_max', first, name);
    case 'nv':
      return nvValues(live, first, name);
    case 'ports':
      return prefixed('ports', profile.ports as unknown as FieldValues);
    case 'special_contexts':
      return prefixed('special_contexts', decoded(QUERY_SPECIAL_CONTEXTS.reply, profile.special_contexts));
    case 'registers': {
      if (first === '') {
        const names = live.registers().map((register) => register.name);
        throw new ValueError(`${name}: wanted is registers.REGISTER.FIELD, REGISTER being one of ${names.join(', ')}`);
      }
      const { register, selection, prefix } = registerName(name);
      return prefixed(prefix, live.readRegister(register, selection ?? {}));
    }
    default:
      throw new ValueError(`${name}: it starts with none of ${ROOTS.join(', ')}${didYouMean(root, ROOTS)}`);
  }
}

function capabilities(
  profile: Mlx5DeviceProfile,
  root: string,
  type: string,
  name: string,
): Record<string, PlainValue> {
  const names = CAP_TYPES.map((cap) => cap.name).filter((known) => profile.caps[known] !== undefined);
  const layout = capTypeByName(type)?.layout;
  const values = profile.caps[type];
  if (type === '' || values === undefined) {
    throw new ValueError(`${name}: wanted is ${root}.TYPE.FIELD, TYPE being one of ${names.join(', ')}`);
  }
  if (layout === undefined) throw new ValueError(`${name}: the fields of ${type} are not public`);
  return prefixed(
    `${root}.${type}`,
    decoded(layout, root === 'caps' ? values : { ...values, ...profile.capsMax[type] }),
  );
}

/** The parameters that tools show, by their names; or the factory data of one TLV. */
function nvValues(live: Mlx5LiveValues, first: string, name: string): Record<string, PlainValue> {
  const tlv = nvTlvByName(first);
  if (tlv === undefined) return prefixed('nv', Object.fromEntries(live.nvParameters()));
  const values = live.profile.nv[first];
  if (values === undefined) throw new ValueError(`${name}: the device has no TLV ${first}`);
  return prefixed(`nv.${first}`, decoded(tlv.layout, values));
}

/** Every field, those too that the values do not name. */
function decoded(layout: Pick<Layout, 'encode' | 'decode'>, values: FieldValues): Record<string, FieldValue> {
  const image = layout.encode(values);
  return layout.decode(new DataView(image.buffer, image.byteOffset, image.length));
}

/** The parts of a name; `prefix`: `registers.NAME[...]` as it was written. */
function registerName(name: string) {
  const match = /^(registers\.([^.[\]]+)(?:\[([^\]]*)\])?)(?:\.(.+))?$/.exec(name);
  if (match === null)
    throw new ValueError(`${name}: wanted is registers.REGISTER.FIELD or registers.REGISTER[KEY=N].FIELD`);
  const [, prefix = '', register = '', selectors, field] = match;
  if (selectors === undefined) return { register, selection: undefined, field, prefix };
  const pairs = selectors.split(',').map((pair) => {
    const [key, value] = pair.split('=');
    if (!key || !value || !/^(\d+|0x[0-9a-f]+)$/i.test(value)) {
      throw new ValueError(`${name}: "${pair}" selects nothing; write KEY=N`);
    }
    return [key, Number(value)] as const;
  });
  const selection: RegisterSelection = Object.fromEntries(pairs);
  return { register, selection, field, prefix };
}

function prefixed(prefix: string, values: Readonly<Record<string, unknown>>): Record<string, PlainValue> {
  return Object.fromEntries(Object.entries(values).map(([path, value]) => [`${prefix}.${path}`, plain(value)]));
}

function plain(value: unknown): PlainValue {
  if (typeof value === 'bigint') return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
  if (!(value instanceof Uint8Array)) return value as PlainValue;
  const text = String.fromCharCode(...value).replace(/\0+$/, '');
  return /^[ -~]*$/.test(text) ? text : `0x${Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** The errors of the layers below as ours, with the whole name in front. */
function told<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof OverrideError) throw new ValueError(error.message);
    if (error instanceof LiveValueError || error instanceof FieldError)
      throw new ValueError(`${name}: ${error.message}`);
    throw error;
  }
}
