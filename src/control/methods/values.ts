/** get, set: a device's values by name, while it runs. */
import { namePattern } from '../../abi/name-pattern.ts';
import { overrideValue } from '../../host/config/device-option.ts';
import type { HostDevice } from '../../host/machine/host-device.ts';
import { type LiveValues, type PlainValue, ValueError } from '../../host/machine/live-values.ts';
import { columns } from '../columns.ts';
import { findDevice } from '../find-device.ts';
import { DEVICE_PARAM, type Method, method } from '../method.ts';
import { ControlError } from '../protocol.ts';

const NAMES = `NAME is one of
  identity.KEY                     identity.fw_version
  caps.TYPE.FIELD                  caps.GENERAL.log_max_qp, and caps_max.TYPE.FIELD
  registers.REGISTER.FIELD         registers.PAOS.oper_status
  registers.REGISTER[KEY=N].FIELD  registers.PAOS[local_port=2].oper_status: one of several
  nv.PARAMETER, nv.TLV.FIELD       nv.NUM_OF_VFS; get: nv alone, and nv.RPG_GD_P2 of a port
  special_contexts.FIELD           special_contexts.resd_lkey
or, of another driver's device, a value of its profile (fwctl-emu profile show NAME), as
  bnxt       temp, link.state, nvm.variables.401
  cxl        feat_cap, features.PATROL_SCRUB.scrub_cycle.hours
  pds        endpoints.0x1.operations.0x10001.reply
  nova-core  types.1519.max_instance`;

const NAME = {
  kind: 'text',
  about: 'The value’s dotted name',
  required: true,
  argument: 'NAME',
  max: 256,
  example: 'registers.MTMP.temperature',
} as const;

function liveOf({ name, live, spec }: HostDevice): LiveValues {
  if (live !== undefined) return live;
  throw new ControlError(409, 'no_values', `${name} (driver ${spec.driver}) has no values with names`);
}

/** A ValueError of the device as the client's mistake. */
function tried<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if ((error as Error).name === 'ValueError') throw new ControlError(400, 'bad_value', (error as Error).message);
    throw error;
  }
}

export const VALUE_METHODS: readonly Method[] = [
  method({
    verb: 'get',
    http: 'GET',
    path: '/v1/devices/{device}/values',
    about: 'read a register field or profile value, as it is now',
    help: `${NAMES}
A name that has others below it (identity, caps.GENERAL, registers.MTMP) gives them all; * stands for any characters;
without a name all values of the device are listed.

Examples:
  fwctl-emu get fwctl0 identity
  fwctl-emu get fwctl0 registers.MTMP.temperature
  fwctl-emu get fwctl0 registers.PAOS[local_port=2]
  fwctl-emu get fwctl0 'registers.P*.oper_*'`,
    params: { device: DEVICE_PARAM, name: { ...NAME, required: false } },
    answer: {
      type: 'object',
      properties: {
        device: { type: 'string' },
        values: {
          type: 'object',
          description: 'by complete name; whole numbers above 2^53 are text',
          additionalProperties: { type: ['number', 'string', 'boolean'] },
        },
      },
    },
    handle({ device, name }, { host }) {
      const found = findDevice(host, device);
      return { device: found.name, values: tried(() => valuesOf(liveOf(found), name)) };
    },
    text({ values }, { name }) {
      if (name !== undefined && Object.hasOwn(values, name)) return String(values[name]);
      return columns(Object.entries(values).map(([path, value]) => [path, String(value)]));
    },
  }),
  method({
    verb: 'set',
    http: 'PUT',
    path: '/v1/devices/{device}/values',
    about: 'change a register field or profile value of a running device',
    help: `${NAMES}
VALUE is a whole number (decimal or 0x), true, false, or text. The next call sees it; a client may write over a register's field
where the register allows it. A field that the firmware works out for each read (a counter, a clock) stands still from then on.
Without [KEY=N] a register changes for all ports, sensors and so on. What was set is gone with unplug, replug and reset.

Examples:
  fwctl-emu set fwctl0 registers.MTMP.temperature 800
  fwctl-emu set fwctl0 registers.PAOS[local_port=1].oper_status 2
  fwctl-emu set fwctl0 identity.fw_version 22.40.1000`,
    params: {
      device: DEVICE_PARAM,
      name: NAME,
      value: {
        kind: 'value',
        about: 'A whole number, text, true or false; above 2^53 as text',
        required: true,
        argument: 'VALUE',
        max: 4096,
        example: 800,
      },
    },
    answer: {
      type: 'object',
      properties: {
        device: { type: 'string' },
        name: { type: 'string' },
        before: { type: ['number', 'string', 'boolean'] },
        after: { type: ['number', 'string', 'boolean'] },
      },
    },
    handle({ device, name, value }, { host, changed }) {
      const found = findDevice(host, device);
      const live = liveOf(found);
      return tried(() => {
        const before = one(live, name);
        const given = typeof value === 'string' ? overrideValue(value) : value;
        live.set(name, given);
        changed.note(found, name, given);
        return { device: found.name, name, before, after: one(live, name) };
      });
    },
    text: ({ name, before, after }) => `${name}: ${before} -> ${after}`,
  }),
];

/** Of a name, a pattern, or (undefined) all. Throws ValueError. */
function valuesOf(live: LiveValues, name: string | undefined): Readonly<Record<string, PlainValue>> {
  if (name === undefined) return live.all();
  if (!name.includes('*')) return live.get(name);
  const pattern = namePattern(name);
  const found = Object.entries(live.all()).filter(([path]) => pattern.test(path));
  if (found.length > 0) return Object.fromEntries(found);
  throw new ValueError(`${name}: no value has such a name; without a name "fwctl-emu get" lists them all`);
}

/** One value, not a group of them. */
function one(live: LiveValues, name: string): PlainValue {
  const value = live.get(name)[name];
  if (value !== undefined) return value;
  const remedy = 'name one of them ("fwctl-emu get" lists them)';
  throw new ControlError(400, 'bad_value', `${name} has values below it; ${remedy}`);
}
