/** Clients that are slow, silent, many, or ahead of their answers: closed by the limits, and nobody else waits. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { afterEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Limits } from '../../../src/control/limits.ts';
import { Rig } from './rig.ts';

const rigs: Rig[] = [];
const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
  for (const rig of rigs.splice(0)) {
    rig.close();
    assert.deepEqual(rig.bugs, []);
  }
});

/** With limits that a test can wait for. */
async function listening(limits: Partial<Limits> = {}): Promise<Rig> {
  const rig = await new Rig().listen(limits);
  rigs.push(rig);
  return rig;
}

const QUICK = { headersTimeout: 200, requestTimeout: 400, keepAliveTimeout: 200, connectionsCheckingInterval: 50 };

interface Client {
  readonly socket: Socket;
  text(): string;
  /** Resolves with all that has come when the other side has closed. */
  readonly closed: Promise<string>;
}

async function client(rig: Rig, ...parts: readonly string[]): Promise<Client> {
  const socket = await rig.raw();
  open.push(socket);
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {});
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  for (const part of parts) socket.write(part, 'latin1');
  return { socket, text: () => text, closed };
}

const get = (path: string, ...headers: readonly string[]) =>
  ['GET ', path, ' HTTP/1.1\r\nHost: x\r\n', ...headers.map((line) => `${line}\r\n`), '\r\n'].join('');
const post = (path: string, body: string, ...headers: readonly string[]) =>
  ['POST ', path, ' HTTP/1.1\r\nHost: x\r\n', ...headers.map((line) => `${line}\r\n`)].join('') +
  `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const plugging = (spec: string) => post('/v1/devices', JSON.stringify({ spec }));

const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await condition()); await pause(10))
    assert.ok(Date.now() < deadline, 'took too long');
}

const SLOW: Readonly<Record<string, readonly string[]>> = {
  'says nothing': [],
  'says half a request line': ['GE'],
  'says half a head': ['GET /v1/devices HTTP/1.1\r\nhost: '],
  'says half a body': ['POST /v1/devices HTTP/1.1\r\nhost: x\r\ncontent-length: 22\r\n\r\n{"spec"'],
  'says half a chunk': ['POST /v1/devices HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n8\r\n{"sp'],
  'waits to be told to go on, and does not': [
    'POST /v1/devices HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 22\r\n\r\n',
  ],
};
for (const [what, parts] of Object.entries(SLOW)) {
  test(`who ${what} is told so and closed`, async () => {
    const rig = await listening(QUICK);
    const { closed } = await client(rig, ...parts);
    assert.match(
      await closed,
      /HTTP\/1\.1 408 Request Timeout\r\n[\s\S]*"code":"request_timeout"[\s\S]*did not come within/,
    );
    assert.equal((await rig.call('GET', '/v1/devices')).json.devices.length, 1);
  });
}

test('who says a byte now and then is closed as well', async () => {
  const rig = await listening(QUICK);
  const { socket, closed } = await client(rig, 'GET /v1/devices HTTP/1.1\r\n');
  const drip = setInterval(() => socket.write('a'), 20);
  assert.match(await closed, /^HTTP\/1\.1 408 /);
  clearInterval(drip);
});

test('who has been answered and asks no more is closed without a word', async () => {
  const rig = await listening(QUICK);
  const { closed } = await client(rig, get('/v1/taint'));
  assert.deepEqual(statuses(await closed), ['200']);
});

test('an answer that nobody takes is given up', async () => {
  const rig = await listening({ answerTimeout: 100 });
  await rig.call('POST', '/v1/devices', { spec: 'connectx6dx,count=200' });
  const { socket, closed } = await client(rig);
  socket.pause();
  socket.write(get('/v1/devices').repeat(400));
  await pause(1000);
  socket.resume();
  const answers = statuses(await closed).length;
  assert.ok(answers > 0 && answers < 400, `${answers} answers`);
});

for (const count of [200, 1200]) {
  test(`${count} that are silent or half-way do not keep an honest one out`, { timeout: 120_000 }, async () => {
    const rig = await listening();
    let left = count;
    for (let i = 0; i < count; i++) {
      const silent = await client(rig, ...(i % 2 === 0 ? [] : ['GET /v1/devices HTTP/1.1\r\nhost: ']));
      silent.closed.then(() => left--);
    }
    const before = performance.now();
    const { closed } = await client(rig, get('/v1/devices', 'Connection: close'));
    assert.deepEqual(statuses(await closed), ['200']);
    assert.ok(performance.now() - before < 2000, 'at once');
    await until(() => left <= 128);
  });
}

test('where all connections are busy another is told so', async () => {
  const rig = await listening({ streams: 200 });
  const readers: Client[] = [];
  for (let i = 0; i < 128; i++) readers.push(await client(rig, get('/v1/trace?format=json')));
  await until(() => readers.every(({ text }) => text() !== ''));
  const answer = await rig.call('GET', '/v1/devices');
  assert.deepEqual([answer.status, answer.json.error.code], [503, 'too_many_connections']);
  readers[0]?.socket.destroy();
  await until(async () => (await rig.call('GET', '/v1/devices')).status === 200);
});

test('a reader of a trace that has stopped gives way when there are too many, one that reads does not', async () => {
  const rig = await listening({ streams: 2, stoppedReader: 100 });
  const stopped = await client(rig, get('/v1/trace?format=json'));
  const reading = await client(rig, get('/v1/trace?format=json'));
  await until(() => stopped.text() !== '' && reading.text() !== '');
  assert.equal((await rig.call('GET', '/v1/trace')).status, 429);
  stopped.socket.pause();
  const say = () => {
    for (let i = 0; i < 1000; i++) rig.host.kmsg.print(4, 'x'.repeat(900));
  };
  say();
  await until(() => reading.text().length > 500_000);
  await pause(150);
  const late = await client(rig, get('/v1/trace?format=json'));
  await until(() => late.text() !== '');
  assert.deepEqual(statuses(late.text()), ['200']);
  stopped.socket.resume();
  await stopped.closed;
  assert.equal(reading.socket.closed, false);
});

test('requests that are sent ahead are carried out in turn, and all are answered', async () => {
  const rig = await listening();
  const words = [
    plugging('connectx6dx,pci=0000:03:00.0'),
    get('/v1/devices'),
    'DELETE /v1/devices/0000:03:00.0 HTTP/1.1\r\nHost: x\r\n\r\n',
  ];
  const { closed } = await client(rig, ...Array(20).fill(words.join('')), get('/v1/devices', 'Connection: close'));
  const text = await closed;
  assert.deepEqual(statuses(text), Array(61).fill('200'));
  assert.equal([...text.matchAll(/"pci":"0000:03:00.0"/g)].length, 40);
  assert.equal(rig.host.devices().length, 1);
});

test('what is no HTTP is said behind the answers that are due', async () => {
  const rig = await listening();
  const { closed } = await client(rig, `${plugging('connectx6dx')}${get('/v1/devices')}nonsense\r\n\r\n`);
  assert.deepEqual(statuses(await closed), ['200', '200', '400']);
});

test('who has sent its request and says that no other comes is answered', async () => {
  const rig = await listening();
  for (const request of [plugging('connectx6dx'), get('/v1/devices'), plugging('connectx6dx').repeat(3)]) {
    const { socket, closed } = await client(rig);
    socket.end(request);
    const answers = statuses(await closed);
    assert.ok(answers.length > 0 && answers.every((status) => status === '200'), `${answers}`);
  }
  assert.equal(rig.host.devices().length, 5);
  const reader = await client(rig, get('/v1/trace'));
  await until(() => reader.text() !== '');
  reader.socket.end();
  await reader.closed;
});

test('who goes after its request has been carried out is not missed', async () => {
  const rig = await listening();
  const { socket } = await client(rig, plugging('connectx6dx,count=50').repeat(2));
  await pause(20);
  socket.destroy();
  await until(() => rig.host.devices().length === 101);
  assert.equal((await rig.call('GET', '/v1/devices')).json.devices.length, 101);
});

test('Expect: a body that is too long is refused before it is sent, another is asked for', async () => {
  const rig = await listening();
  const head = (length: number) =>
    `POST /v1/devices HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
  const long = await client(rig, head(70_000));
  assert.deepEqual(statuses(await long.closed), ['413']);
  const nowhere = await client(rig, head(22).replace('devices', 'nowhere'));
  assert.deepEqual(statuses(await nowhere.closed), ['404']);
  const short = await client(rig, head(22));
  await until(() => short.text() !== '');
  assert.deepEqual(statuses(short.text()), ['100']);
  short.socket.write('{"spec":"connectx6dx"}');
  await until(() => statuses(short.text()).length === 2);
  assert.deepEqual(statuses(short.text()), ['100', '200']);
  const odd = await client(rig, get('/v1/devices', 'Expect: cake', 'Connection: close'));
  assert.deepEqual(statuses(await odd.closed), ['417']);
});

