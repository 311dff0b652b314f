/** A profile file in a configuration and on the command line. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Clock } from '../../../../src/abi/clock.ts';
import { abiProfile } from '../../../../src/abi/profiles.ts';
import { loadSettings } from '../../../../src/emulator/settings.ts';
import { configJsonSchema } from '../../../../src/host/config/config-schema.ts';
import { catalogueOf } from '../../../../src/host/machine/catalogue.ts';
import { DRIVERS } from '../../../../src/host/machine/drivers.ts';
import { Host } from '../../../../src/host/machine/host.ts';

const directory = mkdtempSync(join(tmpdir(), 'fwctl-emu-profile-config-'));
after(() => rmSync(directory, { recursive: true, force: true }));
mkdirSync(join(directory, 'cards'));
const card = join(directory, 'cards', 'mine.yaml');
writeFileSync(card, 'base: connectx6dx\nregisters: {NODE_DESC: {node_description: mine}}\n');
const broken = join(directory, 'broken.yaml');
writeFileSync(broken, 'base: connectx6dx\nfoo: 1\n');

const load = async (options: Parameters<typeof loadSettings>[0]) => loadSettings(options, async () => DRIVERS);
const config = (text: string) => {
  const path = join(directory, 'config.yaml');
  writeFileSync(path, text);
  return { config: path };
};

describe('a profile file', () => {
  it('in --device: by its path', async () => {
    const { devices } = await load({ device: [`${card},count=2`, `profile=${card}`] });
    assert.deepEqual(
      devices.map(({ driver, profile }) => [driver, profile]),
      Array(3).fill(['mlx5', card]),
    );
  });

  it('in a configuration: beside it, with values set over it', async () => {
    const { devices } = await load(config('devices:\n  - profile: cards/mine.yaml\n    set: {world.vfs: 3}\n'));
    assert.equal(devices[0]?.profile, card);
    const abi = abiProfile('latest');
    assert.ok(abi !== undefined && devices[0] !== undefined);
    const clock: Clock = { monotonicNs: () => 0, wallMs: () => 0, after: () => () => {} };
    const { live } = new Host({ abi, clock, drivers: DRIVERS }).plug(devices[0]);
    assert.deepEqual(live?.get('registers.NODE_DESC.node_description'), {
      'registers.NODE_DESC.node_description': 'mine',
    });
  });

  it('that is missing, broken, of another driver, or set wrongly: is refused where it is named', async () => {
    const refused = async (options: Parameters<typeof load>[0], message: RegExp) =>
      assert.rejects(load(options), (error: Error) => {
        assert.match(error.message, message);
        return true;
      });
    await refused({ device: ['./none.yaml'] }, /--device \.\/none\.yaml: column 1: .*cannot be read \(no such file\)/);
    await refused(config('devices:\n  - profile: ./none.yaml\n'), /config\.yaml:2:14: .*none\.yaml.*no such file/);
    await refused(
      config('devices:\n  - profile: broken.yaml\n'),
      /config\.yaml:2:14: the profile has a problem: .*broken\.yaml:2:1: unknown key "foo"/,
    );
    await refused({ device: [`driver=raw,profile=${card}`] }, /there is no device profile/);
    await refused({ device: [`${card},set.caps.GENERAL.log_max_qp=99`] }, /99 does not fit/);
  });

  it('is allowed by the JSON Schema beside the built-in names', () => {
    const schema = configJsonSchema(catalogueOf(DRIVERS)) as {
      properties: {
        devices: { items: { properties: { profile: { anyOf: [{ enum: string[] }, { pattern: string }] } } } };
      };
    };
    const [names, path] = schema.properties.devices.items.properties.profile.anyOf;
    assert.ok(names.enum.includes('bluefield3'));
    const pattern = new RegExp(path.pattern);
    assert.deepEqual(
      ['./x', 'x.YAML', 'x.json', 'connectx'].map((name) => pattern.test(name)),
      [true, true, true, false],
    );
  });
});
