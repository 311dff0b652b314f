import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { seededRandom } from '../../../../src/host/interceptors/faults/random.ts';
import type { DirectoryLock } from '../../../../src/host/machine/state-directory.ts';
import {
  DirectoryStateStore,
  MemoryStateStore,
  StateFileError,
  type StateStore,
} from '../../../../src/host/machine/state-store.ts';
import { loadNative } from '../../../../src/transport/native.ts';

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

const LOCK: DirectoryLock = {
  lockFile: (fd) => loadNative().lockFile(fd),
  unlocked: (message) => assert.fail(message),
};

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
    for (const put of [symlinkSync, linkSync]) {
      put(precious, join(directory, `${PCI}.json.tmp`));
      store.save(PCI, STATE);
      assert.equal(readFileSync(precious, 'utf8'), 'precious');
      assert.deepEqual(store.load(PCI), STATE);
      assert.equal(lstatSync(join(directory, `${PCI}.json`)).isFile(), true);
      assert.deepEqual(readdirSync(directory), [`${PCI}.json`, 'precious']);
    }
  });

  it('replaces the name of a file that has others, and not what is in it', () => {
    const directory = fresh();
    const store = new DirectoryStateStore(directory);
    store.save(PCI, STATE);
    const other = join(directory, 'other');
    linkSync(join(directory, `${PCI}.json`), other);
    const before = readFileSync(other, 'utf8');
    store.save(PCI, {});
    assert.equal(readFileSync(other, 'utf8'), before);
    assert.deepEqual(store.load(PCI), {});
  });

  const INSTEAD: readonly (readonly [what: string, put: (path: string, target: string) => void])[] = [
    ['a symbolic link', (path, target) => symlinkSync(target, path)],
    ['a symbolic link', (path) => symlinkSync('/no/such', path)],
    ['a FIFO', (path) => assert.equal(spawnSync('mkfifo', [path]).status, 0)],
    ['a directory', (path) => mkdirSync(path)],
    ['a device', (path) => assert.equal(spawnSync('mknod', [path, 'c', '1', '3']).status, 0)],
  ];
  for (const [what, put] of INSTEAD) {
    it(`${what} in a file's place is refused by name, for reading and for saving, and stays`, {
      skip: what === 'a device' && process.getuid?.() !== 0 && 'needs root',
    }, () => {
      const directory = fresh();
      const [path, target] = [join(directory, `${PCI}.json`), join(directory, 'target')];
      writeFileSync(target, 'precious');
      put(path, target);
      const store = new DirectoryStateStore(directory);
      const refusal = new RegExp(`^Error: ${path}: the saved state cannot be read \\(${what}\\); move it away$`);
      assert.throws(() => store.load(PCI), refusal);
      assert.throws(() => store.save(PCI, STATE), refusal);
      assert.equal(lstatSync(path).isFile(), false);
      assert.equal(readFileSync(target, 'utf8'), 'precious');
    });
  }

  it('that is taken away, and comes back or is made anew, is saved in again', () => {
    const directory = fresh();
    const store = new DirectoryStateStore(directory, LOCK);
    store.save(PCI, STATE);
    renameSync(directory, `${directory}-away`);
    assert.throws(() => store.save(PCI, { at: 1 }), /the state cannot be saved \(ENOENT\)/);
    renameSync(`${directory}-away`, directory);
    store.save(PCI, { at: 2 });
    assert.deepEqual(new DirectoryStateStore(directory).load(PCI), { at: 2 });
    rmSync(directory, { recursive: true });
    assert.throws(() => store.save(PCI, { at: 3 }), /the state cannot be saved \(ENOENT\)/);
    mkdirSync(directory);
    store.save(PCI, { at: 4 });
    assert.deepEqual(new DirectoryStateStore(directory).load(PCI), { at: 4 });
    assert.throws(() => new DirectoryStateStore(directory, LOCK), /keeps its state there/, 'the new one is ours');
  });

  it('that a link has replaced is not followed', () => {
    const [directory, elsewhere] = [fresh(), fresh()];
    const store = new DirectoryStateStore(directory, LOCK);
    renameSync(directory, `${directory}-away`);
    symlinkSync(elsewhere, directory);
    assert.throws(() => store.save(PCI, STATE), /the state cannot be saved \(E(LOOP|NOTDIR)\)/);
    assert.deepEqual([readdirSync(elsewhere), readdirSync(`${directory}-away`)], [[], []]);
  });

  it("is one emulator's, by whatever name, until that ends", () => {
    const directory = fresh();
    const link = `${directory}-link`;
    symlinkSync(directory, link);
    const first = new DirectoryStateStore(directory, LOCK);
    for (const name of [directory, link, `${directory}/../${directory.split('/').at(-1)}`]) {
      const refusal = `Error: ${name}: another emulator, process ${process.pid}, keeps its state there; end that one, or name another directory`;
      assert.throws(() => new DirectoryStateStore(name, LOCK), { message: refusal.slice('Error: '.length) });
    }
    assert.deepEqual(readdirSync(directory), [], 'nothing is left there');
    first.close();
    new DirectoryStateStore(link, LOCK).close();
  });

  it('where no lock can be had is said, and used', () => {
    const said: string[] = [];
    const directory = fresh();
    const store = new DirectoryStateStore(directory, { lockFile: () => -9, unlocked: (text) => said.push(text) });
    store.save(PCI, STATE);
    assert.deepEqual(said, [`${directory} cannot be locked (EBADF): see that no other emulator keeps its state there`]);
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
    ['deep', () => `{"format": "fwctl-emu device state", "state": ${'['.repeat(1e6)}${']'.repeat(1e6)}}`],
  ];

  it('a file with any byte changed, cut or put in is refused by name, or says the same', () => {
    const { directory, path } = good();
    const sound = readFileSync(path);
    const store = new DirectoryStateStore(directory);
    const random = seededRandom(14);
    const below = (limit: number) => Math.floor(random() * limit);
    for (let i = 0; i < 400; i++) {
      const bytes = Buffer.from(sound);
      const at = below(bytes.length);
      bytes[at] = below(256);
      const put = Buffer.from([below(256)]);
      const damaged = [bytes, sound.subarray(0, at), Buffer.concat([sound.subarray(0, at), put, sound.subarray(at)])];
      writeFileSync(path, damaged[i % 3] ?? bytes);
      try {
        assert.deepEqual(store.load(PCI), STATE, `${i}`);
      } catch (error) {
        assert.ok(error instanceof StateFileError, String(error));
        assert.equal(error.path, path);
      }
    }
  });

  it('a file larger than any state is refused by name, and not read', () => {
    const { directory, path } = good();
    truncateSync(path, 2 ** 40);
    const store = new DirectoryStateStore(directory);
    assert.throws(() => store.load(PCI), new RegExp(`^Error: ${path}: .* \\(1099511627776 bytes, at most 67108864 `));
  });
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
