/** The lines of a recording: in the order of their places, whoever fills them and when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderedLines } from '../../../../src/host/recording/ordered-lines.ts';
import { nextFile } from '../../../../src/host/recording/recording-cells.ts';

function take({ cells }: OrderedLines): number {
  return Atomics.add(cells.places, 0, 1);
}

test('lines come in the order of their places, each as soon as all before it are there', () => {
  const written: string[] = [];
  const lines = new OrderedLines((line) => written.push(line), ['psid']);
  assert.deepEqual(written.splice(0), ['{"fwctl_emu_recording":1,"masked":["psid"]}']);
  const [first, second, third, fourth] = [take(lines), take(lines), take(lines), take(lines)];
  lines.fill(third, 'third', true);
  lines.fill(second, undefined, true);
  assert.deepEqual(written, []);
  lines.fill(first, 'the device', false);
  assert.deepEqual(written, ['the device', 'third']);
  lines.fill(fourth, 'fourth', true);
  assert.deepEqual(written, ['the device', 'third', 'fourth']);
  assert.deepEqual([lines.exchanges, lines.close()], [2, 0]);
});

test('what has not ended is counted and left out, what waited for it is written, and nothing comes later', () => {
  const written: string[] = [];
  const lines = new OrderedLines((line) => written.push(line), ['psid', 'base_mac']);
  const places = Array.from({ length: 6 }, () => take(lines));
  for (const place of [5, 1, 4]) lines.fill(places[place] ?? 0, `line ${place}`, true);
  lines.fill(places[2] ?? 0, undefined, true);
  Atomics.store(lines.cells.met, 1, 1);
  assert.equal(lines.close(), 2, 'the calls of places 0 and 3');
  assert.deepEqual(written.slice(1), ['line 1', 'line 4', 'line 5']);
  lines.fill(places[0] ?? 0, 'late', true);
  assert.deepEqual([written.length, lines.exchanges, lines.unmet], [4, 3, ['psid']]);
});

test('files are numbered from 1 for each device', () => {
  const { cells } = new OrderedLines(() => {});
  const devices = ['fwctl0', 'fwctl0', 'fwctl4095', 'iommu', 'vfio', 'iommu', 'fwctl4095'];
  assert.deepEqual(
    devices.map((device) => nextFile(cells, device)),
    [1, 2, 1, 1, 1, 2, 2],
  );
});
