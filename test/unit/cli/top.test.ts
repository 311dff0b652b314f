/** top: its frames against the counters, and its keys, on a terminal that the test has. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, test } from 'node:test';
import { type TopScreen, top } from '../../../src/cli/top.ts';
import { parseFault } from '../../../src/host/interceptors/faults/parse.ts';
import { type InprocessFile, InprocessTransport } from '../../../src/transport/inprocess.ts';
import { Rig } from '../control/rig.ts';
import { command, registerCommand } from '../host/interceptors/trace/trace-fixture.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await new Rig().listen();
});
afterEach(() => rig.close());

function openFile(): InprocessFile {
  const [device] = rig.host.devices();
  return new InprocessTransport().openDevice((device as NonNullable<typeof device>).fileOps);
}

class Screen implements TopScreen {
  readonly env = {};
  readonly input: TopScreen['input'];
  readonly keys = new PassThrough();
  raw = false;
  text = '';
  readonly output: TopScreen['output'];

  constructor(isTTY: boolean) {
    this.input = Object.assign(this.keys, {
      isTTY,
      setRawMode: (on: boolean) => {
        this.raw = on;
      },
    }) as unknown as TopScreen['input'];
    this.output = { isTTY, rows: 30, columns: 120, write: (text) => (this.text += text) };
  }

  /** What stands there now, without what moves and colours. */
  get last(): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out
    return (this.text.split('\x1b[H').at(-1) ?? '').replace(/\x1b\[[?\d]*[A-Za-z]/g, '');
  }

  async shows(what: RegExp): Promise<void> {
    for (let i = 0; i < 400 && !what.test(this.last); i++) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.match(this.last, what);
  }
}

test('two frames as text: calls a second, refusals, the busiest command first', async () => {
  const file = openFile();
  const screen = new Screen(false);
  const done = top({ socket: rig.path, interval: 0.2, count: 2 }, screen);
  await screen.shows(/fwctl0 {2,}1 /);
  for (let i = 0; i < 40; i++) file.rpc(1, registerCommand(0x9020, 1, 160), 176);
  for (let i = 0; i < 4; i++) assert.throws(() => file.rpc(0, registerCommand(0x9020, 1, 160), 176));
  assert.equal(await done, 0);
  const [first = '', second = ''] = screen.text.trim().split('\n\nfwctl-emu top:');
  assert.match(first, /DEVICE +FILES +CALLS\/S +REFUSED\/S +HELD +MEAN +SLOWEST\nfwctl0 +1 +- +- +0/);
  assert.match(second, /fwctl0 +1 +\d+ +\d+(\.\d)? +0 +[\d.]+ us +(<=|>) \d+ us/);
  assert.match(second, / 40 +ok +fwctl0 +ACCESS_REG\n[^\n]* 4 +EBADMSG +fwctl0/);
  assert.equal(screen.text.includes('\x1b'), false, 'no escape sequences');
});

test('on a terminal: a filter is typed, what is held is let go, q leaves it as it was', async () => {
  const messages = await rig.context.messages();
  const fault = parseFault('rpc:opcode=QUERY_HCA_CAP:hang', messages, (_, message) => assert.fail(message));
  assert.ok(fault);
  rig.context.faults.add(fault);
  const file = openFile();
  const late = file.rpcLate(0, command(0x100, 1), 4112);
  file.rpc(1, registerCommand(0x9020, 1, 160), 176);
  const screen = new Screen(true);
  const done = top({ socket: rig.path, interval: 0.1 }, screen);
  await screen.shows(/1 +0? *1? *.*rpc:opcode=QUERY_HCA_CAP:hang/);
  assert.equal(screen.raw, true);
  await screen.shows(/ACCESS_REG/);
  for (const key of ['/', 'n', 'o', 'n', 'e', '\r']) screen.keys.write(key);
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.doesNotMatch(screen.last, /ACCESS_REG/);
  screen.keys.write('/');
  await new Promise((resolve) => setTimeout(resolve, 50));
  screen.keys.write('\x1b');
  await screen.shows(/ACCESS_REG/);
  screen.keys.write('r');
  await screen.shows(/1 held answer let go/);
  await late;
  screen.keys.write('q');
  assert.equal(await done, 0);
  assert.equal(screen.raw, false);
  assert.ok(screen.text.startsWith('\x1b[?1049h') && screen.text.endsWith('\x1b[?1049l'));
});

test('where no emulator answers, it says so; where it ends, top ends', async () => {
  await assert.rejects(
    top({ socket: '/nowhere/control.sock', interval: 1 }, new Screen(true)),
    /top: no emulator can be reached/,
  );
  const screen = new Screen(true);
  const done = top({ socket: rig.path, interval: 0.1 }, screen);
  await screen.shows(/fwctl-emu top: run/);
  await rig.finish();
  assert.equal(await done, 0);
});
