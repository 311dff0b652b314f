import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { DirectoryStateStore, MemoryStateStore, type StateStore } from '../../../../src/host/machine/state-store.ts';

const root = mkdtempSync(join(tmpdir(), 'fwctl-emu-state-'));
after(() => rmSync(root, { recursive: true, force: true }));
const PCI = '0000:00:0a.0';
const STATE = { version: 1, nv: { '0x00000006': '00000001' }, registers: {} };

describe('every store', () => {
  const stores: readonly (readonly [string, () => StateStore])[] = [
    ['memory', () => new MemoryStateStore()],
    ['directory', () => new DirectoryStateStore(mkdtempSync(join(root, 'each-')))],
  ];
  for (const [name, make] of stores) {
    it(`${name}: gives back what was saved last, by address, and nothing else`, () => {
      const store = make();
      assert.equal(store.load(PCI), undefined);
      store.save(PCI, STATE);
      store.save('0000:00:0b.0', { other: true });
      assert.deepEqual(store.load(PCI), STATE);
      store.save(PCI, { ...STATE, nv: {} });
      assert.deepEqual(store.load(PCI), { ...STATE, nv: {} });
      assert.deepEqual(store.load('0000:00:0b.0'), { other: true });
    });

    it(`${name}: what it gave is a copy`, () => {
      const store = make();
      const state = structuredClone(STATE);
      store.save(PCI, state);
      state.nv['0x00000006'] = 'ff';
      (store.load(PCI) as typeof STATE).nv['0x00000006'] = 'ee';
      assert.deepEqual(store.load(PCI), STATE);
    });
  }
});

describe('a directory of states', () => {
  const fresh = () => mkdtempSync(join(root, 'dir-'));

  it('is made when it is missing, holds one private file a device, and nothing temporary', () => {
    const directory = join(fresh(), 'a', 'b');
    const store = new DirectoryStateStore(directory);
    for (let i = 0; i < 5; i++) store.save(PCI, { i });
    assert.deepEqual(readdirSync(directory), [`${PCI}.json`]);
    assert.equal(statSync(join(directory, `${PCI}.json`)).mode & 0o777, 0o600);
    assert.deepEqual(new DirectoryStateStore(directory).load(PCI), { i: 4 }, 'another process finds it');
  });

  it('writes through no link, and into no file, that has its temporary name', () => {
    const directory = fresh();
    const store = new DirectoryStateStore(directory);
    const precious = join(directory, 'precious');
    writeFileSync(precious, 'precious');
    symlinkSync(precious, join(directory, `${PCI}.json.${process.pid}.tmp`));
    store.save(PCI, STATE);
    assert.equal(readFileSync(precious, 'utf8'), 'precious');
    assert.deepEqual(store.load(PCI), STATE);
    assert.equal(lstatSync(join(directory, `${PCI}.json`)).isFile(), true);
  });

  it('that cannot be made is named', () => {
    const file = join(fresh(), 'file');
    writeFileSync(file, '');
    assert.throws(() => new DirectoryStateStore(join(file, 'x')), new RegExp(`${file}/x: no state can be kept there`));
  });

  it('refuses what is no PCI address', () => {
    const store = new DirectoryStateStore(fresh());
    for (const pci of ['../evil', '', '0000:00:0a.0/x']) {
      assert.throws(() => store.load(pci), /is no PCI address/);
      assert.throws(() => store.save(pci, {}), /is no PCI address/);
    }
  });

  it('keeps the earlier file when the new one cannot be written', {
    skip: process.getuid?.() === 0 && 'root may write anywhere',
  }, () => {
    const directory = fresh();
    const store = new DirectoryStateStore(directory);
    store.save(PCI, STATE);
    chmodSync(directory, 0o500);
    assert.throws(() => store.save(PCI, {}), /the state cannot be saved \(EACCES\)/);
    assert.deepEqual(store.load(PCI), STATE);
    chmodSync(directory, 0o700);
  });

  const good = () => {
    const directory = fresh();
    new DirectoryStateStore(directory).save(PCI, STATE);
    return { directory, path: join(directory, `${PCI}.json`) };
  };
  const damages: readonly (readonly [string, (text: string) => string])[] = [
    ['cut', (text) => text.slice(0, -20)],
    ['empty', () => ''],
    ['of zeros', (text) => '\0'.repeat(text.length)],
    ['changed in one digit', (text) => text.replace('00000001', '00000002')],
    ['without its checksum', (text) => text.replace(/"checksum".*/, '')],
    ['of another program', () => '{"format": "other"}'],
    ['null', () => 'null'],
    ['a list', () => '[]'],
  ];
  for (const [what, damage] of damages) {
    it(`a file that is ${what}: is refused by name, for reading and for saving, and stays`, () => {
      const { directory, path } = good();
      const text = damage(readFileSync(path, 'utf8'));
      writeFileSync(path, text);
      const store = new DirectoryStateStore(directory);
      for (const attempt of [() => store.load(PCI), () => store.save(PCI, {})]) {
        assert.throws(attempt, (error: Error & { path?: string }) => {
          assert.equal(error.name, 'StateFileError');
          assert.equal(error.path, path);
          assert.ok(error.message.startsWith(`${path}: the saved state is damaged (`), error.message);
          return true;
        });
      }
      assert.equal(readFileSync(path, 'utf8'), text);
      assert.deepEqual(readdirSync(directory), [`${PCI}.json`]);
    });
  }
});
