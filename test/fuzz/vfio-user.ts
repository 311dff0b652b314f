/**
 * A hostile machine before `fwctl-emu pci`: any bytes on the socket, any messages with any descriptors, and any entries
 * and mailboxes in its memory that a doorbell then rings. Nothing is thrown, and no descriptor is kept.
 */
import { closeSync, ftruncateSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageBuffer } from '../../src/abi/message-buffer.ts';
import { ENTRY, MAILBOX } from '../../src/abi/mlx5/command-interface.ts';
import type { ExecuteCommand } from '../../src/abi/pci/bus.ts';
import { configSpace } from '../../src/abi/pci/function.ts';
import { connectx6dx } from '../../src/devices/mlx5/connectx6dx.ts';
import { MLX5_COMMANDS } from '../../src/firmware/mlx5/commands.ts';
import { createMlx5Firmware } from '../../src/firmware/mlx5/firmware.ts';
import { mlx5Shape } from '../../src/firmware/mlx5/function/shape.ts';
import { LateBus } from '../../src/firmware/mlx5/pci/function.ts';
import { xor8 } from '../../src/firmware/mlx5/pci/mailboxes.ts';
import { systemClock } from '../../src/host/machine/clock.ts';
import type { Watch } from '../../src/transport/native.ts';
import { type ConnectionNative, VfioUserConnection } from '../../src/transport/vfio-user/connection.ts';
import { VfioUserDevice } from '../../src/transport/vfio-user/device.ts';
import { COMMAND, HEADER, MAX_MESSAGE, MESSAGES } from '../../src/transport/vfio-user/messages.ts';
import type { Random } from './random.ts';
import { type FuzzTarget, hex } from './target.ts';

const EAGAIN = 11;
const MEMORY = 1 << 20;
const QUEUE = 0x1000;
const CHAINS = 0x10000;
const NAMES = Object.keys(COMMAND) as (keyof typeof COMMAND)[];
const OPCODES = MLX5_COMMANDS.rows.map(({ opcode }) => opcode);
/** Inputs before one machine of it goes and the next comes. */
const INPUTS_A_LIFE = 400;

/** The socket, as far as the connection sees it: bytes and descriptors that have been sent to it. */
class FakeStream implements ConnectionNative {
  input = new Uint8Array(0);
  fds: number[] = [];
  replies = 0;
  private callback: (() => void) | undefined;

  watch(_fd: number, callback: () => void): Watch {
    this.callback = callback;
    return { brand: 'watch' };
  }

  unwatch(): void {
    this.callback = undefined;
  }

  receiveBytes(_fd: number, buffer: ArrayBuffer, from: number, length: number, fds: ArrayBuffer): number {
    const received = new Int32Array(fds);
    received[0] = Math.min(this.fds.length, 16);
    for (const [i, fd] of this.fds.splice(0).entries()) {
      if (i < 16) received[i + 1] = fd;
      else closeSync(fd);
    }
    if (this.input.length === 0) return -EAGAIN;
    const part = this.input.subarray(0, length);
    new Uint8Array(buffer).set(part, from);
    this.input = this.input.subarray(part.length);
    return part.length;
  }

  sendBytes(_fd: number, _buffer: ArrayBuffer, _from: number, length: number): number {
    this.replies++;
    return length;
  }

  /** False: nobody listens any more. */
  feed(bytes: Uint8Array, fds: number[]): boolean {
    this.input = bytes.slice();
    this.fds = fds;
    for (let i = 0; i < 16 && this.input.length > 0 && this.callback !== undefined; i++) this.callback();
    for (const fd of this.fds.splice(0)) closeSync(fd);
    return this.callback !== undefined;
  }
}

export function vfioUser(): FuzzTarget {
  const path = join(tmpdir(), `fwctl-emu-fuzz-${process.pid}`);
  const memory = openSync(path, 'w+', 0o600);
  rmSync(path);
  ftruncateSync(memory, MEMORY);
  const bus = new LateBus();
  const firmware = createMlx5Firmware(connectx6dx, { clock: { ...systemClock, after: () => () => {} }, bus });
  const execute: ExecuteCommand = (bytes, outLength, done) => {
    const request = messageBuffer(bytes.length);
    request.bytes.set(bytes);
    const reply = messageBuffer(outLength);
    firmware.exec(request, reply);
    done(reply.bytes);
  };
  const system = { close: closeSync, signal() {}, isEvent: () => true };
  const device = new VfioUserDevice(firmware.pciFunction(bus, execute), configSpace(mlx5Shape(connectx6dx)), system);
  /** As the first machine comes: the program has what it has by then. */
  let ownFds: number | undefined;
  let stream = new FakeStream();
  let connection: VfioUserConnection | undefined;
  let inputs = 0;

  const copy = () => openSync(`/proc/self/fd/${memory}`, 'r+');
  const connect = () => {
    stream = new FakeStream();
    const ended = () => {
      connection = undefined;
    };
    connection = new VfioUserConnection(openSync('/dev/null', 'r+'), device, stream, closeSync, { ended });
    stream.feed(message(COMMAND.VERSION, new Uint8Array(4)), []);
    const map = new Uint8Array(32);
    const view = new DataView(map.buffer);
    view.setUint32(4, 3, true);
    view.setBigUint64(24, BigInt(MEMORY), true);
    stream.feed(message(COMMAND.DMA_MAP, map), [copy()]);
    stream.feed(message(COMMAND.REGION_WRITE, access(0, 0x10, 0, QUEUE)), []);
  };

  return {
    name: 'vfio-user',
    claim: 'whatever a machine sends, or its driver has in its memory, nothing is thrown and no descriptor kept',
    run(random, note) {
      if (inputs++ % INPUTS_A_LIFE === 0) {
        connection?.end();
        const fds = readdirSync('/proc/self/fd').length;
        ownFds ??= fds;
        if (fds !== ownFds) throw new Error(`${fds} descriptors, ${ownFds} before anybody came`);
      }
      if (connection === undefined) connect();
      if (random.chance(60)) {
        const slots = command(random, memory, note);
        stream.feed(message(COMMAND.REGION_WRITE, access(0, 0x18, slots)), []);
        return;
      }
      const bytes = random.chance(90) ? anyMessage(random) : random.bytes(random.below(200));
      const fds = Array.from({ length: random.chance(30) ? random.below(20) : 0 }, copy);
      note(`${fds.length} descriptors, ${hex(bytes)}`);
      stream.feed(bytes, fds);
    },
  };
}

