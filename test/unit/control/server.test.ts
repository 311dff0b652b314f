/** The server against clients that are wrong, hostile, slow or gone: a clear 4xx, and nothing has changed. */
import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { listenControl, SocketTaken } from '../../../src/control/listen.ts';
import { METHODS } from '../../../src/control/methods.ts';
import { InprocessTransport } from '../../../src/transport/inprocess.ts';
import { Rig } from './rig.ts';

let rig: Rig;
let before = '';
beforeEach(async () => {
  rig = await new Rig().listen();
  before = rig.state();
});
afterEach(() => {
  assert.deepEqual(rig.bugs, []);
  rig.close();
});

const VALUES = '/v1/devices/fwctl0/values';

test('requests that are wrong: the status, the code, and an unchanged machine', async () => {
  const name = 'registers.MTMP.temperature';
  const rows: [string, string, unknown, number, string, RegExp][] = [
    ['GET', '/', undefined, 404, 'no_such_path', /openapi/],
    ['GET', '/v1/device', undefined, 404, 'no_such_path', /did you mean \/v1\/devices/],
    ['GET', '/v1/devices/', undefined, 404, 'no_such_path', /there is no/],
    ['GET', '/v1/devices/%', undefined, 400, 'bad_path', /percent/],
    ['GET', '/v1/devices/nope', undefined, 404, 'no_such_device', /plugged: fwctl0/],
    ['PATCH', '/v1/devices', undefined, 405, 'method_not_allowed', /takes GET, POST/],
    ['GET', '/v1/devices?x=1', undefined, 400, 'bad_parameters', /unknown field "x"/],
    ['GET', `${VALUES}?name=a&name=b`, undefined, 400, 'bad_parameters', /given twice/],
    ['GET', `${VALUES}?device=fwctl0&name=identity`, undefined, 400, 'bad_parameters', /given twice/],
    ['PUT', VALUES, { value: 1 }, 400, 'bad_parameters', /name/],
    ['GET', '/v1/taint', '{}', 400, 'unexpected_body', /no body/],
    ['DELETE', '/v1/devices/fwctl0?wait=maybe', undefined, 400, 'bad_parameters', /wait/],
    ['POST', '/v1/devices', '{', 400, 'bad_json', /JSON/],
    ['POST', '/v1/devices', 'null', 400, 'bad_json', /null/],
    ['POST', '/v1/devices', '[]', 400, 'bad_parameters', /./],
    ['POST', '/v1/devices', '"x"', 400, 'bad_parameters', /./],
    ['POST', '/v1/devices', Buffer.from([0xff, 0xfe]), 400, 'bad_json', /UTF-8/],
    ['POST', '/v1/devices', undefined, 400, 'bad_parameters', /spec/],
    [
      'POST',
      '/v1/devices',
      { spec: 'connectx6dx', more: 1 },
      400,
      'bad_parameters',
      /unknown field "more" \(known: spec\)/,
    ],
    ['POST', '/v1/devices', { spec: 7 }, 400, 'bad_parameters', /spec/],
    ['POST', '/v1/devices', '{"spec":"connectx6dx","__proto__":{"a":1}}', 400, 'bad_parameters', /__proto__/],
    ['POST', '/v1/devices', '['.repeat(60_000), 400, 'bad_json', /JSON/],
    ['POST', '/v1/devices', 'x'.repeat(70_000), 413, 'body_too_large', /65536/],
    ['POST', '/v1/reset', { now: true }, 400, 'bad_parameters', /nothing to give/],
    ['PUT', VALUES, { name, value: 1.5 }, 400, 'bad_parameters', /value/],
    ['PUT', VALUES, { name, value: null }, 400, 'bad_parameters', /value/],
    ['PUT', VALUES, { name, value: [1] }, 400, 'bad_parameters', /value/],
    ['PUT', `${VALUES}?name=x`, { name, value: 1 }, 400, 'bad_parameters', /unknown field "name"/],
    ['GET', '/v1/trace?format=xml', undefined, 400, 'bad_parameters', /format/],
    ['GET', '/v1/trace?filter=a%3D1', undefined, 400, 'bad_filter', /no key "a"/],
    ['GET', '/v1/trace?count=-1', undefined, 400, 'bad_parameters', /count/],
  ];
  for (const [method, path, body, status, code, message] of rows) {
    const sized: Record<string, string> = typeof body === 'string' ? { 'content-length': String(body.length) } : {};
    const answer = await rig.call(method, path, body, sized);
    const what = `${method} ${path} ${String(body).slice(0, 40)}: ${answer.body}`;
    assert.deepEqual([answer.status, answer.json?.error?.code], [status, code], what);
    assert.match(answer.json.error.message, message, what);
    assert.equal(rig.state(), before, what);
  }
});

