/**
 * Hop 2 and 3: bytes on /dev/fuse and /dev/cuse to an answer. Any request gets one well-formed reply or none, no
 * exception escapes, and the session lives on. (The kernel never sends most of this; a bug here would hang its caller
 * for ever.)
 */
import { openSync } from 'node:fs';
import { OPCODE, outHeader } from '../../src/abi/fuse.ts';
import { abiProfile } from '../../src/abi/profiles.ts';
import { mlx5Fwctl } from '../../src/drivers/mlx5/driver.ts';
import { rawFwctl, rawOptions } from '../../src/drivers/raw/driver.ts';
import { Loopback } from '../../src/firmware/mlx5/loopback.ts';
import { FwctlClass } from '../../src/fwctl/class.ts';
import { systemClock } from '../../src/host/machine/clock.ts';
import { Kmsg } from '../../src/kernel/kmsg.ts';
import { Taint } from '../../src/kernel/taint.ts';
import { MountSession } from '../../src/transport/fuse/mount-session.ts';
import { FuseBuffers } from '../../src/transport/fuse/reply.ts';
import { type DirectoryNode, directory, type TreeNode } from '../../src/transport/fuse/tree.ts';
import { kernelLogNode } from '../../src/view/kernel-log.ts';
import { FakeNative, MEMORY_BASE, MEMORY_BYTES } from '../unit/transport/fake-native.ts';
import type { Random } from './random.ts';
import { type FuzzTarget, hex } from './target.ts';

const OPCODES = Object.values(OPCODE);
const NAMES = ['fwctl0', 'fwctl1', 'text', 'kmsg', 'link', 'sub', 'x', '', '..', 'a'.repeat(300)];
const FNAME_MAX_REPLY = 40 * 4096;
const IN_HEADER = 40;

export function hop2Session(): FuzzTarget {
  const native = new FakeNative();
  const bugs: unknown[] = [];
  const tree = machineTree();
  const events = {
    ended: (errno: number) => bugs.push(new Error(`session ended: ${errno}`)),
    bug: bug,
    unreachable() {},
  };
  function bug(error: unknown): void {
    bugs.push(error);
  }
  new MountSession(openSync('/dev/null', 'r+'), tree, native, new FuseBuffers(native), '', events);
  return {
    name: 'hop2',
    claim: 'any FUSE request gets one well-formed reply or none, and the session lives on',
    run(random, note) {
      const message = request(random);
      note(hex(message));
      if (random.chance(5)) random.fill(native.memory);
      native.unreachable = random.chance(3) ? -1 : 0;
      native.replies.length = 0;
      native.send(message);
      if (bugs.length > 0) throw bugs[0];
      if (native.watched !== 1) throw new Error('the session has closed itself');
      for (const reply of native.replies) wellFormed(reply);
      if (native.replies.length > 1) throw new Error(`${native.replies.length} replies to one request`);
    },
  };
}

function machineTree(): DirectoryNode {
  const abi = abiProfile('linux-7.3');
  if (abi === undefined) throw new Error('no profile');
  const kmsg = new Kmsg(systemClock);
  const fwctl = new FwctlClass({ abi, taint: new Taint(), kmsg });
  const nodes = [
    fwctl.register(fwctl.alloc(), mlx5Fwctl(new Loopback(), abi)),
    fwctl.register(fwctl.alloc(), rawFwctl(rawOptions())),
  ];
  return directory([
    ...nodes.map(({ device, fileOps }): [string, TreeNode] => [
      device.name,
      { kind: 'device', fileOps, mode: 0o600, uid: 0, gid: 0 },
    ]),
    ['text', { kind: 'text', mode: 0o644, size: 4096, read: () => 'text\n', write() {} }],
    ['link', { kind: 'link', target: () => 'text' }],
    ['kmsg', kernelLogNode(kmsg, { uid: 0, gid: 0 })],
    ['sub', directory()],
  ]);
}

/** Mostly a header that leads somewhere, with a body of any length; sometimes no sense at all. */
function request(random: Random): Uint8Array {
  const opcode = random.chance(90) ? random.pick(OPCODES) : random.u32();
  const body = bodyOf(opcode, random);
  const message = new Uint8Array(IN_HEADER + body.length);
  const view = new DataView(message.buffer);
  view.setUint32(0, random.chance(90) ? message.length : random.oddNumber(), true);
  view.setUint32(4, opcode, true);
  view.setUint32(8, random.u32(), true);
  view.setUint32(12, random.below(4), true);
  view.setUint32(16, random.chance(90) ? 1 + random.below(12) : random.oddNumber(), true);
  view.setUint32(24, random.below(3), true);
  view.setUint32(32, random.chance(50) ? process.pid : random.oddNumber(), true);
  message.set(body, IN_HEADER);
  return message;
}

function bodyOf(opcode: number, random: Random): Uint8Array {
  if (opcode === OPCODE.LOOKUP && random.chance(80)) return new TextEncoder().encode(`${random.pick(NAMES)}\0`);
  const body = random.bytes(random.chance(95) ? random.below(160) : random.below(8192));
  const view = new DataView(body.buffer);
  if (body.length >= 4 && random.chance(80)) view.setUint32(0, random.below(6), true);
  if (opcode === OPCODE.IOCTL && body.length >= 32 && random.chance(80)) {
    view.setUint32(4, 0, true);
    view.setUint32(8, random.chance(80) ? 0 : random.below(8), true);
    view.setUint32(12, random.chance(80) ? 0x9a00 + random.below(3) : random.oddNumber(), true);
    view.setUint32(16, MEMORY_BASE + random.below(MEMORY_BYTES), true);
    view.setUint32(20, random.chance(95) ? 0 : random.u32(), true);
    view.setUint32(24, random.chance(90) ? 0 : random.below(64), true);
    view.setUint32(28, random.chance(90) ? 0 : random.below(64), true);
  }
  return body;
}

function wellFormed(reply: Uint8Array): void {
  const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength);
  if (reply.length < outHeader.bytes || reply.length > FNAME_MAX_REPLY)
    throw new Error(`a reply of ${reply.length} bytes`);
  if (view.getUint32(0, true) !== reply.length) throw new Error(`a reply of ${reply.length} bytes says another length`);
  const error = view.getInt32(4, true);
  if (error > 0 || error <= -512) throw new Error(`a reply with the error ${error}, which the kernel refuses`);
  if (error !== 0 && reply.length !== outHeader.bytes) throw new Error('a refusal with a body');
}
