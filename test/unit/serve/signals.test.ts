/** Signals and exit statuses of `run` and `serve`, with a view and a transport that are not there. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { abiProfile } from '../../../src/abi/profiles.ts';
import type { CommandEnd, RunParts, View } from '../../../src/cli/parts.ts';
import { runCommand } from '../../../src/cli/run.ts';
import { CliError } from '../../../src/host/config/cli-error.ts';
import { DEFAULT_DEVICE } from '../../../src/host/config/defaults.ts';
import type { HostDevice } from '../../../src/host/machine/host-device.ts';
import type { Log } from '../../../src/host/machine/log.ts';
import type { HostPart, ServeParts } from '../../../src/serve/parts.ts';
import { type ServeOptions, serveLine, serveUntilSignal } from '../../../src/serve/serve.ts';
import { exitStatus, freeHeldAtSignals, RUN_SIGNALS, SERVE_SIGNALS } from '../../../src/serve/signals.ts';

const nothing = () => {};
const unwanted = (status: number): void => assert.fail(`forced to end with ${status}`);
const log: Log = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
const request = { command: ['true'], transport: 'auto', mapCurrentUser: false } as const;
const tick = () => new Promise((resolve) => setImmediate(resolve));

test('exit statuses are those of shells', () => {
  assert.equal(exitStatus(0, null), 0);
  assert.equal(exitStatus(7, null), 7);
  assert.equal(exitStatus(null, 'SIGKILL'), 137);
  assert.equal(exitStatus(null, 'SIGTERM'), 143);
  assert.equal(exitStatus(null, 'SIGINT'), 130);
});

/** A view whose command ends when told. */
function fakeView() {
  const sent: string[] = [];
  let finish = (_: CommandEnd) => {};
  let fail = (_: unknown) => {};
  const exited = new Promise<CommandEnd>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const state = { closed: 0 };
  const view: View = { exited, signal: (name) => void sent.push(name), close: () => void state.closed++ };
  return { view, sent, finish: (end: CommandEnd) => finish(end), fail: (error: unknown) => fail(error), state };
}

function runParts(startView: RunParts['startView'], terminal: boolean): RunParts {
  return { startView, hasTerminal: () => terminal, log };
}

for (const terminal of [true, false]) {
  test(`run ${terminal ? 'with' : 'without'} a terminal: each signal reaches the command once`, async () => {
    const { view, sent, finish, state } = fakeView();
    const signals = new EventEmitter();
    const status = runCommand(
      request,
      runParts(async () => view, terminal),
      signals,
    );
    await tick();
    for (const { name } of RUN_SIGNALS) assert.ok(signals.emit(name), `${name} would end us`);
    const expected = RUN_SIGNALS.filter(({ rule }) => rule === 'forward' || !terminal).map(({ name }) => name);
    assert.deepEqual(sent, expected);
    finish({ code: null, signal: 'SIGTERM' });
    assert.equal(await status, 143);
    assert.equal(state.closed, 1);
    assert.deepEqual(signals.eventNames(), []);
  });
}

test('run: a signal that comes before the view waits for it', async () => {
  const { view, sent, finish } = fakeView();
  const signals = new EventEmitter();
  let started = (_: View) => {};
  const starting = new Promise<View>((resolve) => {
    started = resolve;
  });
  const status = runCommand(
    request,
    runParts(() => starting, false),
    signals,
  );
  signals.emit('SIGTERM');
  assert.deepEqual(sent, []);
  started(view);
  await tick();
  assert.deepEqual(sent, ['SIGTERM']);
  finish({ code: 3, signal: null });
  assert.equal(await status, 3);
});

for (const [code, status] of [
  ['ENOENT', 127],
  ['EACCES', 126],
  ['ENOEXEC', 126],
] as const) {
  test(`run: a command that the kernel refuses with ${code} is ${status}`, async () => {
    const { view, fail, state } = fakeView();
    const result = runCommand(
      request,
      runParts(async () => view, false),
      new EventEmitter(),
    );
    fail(Object.assign(new Error('spawn'), { code }));
    const error = await result.catch((thrown: unknown) => thrown);
    assert.ok(error instanceof CliError);
    assert.equal(error.status, status);
    assert.equal(state.closed, 1);
  });
}

test('run: a view that cannot be made takes the listeners with it', async () => {
  const signals = new EventEmitter();
  const failing = runParts(async () => {
    throw new Error('no view');
  }, false);
  await assert.rejects(runCommand(request, failing, signals), /no view/);
  assert.deepEqual(signals.eventNames(), []);
});

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'fwctl-emu-test-')));
after(() => rmSync(scratch, { recursive: true }));
const abi = abiProfile('latest');
assert.ok(abi);

function device(name: string): HostDevice {
  return { name, spec: DEFAULT_DEVICE } as HostDevice;
}

