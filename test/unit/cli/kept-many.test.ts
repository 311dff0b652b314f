/** `--state`, a device of each driver: what clients set outlives SIGKILL; a damaged state is refused by its name. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MNVDA } from '../../../src/abi/mlx5/registers/mnvda.ts';
import { serveRefusal } from '../../refusals.ts';
import { repository } from '../../repository.ts';
import { SLOWNESS } from '../../slowness.ts';
import { inScratch, type Server, withServer } from '../../stress/server.ts';

const TOOL = join(repository, 'build/c/bnxt-tool');
const skip = serveRefusal() || (!existsSync(TOOL) && `${TOOL} is not built (make c)`);
const HEADER = 'configuration_item_header';
const BNXT = 'bnxt57508,pci=0000:00:0b.0';
const CXL = 'cxl-type3,pci=0000:00:0c.0';
const SPECS = [
  'connectx6dx,pci=0000:00:0a.0',
  BNXT,
  CXL,
  'pds-example,pci=0000:00:0d.0',
  'nova-example,pci=0000:00:0e.0',
];

/** An ACCESS_REG that writes MNVDA, TLV 6 of class 0 (nv_memic_conf): 4 bytes. */
const SET_TLV = [
  '08050000000000000000902400000000',
  Buffer.from(
    MNVDA.encode({ [`${HEADER}.type`]: 6, [`${HEADER}.length`]: 4, [`${HEADER}.writer_id`]: 9 }).fill(0x5a, 12, 16),
  ).toString('hex'),
].join('');

test('what clients set is there after SIGKILL; of damaged states each is refused, and the others run', {
  skip,
  timeout: 90_000 * SLOWNESS,
}, async () => {
  await inScratch(async (place) => {
    const states = join(place, 'states');
    const words = [...SPECS.flatMap((spec) => ['--device', spec]), '--state', states];
    await withServer(place, { words }, async ({ directory, pid }) => {
      assert.equal(run(TOOL, [join(directory, 'fwctl1'), 'set', '401', '1', '0']), '');
      run(join(repository, 'build/c/demo-cxl'), [join(directory, 'fwctl2')]);
      setTlv(directory);
      process.kill(pid, 'SIGKILL');
    });
    assert.deepEqual(
      readdirSync(states).sort(),
      [0xa, 0xb, 0xc].map((at) => `0000:00:0${at.toString(16)}.0.json`),
    );
    await withServer(place, { words }, async (server) => {
      const { directory, call } = server;
      assert.match(readFileSync(join(states, '0000:00:0a.0.json'), 'utf8'), /"0x00000006": "5a5a5a5a"/);
      assert.match(run(TOOL, [join(directory, 'fwctl1'), 'get', '401']), /^401: 0x0/);
      const name = 'features.VENDOR_TEST.data';
      const { values } = (await call('/v1/devices/{device}/values', 'GET', { device: 'fwctl2', name })) as {
        values: Record<string, string>;
      };
      assert.equal(values[name], 'f0beadde');
      await refusedStates(states, server);
    });
  });
});

/** Each damage to a file of `states`, met by a plug. */
async function refusedStates(states: string, { call }: Server): Promise<void> {
  const file = (at: string) => join(states, `0000:00:0${at}.0.json`);
  const whole = readFileSync(file('b'), 'utf8');
  const damages: readonly (readonly [string, () => void, RegExp])[] = [
    ['cut', () => writeFileSync(file('b'), whole.slice(0, 120)), /0b\.0\.json: the saved state is damaged \(no JSON/],
    [
      'changed',
      () => writeFileSync(file('b'), whole.replace('"00"', '"01"')),
      /0b\.0\.json: .*the checksum is not that/,
    ],
    [
      "another driver's",
      () => copyFileSync(file('c'), file('b')),
      /0b\.0\.json: the saved state is not for this device/,
    ],
  ];
  await call('/v1/devices/{device}', 'DELETE', { device: 'fwctl1' });
  for (const [what, damage, wanted] of damages) {
    damage();
    const before = readFileSync(file('b'), 'utf8');
    await assert.rejects(call('/v1/devices', 'POST', { spec: BNXT }), wanted, what);
    assert.equal(readFileSync(file('b'), 'utf8'), before, `${what}: it is left as it is`);
    const { devices } = (await call('/v1/devices', 'GET')) as { devices: { name: string }[] };
    assert.deepEqual(
      devices.map(({ name }) => name),
      ['fwctl0', 'fwctl2', 'fwctl3', 'fwctl4'],
    );
  }
  writeFileSync(file('b'), whole);
  await call('/v1/devices', 'POST', { spec: BNXT });
  // a device that has no such features
  await call('/v1/devices/{device}', 'DELETE', { device: 'fwctl2' });
  const other = CXL.replace('cxl-type3', 'cxl-qemu');
  await assert.rejects(
    call('/v1/devices', 'POST', { spec: other }),
    /0c\.0\.json: the saved state is not for this device/,
  );
}

/** What it prints; its status must be 0. */
function run(program: string, words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

function setTlv(directory: string): void {
  const words = ['--op', 'rpc', '--count', '1', '--clients', '1', '--scope', '2', '--out', '284', '--hex', SET_TLV];
  run(join(repository, 'build/c/bench-client'), [...words, join(directory, 'fwctl0')]);
}
