import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { openTrace, openTraceFile, takesColor } from '../../../../../src/host/interceptors/trace/trace-descriptor.ts';
import type { TraceEvent } from '../../../../../src/host/interceptors/trace/trace-event.ts';
import { openTraceOutput } from '../../../../../src/host/interceptors/trace/trace-output.ts';
import { DescriptorSink } from '../../../../../src/host/interceptors/trace/trace-sink.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fwctl-trace-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const event: TraceEvent = { kind: 'kmsg', timeUs: 0, level: 4, text: 'hello' };

function fifo(): string {
  const path = join(folder, 'fifo');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  return path;
}

function sinkOn(fd: number, capacity?: number, blocks = false) {
  const errors: string[] = [];
  const to = { fd, own: !blocks, blocks };
  const sink = new DescriptorSink(to, {
    capacity,
    dropped: (count) => `dropped ${count}`,
    failed: (error) => errors.push(error.code ?? error.message),
  });
  return { sink, errors };
}

test('a disk is refused', { skip: process.geteuid?.() !== 0 && 'needs root' }, () => {
  const path = join(folder, 'disk');
  assert.equal(spawnSync('mknod', [path, 'b', '7', '0']).status, 0);
  assert.throws(() => openTraceFile(path), /disk is a block device, which it would overwrite; give another name/);
});

test('a file is emptied first, and has every line after close', async () => {
  const path = join(folder, 'trace');
  writeFileSync(path, 'old\n');
  const { sink, errors } = sinkOn(openTraceFile(path));
  for (let i = 0; i < 10_000; i++) sink.write(`line ${i}`);
  const closed = sink.close();
  sink.write('late');
  assert.equal(readFileSync(path, 'utf8').length, 98_890);
  await closed;
  await sink.close();
  const lines = readFileSync(path, 'utf8').split('\n');
  assert.equal(lines.length, 10_001);
  assert.equal(lines[9_999], 'line 9999');
  assert.deepEqual(errors, []);
});

test('lines are written in the turn after, without close', async () => {
  const path = join(folder, 'trace');
  const { sink } = sinkOn(openTraceFile(path));
  sink.write('one');
  assert.equal(readFileSync(path, 'utf8'), '');
  await turn();
  await turn();
  assert.equal(readFileSync(path, 'utf8'), 'one\n');
  sink.close();
});

test('a reader that does not read blocks nobody and is told what it missed', async () => {
  const path = fifo();
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const { sink, errors } = sinkOn(openTraceFile(path), 100_000);
  const line = 'x'.repeat(999);
  for (let i = 0; i < 1000; i++) {
    sink.write(line);
    if (i % 10 === 0) await turn();
  }
  let text = '';
  const chunk = Buffer.alloc(65536);
  const drain = () => {
    for (;;) {
      try {
        const got = readSync(reader, chunk);
        if (got === 0) return;
        text += chunk.toString('latin1', 0, got);
      } catch {
        return;
      }
    }
  };
  for (let i = 0; i < 20; i++) {
    drain();
    await pause(15);
  }
  sink.write('after');
  await turn();
  await turn();
  drain();
  const lines = text.split('\n');
  const dropped = lines.filter((l) => l.startsWith('dropped '));
  const missed = dropped.reduce((sum, l) => sum + Number(l.slice(8)), 0);
  const whole = lines.filter((l) => l === line).length;
  assert.ok(missed > 0);
  assert.equal(whole + missed, 1000);
  assert.equal(lines.at(-2), 'after');
  assert.deepEqual(errors, []);
  await sink.close();
  closeSync(reader);
});

/** All that comes until the writer has closed; a FIFO's reader that does not block. */
async function readAll(reader: number): Promise<string> {
  const chunk = Buffer.alloc(65536);
  for (let text = ''; ; ) {
    try {
      const got = readSync(reader, chunk);
      if (got === 0) return text;
      text += chunk.toString('latin1', 0, got);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await pause(1);
    }
  }
}

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;

