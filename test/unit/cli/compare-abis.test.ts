import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { abiList, abiReport, compareAbis } from '../../../src/cli/compare-abis.ts';
import type { IoctlEvent, TraceEvent, TraceOutcome } from '../../../src/host/interceptors/trace/trace-event.ts';

const OK: TraceOutcome = { kind: 'ok', value: 0 };
const REFUSED: TraceOutcome = {
  kind: 'refused',
  errno: 'EBADMSG',
  rule: 'reading needs scope 1',
  fix: undefined,
  passes: [{ abi: 'linux-7.3', scopes: [1, 2] }],
};
const base = {
  timeUs: 0,
  device: 'fwctl0',
  driver: 'mlx5',
  file: 1,
  comm: 'x',
  tid: 1,
  callerUid: 0,
  durationUs: 1,
  held: false,
};

function rpc(command: string, outcome: TraceOutcome, status = 0): IoctlEvent {
  const reply = { status, statusName: status === 0 ? 'OK' : 'BAD_PARAM', codes: { syndrome: 0 }, fields: [], keys: [] };
  return {
    ...base,
    kind: 'ioctl',
    cmd: 0x9a01,
    outcome,
    part: {
      kind: 'rpc',
      scope: 0,
      inLen: 16,
      outLen: 16,
      uid: 1,
      request: { numbers: { opcode: 1, op_mod: 0 }, names: {}, command, fields: [] },
      requestHex: undefined,
      delivered: true,
      reply,
      replyHex: undefined,
      changed: [],
    },
  };
}
const open: TraceEvent = { ...base, kind: 'open', flags: 2, outcome: OK };

describe('abiReport', () => {
  it('shows a call that one kernel refuses, with the rule and what would pass', () => {
    const lines = abiReport([
      { abi: 'v2', status: 0, events: [open, rpc('NOP', OK), rpc('REG', OK)] },
      { abi: 'linux-7.3', status: 1, events: [open, rpc('NOP', OK), rpc('REG', REFUSED)] },
    ]);
    assert.deepEqual(lines, [
      '1 of 3 calls differ; exit status: v2 0, linux-7.3 1',
      'fwctl0 RPC scope=CONFIGURATION REG in=16 out=16',
      '  v2         OK',
      '  linux-7.3  EBADMSG: reading needs scope 1; scope 1, 2 would pass',
    ]);
  });

  it('tells repeated calls apart, and says which were not asked any more', () => {
    const lines = abiReport([
      { abi: 'a', status: 0, events: [rpc('NOP', OK), rpc('NOP', OK, 3)] },
      { abi: 'b', status: 0, events: [rpc('NOP', OK)] },
    ]);
    assert.deepEqual(lines.slice(1), [
      'fwctl0 RPC scope=CONFIGURATION NOP in=16 out=16 (2)',
      '  a  firmware BAD_PARAM (0x3)',
      '  b  not asked: the command had ended, or went another way',
    ]);
  });

  it('says so when nothing differs', () => {
    const run = { status: 0, events: [open, rpc('NOP', OK)] };
    assert.deepEqual(
      abiReport([
        { abi: 'a', ...run },
        { abi: 'b', ...run },
      ]),
      ['no difference in 2 calls; exit status: a 0, b 0'],
    );
  });

  it('keeps control characters of a program from the terminal', () => {
    const lines = abiReport([
      { abi: 'a', status: 0, events: [rpc('\x1b[2J', OK)] },
      { abi: 'b', status: 0, events: [] },
    ]);
    assert.ok(!lines.join('').includes('\x1b'));
  });
});

describe('compareAbis', () => {
  it('runs once for each kernel, in order, and gives the greatest status', async () => {
    const asked: string[] = [];
    const said: string[] = [];
    const status = await compareAbis(
      ['v2', 'linux-7.3'],
      async (abi, listener) => {
        asked.push(abi);
        listener(rpc('REG', abi === 'v2' ? OK : REFUSED));
        return abi === 'v2' ? 3 : 1;
      },
      (text) => said.push(text),
    );
    assert.equal(status, 3);
    assert.deepEqual(asked, ['v2', 'linux-7.3']);
    assert.deepEqual(said.slice(0, 3), [
      'fwctl-emu: --- v2',
      'fwctl-emu: --- linux-7.3',
      'fwctl-emu: 1 of 1 calls differ; exit status: v2 3, linux-7.3 1',
    ]);
  });
});

describe('abiList', () => {
  it('is a list only with a comma, by real names, each once', () => {
    assert.equal(abiList(undefined), undefined);
    assert.equal(abiList('v2'), undefined);
    assert.deepEqual(abiList('v2,latest'), ['v2', 'linux-7.3']);
    assert.throws(() => abiList('latest,linux-7.3'), /linux-7\.3 is given twice/);
    assert.throws(() => abiList('v2,'), /a name is missing/);
    assert.throws(() => abiList('v2,linux-7.2'), /no ABI profile "linux-7\.2" .*did you mean linux-7\.1, linux-7\.3/);
  });
});