test('a body without a length, larger than is allowed, is refused as it comes', async () => {
  const body = `5\r\n{"a":\r\n${'10000\r\n'}${'x'.repeat(0x10000)}\r\n${'10000\r\n'}${'x'.repeat(0x10000)}\r\n0\r\n\r\n`;
  const answer = await rig.exchange(
    `POST /v1/devices HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
  );
  assert.match(answer, /^HTTP\/1\.1 413 /);
  assert.equal(rig.state(), before);
});

test('what is no HTTP is answered 400, and the next client is served', async () => {
  for (const bytes of [
    'hello\r\n\r\n',
    '\0\0\0\0',
    'GET /v1/devices HTTP/1.1\r\nHost\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
  ]) {
    assert.match(await rig.exchange(bytes), /^HTTP\/1\.1 400 /, JSON.stringify(bytes));
  }
  assert.match(await rig.exchange(`GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(40_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
  assert.equal((await rig.call('GET', '/v1/devices')).status, 200);
});

test('fuzz: bytes, paths and bodies at random never change or end anything', async () => {
  const paths = METHODS.filter(
    ({ http, path }) => http !== 'DELETE' && path !== '/v1/reset' && !path.includes('replug'),
  ).map((m) => m.path);
  const path = fc.oneof(
    fc
      .constantFrom(...paths, ...paths.map((each) => each.replace('{device}', 'fwctl0')))
      .filter((each) => each !== '/v1/trace'),
    fc
      .string({ maxLength: 40 })
      .map((text) => `/v1/${encodeURI(text.replace(/[\ud800-\udfff]/g, '')).replace(/[\s#]/g, '')}`),
  );
  const body = fc.oneof(
    fc.json(),
    fc.string({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    fc.record({ spec: fc.anything(), name: fc.anything(), value: fc.anything() }, { requiredKeys: [] }).map((value) => {
      try {
        return JSON.stringify(value) ?? '';
      } catch {
        return '{';
      }
    }),
  );
  const sent = fc.record({ method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH'), path, body });
  await fc.assert(
    fc.asyncProperty(sent, async ({ method, path: target, body: content }) => {
      const answer = await rig.call(method, target, method === 'GET' ? undefined : content);
      assert.ok(
        answer.status === 200 || (answer.status >= 400 && answer.status < 500),
        `${answer.status} ${answer.body}`,
      );
      if (answer.status !== 200) assert.equal(typeof answer.json.error.message, 'string');
      assert.equal(rig.state(), before);
    }),
    { numRuns: 400 },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      await rig.exchange(Buffer.from(bytes));
      assert.equal(rig.state(), before);
    }),
    { numRuns: 100 },
  );
  assert.equal((await rig.call('GET', '/v1/devices')).status, 200);
});

test('a client that breaks off in the middle harms nobody', async () => {
  for (const part of [
    'POST /v1/devices HTTP/1.1\r\nHo',
    'POST /v1/devices HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{"spec":',
  ]) {
    const socket = await rig.raw();
    socket.write(part);
    await pause(10);
    socket.destroy();
  }
  await pause(10);
  assert.equal((await rig.call('GET', '/v1/devices')).status, 200);
  assert.equal(rig.state(), before);
});

/** A reader of the trace that has been answered; `text` grows. */
function reader(
  query: string,
): Promise<{ text: () => string; pause(): void; resume(): void; end(): void; ended: Promise<void> }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: rig.path, path: `/v1/trace${query}`, agent: false }, (response) => {
      let text = '';
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      const ended = new Promise<void>((done) => {
        response.once('end', done);
        response.once('error', () => done());
      });
      resolve({
        text: () => text,
        pause: () => response.pause(),
        resume: () => response.resume(),
        end: () => asked.destroy(),
        ended,
      });
    });
    asked.once('error', reject);
    asked.end();
  });
}