for (const blocks of [false, true]) {
  const kind = blocks ? 'a descriptor that blocks' : 'a descriptor that does not block';
  test(`${kind}: the end waits for a reader that lives, and the event loop for none`, async () => {
    const path = fifo();
    const reader = openSync(path, O_RDONLY | O_NONBLOCK);
    const fd = openSync(path, O_WRONLY | (blocks ? 0 : O_NONBLOCK));
    const { sink, errors } = sinkOn(fd, undefined, blocks);
    const line = 'x'.repeat(999);
    let closed = false;
    for (let i = 0; i < 1000; i++) {
      sink.write(line);
      if (i % 10 === 0) await turn();
    }
    const end = sink.close().then(() => {
      closed = true;
    });
    await pause(50);
    const early = closed;
    const flags = /flags:\s(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
    const text = readAll(reader);
    await end;
    if (blocks) closeSync(fd);
    assert.equal(early, false);
    assert.equal(await text, `${line}\n`.repeat(1000));
    assert.deepEqual(errors, []);
    assert.equal((Number.parseInt(flags, 8) & O_NONBLOCK) === 0, blocks);
    closeSync(reader);
  });

  test(`${kind}: a reader that takes nothing is left after the limit, one that goes at once`, async () => {
    for (const goes of [false, true]) {
      const path = fifo();
      const reader = openSync(path, O_RDONLY | O_NONBLOCK);
      const fd = openSync(path, O_WRONLY | (blocks ? 0 : O_NONBLOCK));
      const { sink, errors } = sinkOn(fd, undefined, blocks);
      sink.write('x'.repeat(1_000_000));
      const end = sink.close(goes ? undefined : 20);
      if (goes) closeSync(reader);
      await end;
      assert.deepEqual(errors, goes ? ['EPIPE'] : []);
      // The thread that is in write(2) ends by it.
      if (!goes) closeSync(reader);
      rmSync(path);
    }
  });
}

test('a reader that has gone (EPIPE) ends the trace, once and quietly', async () => {
  const path = fifo();
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const { sink, errors } = sinkOn(openTraceFile(path));
  closeSync(reader);
  for (let i = 0; i < 3; i++) {
    sink.write('x');
    await turn();
    await turn();
  }
  sink.close();
  assert.deepEqual(errors, ['EPIPE']);
});

test('a full disk ends the trace', { skip: existsSync('/dev/full') ? false : 'no /dev/full' }, async () => {
  const { sink, errors } = sinkOn(openSync('/dev/full', constants.O_WRONLY));
  sink.write('x');
  sink.close();
  assert.deepEqual(errors, ['ENOSPC']);
});

test('a FIFO without a reader, and a file that cannot be, are said at the start', () => {
  const options = { fields: 'none', env: {}, failed: assert.fail } as const;
  assert.throws(() => openTraceOutput({ ...options, path: fifo() }), /cannot be written to .*fifo: ENXIO/);
  assert.throws(() => openTraceOutput({ ...options, path: join(folder, 'no', 'such') }), /no\/such: ENOENT/);
});

test('the name decides the format', () => {
  const options = { fields: 'none', env: {}, failed: assert.fail } as const;
  for (const name of ['a.txt', 'a.jsonl']) {
    const output = openTraceOutput({ ...options, path: join(folder, name) });
    output.listener(event);
    output.close();
  }
  assert.match(readFileSync(join(folder, 'a.txt'), 'utf8'), /^\d\d:\d\d:\d\d\.000000 kernel: <4> hello\n$/);
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'a.jsonl'), 'utf8')), {
    time: '1970-01-01T00:00:00.000000Z',
    event: 'kmsg',
    level: 4,
    text: 'hello',
  });
});

test('stderr, whether it can be opened anew (a pipe) or not (a socket, the pipe of another user)', () => {
  const module = new URL('../../../../../src/host/interceptors/trace/trace-output.js', import.meta.url).href;
  const script = `import { openTraceOutput } from '${module}';
    const output = openTraceOutput({ path: undefined, fields: 'none', env: {}, failed: (text) => console.log(text) });
    for (let i = 0; i < 3; i++) output.listener({ kind: 'kmsg', timeUs: 0, level: 4, text: 'line ' + i });
    await output.close();
    process.stderr.write('still open');`;
  const node = [process.execPath, '--input-type=module', '-e', script];
  // Another user's pipe; as root by becoming somebody else, or else by taking the right away.
  const others = [
    ...node.slice(0, -1),
    `import { fchmodSync } from 'node:fs';
    ${process.geteuid?.() === 0 ? 'const become = () => process.setuid(65534);' : 'const become = () => fchmodSync(2, 0);'}
    ${script.replace('const output', 'become();\n    const output')}`,
  ];
  // Node gives its children sockets; the shell makes a pipe.
  const throughPipe = ['sh', '-c', '"$@" 2>&1 >/dev/null | cat >&2', 'sh'];
  const runs = [node, [...throughPipe, ...node], [...throughPipe, ...others]];
  for (const [program = '', ...args] of runs) {
    const { stderr, stdout } = spawnSync(program, args, { encoding: 'utf8' });
    assert.match(stderr, /^\S+ kernel: <4> line 0\n\S+ kernel: <4> line 1\n\S+ kernel: <4> line 2\nstill open$/);
    assert.equal(stdout, '');
  }
});

test('stderr that is a file: nobody writes over what another has written', () => {
  const module = new URL('../../../../../src/host/interceptors/trace/trace-output.js', import.meta.url).href;
  const script = `import { openTraceOutput } from '${module}';
    import { spawnSync } from 'node:child_process';
    const output = openTraceOutput({ path: undefined, fields: 'none', env: {}, failed: (text) => console.log(text) });
    const log = (text) => output.listener({ kind: 'kmsg', timeUs: 0, level: 4, text });
    const command = (text) => spawnSync('sh', ['-c', 'echo "$0" >&2', text], { stdio: 'inherit' });
    command('one');
    log('two');
    setImmediate(() => {
      command('three');
      log('four');
      output.close();
    });`;
  const path = join(folder, 'stderr');
  const fd = openSync(path, 'w');
  spawnSync(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'inherit', fd] });
  closeSync(fd);
  assert.match(readFileSync(path, 'utf8'), /^one\n\S+ kernel: <4> two\nthree\n\S+ kernel: <4> four\n$/);
});

test('a path that names a descriptor of this process is that descriptor', () => {
  const path = join(folder, 'stdout');
  writeFileSync(path, 'kept\n');
  const fd = openSync(path, 'a');
  for (const name of [`/dev/fd/${fd}`, `/proc/self/fd/${fd}`]) {
    assert.deepEqual(openTrace(name), { fd, own: false, blocks: false });
  }
  closeSync(fd);
  assert.equal(readFileSync(path, 'utf8'), 'kept\n');
  assert.throws(() => openTrace(`/dev/fd/${fd}`), /EBADF/);
});

test('no colour into a file', () => {
  const fd = openTraceFile(join(folder, 'trace'));
  assert.equal(takesColor(fd, {}), false);
  closeSync(fd);
});
