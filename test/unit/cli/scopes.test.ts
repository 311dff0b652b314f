/** `fwctl-emu scopes`: the drivers' tables, beside what the real drivers let through. */
import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { scopesText } from '../../../src/cli/scopes.ts';
import { CliError } from '../../../src/host/config/cli-error.ts';
import { DRIVERS } from '../../../src/host/machine/drivers.ts';
import { goldenScopes, KERNELS } from '../../conformance/golden.ts';
import { DRIVER_SECTIONS } from '../../oracle-drivers/sections.ts';
import { TOY_DRIVER } from '../../toy/row.ts';

interface Row {
  readonly number?: number;
  readonly when?: string;
  readonly scopes: readonly number[];
}

async function table(driver: string, abi: string): Promise<readonly Row[]> {
  const { drivers } = JSON.parse(await scopesText(DRIVERS, { driver, abi, json: true }));
  return drivers[0].commands;
}

describe('what a table says is what was measured', () => {
  for (const { kernel, abi } of KERNELS)
    it(`mlx5 of ${abi}: every opcode`, async () => {
      const rows = await table('mlx5', abi);
      const measured = goldenScopes().flatMap((row) => {
        const scopes = row[kernel];
        if (Array.isArray(scopes)) return scopes.length === 0 ? [] : [`${Number(row.op)}: ${scopes}`];
        const [write = [], read = []] = [scopes['op_mod 0'], scopes['op_mod 1']];
        const all = write.join() === read.join() ? [write] : [write, read];
        return all.map((each) => `${Number(row.op)}: ${each}`);
      });
      assert.deepEqual(rows.map(({ number, scopes }) => `${number}: ${scopes}`).sort(), measured.sort());
    });

  for (const [abi, section] of [
    ['linux-7.3', 'bnxt-scan'],
    ['linux-7.1', 'bnxt-scan-7.2'],
  ] as const)
    it(`bnxt of ${abi}: every request number`, async () => {
      const rows = new Map((await table('bnxt', abi)).map(({ number, scopes }) => [number, scopes]));
      const runs = DRIVER_SECTIONS.find(({ name }) => name === section)?.wanted() as {
        from: string;
        scopes: string[];
      }[];
      let buffers = 0;
      for (const { from, scopes: answers } of runs) {
        // requests with buffers of another length than the scan's are refused before their scope is looked at
        if (answers[0] === 'EINVAL') buffers++;
        else
          assert.deepEqual(
            rows.get(Number(from)) ?? [],
            [0, 1, 2, 3].filter((scope) => answers[scope] !== 'EPERM'),
            from,
          );
      }
      assert.ok(buffers > 0 === (abi === 'linux-7.3'));
      assert.equal(rows.size, abi === 'linux-7.3' ? 104 : 71);
    });
});

test('as text: a line a command, with what else decides', async () => {
  const text = await scopesText(DRIVERS, { driver: 'mlx5', abi: 'linux-6.15' });
  assert.match(text, /^Driver mlx5, Linux 6\.15, the first release with fwctl \(--abi linux-6\.15\):$/m);
  assert.match(text, /^ {2}0 1 2 3 {2}0x0805 ACCESS_REG, op_mod 0 \(write\)$/m);
  assert.match(text, /^ {2}- 1 2 3 {2}0x0805 ACCESS_REG, op_mod other than 0 \(read\)$/m);
});

test('without --driver all that the kernel has; what is not in the tree as well', async () => {
  const heads = async (abi: string) => (await scopesText([...DRIVERS, TOY_DRIVER], { abi })).match(/^Driver [\w-]+/gm);
  const named = (names: string) => names.split(' ').map((name) => `Driver ${name}`);
  assert.deepEqual(await heads('v2'), named('mlx5 raw nova-core toy'));
  assert.deepEqual(await heads('linux-6.15'), named('mlx5 pds cxl raw nova-core toy'));
  assert.deepEqual(await heads('latest'), named('mlx5 pds bnxt cxl raw nova-core toy'));
});

test('refused: what there is not, and a driver that the kernel lacks', async () => {
  const refused = (options: { driver?: string; abi?: string }, message: RegExp) =>
    assert.rejects(
      () => scopesText(DRIVERS, options),
      (error) => error instanceof CliError && message.test(error.message),
    );
  await refused({ driver: 'bnxx' }, /no driver bnxx of fwctl; there is mlx5, .*did you mean bnxt\?/);
  await refused({ driver: 'iommufd' }, /no driver iommufd of fwctl/);
  await refused({ driver: 'bnxt', abi: 'linux-6.15' }, /no driver bnxt: the first that has is --abi linux-7\.1/);
  await refused({ abi: 'linux-5' }, /no ABI profile "linux-5"/);
});
