/** The `profile` verbs: what they print and how they end. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Command } from 'commander';
import { addProfileVerbs } from '../../../src/cli/profile/profile.ts';
import { nodePath } from '../../../src/cli/profile/profile-device.ts';
import { deviceProfile } from '../../../src/devices/mlx5/profiles.ts';
import { DRIVERS } from '../../../src/host/machine/drivers.ts';

const directory = mkdtempSync(join(tmpdir(), 'fwctl-emu-cli-profile-'));
after(() => rmSync(directory, { recursive: true, force: true }));

/** Runs `fwctl-emu profile ARGS`; a refusal is the error's message. */
async function profile(...args: string[]): Promise<{ text: string; status: number | string }> {
  let text = '';
  let status: number | string = -1;
  const program = new Command('fwctl-emu').exitOverride();
  addProfileVerbs(program, {
    verb: (parent, name, about) =>
      parent
        .command(name)
        .description(about)
        .exitOverride()
        .configureOutput({ writeErr: () => {} }),
    done: async (result) => {
      status = await result;
    },
    out: (more) => {
      text += more;
    },
    drivers: async () => DRIVERS,
  });
  try {
    await program.parseAsync(['profile', ...args], { from: 'user' });
  } catch (error) {
    status = (error as Error).message;
  }
  return { text, status };
}
function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

describe('fwctl-emu profile', () => {
  it('list: a line each, or JSON', async () => {
    const { text, status } = await profile('list');
    assert.equal(status, 0);
    assert.match(text, /^connectx6dx +mlx5 +ConnectX-6 Dx.*\nconnectx7 .*\nbluefield3 .*\nlegacy /);
    assert.deepEqual(
      JSON.parse((await profile('list', '--json')).text).map(
        (row: Record<string, string>) => `${row.driver} ${row.name}`,
      ),
      [
        ...[
          'mlx5 connectx6dx',
          'mlx5 connectx7',
          'mlx5 bluefield3',
          'mlx5 legacy',
          'pds pds-example',
          'bnxt bnxt57508',
        ],
        ...['cxl cxl-type3', 'cxl cxl-qemu', 'cxl cxl-test', 'nova-core nova-example'],
      ],
    );
  });

  it('show: what check takes and diff calls the same', async () => {
    for (const [options, name] of [
      [[], 'shown.yaml'],
      [['--json'], 'shown.json'],
    ] as const) {
      const { text } = await profile('show', 'bluefield3', ...options);
      const path = file(name, text);
      assert.deepEqual(await profile('diff', 'bluefield3', path), { text: '', status: 0 });
      const checked = await profile('check', path);
      assert.equal(checked.status, 0);
      assert.match(
        checked.text,
        /: ok: bluefield3, 2\d capability types, \d+ registers with values, \d+ NV configuration TLVs\n$/,
      );
    }
  });

  it('diff: a line for each value, and status 1', async () => {
    const path = file(
      'changed.yaml',
      'base: connectx6dx\ncaps: {CRYPTO: null, GENERAL: {log_max_qp: 0}}\nidentity: {psid: X}',
    );
    const { text, status } = await profile('diff', 'connectx6dx', path);
    assert.equal(status, 1);
    assert.equal(
      text,
      'identity.psid: "MT_0000000359" -> "X"\ncaps.GENERAL.log_max_qp: 17 -> 0\ncaps.CRYPTO: present -> absent\n',
    );
    const json = JSON.parse((await profile('diff', 'connectx6dx', path, '--json')).text);
    assert.deepEqual(json[1], { path: 'caps.GENERAL.log_max_qp', before: 17 });
  });

  it('refuses unknown names and bad files, with the nearest and the places', async () => {
    assert.match(
      String((await profile('show', 'conectx6dx')).status),
      /no device profile "conectx6dx".*did you mean connectx6dx/,
    );
    const path = file('bad.yaml', 'base: connectx6dx\nfoo: 1\nworld: {vfs: x}');
    const { status, text } = await profile('check', path);
    assert.equal(text, '');
    const lines = String(status).split('\n');
    assert.ok(lines[0]?.startsWith(`${path}:2:1: unknown key "foo"`));
    assert.ok(lines[1]?.startsWith(`${path}:3:14: world.vfs:`));
    assert.match(
      String((await profile('check', join(directory, 'none.yaml'))).status),
      /cannot be read \(no such file\)/,
    );
  });

  it('capture: refuses what is no device, and leaves an existing file alone', async () => {
    assert.match(
      String((await profile('capture', join(directory, 'none'))).status),
      /none: the device cannot be opened \(there is no such node\)/,
    );
    const path = file('not-a-device', 'x');
    assert.match(String((await profile('capture', path)).status), /no fwctl device \(FWCTL_INFO: ENOTTY\)/);
    assert.equal(readFileSync(path, 'utf8'), 'x');
  });

  it('names nodes as people do', () => {
    assert.deepEqual(['0', '12', 'fwctl3', './x', '/dev/fwctl/fwctl1'].map(nodePath), [
      '/dev/fwctl/fwctl0',
      '/dev/fwctl/fwctl12',
      '/dev/fwctl/fwctl3',
      './x',
      '/dev/fwctl/fwctl1',
    ]);
    assert.ok(deviceProfile('connectx6dx'));
  });
});
