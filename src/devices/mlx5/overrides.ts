/**
 * Profile values changed by dotted name, as the configuration and the command line write them:
 *
 *     identity.KEY                    identity.fw_version
 *     caps.TYPE.FIELD                 caps.GENERAL.log_max_qp (the maximum follows it)
 *     caps_max.TYPE.FIELD             caps_max.GENERAL.log_max_qp
 *     registers.REGISTER.FIELD        registers.DTOR.tear_down_to.to_value
 *     nv.PARAMETER                    nv.NUM_OF_VFS (of all ports, hosts and functions; factory data)
 *     nv.TLV.FIELD                    nv.nv_memic_cap.max_memic_size_limit
 *     special_contexts.FIELD          special_contexts.resd_lkey
 *     ports.module                    optics-qsfp28, none
 *     world.KEY                       world.channels
 *
 * What may be named and how large it may be follows from the layouts in abi/.
 */
import { FieldError, type FieldInput, type Layout } from '../../abi/bits.ts';
import { CAP_TYPES, capTypeByName } from '../../abi/mlx5/cap-types.ts';
import { QUERY_SPECIAL_CONTEXTS } from '../../abi/mlx5/commands.ts';
import type { DeviceWorld, FieldValues, Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import { MODULE_NAMES } from '../../abi/mlx5/modules.ts';
import { NV_TLVS, nvTlvByName, nvTlvOfParameter } from '../../abi/mlx5/nv/tlvs.ts';
import { LAID_OUT_REGISTERS, registerLayoutByName } from '../../abi/mlx5/registers/layouts.ts';
import { didYouMean } from '../../abi/nearest-name.ts';
import { OverrideError } from '../../abi/override-error.ts';
import type { OverrideValue } from '../../abi/profile-shape.ts';
import { changedIdentity, IDENTITY_KEYS } from './identity-overrides.ts';

/** Largest values: completion EQs fit below the 8-bit EQ numbers, VFs below the 8-bit function numbers given. */
const WORLD_LIMITS: Readonly<Record<keyof DeviceWorld, number>> = { channels: 64, vfs: 127 };

type Change = (profile: Mlx5DeviceProfile, path: string, rest: string, value: OverrideValue) => Mlx5DeviceProfile;

const roots: Readonly<Record<string, Change>> = {
  identity: (profile, path, rest, value) => {
    const outcome = changedIdentity(profile.identity, rest, value);
    if (typeof outcome === 'string')
      throw new OverrideError(path, outcome, IDENTITY_KEYS.some(({ key }) => key === rest) ? 'value' : 'name');
    return { ...profile, identity: outcome };
  },
  caps: (profile, path, rest, value) => {
    const [type, field] = capField(profile, path, rest);
    return { ...profile, caps: changed(profile.caps, path, type, field, value) };
  },
  caps_max: (profile, path, rest, value) => {
    const [type, field] = capField(profile, path, rest);
    return { ...profile, capsMax: changed(profile.capsMax, path, type, field, value) };
  },
  registers: (profile, path, rest, value) => {
    const [name, field] = split(path, rest, 'registers.REGISTER.FIELD');
    const layout = registerLayoutByName(name);
    if (layout === undefined) {
      const names = LAID_OUT_REGISTERS.map((register) => register.name);
      throw new OverrideError(path, `no register ${name} with known fields${didYouMean(name, names)}`);
    }
    return { ...profile, registers: changed(profile.registers, path, { name, layout }, field, value) };
  },
  nv: (profile, path, rest, value) => {
    const [tlv, field] = nvField(profile, path, rest);
    return { ...profile, nv: changed(profile.nv, path, tlv, field, value) };
  },
  special_contexts: (profile, path, rest, value) => ({
    ...profile,
    special_contexts: assigned(profile.special_contexts, path, QUERY_SPECIAL_CONTEXTS.reply, rest, value),
  }),
  ports: (profile, path, rest, value) => {
    if (rest !== 'module')
      throw new OverrideError(path, `no value of the ports ${rest}${didYouMean(rest, ['module'])}`);
    if (typeof value !== 'string' || !MODULE_NAMES.includes(value)) {
      const hint = typeof value === 'string' ? didYouMean(value, MODULE_NAMES) : '';
      throw new OverrideError(path, `wanted is one of ${MODULE_NAMES.join(', ')}${hint}`, 'value');
    }
    return { ...profile, ports: { module: value } };
  },
  world: (profile, path, rest, value) => {
    const most = Object.hasOwn(WORLD_LIMITS, rest) ? WORLD_LIMITS[rest as keyof DeviceWorld] : undefined;
    if (most === undefined) {
      throw new OverrideError(path, `no world value ${rest}${didYouMean(rest, Object.keys(WORLD_LIMITS))}`);
    }
    const number = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN;
    if (!Number.isInteger(number) || number < 1 || number > most) {
      throw new OverrideError(path, `wanted is a whole number from 1 to ${most}`, 'value');
    }
    return { ...profile, world: { ...profile.world, [rest]: number } };
  },
};

/** The profile with the values changed, in the record's order; the one given stays as it is. Throws OverrideError. */
export function applyOverrides(
  profile: Mlx5DeviceProfile,
  overrides: Readonly<Record<string, OverrideValue>>,
): Mlx5DeviceProfile {
  let result = profile;
  for (const [path, value] of Object.entries(overrides)) {
    const [root, rest] = cut(path);
    const change = Object.hasOwn(roots, root) ? roots[root] : undefined;
    if (change === undefined) {
      const known = Object.keys(roots);
      throw new OverrideError(path, `starts with none of ${known.join(', ')}${didYouMean(root, known)}`);
    }
    result = change(result, path, rest, value);
  }
  return result;
}

interface Named {
  readonly name: string;
  readonly layout: Layout;
}

function capField(profile: Mlx5DeviceProfile, path: string, rest: string): [Named, string] {
  const [name, field] = split(path, rest, 'caps.TYPE.FIELD');
  const type = capTypeByName(name);
  if (type === undefined) {
    const names = CAP_TYPES.map((cap) => cap.name);
    throw new OverrideError(path, `no capability type ${name}${didYouMean(name, names)}`);
  }
  if (profile.caps[name] === undefined) throw new OverrideError(path, `${profile.name} has no ${name} capabilities`);
  if (type.layout === undefined) throw new OverrideError(path, `the fields of ${name} are not public`);
  return [{ name, layout: type.layout }, field];
}

/** Tools' names of parameters are unique. */
function nvField(profile: Mlx5DeviceProfile, path: string, rest: string): [Named, string] {
  const [first, second] = cut(rest);
  const tlv = second === '' ? nvTlvOfParameter(first) : nvTlvByName(first);
  if (tlv === undefined) {
    const [what, names] =
      second === ''
        ? ['parameter', NV_TLVS.flatMap(({ rows }) => rows.map(([name]) => name))]
        : ['TLV', NV_TLVS.map(({ name }) => name)];
    throw new OverrideError(path, `no ${what} ${first} of the non-volatile configuration${didYouMean(first, names)}`);
  }
  if (!Object.hasOwn(profile.nv, tlv.name)) {
    throw new OverrideError(
      path,
      `${profile.name} has no TLV ${tlv.name}; a profile file can add one (nv: {${tlv.name}: {}})`,
    );
  }
  return [tlv, second === '' ? first : second];
}

function changed(
  records: Readonly<Record<string, FieldValues>>,
  path: string,
  { name, layout }: Named,
  field: string,
  value: OverrideValue,
): Record<string, FieldValues> {
  return { ...records, [name]: assigned(records[name], path, layout, field, value) };
}

/** `values` with one more; that the field exists and the value fits is tried on an image of its own. */
function assigned(
  values: FieldValues | undefined,
  path: string,
  layout: Layout,
  field: string,
  value: FieldInput,
): FieldValues {
  try {
    layout.encode({ [field]: value });
  } catch (error) {
    if (error instanceof FieldError) {
      throw new OverrideError(path, error.message, layout.has(field) ? 'value' : 'name');
    }
    throw error;
  }
  return { ...values, [field]: value };
}

function split(path: string, rest: string, form: string): [string, string] {
  const [first, field] = cut(rest);
  if (first === '' || field === '') throw new OverrideError(path, `wanted is ${form}`);
  return [first, field];
}

/** Before and after the first dot. */
function cut(text: string): [string, string] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text, ''] : [text.slice(0, dot), text.slice(dot + 1)];
}