function serveParts(changes: Partial<ServeParts> = {}) {
  const plugged: HostDevice[] = [];
  const host: HostPart = {
    plug(spec) {
      const added = { ...device(`fwctl${plugged.length}`), spec };
      plugged.push(added);
      return added;
    },
    devices: () => plugged,
    onChange: () => nothing,
  };
  const events: string[] = [];
  let unmounted = (_: string) => {};
  const ended = new Promise<string>((resolve) => {
    unmounted = resolve;
  });
  const session = (way: string) => async () => {
    events.push(`start ${way}`);
    return { ended, close: () => void events.push('close') };
  };
  const parts: ServeParts = {
    host,
    system: {
      mountTable: () => [],
      askMount: async () => 'dead',
      unmountLazily: () => {
        events.push('unmount');
        return 0;
      },
    },
    cuseRefusal: () => '/dev/cuse: ENOENT',
    startCuse: session('cuse'),
    startFuse: session('fuse'),
    notify: (text) => {
      events.push(text.split('\n')[0] ?? '');
      return 0;
    },
    say: (line) => void events.push(line),
    log,
    ...changes,
  };
  return { parts, events, unmounted: (reason: string) => unmounted(reason) };
}

function options(name: string, changes: Partial<ServeOptions> = {}): ServeOptions {
  return {
    settings: { abi: abi as NonNullable<typeof abi>, devices: [DEFAULT_DEVICE] },
    transport: 'auto',
    devDir: join(scratch, name),
    ...changes,
  };
}

for (const name of SERVE_SIGNALS) {
  test(`serve: ${name} takes everything away and is 0`, async () => {
    const { parts, events } = serveParts();
    const signals = new EventEmitter();
    const status = serveUntilSignal(options(name), parts, signals, unwanted);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(existsSync(join(scratch, name)));
    signals.emit(name);
    assert.equal(await status, 0);
    assert.equal(existsSync(join(scratch, name)), false);
    const line = `fwctl-emu: serving fwctl0 (mlx5 connectx6dx, 0000:00:0a.0) in ${join(scratch, name)} by a FUSE mount, as linux-7.3 does`;
    assert.deepEqual(events, ['start fuse', 'READY=1', line, 'STOPPING=1', 'close']);
    assert.deepEqual(signals.eventNames(), []);
  });
}

test('serve: a second signal ends a close that hangs', async () => {
  const hanging = async () => ({ ended: new Promise<string>(nothing), close: () => new Promise<void>(nothing) });
  const { parts, events } = serveParts({ startFuse: hanging });
  const signals = new EventEmitter();
  const forced: number[] = [];
  const status = serveUntilSignal(options('hang'), parts, signals, (code) => void forced.push(code));
  await new Promise((resolve) => setTimeout(resolve, 20));
  signals.emit('SIGTERM');
  await tick();
  signals.emit('SIGINT');
  assert.deepEqual(forced, [130]);
  assert.ok(events.includes('unmount'));
  assert.equal(existsSync(join(scratch, 'hang')), false);
  assert.equal(await status, 0);
});

test('serve: a mount taken away by somebody else ends it with 1', async () => {
  const { parts, unmounted } = serveParts();
  const status = serveUntilSignal(options('gone'), parts, new EventEmitter(), unwanted);
  unmounted('it was unmounted');
  await assert.rejects(status, /is not served any more: it was unmounted/);
  assert.equal(existsSync(join(scratch, 'gone')), false);
});

test('serve: what fails at start leaves no directory', async () => {
  const failing = async () => {
    throw new Error('mount refused');
  };
  const { parts, events } = serveParts({ startFuse: failing });
  await assert.rejects(serveUntilSignal(options('fail'), parts, new EventEmitter(), unwanted), /mount refused/);
  assert.equal(existsSync(join(scratch, 'fail')), false);
  assert.deepEqual(events, []);
});

test('serve: which transport', async () => {
  const chosen = async (changes: Partial<ServeOptions>, cuse: string | undefined) => {
    // Parts that refuse to start tell by that which was chosen.
    const { parts } = serveParts({
      cuseRefusal: () => cuse,
      startCuse: async () => Promise.reject(new Error('cuse')),
      startFuse: async () => Promise.reject(new Error('fuse')),
      // Nothing is at /dev/fwctl as far as these are concerned.
    });
    return serveUntilSignal(options('t', changes), parts, new EventEmitter(), unwanted).catch(
      (error: Error) => error.message,
    );
  };
  assert.equal(await chosen({}, undefined), 'fuse', 'another directory is always FUSE');
  assert.equal(await chosen({ transport: 'fuse' }, undefined), 'fuse');
  assert.match(
    String(await chosen({ transport: 'cuse' }, undefined)),
    /CUSE makes its nodes in \/dev\/fwctl and nowhere else/,
  );
  assert.match(
    String(await chosen({ transport: 'cuse', devDir: undefined }, '/dev/cuse: ENOENT')),
    /CUSE cannot be used/,
  );
});

test('the line of serve names few devices and counts many', () => {
  const many = Array.from({ length: 5 }, (_, index) => device(`fwctl${index}`));
  assert.match(serveLine([], '/d', 'cuse', 'v2'), /serving no device in \/d by CUSE, as v2 does/);
  assert.match(serveLine(many, '/d', 'fuse', 'v2'), /5 devices, fwctl0 .* to fwctl4 /);
});

test('each signal that is to end the command frees what is held', () => {
  let freed = 0;
  const stop = freeHeldAtSignals(() => freed++);
  process.emit('SIGHUP');
  process.emit('SIGTERM');
  assert.equal(freed, 2);
  stop();
  for (const name of ['SIGHUP', 'SIGTERM', 'SIGINT', 'SIGQUIT'] as const) process.emit(name);
  assert.equal(freed, 2, 'not after its end');
});
