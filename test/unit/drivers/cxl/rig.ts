/** CXL requests and a device in this process, for the tests beside this file. */
import type { Clock } from '../../../../src/abi/clock.ts';
import { uuidBytes } from '../../../../src/abi/cxl/uuids.ts';
import type { Held } from '../../../../src/abi/held.ts';
import { type MessageBuffer, messageBuffer } from '../../../../src/abi/message-buffer.ts';
import { cxlFwctl } from '../../../../src/drivers/cxl/driver.ts';
import { CxlLoopback } from '../../../../src/firmware/cxl/loopback.ts';
import { LOOPBACK_MODELS } from '../../../../src/firmware/cxl/loopback-models.ts';
import type { DoorGuard } from '../../../../src/fwctl/dialect.ts';
import type { FwctlOps, FwctlRpc } from '../../../../src/fwctl/ops.ts';

export const VENDOR_TEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
export const SPPR = '892ba475-fad8-474e-9d3e-692c917568bb';
export const vendor = (n: number) => `feed0000-0000-0000-0000-${n.toString(16).padStart(12, '0')}`;

const u16 = (value: number) => [value & 0xff, value >> 8];
const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)];
const id = (uuid: string) => [...(uuidBytes(uuid) ?? [])];
const command = (opcode: number, payload: readonly number[]) => [
  ...u32(opcode),
  ...u32(0),
  ...u32(payload.length),
  ...u32(0),
  ...payload,
];

export const list = (count: number, start = 0) => command(0x500, [...u32(count), ...u16(start), 0, 0]);
export const get = (uuid: string, count: number, offset = 0, selection = 0) =>
  command(0x501, [...id(uuid), ...u16(offset), ...u16(count), selection]);
export const set = (uuid: string, data: readonly number[], flags = 0) =>
  command(0x502, [...id(uuid), ...u32(flags), 0, 0, 1, ...Array(9).fill(0), ...data]);

export function buffer(bytes: readonly number[]): MessageBuffer {
  const message = messageBuffer(bytes.length);
  message.bytes.set(bytes);
  return message;
}

export class Rig {
  readonly loopback: CxlLoopback;
  readonly ops: FwctlOps<unknown>;

  constructor(guards: readonly DoorGuard[] = [], clock?: Clock, profile = 'cxl-loopback') {
    const model = LOOPBACK_MODELS.find(({ name }) => name === profile);
    if (model === undefined) throw new Error(profile);
    this.loopback = new CxlLoopback(model, clock);
    const ops = cxlFwctl(this.loopback, guards);
    if (ops === undefined) throw new Error('no device');
    this.ops = ops;
  }

  /** All that is answered, as many bytes as the driver says. Throws Errno. */
  rpc(request: readonly number[], scope = 0, outLength = 8192): Uint8Array {
    const [answer, reply] = this.start(request, scope, outLength);
    if (typeof answer !== 'number') throw new Error('held');
    return reply.bytes.slice(0, answer);
  }

  start(request: readonly number[], scope = 0, outLength = 8192): [number | Held<number>, MessageBuffer] {
    const reply = messageBuffer(8192);
    reply.length = outLength;
    this.loopback.begin();
    const rpc = { scope, request: buffer(request), reply, call: undefined as never } satisfies FwctlRpc;
    return [this.ops.fwRpc({}, rpc), reply];
  }
}