/** Waits, for as long as a slow machine may need. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, 'took too long');
    await pause(10);
  }
}

function linesOf({ text }: { text: () => string }): string[] {
  return text().trimEnd().split('\n');
}

const QUERY = Uint8Array.from([0x01, 0x00, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);

function openFile() {
  const [device] = rig.host.devices();
  assert.ok(device);
  return new InprocessTransport().openDevice(device.fileOps);
}

test('trace: an open file is seen from its next call on, by each reader as it asked', async () => {
  const file = openFile();
  const all = await reader('?format=json');
  const some = await reader('?filter=outcome!%3Dok&count=1');
  file.rpc(0, QUERY, 4112);
  assert.throws(() => file.rpc(9, QUERY, 4112));
  await some.ended;
  assert.match(some.text(), /^\S+ fwctl0 #1 .* EOPNOTSUPP: .*\n$/);
  file.close();
  await until(() => linesOf(all).length >= 3);
  const events = linesOf(all).map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ event }) => event),
    ['ioctl', 'ioctl', 'close'],
  );
  assert.equal(events[0].request.command, 'QUERY_HCA_CAP(GENERAL, current)');
  all.end();
  // Nobody listens: nothing is decoded any more.
  await pause(20);
  const quiet = openFile();
  quiet.rpc(0, QUERY, 4112);
  quiet.close();
});

test('trace: a reader that stops reading misses events, is told how many, and delays nobody', async () => {
  const slow = await reader('?format=json');
  const quick = await reader('?format=text');
  slow.pause();
  const file = openFile();
  const calls = 3000;
  for (let i = 0; i < calls; i++) {
    file.rpc(0, QUERY, 4112);
    if (i % 100 === 0) await pause(0);
  }
  file.close();
  await until(() => linesOf(quick).length >= calls + 2);
  assert.equal(linesOf(quick).length, calls + 2);
  slow.resume();
  await until(() => slow.text().includes('"dropped"') && slow.text().endsWith('\n'));
  const lines = linesOf(slow).map((line) => JSON.parse(line));
  const dropped = lines.filter(({ event }) => event === 'dropped').reduce((sum, { count }) => sum + count, 0);
  assert.ok(dropped > 0, 'something was dropped');
  assert.equal(lines.filter(({ event }) => event !== 'dropped').length + dropped, calls + 2);
  slow.end();
  quick.end();
});

test('trace: a reader that is slow has it all when the emulator ends', async () => {
  const own = await new Rig().listen();
  const response = await new Promise<IncomingMessage>((resolve) => {
    request({ socketPath: own.path, path: '/v1/trace?format=json', agent: false }, resolve).end();
  });
  for (let i = 0; i < 2000; i++) own.host.kmsg.print(4, `line ${i} ${'x'.repeat(400)}`);
  const finished = own.finish();
  await pause(100);
  let text = '';
  for await (const chunk of response) text += chunk;
  await finished;
  assert.equal(text.split('\n').filter((line) => line.includes('"line ')).length, 2000);
  own.close();
});

test('the socket: mode, a dead one is taken over, a living one is not, nothing is left', async () => {
  assert.equal(statSync(rig.path).mode & 0o777, 0o600);
  const load = async () => assert.fail('nobody connects');
  await assert.rejects(listenControl({ at: rig.path, mode: 0o600 }, load), SocketTaken);
  const dead = join(rig.folder, 'new', 'dead.sock');
  const first = await listenControl({ at: dead, mode: 0o660 }, load);
  assert.equal(statSync(dead).mode & 0o777, 0o660);
  first.close();
  first.close();
  assert.equal(existsSync(join(rig.folder, 'new')), false);
  // What a killed process leaves: a socket that nobody listens on.
  const left = join(rig.folder, 'left.sock');
  const server = createServer().listen(left);
  await new Promise((resolve) => server.once('listening', resolve));
  const fd = (server as unknown as { _handle: { fd: number } })._handle.fd;
  assert.ok(fd > 0);
  writeFileSync(join(rig.folder, 'file'), '');
  await assert.rejects(listenControl({ at: left, mode: 0o600 }, load), SocketTaken);
  server.close();
  await assert.rejects(listenControl({ at: 'relative.sock', mode: 0o600 }, load), /absolute path/);
  await assert.rejects(listenControl({ at: `/${'x'.repeat(120)}`, mode: 0o600 }, load), /longer than 107/);
  await assert.rejects(listenControl({ at: join(rig.folder, 'file', 'x.sock'), mode: 0o600 }, load), /cannot be made/);
});
