import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { taintHost } from '../../../src/emulator/taint-host.ts';
import type { Host } from '../../../src/host/machine/host.ts';
import { TAINT_FWCTL, Taint } from '../../../src/kernel/taint.ts';

const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-taint-'));
after(() => rmSync(folder, { recursive: true }));

function follow(file: string) {
  const warned: string[] = [];
  const log = { trace() {}, debug() {}, info() {}, error() {}, warn: (message: string) => warned.push(message) };
  const taint = new Taint();
  const stop = taintHost({ taint } as unknown as Host, log, file);
  return { taint, warned, stop };
}

describe('--taint-host', () => {
  it('writes what taints the emulated kernel, once it does', () => {
    const file = join(folder, 'tainted');
    writeFileSync(file, '0\n');
    const { taint, warned } = follow(file);
    assert.equal(readFileSync(file, 'utf8'), '0\n');
    taint.add(TAINT_FWCTL);
    assert.equal(readFileSync(file, 'utf8'), '524288\n');
    assert.deepEqual(warned, ['the real kernel has been tainted']);
  });

  it('says so when it may not, and when it is over it is over', () => {
    const refused = follow(join(folder, 'no/such/file'));
    refused.taint.add(TAINT_FWCTL);
    assert.match(refused.warned[0] ?? '', /has not been tainted/);
    const stopped = follow(join(folder, 'no/such/file'));
    stopped.stop();
    stopped.taint.add(TAINT_FWCTL);
    assert.deepEqual(stopped.warned, []);
  });

  it('says so when the kernel drops the bit', () => {
    const { taint, warned } = follow('/dev/full');
    taint.add(TAINT_FWCTL);
    assert.equal(warned.length, 1);
  });
});
