/** The configuration file: what it gives, and where it is wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Accounts } from '../../../../src/host/config/accounts.ts';
import { parseConfig } from '../../../../src/host/config/config.ts';
import { ConfigError, type ConfigProblem } from '../../../../src/host/config/config-error.ts';
import { CONFIG_KEY_NAMES, configJsonSchema, configSchema } from '../../../../src/host/config/config-schema.ts';
import { type CatalogueDriver, type DeviceCatalogue, readDevices } from '../../../../src/host/config/device-entry.ts';
import { allDeviceKeys } from '../../../../src/host/config/device-keys.ts';
import type { DeviceSpec } from '../../../../src/host/config/device-spec.ts';
import { catalogueOf } from '../../../../src/host/machine/catalogue.ts';
import { DRIVERS } from '../../../../src/host/machine/drivers.ts';

/** The driver's own keys, and profiles that the tests say. */
function driver(name: string, profiles: readonly string[]): CatalogueDriver {
  const keys = catalogueOf(DRIVERS).drivers.find((row) => row.name === name)?.keys;
  assert.ok(keys);
  return {
    name,
    profiles,
    keys,
    readProfileFile: () => undefined,
    checkOverrides(profile, overrides) {
      for (const [value, set] of Object.entries(overrides)) {
        if (!value.startsWith('caps.')) throw new Error(`${value}: ${profile} has no such value`);
        if (set === 99) throw new Error(`${value}: 99 does not fit`);
      }
    },
  };
}

const catalogue: DeviceCatalogue = {
  drivers: [driver('mlx5', ['connectx6dx', 'bluefield3']), driver('raw', ['loopback'])],
  ownerOf: () => undefined,
};
const accounts: Accounts = {
  user: (name) => ({ root: 0, alice: 1000 })[name],
  group: (name) => ({ root: 0, daemon: 1 })[name],
  userNames: () => ['root', 'alice'],
  groupNames: () => ['root', 'daemon'],
};

/** Problems as they are printed, and the devices. */
function read(text: string, maxDevices = 4096): { problems: string[]; devices?: DeviceSpec[]; abi?: string } {
  const problems: ConfigProblem[] = [];
  const print = (all: readonly ConfigProblem[]) => all.map((problem) => `${problem.place}: ${problem.message}`);
  try {
    const { abi, devices } = parseConfig(text, 'f.yaml', catalogue, problems);
    const specs = devices && readDevices(devices, { catalogue, accounts, maxDevices });
    return { problems: print(problems), devices: specs, abi: abi?.name };
  } catch (error) {
    assert.ok(error instanceof ConfigError, `not a ConfigError: ${error}`);
    assert.ok(error.problems.length > 0);
    return { problems: print(error.problems) };
  }
}

test('every key arrives in the device', () => {
  const { problems, devices, abi } = read(`abi: latest
devices:
  - driver: mlx5
    profile: bluefield3
    pci: 03:00.1
    mode: 0640
    owner: alice
    group: daemon
    set:
      caps.GENERAL.a: 0x10
      caps.GENERAL.b: 0xffffffffffffffff
      caps.GENERAL.c: text
      caps.GENERAL.d: true
`);
  assert.deepEqual(problems, []);
  assert.equal(abi, 'linux-7.3');
  assert.deepEqual(devices, [
    {
      driver: 'mlx5',
      profile: 'bluefield3',
      pci: '0000:03:00.1',
      mode: 0o640,
      uid: 1000,
      gid: 1,
      overrides: {
        'caps.GENERAL.a': 16,
        'caps.GENERAL.b': 0xffff_ffff_ffff_ffffn,
        'caps.GENERAL.c': 'text',
        'caps.GENERAL.d': true,
      },
    },
  ]);
});

test('an empty file, and a file without devices, leave the defaults to the caller', () => {
  assert.deepEqual(read(''), { problems: [], devices: undefined, abi: undefined });
  assert.equal(read('abi: v2').devices, undefined);
  assert.deepEqual(read('devices: []').devices, []);
});