test('methods and versions that do not fit', async () => {
  const rig = await listening();
  const rows: readonly [string, string, RegExp][] = [
    ['CONNECT localhost:1 HTTP/1.1\r\nHost: x\r\n\r\n', '405', /nothing to connect to/],
    ['HEAD /v1/devices HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', '405', /allow: GET, POST/],
    ['OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', '404', /no_such_path/],
    ['BREW /v1/devices HTTP/1.1\r\nHost: x\r\n\r\n', '400', /bad_request/],
    ['GET /v1/devices\r\n\r\n', '400', /bad_request/],
    ['GET /v1/devices HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n', '400', /bad_request/],
    [
      'POST /v1/devices HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n',
      '400',
      /bad_req/,
    ],
    ['POST /v1/devices HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', '400', /bad_request/],
    [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, '431', /larger than 16384 bytes/],
    ['GET /v1/devices HTTP/1.0\r\n\r\n', '200', /fwctl0/],
    ['GET /v1/devices HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n', '200', /fwctl0/],
    [
      'POST /v1/devices HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{"spec":"connect\r\n6\r\nx6dx"}\r\n0\r\nTrailer: 1\r\n\r\n',
      '200',
      /fwctl1/,
    ],
  ];
  for (const [bytes, status, why] of rows) {
    const text = await (await client(rig, bytes)).closed;
    assert.deepEqual(statuses(text), [status], bytes);
    assert.match(text, why, bytes);
  }
});

test('while thousands are plugged others are served, and two that plug get addresses of their own', async () => {
  const rig = await listening();
  await rig.call('GET', '/v1/devices');
  let done = 0;
  const both = [1, 2].map(() =>
    rig.call('POST', '/v1/devices', { spec: 'connectx6dx,count=1500' }).finally(() => done++),
  );
  const halfway: number[] = [];
  while (done === 0) {
    assert.equal((await rig.call('GET', '/v1/taint')).status, 200);
    halfway.push(rig.host.devices().length);
  }
  assert.ok(
    halfway.some((devices) => devices > 1 && devices < 1501),
    `none was answered before the first 1500 were there: ${halfway}`,
  );
  for (const answer of await Promise.all(both)) assert.equal(answer.status, 200);
  assert.equal(new Set(rig.host.devices().map(({ spec }) => spec.pci)).size, 3001);
  const many = await rig.call('POST', '/v1/devices', { spec: 'connectx6dx,count=2000' });
  assert.deepEqual([many.status, rig.host.devices().length], [409, 3001]);
});
