/** The control socket of an installation that is damaged: each request has an answer, and the log the reason. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { orSay } from '../../../src/cli/control-socket.ts';
import { listenControl } from '../../../src/control/listen.ts';
import type { Log } from '../../../src/host/machine/log.ts';

function ask(socketPath: string, method: string, body?: string): Promise<{ status?: number; json: unknown }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path: '/v1/devices' }, async (response) => {
      let text = '';
      for await (const part of response) text += part;
      resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) });
    });
    asked.on('error', reject).end(body);
  });
}

test('when what answers cannot be loaded, each request is answered 500 and the log says why, once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fwctl-emu-socket-'));
  const path = join(folder, 'control.sock');
  const said: string[] = [];
  const silent = () => {};
  const error = (message: string) => void said.push(message);
  const log: Log = { trace: silent, debug: silent, info: silent, warn: silent, error };
  const load = async () => {
    throw new Error("Cannot find package 'zod'");
  };
  const listening = await listenControl({ at: path, mode: 0o600 }, orSay(log, load));
  try {
    for (const [method, body] of [['GET'], ['POST', 'x'.repeat(200_000)]] as const) {
      const { status, json } = await ask(path, method, body);
      assert.equal(status, 500);
      assert.deepEqual(json, {
        error: {
          code: 'not_loaded',
          message: 'fwctl-emu could not load what answers requests; its log has the reason',
        },
      });
    }
    assert.equal(said.length, 1, said.join());
    assert.match(said[0] ?? '', /every request 500: .* cannot be loaded: Cannot find package 'zod'; install again$/);
  } finally {
    listening.close();
    rmSync(folder, { recursive: true });
  }
});
