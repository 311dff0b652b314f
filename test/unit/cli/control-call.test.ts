/** A streaming verb: its reader may be slow, stopped or gone, and the emulator may end in the middle. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { controlCall } from '../../../src/cli/control-call.ts';
import { METHODS } from '../../../src/control/methods.ts';
import { CliError } from '../../../src/host/config/cli-error.ts';
import { SLOWNESS } from '../../slowness.ts';

const scratch = mkdtempSync(join(tmpdir(), 'fwctl-emu-test-'));
after(() => rmSync(scratch, { recursive: true }));
const trace = METHODS.find(({ verb }) => verb === 'trace');

/** The verb's end, with what an emulator does after the first line and how stdout takes it. */
async function followed(
  emulator: (response: ServerResponse) => void,
  writeBeside: (data: Uint8Array) => Promise<void>,
  signals = new EventEmitter(),
): Promise<number> {
  assert.ok(trace);
  const socket = join(scratch, 'socket');
  const server = createServer((_request, response) => {
    response.writeHead(200);
    response.write('a line\n');
    emulator(response);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const around = { env: {}, write: assert.fail, writeBeside, terminal: false, signals };
  try {
    return await controlCall(trace, {}, { json: false, socket }, around);
  } finally {
    assert.deepEqual(signals.eventNames(), []);
    server.closeAllConnections();
    server.close();
  }
}

test('a stream is written piece by piece, in order', async () => {
  const written: string[] = [];
  const write = async (data: Uint8Array) => {
    await new Promise((resolve) => setImmediate(resolve));
    written.push(Buffer.from(data).toString());
  };
  assert.equal(await followed((response) => response.end('another\n'), write), 0);
  assert.equal(written.join(''), 'a line\nanother\n');
});

test('a reader that has gone ends it, and that is said', async () => {
  const error = Object.assign(new Error('EPIPE'), { code: 'EPIPE' });
  const ended = followed(
    () => {},
    () => Promise.reject(error),
  );
  await assert.rejects(ended, { message: /^the output is not whole: its reader has gone \(EPIPE\)$/ });
});

test('a signal ends it though the reader has stopped', { timeout: 20_000 * SLOWNESS }, async () => {
  const signals = new EventEmitter();
  const write = () => {
    signals.emit('SIGTERM');
    return new Promise<void>(() => {});
  };
  assert.equal(await followed(() => {}, write, signals), 0);
});

test('an emulator that ends in the middle is said', async () => {
  const broken = followed(
    (response) => void setImmediate(() => response.destroy()),
    async () => {},
  );
  await assert.rejects(broken, (error) => error instanceof CliError && /ended in the middle/.test(error.message));
});