test('a mode is octal however it is written', () => {
  for (const written of ['0660', '660', '0o660', '"0660"', "'660'"]) {
    assert.equal(read(`devices: [{mode: ${written}}]`).devices?.[0]?.mode, 0o660, written);
  }
  assert.equal(read('devices: [{mode: &m 0o660}, {mode: *m}]').devices?.[1]?.mode, 0o660);
});

test('count spreads over device numbers, then buses; addresses not written keep clear of those that are', () => {
  const pcis = (text: string) => read(text).devices?.map((device) => device.pci);
  assert.deepEqual(pcis('devices: [{count: 3}]'), ['0000:00:0a.0', '0000:00:0b.0', '0000:00:0c.0']);
  assert.deepEqual(pcis('devices: [{pci: 00:1f.1, count: 3}]'), ['0000:00:1f.1', '0000:01:00.1', '0000:01:01.1']);
  assert.deepEqual(pcis('devices: [{count: 2}, {pci: 00:0b.0}, {}]'), [
    '0000:00:0a.0',
    '0000:00:0c.0',
    '0000:00:0b.0',
    '0000:00:0d.0',
  ]);
});

test('a profile brings its driver', () => {
  assert.equal(read('devices: [{profile: loopback}]').devices?.[0]?.driver, 'raw');
  assert.equal(read('devices: [{driver: raw}]').devices?.[0]?.profile, 'loopback');
});

