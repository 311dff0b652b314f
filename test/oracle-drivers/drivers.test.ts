/**
 * A part of `make oracle` that is quick enough for every run: drvx over a FUSE mount here, all of each driver's cases,
 * and over CUSE in user-mode Linux by thread id and by ioctl retry those with addresses in the request. Against what
 * the real drivers answered.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { judge } from '../oracle/judge.ts';
import { buildPrograms } from '../oracle/programs.ts';
import type { OracleTransport } from '../oracle/transport.ts';
import { serveRefusal } from '../refusals.ts';
import { repository } from '../repository.ts';
import { uml } from '../uml/uml.ts';
import { DRIVER_SECTIONS, type DriverSection, unpacked } from './sections.ts';
import { DRIVERS_SUITE } from './suite.ts';

const RUN_ALL = fileURLToPath(new URL('../oracle/run-all.js', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const ON_CUSE = ['pds-part', 'bnxt-part'];

/** Cases of each section, without the hooks. */
const RECORDS: Readonly<Record<string, number>> = {
  pds: 1492,
  bnxt: 3113,
  cxl: 1542,
  'pds-part': 265,
  'bnxt-part': 692,
};

describe('the real drivers, by drvx', () => {
  let folder = '';
  before(() => {
    buildPrograms();
    mkdirSync(join(repository, 'build/oracle'), { recursive: true });
    folder = mkdtempSync(join(repository, 'build/oracle/drivers-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const noDifference = (transport: OracleTransport, sections: readonly string[]) => {
    const { differences, problems, records } = judge(
      transport,
      DRIVERS_SUITE,
      sections,
      join(folder, transport, DRIVERS_SUITE.name),
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(differences, []);
    assert.equal(
      records,
      sections.reduce((sum, section) => sum + (RECORDS[section] ?? 0), 0),
    );
  };

  for (const driver of ['pds', 'bnxt', 'cxl'])
    it(`${driver} over FUSE: no difference`, { skip: serveRefusal() }, () => {
      const place = join(folder, 'fuse');
      const args = [RUN_ALL, 'fuse', DRIVERS_SUITE.name, place, driver];
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      noDifference('fuse', [driver]);
    });

  it('pds and bnxt behind `fwctl-emu record`: the same answers', { skip: serveRefusal() }, async () => {
    for (const name of ['pds-part', 'bnxt-part']) {
      const section = DRIVER_SECTIONS.find((one) => one.name === name) as DriverSection;
      const { driver, args, cases = '' } = section;
      const [place, directory] = [join(folder, `record-${driver}`), join(folder, `dev-${driver}`)];
      mkdirSync(place);
      writeFileSync(join(place, cases), unpacked(`cases/${cases}`).replace(/^!.*\n/gm, ''));
      const words = [
        'serve',
        '--transport',
        'fuse',
        '--dev-dir',
        directory,
        '--no-control',
        '--device',
        `${driver}-loopback`,
      ];
      const server = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = new Promise((resolve) => server.once('exit', resolve));
      try {
        await new Promise((resolve) => server.stdout.once('data', resolve));
        const drvx = [join(repository, 'build/oracle/drvx'), '-o', join(place, 'records'), ...args, join(place, cases)];
        const record = ['record', '-o', join(place, 'recording'), '--from', directory, '--', ...drvx];
        const { status, stderr } = spawnSync(process.execPath, [MAIN, ...record], {
          encoding: 'utf8',
          env: { ...process.env, DRVX_DEV0: '/dev/fwctl/fwctl0' },
        });
        assert.equal(status, 0, stderr);
      } finally {
        server.kill('SIGTERM');
        await ended;
      }
      const records = readFileSync(join(place, 'records'), 'utf8').trimEnd().split('\n');
      const result = DRIVERS_SUITE.compare(
        { ...section, wanted: () => section.wanted().map(({ fw: _, ...record }) => record) } as DriverSection,
        records.map((line) => JSON.parse(line)),
        { major: 0, auxiliaryDrivers: [] },
      );
      assert.deepEqual(result.differences, []);
      assert.equal(result.records, RECORDS[name]);
    }
  });

  const inGuest = async (t: TestContext, transport: OracleTransport) => {
    const place = join(folder, transport);
    mkdirSync(place);
    const command = [process.execPath, RUN_ALL, transport, DRIVERS_SUITE.name, '/run/fwctl-uml-results', ...ON_CUSE];
    const run = await uml(t, command, { timeout: 280, results: place });
    if (run === undefined) return;
    assert.equal(run.status, 0, run.stderr);
    noDifference(transport, ON_CUSE);
  };
  it('CUSE by thread id: no difference', (t) => inGuest(t, 'cuse'));
  it('CUSE by ioctl retry: no difference that is not listed', (t) => inGuest(t, 'retry'));
});
