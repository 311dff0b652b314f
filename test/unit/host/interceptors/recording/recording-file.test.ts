/** A recording's file while calls are open: at any moment it has what has ended, in the order of the calls. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { seededRandom } from '../../../../../src/host/interceptors/faults/random.ts';
import { OrderedLines } from '../../../../../src/host/interceptors/recording/ordered-lines.ts';
import { RecordingFile } from '../../../../../src/host/interceptors/recording/recording-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-recording-'));
after(() => rmSync(folder, { recursive: true }));

async function recordingIn(name: string) {
  const path = join(folder, name);
  const file = await RecordingFile.make(path, { replace: true, failed: assert.fail, lockFile: () => 0 });
  const lines = new OrderedLines((line) => file.write(line), file);
  return { path, file, lines, text: () => readFileSync(`${path}.part`, 'utf8') };
}

test('whatever order calls end in, broken off or not: what has ended is there, in its place', async () => {
  const random = seededRandom(7);
  for (let round = 0; round < 50; round++) {
    const { path, file, lines, text } = await recordingIn(`${round}.jsonl`);
    const open: number[] = [];
    const ended = new Map<number, string>();
    const expected = () =>
      [...ended]
        .sort(([a], [b]) => a - b)
        .map(([, line]) => `${line}\n`)
        .join('');
    for (let step = 0; step < 60; step++) {
      if (open.length === 0 || random() < 0.5) open.push(lines.take());
      else {
        const [place = 0] = open.splice(Math.floor(random() * open.length), 1);
        const line = random() < 0.2 ? undefined : `call ${place} é${'x'.repeat(Math.floor(random() * 20))}`;
        if (line !== undefined) ended.set(place, line);
        lines.fill(place, line, true);
      }
      assert.equal(text(), expected(), `round ${round}, step ${step}`);
      assert.equal(file.bytes, Buffer.byteLength(text()));
    }
    assert.equal(lines.close(), open.length);
    file.complete();
    assert.equal(readFileSync(path, 'utf8'), expected());
    assert.equal(existsSync(`${path}.part`), false);
  }
});
