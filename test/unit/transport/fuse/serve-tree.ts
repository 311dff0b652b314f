/** A tree served over a fake kernel, whose requests a test makes one by one. */
import { openSync } from 'node:fs';
import { entryOut, OPCODE } from '../../../../src/abi/fuse.ts';
import { MountSession } from '../../../../src/transport/fuse/mount-session.ts';
import { FuseBuffers } from '../../../../src/transport/fuse/reply.ts';
import type { DeviceNode, DirectoryNode } from '../../../../src/transport/fuse/tree.ts';
import { FakeNative, words } from '../fake-native.ts';

export const ROOT = 1;

/** A request's answer: `error` is 0 or -errno. */
export interface Reply {
  readonly error: number;
  readonly body: DataView;
}

export class ServedTree {
  readonly native = new FakeNative();
  readonly bugs: unknown[] = [];
  readonly session: MountSession;

  constructor(root: DirectoryNode) {
    const fd = openSync('/dev/null', 'r+');
    this.session = new MountSession(fd, root, this.native, new FuseBuffers(this.native), 'user:[1]', {
      ended: () => {},
      bug: (error) => this.bugs.push(error),
      unreachable: (error) => this.bugs.push(error),
    });
  }

  ask(opcode: number, nodeid: number, ...body: (Uint8Array | string)[]): Reply {
    const parts = body.map((part) => (typeof part === 'string' ? new TextEncoder().encode(`${part}\0`) : part));
    const reply = this.native.ask(opcode, nodeid, new Uint8Array(Buffer.concat(parts)));
    if (reply === undefined) throw new Error(`opcode ${opcode} was not answered`);
    return reply;
  }

  /** The id of a name; throws when it is not there. */
  id(name: string, parent = ROOT): number {
    const { error, body } = this.ask(OPCODE.LOOKUP, parent, name);
    if (error !== 0) throw new Error(`${name}: ${error}`);
    return body.getUint32(entryOut.nodeid, true);
  }

  opendir(id: number = ROOT): number {
    return this.ask(OPCODE.OPENDIR, id, words(0, 0)).body.getUint32(0, true);
  }

  /** Names and places of one READDIR. */
  readdir(handle: number, place: number, size = 4096, id: number = ROOT): { name: string; next: number }[] {
    const { error, body } = this.ask(
      OPCODE.READDIR,
      id,
      words(handle, 0, place, Math.floor(place / 2 ** 32), size, 0, 0, 0, 0, 0),
    );
    if (error !== 0) throw new Error(`READDIR: ${error}`);
    const entries: { name: string; next: number }[] = [];
    for (let at = 0; at < body.byteLength; ) {
      const length = body.getUint32(at + 16, true);
      const name = new TextDecoder().decode(new Uint8Array(body.buffer, body.byteOffset + at + 24, length));
      entries.push({ name, next: body.getUint32(at + 8, true) });
      at += (24 + length + 7) & ~7;
    }
    return entries;
  }
}

export function device(more: Partial<DeviceNode> = {}): DeviceNode {
  const fileOps = { open: () => ({ ioctl: () => 0, release() {} }) };
  return { kind: 'device', fileOps, mode: 0o600, uid: 7, gid: 8, ...more };
}
