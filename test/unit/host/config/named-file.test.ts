import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { lookAtFile, readGivenFile, readRegularFile } from '../../../../src/host/config/named-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-named-'));
const at = (name: string) => join(folder, name);
const use = { what: 'thing', maxBytes: 200_000 };
const server = createServer();
before(async () => {
  mkdirSync(at('directory'));
  assert.equal(spawnSync('mkfifo', [at('fifo')]).status, 0);
  symlinkSync('fifo', at('link'));
  symlinkSync('/dev/full', at('device'));
  await new Promise<void>((resolve) => server.listen(at('socket'), resolve));
});
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const REFUSED: readonly [string, string][] = [
  ['directory', 'a directory); give a regular file'],
  ['fifo', 'a FIFO); give a regular file'],
  ['link', 'a FIFO); give a regular file'],
  ['device', 'a device); give a regular file'],
  ['socket', 'a socket); give a regular file'],
  ['none', 'no such file); check the path'],
  ['directory/../none/x', 'no such file); check the path'],
];
for (const [name, why] of REFUSED) {
  test(`${name} is refused in one line, and nobody waits for it`, async () => {
    const message = `${at(name)}: the thing cannot be read (${why}`;
    assert.throws(() => readRegularFile(at(name), use), { message });
    await assert.rejects(lookAtFile(at(name), 'thing'), { message });
  });
}

test('a regular file is read whole, up to its bound', async () => {
  for (const text of ['', 'é', 'x'.repeat(200_000)]) {
    writeFileSync(at('file'), text);
    for (const read of [readRegularFile, readGivenFile]) assert.equal(read(at('file'), use), text);
  }
  await lookAtFile(at('file'), 'thing');
  writeFileSync(at('file'), 'x'.repeat(200_001));
  const tooMany = /file: 200001 bytes are too many for a thing \(at most 200000\); is it the right file\?$/;
  for (const read of [readRegularFile, readGivenFile]) assert.throws(() => read(at('file'), use), tooMany);
  // has no size to go by
  assert.match(readRegularFile('/proc/self/status', use), /^Name:[\s\S]*\n$/);
});

test('what a command line hands over may be a pipe, which has an end', () => {
  const program = `
    import { readGivenFile } from ${JSON.stringify(new URL('../../../../src/host/config/named-file.js', import.meta.url).href)};
    try { console.log(readGivenFile(process.argv[1], ${JSON.stringify(use)}).length) } catch (error) { console.log(error.message) }`;
  const shell = (words: string) => {
    const script = words.replace('read', '"$0" --input-type=module -e "$1"');
    const options = { encoding: 'utf8', timeout: 60_000 } as const;
    return spawnSync('bash', ['-c', script, process.execPath, program], options).stdout;
  };
  assert.equal(shell('read <(seq 10000)'), '48894\n');
  assert.equal(shell('seq 10000 | read /dev/stdin'), '48894\n');
  const tooMany = /: \d{6} bytes are too many for a thing \(at most 200000\); is it the right file\?\n$/;
  assert.match(shell('read <(yes)'), tooMany);
  // a pipe whose writer has been and gone, one that answers late, a socket
  assert.equal(
    shell(`mkfifo ${at('gone')}; exec 3<>${at('gone')}; echo text >&3; exec 4<${at('gone')} 3>&-; read /dev/fd/4`),
    '5\n',
  );
  assert.equal(shell('(sleep 0.3; seq 10) | read /proc/self/fd/0'), '21\n');
});