function message(number: number, body: Uint8Array, size = HEADER.bytes + body.length): Uint8Array {
  const bytes = new Uint8Array(HEADER.bytes + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(HEADER.command, number, true);
  view.setUint32(HEADER.size, size, true);
  bytes.set(body, HEADER.bytes);
  return bytes;
}

/** A write of big-endian dwords. */
function access(region: number, offset: number, ...dwords: number[]): Uint8Array {
  const body = new Uint8Array(16 + dwords.length * 4);
  const view = new DataView(body.buffer);
  view.setBigUint64(0, BigInt(offset), true);
  view.setUint32(8, region, true);
  view.setUint32(12, dwords.length * 4, true);
  dwords.forEach((value, i) => {
    view.setUint32(16 + i * 4, value);
  });
  return body;
}

function anyMessage(random: Random): Uint8Array {
  const name = random.pick(NAMES);
  const body = random.bytes(random.chance(80) ? MESSAGES[name].bytes + random.below(24) : random.below(64));
  const view = new DataView(body.buffer);
  // Words that are near what there is.
  for (let at = 0; at + 4 <= body.length; at += 4)
    if (random.chance(50)) view.setUint32(at, random.pick([0, 1, 2, 4, 7, 0x21, 0x24, 4096, random.oddNumber()]), true);
  const odd = random.chance(3) ? random.pick([0, 8, MAX_MESSAGE + 1, random.u32()]) : undefined;
  return message(random.chance(97) ? COMMAND[name] : random.below(0x10000), body, odd);
}

/** An entry and its mailboxes, right but for some of it; the doorbell's bits. */
function command(random: Random, memory: number, note: (text: string) => void): number {
  const slot = random.below(32);
  const inLength = 16 + (random.chance(70) ? random.below(600) : random.oddNumber() % 8192);
  const outLength = random.chance(80) ? random.below(5000) : random.oddNumber();
  const request = random.bytes(16);
  const token = random.below(256);
  const entry = random.chance(5) ? random.bytes(ENTRY.bytes) : new Uint8Array(ENTRY.bytes);
  const view = new DataView(entry.buffer);
  entry[ENTRY.type] = random.chance(98) ? ENTRY.pciTransport : random.below(256);
  new DataView(request.buffer).setUint16(0, random.chance(95) ? random.pick(OPCODES) : random.below(0x10000));
  if (random.chance(80)) new DataView(request.buffer).setUint32(2, 0);
  if (random.chance(80)) request[7] = random.below(4);
  view.setUint32(ENTRY.inLength, random.chance(95) ? inLength : random.oddNumber());
  view.setBigUint64(ENTRY.inPointer, BigInt(random.chance(95) ? CHAINS : random.oddNumber()));
  entry.set(request, ENTRY.in);
  view.setBigUint64(ENTRY.outPointer, BigInt(random.chance(95) ? CHAINS + 0x8000 : random.oddNumber()));
  view.setUint32(ENTRY.outLength, outLength);
  entry[ENTRY.token] = token;
  entry[ENTRY.statusOwn] = 1;
  entry[ENTRY.signature] = xor8(entry) ^ 0xff;
  note(`slot ${slot}, entry ${hex(entry)}`);
  writeSync(memory, entry, 0, entry.length, QUEUE + slot * ENTRY.bytes);
  for (const [start, count] of [
    [CHAINS, Math.min(20, Math.ceil(inLength / 512))],
    [CHAINS + 0x8000, 10],
  ] as const) {
    for (let i = 0; i < count; i++) {
      const block = random.bytes(MAILBOX.bytes);
      const at = start + i * MAILBOX.align;
      const blockView = new DataView(block.buffer);
      blockView.setBigUint64(MAILBOX.next, BigInt(random.chance(98) ? at + MAILBOX.align : random.oddNumber()));
      blockView.setUint32(MAILBOX.number, random.chance(99) ? i : random.u32());
      block[MAILBOX.token] = random.chance(99) ? token : random.below(256);
      writeSync(memory, block, 0, block.length, at);
    }
  }
  return (1 << slot) >>> 0;
}
