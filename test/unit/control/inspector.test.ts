/** The inspector's server against those who may not ask it: no token, another site or name, files by their path. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { inspectorMethods } from '../../../src/control/inspector/inspector-methods.ts';
import { WebFront } from '../../../src/control/inspector/web-front.ts';
import { LIMITS } from '../../../src/control/limits.ts';
import { type Listening, listenControl } from '../../../src/control/listen.ts';
import { METHODS } from '../../../src/control/methods.ts';
import { ControlServer } from '../../../src/control/server.ts';
import { InprocessTransport } from '../../../src/transport/inprocess.ts';
import { command } from '../host/interceptors/trace/trace-fixture.ts';
import { Rig } from './rig.ts';

const TOKEN = 'a-token-of-this-test';
const PAGE = '<!doctype html><title>page</title>';

let rig: Rig;
let listening: Listening;
let pages = 0;
beforeEach(async () => {
  rig = new Rig();
  pages = 0;
  listening = await listenControl({ at: { host: '127.0.0.1', port: 0 }, mode: 0 }, async () => {
    const methods = inspectorMethods({
      ...rig.context,
      history: rig.history,
      title: 'run test',
      status: () => ({}),
      looking: (more) => (pages += more),
    });
    const front = new WebFront(TOKEN, () => PAGE);
    return new ControlServer([...METHODS, ...methods], rig.context, (bug) => rig.bugs.push(bug), LIMITS, front);
  });
});
afterEach(() => {
  assert.deepEqual(rig.bugs, []);
  listening.close();
  rig.close();
});

interface Asked {
  readonly method?: string;
  readonly token?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly body?: object;
}

// biome-ignore lint/suspicious/noExplicitAny: what a test expects of it is the test's
type Answered = { status: number; headers: Record<string, unknown>; text: string; json: any };

function ask(path: string, { method = 'GET', token = TOKEN, headers = {}, body }: Asked = {}): Promise<Answered> {
  const bearer = token === '' ? {} : { authorization: `Bearer ${token}` };
  const { port } = listening;
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, method, path, agent: false, headers: { ...bearer, ...headers } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('end', () => {
          const json = text.startsWith('{') ? JSON.parse(text) : undefined;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
        });
      },
    );
    sent.once('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}

const VALUES = '/v1/devices/fwctl0/values';
const SET = { method: 'PUT', body: { name: 'registers.MTMP.temperature', value: 800 } };

test('with the token: the page, the methods, and what a page begins with', async () => {
  const page = await ask('/', { token: '' });
  assert.deepEqual([page.status, page.text, page.headers['x-frame-options']], [200, PAGE, 'DENY']);
  const hello = await ask('/v1/inspector');
  assert.deepEqual([hello.json.title, hello.json.history.events], ['run test', 1024]);
  assert.ok(hello.json.status_names.includes('BAD_PARAM'));
  assert.equal((await ask(VALUES, SET)).json.after, 800);
  const scopes = await ask('/v1/inspector/scopes');
  const mlx5 = scopes.json.drivers.find(({ driver }: { driver: string }) => driver === 'mlx5');
  assert.ok(mlx5.commands.length > 50 && scopes.json.abis.length === 5);
});

test('a wrong token, none, and one of another kind are refused, and nothing has changed', async () => {
  const before = rig.state();
  for (const token of ['', 'wrong', `${TOKEN}x`, TOKEN.slice(1)]) {
    for (const [path, asked] of [
      [VALUES, SET],
      ['/v1/inspector', {}],
      ['/v1/inspector/events', {}],
      ['/v1/inspector/calls/0', {}],
      ['/v1/devices/fwctl0', { method: 'DELETE' }],
      ['/metrics', {}],
    ] as const) {
      const { status, json } = await ask(path, { ...asked, token });
      assert.deepEqual([status, json.error.code], [401, 'wrong_token'], `${path} with "${token}"`);
    }
  }
  const inQuery = await ask(`/v1/devices?token=${TOKEN}`, { token: '' });
  assert.equal(inQuery.status, 401);
  const basic = await ask('/v1/devices', { token: '', headers: { authorization: `Basic ${TOKEN}` } });
  assert.equal(basic.status, 401);
  assert.equal(rig.state(), before);
});

test('another Host is refused, the page too: a name that leads here (DNS rebinding)', async () => {
  const { port } = listening;
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1',
    `127.0.0.1:${(port ?? 0) + 1}`,
    `127.0.0.2:${port}`,
  ])
    for (const path of ['/', '/v1/devices']) {
      const { status, json } = await ask(path, { headers: { host } });
      assert.deepEqual([status, json.error.code], [403, 'wrong_host'], `${host} ${path}`);
    }
  assert.equal((await ask('/v1/devices', { headers: { host: `localhost:${port}` } })).status, 200);
});

test('another site can neither read nor steer it, whatever it knows', async () => {
  const before = rig.state();
  const { port } = listening;
  for (const headers of [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: `http://localhost:${port}` },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ] as Record<string, string>[]) {
    const { status, json, headers: answered } = await ask(VALUES, { ...SET, headers });
    assert.deepEqual([status, json.error.code], [403, 'other_origin'], JSON.stringify(headers));
    assert.equal(answered['access-control-allow-origin'], undefined);
  }
  const preflight = await ask(VALUES, { method: 'OPTIONS', token: '', headers: { origin: 'http://evil.example' } });
  assert.equal(preflight.status, 403);
  assert.equal(rig.state(), before);
  const own = await ask(VALUES, {
    ...SET,
    headers: { origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' },
  });
  assert.equal(own.status, 200);
});

test('no path leads to a file, and a page names none of the machine', async () => {
  for (const path of [
    '/../etc/passwd',
    '/%2e%2e/etc/passwd',
    '/inspector.html',
    '//etc/passwd',
    '/v1/../../etc/passwd',
    '/.',
  ])
    assert.equal((await ask(path)).status, 404, path);
  const files = [
    ['/v1/devices', { spec: '/etc/passwd' }],
    ['/v1/devices', { spec: 'connectx6dx,firmware=/tmp/mine.mjs' }],
    ['/v1/record', { file: '/tmp/fwctl-inspector-recording.jsonl' }],
  ] as const;
  for (const [path, body] of files) {
    const { status, json } = await ask(path, { method: 'POST', body });
    assert.ok(status === 403 || status === 400, `${path} ${JSON.stringify(body)}: ${status}`);
    if (status === 403) assert.match(json.error.message, /you are a page of the inspector/);
  }
});

test('events as they happen, from the first that is kept, and the page is counted while it looks', async () => {
  const socket = connect(listening.port ?? 0, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const head = `GET /v1/inspector/events HTTP/1.1\r\nhost: 127.0.0.1:${listening.port}\r\nauthorization: Bearer ${TOKEN}`;
  socket.write(`${head}\r\n\r\n`);
  await until(() => text.includes('text/event-stream'));
  assert.equal(pages, 1);
  const device = rig.host.devices()[0];
  const file = new InprocessTransport().openDevice((device as NonNullable<typeof device>).fileOps);
  for (let i = 0; i < 100; i++) file.rpc(1, command(0x10a, 0), 112);
  await until(() => rowsOf(text).length >= 102);
  const rows = rowsOf(text);
  assert.deepEqual(
    rows.map(([number]) => number),
    rows.map((_, at) => at),
  );
  const shapes = new Set(rows.slice(2).map(([, , , shape]) => shape));
  assert.equal(shapes.size, 1, 'calls that are alike have one shape');
  const detail = await ask('/v1/inspector/calls/5');
  assert.equal(detail.json.messages[0].title, 'request');
  socket.destroy();
  await until(() => pages === 0);
  const gone = await ask('/v1/inspector/calls/99999');
  assert.deepEqual([gone.status, gone.json.error.code], [404, 'not_kept']);
});

test('a page that came too late is told how many events had gone', async () => {
  for (let i = 0; i < 3000; i++) rig.history.note({ kind: 'plug', device: `fwctl${i}` });
  const { json } = await ask('/v1/inspector');
  assert.deepEqual([json.history.first, json.history.next], [rig.history.ring.first, rig.history.ring.next]);
  const socket = connect(listening.port ?? 0, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const head = `GET /v1/inspector/events HTTP/1.1\r\nhost: 127.0.0.1:${listening.port}\r\nauthorization: Bearer ${TOKEN}`;
  socket.write(`${head}\r\n\r\n`);
  await until(() => rowsOf(text).length === 1024);
  const [first] = messagesOf(text);
  assert.equal(first?.lost, rig.history.ring.first);
  socket.destroy();
  await until(() => pages === 0);
});

function messagesOf(text: string): { lost: number; rows: number[] }[] {
  return [...text.matchAll(/event: rows\ndata: (.*)\n\n/g)].map(([, data = '']) => JSON.parse(data));
}

function rowsOf(text: string): number[][] {
  const flat = messagesOf(text).flatMap(({ rows }) => rows);
  return Array.from({ length: flat.length / 4 }, (_, i) => flat.slice(4 * i, 4 * i + 4));
}

async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (done()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail('it did not come to pass within 5 s');
}
