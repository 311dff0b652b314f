/** The keys of devices without a profile's emulation, in a file and on the command line. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemAccounts } from '../../../../src/host/config/accounts.ts';
import { parseConfig } from '../../../../src/host/config/config.ts';
import type { ConfigProblem } from '../../../../src/host/config/config-error.ts';
import { type PlacedEntry, readDevices } from '../../../../src/host/config/device-entry.ts';
import { allDeviceKeys } from '../../../../src/host/config/device-keys.ts';
import { parseDeviceOption } from '../../../../src/host/config/device-option.ts';
import type { DeviceSpec } from '../../../../src/host/config/device-spec.ts';
import { catalogueOf } from '../../../../src/host/machine/catalogue.ts';
import { keysOf } from '../../../../src/host/machine/driver-row.ts';
import { RAW_DRIVER } from '../../../../src/host/machine/drivers/raw.ts';
import type { RawKeys } from '../../../../src/host/machine/drivers/raw-spec.ts';
import { DRIVERS } from '../../../../src/host/machine/drivers.ts';

const catalogue = catalogueOf(DRIVERS);
const known = Object.keys(allDeviceKeys(catalogue.drivers));

function read(make: (problems: ConfigProblem[]) => readonly PlacedEntry[]) {
  const problems: ConfigProblem[] = [];
  const entries = make(problems);
  const devices = readDevices(entries, { catalogue, accounts: systemAccounts(), maxDevices: 4096 });
  return { devices, problems: problems.map(({ place, message }) => `${place}: ${message}`) };
}

const ofFile = (text: string) =>
  read((problems) => parseConfig(text, '/etc/lab/lab.yaml', catalogue, problems).devices ?? []);
const ofOption = (text: string) => read((problems) => [parseDeviceOption(text, known, problems)]);

/** What the driver makes of them, its defaults filled in. */
function rawOf(spec: DeviceSpec | undefined) {
  assert.ok(spec);
  const { device_type, info, rpc } = keysOf(RAW_DRIVER, spec) as RawKeys;
  return { device_type, info, rpc };
}

describe('the keys of a device', () => {
  it("are every device's, then the drivers', then set", () => {
    assert.equal(
      known.join(' '),
      'driver profile pci count mode owner group surroundings firmware endpoints nvm hwrm compat features device_type info rpc pci_vendor pci_device pci_class pci_driver abi thp set live',
    );
  });
});

describe('surroundings', () => {
  it('are read in a file and on the command line, with a complaint at the value', () => {
    const { devices } = ofFile('devices:\n  - surroundings: net+pci\n  - profile: connectx7\n');
    assert.deepEqual(
      devices.map(({ surroundings }) => surroundings),
      [['pci', 'net'], undefined],
    );
    assert.deepEqual(ofOption('connectx6dx,surroundings=none').devices[0]?.surroundings, []);
    assert.match(ofOption('connectx6dx,surroundings=some').problems[0] ?? '', /column 26: surroundings is all, none/);
  });
});

describe('device_type, info, rpc', () => {
  it('are taken as they are spelled', () => {
    const { devices, problems } = ofFile(`devices:
  - driver: raw
    device_type: 0x55
    info: 000102
    rpc: errno:ENXIO
  - driver: raw
    info: none
  - driver: raw`);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      devices.map(({ keys }) => keys),
      [{ device_type: 0x55, info: '000102', rpc: 'errno:ENXIO' }, { info: undefined }, undefined],
    );
    assert.deepEqual(devices.map(rawOf), [
      { device_type: 0x55, info: '000102', rpc: 'errno:ENXIO' },
      { device_type: 0x7e, info: undefined, rpc: 'echo' },
      { device_type: 0x7e, info: '', rpc: 'echo' },
    ]);
    assert.deepEqual(rawOf(ofOption('driver=raw,device_type=9,rpc=length:5').devices[0]), {
      device_type: 9,
      info: '',
      rpc: 'length:5',
    });
  });

  it('are refused at their place', () => {
    assert.deepEqual(ofFile('devices:\n  - driver: raw\n    rpc: ecko').problems, [
      '/etc/lab/lab.yaml:3:10: rpc is echo, hex:BYTES, errno:NAME or length:N, not "ecko"',
    ]);
    assert.deepEqual(ofOption('connectx6dx,info=00').problems, [
      '--device connectx6dx,info=00: column 18: info is of driver raw; write driver: raw, or take it out',
    ]);
  });
});

describe('firmware', () => {
  it('is a word, or a path from where the file stands', () => {
    const { devices, problems } = ofFile(
      'devices:\n  - firmware: loopback\n  - firmware: ./fw.mjs\n  - firmware: /a/b.mjs',
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(
      devices.map(({ keys }) => keys?.firmware),
      ['loopback', '/etc/lab/fw.mjs', '/a/b.mjs'],
    );
    assert.equal(ofOption('connectx6dx,firmware=fw.mjs').devices[0]?.keys?.firmware, `${process.cwd()}/fw.mjs`);
  });

  it('is refused where it can have no meaning', () => {
    assert.match(ofOption('connectx6dx,firmware=lopback').problems[0] ?? '', /loopback or the path of a module/);
    assert.match(
      ofOption('driver=raw,firmware=loopback').problems[0] ?? '',
      /firmware is of driver mlx5, .*; write driver: mlx5, or take it out/,
    );
    assert.match(
      ofOption('connectx6dx,firmware=loopback,set.caps.GENERAL.log_max_qp=3').problems[0] ?? '',
      /take one out/,
    );
  });
});

describe('lockdown', () => {
  it('is one of three words', () => {
    const problems: ConfigProblem[] = [];
    assert.equal(parseConfig('lockdown: integrity', 'f', catalogue, problems).lockdown, 'integrity');
    assert.throws(
      () => parseConfig('lockdown: total', 'f', catalogue, problems),
      /^Error: f:1:11: lockdown must be one of none, integrity, confidentiality, not "total"$/,
    );
  });
});
