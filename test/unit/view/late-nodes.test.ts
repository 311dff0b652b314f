import assert from 'node:assert/strict';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { loadNative } from '../../../src/transport/native.ts';
import { LateNodes } from '../../../src/view/late-nodes.ts';
import { until } from './run-view.ts';

describe('LateNodes', () => {
  let base = '';
  let late: LateNodes;
  const view = () => readdirSync(`${base}/view`).sort();
  before(() => {
    base = mkdtempSync(`${tmpdir()}/late-`);
    for (const name of ['machine', 'machine/snd', 'view', 'view/snd', 'view/fwctl']) mkdirSync(`${base}/${name}`);
    for (const name of ['machine/loop0', 'machine/loop1', 'view/loop0', 'view/loop1', 'view/commands-own'])
      writeFileSync(`${base}/${name}`, '');
    late = new LateNodes(loadNative(), `${base}/machine`);
  });
  after(() => {
    late.close();
    rmSync(base, { recursive: true });
  });

  it('shows what comes, what came before it could be shown too', async () => {
    writeFileSync(`${base}/machine/early`, '');
    assert.deepEqual(late.follow(`${base}/view`, ['loop0', 'loop1', 'snd']), []);
    await until(() => view().includes('early'));
    writeFileSync(`${base}/machine/ttyUSB0`, '');
    mkdirSync(`${base}/machine/mapper`);
    symlinkSync('ttyUSB0', `${base}/machine/modem`);
    await until(() => view().includes('modem'));
    const link = (name: string) => readlinkSync(`${base}/view/${name}`);
    assert.deepEqual(
      [link('early'), link('ttyUSB0'), link('mapper'), link('modem')],
      ['.host/early', '.host/ttyUSB0', '.host/mapper', 'ttyUSB0'],
    );
  });

  it('takes out what goes, of the start or of later, directories too', async () => {
    for (const name of ['loop0', 'snd', 'ttyUSB0']) rmSync(`${base}/machine/${name}`, { recursive: true });
    renameSync(`${base}/machine/mapper`, `${base}/machine/renamed`);
    await until(() => view().includes('renamed'));
    assert.deepEqual(view(), ['commands-own', 'early', 'fwctl', 'loop1', 'modem', 'renamed']);
  });

  it('leads to the new one where a name goes and comes again', async () => {
    assert.ok(lstatSync(`${base}/view/loop1`).isFile());
    rmSync(`${base}/machine/loop1`);
    writeFileSync(`${base}/machine/loop1`, 'new');
    await until(() => lstatSync(`${base}/view/loop1`, { throwIfNoEntry: false })?.isSymbolicLink() === true);
  });

  it("leaves the view's own names and the command's alone", async () => {
    for (const name of ['fwctl', 'commands-own']) writeFileSync(`${base}/machine/${name}`, '');
    writeFileSync(`${base}/machine/last`, '');
    await until(() => view().includes('last'));
    for (const name of ['fwctl', 'commands-own']) rmSync(`${base}/machine/${name}`);
    rmSync(`${base}/machine/last`);
    await until(() => !view().includes('last'));
    assert.ok(lstatSync(`${base}/view/fwctl`).isDirectory() && lstatSync(`${base}/view/commands-own`).isFile());
  });

  it('says why nothing later is shown where that is so', () => {
    const none = new LateNodes(loadNative(), `${base}/nowhere`);
    assert.match(none.follow(`${base}/view`, []).join(), /nowhere is not shown: ENOENT/);
    none.close();
  });
});
