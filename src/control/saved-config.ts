/** The machine as it is now, as a configuration that -c takes: devices, what was set on them, faults. */
import { resolve } from 'node:path';
import type { OverrideValue } from '../host/config/device-entry.ts';
import type { DeviceSpec } from '../host/config/device-spec.ts';
import type { DriverKey } from '../host/config/driver-key.ts';
import { isProfilePath } from '../host/config/profile-path.ts';
import { driverRow } from '../host/machine/driver-row.ts';
import type { HostDevice } from '../host/machine/host-device.ts';
import type { ControlContext } from './context.ts';

type Values = readonly (readonly [string, OverrideValue])[];

export function savedConfig({ host, faults, changed, drivers, version }: ControlContext): string {
  const { abi, lockdown } = host;
  const devices = host.devices().map((device) => {
    const own = driverRow(drivers, device.spec.driver).keys as Readonly<Record<string, DriverKey<unknown>>>;
    return deviceLines(device, own, changed.of(device));
  });
  const texts = faults.list().map(({ text }) => `  - ${scalar(text)}`);
  return `${[
    `# The emulator as it was, by fwctl-emu ${version} save; for "run -c", "serve -c".`,
    `abi: ${abi.name}`,
    ...(lockdown === 'none' ? [] : [`lockdown: ${lockdown}`]),
    ...(devices.length === 0 ? ['devices: []'] : ['devices:', ...devices.flat()]),
    ...(texts.length === 0 ? [] : ['faults:', ...texts]),
  ].join('\n')}\n`;
}

function deviceLines(
  { spec }: HostDevice,
  rows: Readonly<Record<string, DriverKey<unknown>>>,
  changed: Values,
): readonly string[] {
  const { driver, profile, pci, mode, uid, gid, surroundings, overrides, own = {}, live = {} } = spec;
  const lines = [
    `driver: ${driver}`,
    `profile: ${scalar(isProfilePath(profile) ? resolve(profile) : profile)}${broughtNote(spec)}`,
    ...(pci === undefined ? [] : [`pci: ${scalar(pci)}`]),
    `mode: "0${mode.toString(8)}"`,
    `owner: ${uid}`,
    `group: ${gid}`,
    ...(surroundings === undefined ? [] : [`surroundings: ${surroundings.join('+') || 'none'}`]),
    ...Object.entries(rows).flatMap(([key, row]) =>
      own[key] === undefined ? [] : [`${key}: ${ownValue(own[key], row)}`],
    ),
    ...valueLines('set', Object.entries(overrides)),
    ...valueLines('live', merged(Object.entries(live), changed)),
  ];
  return lines.map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`);
}

/** What a client has sent stands in no file that could be read again. */
function broughtNote({ file }: DeviceSpec): string {
  return file?.brought === true ? ' # its text came with "plug": put it there' : '';
}

function valueLines(key: string, values: Values): string[] {
  if (values.length === 0) return [];
  return [`${key}:`, ...values.map(([name, value]) => `  ${scalar(name)}: ${valueText(value)}`)];
}

/** As if all had been set one after the other. */
function merged(first: Values, then: Values): Values {
  const again = new Set(then.map(([name]) => name));
  return [...first.filter(([name]) => !again.has(name)), ...then];
}

/** Data are JSON, which is YAML; paths inside and out are from here on, not from where the new file will stand. */
function ownValue(text: string, row: DriverKey<unknown>): string {
  if (row.takes === 'data') {
    const { paths = [] } = row;
    const whole = (key: string, value: unknown) => {
      return typeof value === 'string' && paths.includes(key) ? resolve(value) : value;
    };
    return JSON.stringify(JSON.parse(text, whole));
  }
  return scalar(row.isPath?.(text) === true ? resolve(text) : text);
}

function valueText(value: OverrideValue): string {
  return typeof value === 'string' ? scalar(value) : String(value);
}

/** Quoted unless it is a word that YAML takes for nothing but text. JSON's quotes are YAML's. */
function scalar(text: string): string {
  return /^[A-Za-z][\w.-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