const WRONG: readonly [text: string, ...problems: (string | RegExp)[]][] = [
  [
    'devices:\n  - profil: x\n',
    'f.yaml:2:5: unknown key "profil" (keys: driver, profile, pci, count, mode, owner, group, surroundings, firmware, device_type, info, rpc, pci_vendor, pci_device, pci_class, pci_driver, set, live); did you mean profile?',
  ],
  [
    'abi: v2\ndevice: []\n',
    'f.yaml:2:1: unknown key "device" (keys: abi, lockdown, devices, faults); did you mean devices?',
  ],
  ['abi: linux-7\n', /^f\.yaml:1:6: there is no ABI profile "linux-7" \(profiles: v2, .*did you mean/],
  ['devices: 3', 'f.yaml:1:10: devices must be a list, each device starting with "- ", not 3'],
  ['devices:\n  - 7\n', /^f\.yaml:2:5: device 1 must be a list of KEY: VALUE lines/],
  ['- x', /^f\.yaml:1:1: a configuration is a list of KEY: VALUE lines/],
  ['devices:\n  - count: 0', 'f.yaml:2:12: count must be a whole number from 1 to 4096, not 0'],
  ['devices:\n  - count: 1.5', /^f\.yaml:2:12: count must be a whole number/],
  ['devices:\n  - mode: 0999', /^f\.yaml:2:11: "0999" is not a file mode; write three octal digits/],
  ['devices:\n  - mode: [1]', /^f\.yaml:2:11: mode must be octal digits/],
  ['devices:\n  - pci: 00:20.0', /^f\.yaml:2:10: "00:20.0" is not a PCI address/],
  [
    'devices:\n  - owner: alise',
    'f.yaml:2:12: there is no user "alise" in /etc/passwd (a number is taken as well); did you mean alice?',
  ],
  ['devices:\n  - group: 4294967295', /^f\.yaml:2:12: 4294967295 is too large for a group number/],
  ['devices:\n  - owner:', 'f.yaml:2:11: owner must be a name or a number, not empty'],
  [
    'devices:\n  - profile: conectx6dx',
    /^f\.yaml:2:14: there is no device profile "conectx6dx" .*did you mean connectx6dx/,
  ],
  ['devices:\n  - driver: mlx4', 'f.yaml:2:13: there is no driver "mlx4" (drivers: mlx5, raw); did you mean mlx5?'],
  [
    'devices:\n  - driver: raw\n    profile: bluefield3',
    /^f\.yaml:3:14: there is no device profile "bluefield3" of driver raw/,
  ],
  [
    'devices:\n  - set:\n      caps.a: 1\n      cap.b: 1\n      caps.c: 99\n',
    /^f\.yaml:4:14: cap\.b: /,
    /^f\.yaml:5:15: caps\.c: 99 does not fit/,
  ],
  [
    'devices:\n  - set: {caps.a: [1]}',
    /^f\.yaml:2:19: caps\.a must be a whole number, text, true or false, not a list/,
  ],
  ['devices:\n  - set: {__proto__: 3}', /^f\.yaml:2:11: unknown key "__proto__"/],
  [
    'devices:\n  - pci: 00:0a.0\n  - pci: 0000:00:0A.0\n',
    /^f\.yaml:3:10: the PCI address 0000:00:0a\.0 is already taken by device 1 of the list/,
  ],
  [
    'devices:\n  - {pci: 00:0a.0, count: 2}\n  - pci: 00:0b.0\n',
    /^f\.yaml:3:10: .*0000:00:0b\.0 is already taken by device 1/,
  ],
  ['devices:\n  - {pci: ffff:ff:1f.0, count: 2}', /^f\.yaml:2:11: there are not enough PCI addresses/],
  ['abi: v2\nabi: v2', /^f\.yaml:2:1: this is not YAML: map keys must be unique/],
  ['a: [1', /^f\.yaml:1:6: this is not YAML: /],
  ['abi: *x', /^f\.yaml:1:6: nothing before this is named &x/],
  ['abi: v2\n---\nabi: v2', /^f\.yaml:2:1: a second document starts here/],
  ['? [a]\n: 1', /^f\.yaml:1:1: unknown key/],
  [
    'a: &a [1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]',
    /^f\.yaml:1:1: this is not YAML: excessive alias count/,
  ],
  ['\0', /^f\.yaml:1:1: /],
];

for (const [text, ...expected] of WRONG) {
  test(`refused: ${JSON.stringify(text).slice(0, 70)}`, () => {
    const { problems } = read(text);
    assert.equal(problems.length, expected.length, problems.join('\n'));
    for (const [index, problem] of problems.entries()) {
      const wanted = expected[index];
      if (wanted instanceof RegExp) assert.match(problem, wanted);
      else assert.equal(problem, wanted);
    }
  });
}

test('all problems are told at once', () => {
  const { problems } = read('devices:\n  - mode: 1\n    owner: bob\n    pci: x\n  - driver: y\n');
  assert.deepEqual(
    problems.map((problem) => problem.split(': ')[0]),
    ['f.yaml:4:10', 'f.yaml:2:11', 'f.yaml:3:12', 'f.yaml:5:13'],
  );
});

test('more devices than the kernel has numbers for', () => {
  assert.match(read('devices: [{count: 257}]', 256).problems[0] ?? '', /257 devices are more than the 256/);
  assert.deepEqual(read('devices: [{count: 256}]', 256).problems, []);
});

test('a device that contains itself is a problem and no hang', () => {
  assert.ok(read('devices:\n - &x\n   set: {caps.q: *x}\n').problems.length > 0);
});

test('the schema has the keys of the documentation, and the names of this build', () => {
  assert.deepEqual(CONFIG_KEY_NAMES, ['abi', 'lockdown', 'devices', 'faults']);
  const schema = configJsonSchema(catalogue) as {
    additionalProperties: boolean;
    properties: {
      abi: { enum: string[] };
      devices: {
        items: {
          additionalProperties: boolean;
          properties: Record<string, { anyOf?: { enum?: string[] }[]; description: string }>;
        };
      };
    };
  };
  const device = schema.properties.devices.items;
  assert.deepEqual(Object.keys(device.properties), Object.keys(allDeviceKeys(catalogue.drivers)));
  assert.deepEqual(device.properties.profile?.anyOf?.[0]?.enum, ['connectx6dx', 'bluefield3', 'loopback']);
  assert.ok(schema.properties.abi.enum.includes('latest'));
  assert.equal(schema.additionalProperties, false);
  assert.equal(device.additionalProperties, false);
  for (const [key, row] of Object.entries(device.properties)) assert.ok(row.description, key);
  assert.equal(configSchema(catalogue).safeParse({ devices: [{ mode: 660 }] }).success, true);
});
