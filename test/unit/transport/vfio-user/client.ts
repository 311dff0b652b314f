/** A vfio-user client (test/c/vfio-user-client.c) before `fwctl-emu pci`, and its messages by name. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import {
  ACCESS,
  COMMAND,
  type CommandName,
  DMA_MAP,
  FLAG,
  HEADER,
  SET_IRQS,
} from '../../../../src/transport/vfio-user/messages.ts';
import { repository } from '../../../repository.ts';

export interface Reply {
  readonly id: number;
  readonly command: number;
  readonly flags: number;
  /** errno; 0: none. */
  readonly error: number;
  readonly body: Buffer;
}

export type DescriptorKind = 'memory' | 'event' | 'null' | 'pipe';

/** `pack(4, 1n, 8, 2)`: numbers of 4 bytes, bigints of 8, bytes as they are. */
export function pack(...parts: readonly (number | bigint | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (part instanceof Uint8Array) return part;
      const bytes = Buffer.alloc(typeof part === 'bigint' ? 8 : 4);
      if (typeof part === 'bigint') bytes.writeBigUInt64LE(part);
      else bytes.writeUInt32LE(part >>> 0);
      return bytes;
    }),
  );
}

export class VfioClient {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: Interface;
  private readonly waiting: ((line: string) => void)[] = [];
  private id = 0;

  constructor(socket: string) {
    this.child = spawn(join(repository, 'build/c/vfio-user-client'), [socket]);
    this.child.stderr.pipe(process.stderr);
    this.lines = createInterface({ input: this.child.stdout });
    this.lines.on('line', (line) => this.waiting.shift()?.(line));
  }

  /** Whole bytes, whatever they are. */
  raw(bytes: Uint8Array, ...fds: readonly DescriptorKind[]): void {
    this.line(['send', Buffer.from(bytes).toString('hex'), ...fds].join(' '));
  }

  header(command: number, length: number, flags = 0): Buffer {
    this.id = (this.id + 1) & 0xffff;
    const header = Buffer.alloc(HEADER.bytes);
    header.writeUInt16LE(this.id, HEADER.id);
    header.writeUInt16LE(command, HEADER.command);
    header.writeUInt32LE(HEADER.bytes + length, HEADER.size);
    header.writeUInt32LE(flags, HEADER.flags);
    return header;
  }

  async ask(
    name: CommandName | number,
    body: Uint8Array = new Uint8Array(0),
    ...fds: DescriptorKind[]
  ): Promise<Reply> {
    const command = typeof name === 'number' ? name : COMMAND[name];
    this.raw(Buffer.concat([this.header(command, body.length), body]), ...fds);
    const reply = await this.receive();
    if (reply === undefined) throw new Error(`the connection ended at ${name}`);
    if (reply.id !== this.id || reply.command !== command || (reply.flags & FLAG.typeMask) !== FLAG.reply)
      throw new Error(`no reply to ${name}`);
    return reply;
  }

  /** Undefined: the connection has ended. */
  async receive(): Promise<Reply | undefined> {
    const line = await this.answered('receive');
    if (line === 'end') return undefined;
    const bytes = Buffer.from(line, 'hex');
    return {
      id: bytes.readUInt16LE(HEADER.id),
      command: bytes.readUInt16LE(HEADER.command),
      flags: bytes.readUInt32LE(HEADER.flags),
      error: bytes.readUInt32LE(HEADER.error),
      body: bytes.subarray(HEADER.bytes),
    };
  }

  greet(): Promise<Reply> {
    return this.ask('VERSION', Buffer.from('\0\0\0\0{"capabilities":{}}\0'));
  }

  /** The client's memory at guest address 0. */
  mapMemory(): Promise<Reply> {
    return this.ask('DMA_MAP', dmaMap(0n, 1n << 20n), 'memory');
  }

  async readRegion(region: number, offset: number, count: number): Promise<Buffer> {
    const { body } = await this.ask('REGION_READ', pack(BigInt(offset), region, count));
    return body.subarray(ACCESS.data);
  }

  writeRegion(region: number, offset: number, bytes: Uint8Array): Promise<Reply> {
    return this.ask('REGION_WRITE', pack(BigInt(offset), region, bytes.length, bytes));
  }

  /** Vectors from `first`, one eventfd each. */
  arm(first: number, count: number): Promise<Reply> {
    const fds = Array.from({ length: count }, (): DescriptorKind => 'event');
    return this.ask('DEVICE_SET_IRQS', setIrqs(0x24, 2, first, count), ...fds);
  }

  async readMemory(offset: number, length: number): Promise<Buffer> {
    return Buffer.from(await this.answered(`read ${offset} ${length}`), 'hex');
  }

  writeMemory(offset: number, bytes: Uint8Array): void {
    this.line(`write ${offset} ${Buffer.from(bytes).toString('hex')}`);
  }

  async events(): Promise<number[]> {
    const line = await this.answered('events');
    return line.split(' ').filter(Boolean).map(Number);
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null) return;
    this.child.stdin.end();
    await once(this.child, 'exit');
  }

  private line(text: string): void {
    this.child.stdin.write(`${text}\n`);
  }

  private answered(text: string): Promise<string> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.line(text);
    });
  }
}

export function dmaMap(address: bigint, bytes: bigint, { flags = 3, offset = 0n } = {}): Buffer {
  const body = Buffer.alloc(32);
  body.writeUInt32LE(32);
  body.writeUInt32LE(flags, DMA_MAP.flags);
  body.writeBigUInt64LE(offset, DMA_MAP.offset);
  body.writeBigUInt64LE(address, DMA_MAP.address);
  body.writeBigUInt64LE(bytes, DMA_MAP.size);
  return body;
}

export function setIrqs(flags: number, index: number, start: number, count: number, data = new Uint8Array(0)): Buffer {
  const body = Buffer.alloc(SET_IRQS.data);
  body.writeUInt32LE(SET_IRQS.data + data.length);
  [flags, index, start, count].forEach((value, i) => {
    body.writeUInt32LE(value, 4 + 4 * i);
  });
  return Buffer.concat([body, data]);
}
