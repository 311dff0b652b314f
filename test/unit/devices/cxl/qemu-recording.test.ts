/** QEMU's device under a real Linux 7.3.4, call by call, against the profile of that device under our driver. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ERRNO } from '../../../../src/abi/errno.ts';
import { ABI_PROFILES } from '../../../../src/abi/profiles.ts';
import { cxlQemu } from '../../../../src/devices/cxl/cxl-qemu.ts';
import { cxlFwctl } from '../../../../src/drivers/cxl/driver.ts';
import { CxlFirmware } from '../../../../src/firmware/cxl/firmware.ts';
import { FwctlClass } from '../../../../src/fwctl/class.ts';
import type { FwctlOps } from '../../../../src/fwctl/ops.ts';
import { systemClock } from '../../../../src/host/machine/clock.ts';
import { Kmsg } from '../../../../src/kernel/kmsg.ts';
import { Taint } from '../../../../src/kernel/taint.ts';
import { InprocessTransport } from '../../../../src/transport/inprocess.ts';
import { repository } from '../../../repository.ts';

interface Call {
  readonly call: string;
  readonly scope: number;
  readonly in: string;
  readonly out_len: number;
  readonly errno: string;
  readonly back: number;
  readonly out: string;
}

/** Calls that we answer otherwise, by name, and why: none. */
const DIFFERENT: ReadonlyMap<string, string> = new Map();

const [ARGUMENT, IN, OUT] = [0x10000, 0x20000, 0x30000];
const lines = readFileSync(`${repository}/test/golden/drivers/cxl-qemu.jsonl`, 'utf8').trim().split('\n');
const [info, ...calls] = lines.map((line) => JSON.parse(line)) as [Record<string, unknown>, ...Call[]];

const transport = new InprocessTransport();
const { memory } = transport;
for (const address of [ARGUMENT, IN, OUT]) memory.map(address, 0x10000);
const fwctl = new FwctlClass({
  abi: ABI_PROFILES.find(({ name }) => name === 'linux-7.3') as (typeof ABI_PROFILES)[number],
  taint: new Taint(),
  kmsg: new Kmsg(systemClock),
});
const ops = cxlFwctl(new CxlFirmware(cxlQemu.values), []) as FwctlOps<unknown>;
const file = transport.openDevice(fwctl.register(fwctl.alloc(), ops).fileOps);

function structure(...words: readonly (number | bigint)[]): DataView {
  const bytes = memory.view(ARGUMENT, 32);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 32);
  let at = 0;
  for (const word of words) {
    if (typeof word === 'bigint') view.setBigUint64(at, word, true);
    else view.setUint32(at, word, true);
    at += typeof word === 'bigint' ? 8 : 4;
  }
  return view;
}

function errnoName(result: unknown): string {
  const name = Object.entries(ERRNO).find(([, number]) => number === -Number(result))?.[0];
  return result === 0 ? 'OK' : (name ?? String(result));
}

function answered({ scope, in: request, out_len }: Call): Pick<Call, 'errno' | 'back' | 'out'> {
  const bytes = Buffer.from(request, 'hex');
  memory.view(IN, bytes.length).set(bytes);
  memory.view(OUT, out_len).fill(0xaa);
  const view = structure(32, scope, bytes.length, out_len, BigInt(IN), BigInt(OUT));
  const errno = errnoName(file.ioctl(0x9a01, ARGUMENT));
  const back = view.getUint32(12, true);
  const length = errno === 'OK' ? Math.min(back, out_len) : 0;
  return { errno, back, out: Buffer.from(memory.view(OUT, length)).toString('hex') };
}

test('INFO', () => {
  memory.view(OUT, 16).set(new Uint8Array(new Uint32Array([1, 1, 1, 1]).buffer));
  const view = structure(24, 0, 0, 16, BigInt(OUT));
  const errno = errnoName(file.ioctl(0x9a00, ARGUMENT));
  const data = [...new Uint32Array(memory.view(OUT, 16).slice().buffer)];
  const seen = { call: 'INFO', errno, type: view.getUint32(8, true), len: view.getUint32(12, true), data };
  assert.deepEqual(seen, info);
});

test('every call of the recording is answered as the real device did', () => {
  assert.equal(calls.length, 88);
  const different = calls.flatMap((call, index) => {
    const own = answered(call);
    const { errno, back, out } = call;
    const same = own.errno === errno && own.back === back && own.out === out;
    return same || DIFFERENT.has(call.call) ? [] : [{ index, call: call.call, own, recorded: { errno, back, out } }];
  });
  assert.deepEqual(different, []);
});
