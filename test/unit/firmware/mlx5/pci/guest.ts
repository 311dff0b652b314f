/** A machine with memory and interrupts, and a driver in it that brings the function up as mlx5_core does. */

import { messageBuffer } from '../../../../../src/abi/message-buffer.ts';
import { ENTRY, INIT_SEGMENT, MAILBOX } from '../../../../../src/abi/mlx5/command-interface.ts';
import { EQ_DOORBELL } from '../../../../../src/abi/mlx5/events.ts';
import { OPCODE } from '../../../../../src/abi/mlx5/opcodes.ts';
import type { ExecuteCommand, PciBus, PciFunction } from '../../../../../src/abi/pci/bus.ts';
import { connectx6dx } from '../../../../../src/devices/mlx5/connectx6dx.ts';
import { createMlx5Firmware, type Mlx5Firmware } from '../../../../../src/firmware/mlx5/firmware.ts';
import { LateBus } from '../../../../../src/firmware/mlx5/pci/function.ts';
import { xor8 } from '../../../../../src/firmware/mlx5/pci/mailboxes.ts';

export const PAGE = 4096;
/** Where the driver's things stand in the guest's memory. */
const QUEUE = 0x10_0000;
const MAILBOXES = 0x20_0000;
const GIVEN = 0x100_0000;

export class GuestMachine implements PciBus {
  readonly memory = new Uint8Array(32 * 1024 * 1024);
  readonly view = new DataView(this.memory.buffer);
  readonly interrupts: number[] = [];

  read(address: number, into: Uint8Array): boolean {
    if (!this.holds(address, into.length)) return false;
    into.set(this.memory.subarray(address, address + into.length));
    return true;
  }

  write(address: number, bytes: Uint8Array): boolean {
    if (!this.holds(address, bytes.length)) return false;
    this.memory.set(bytes, address);
    return true;
  }

  interrupt(vector: number): void {
    this.interrupts.push(vector);
  }

  private holds(address: number, length: number): boolean {
    return Number.isSafeInteger(address) && address >= 0 && address + length <= this.memory.length;
  }
}

export interface Reply {
  /** How it was delivered; -1: the entry is still the function's. */
  readonly delivery: number;
  readonly status: number;
  readonly syndrome: number;
  readonly view: DataView;
  readonly bytes: Uint8Array;
}

export interface Asked {
  readonly opMod?: number;
  readonly in?: number;
  readonly out?: number;
  readonly slot?: number;
  readonly signed?: boolean;
  fill?(view: DataView, bytes: Uint8Array): void;
  /** What is wrong with it, once it stands in memory: entry, first mailbox of the request. */
  spoil?(entry: number, mailbox: number): void;
}

export class GuestDriver {
  readonly machine = new GuestMachine();
  readonly pci: PciFunction;
  private token = 0;
  private nextPage = GIVEN;

  constructor(pci: PciFunction) {
    this.pci = pci;
    pci.attach(this.machine);
  }

  read(offset: number): number {
    const bytes = new Uint8Array(4);
    this.pci.read(offset, bytes);
    return new DataView(bytes.buffer).getUint32(0);
  }

  write(offset: number, value: number): void {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value);
    this.pci.write(offset, bytes);
  }

  /** Tells where the queue is. */
  beginQueue(address = QUEUE): void {
    this.machine.memory.fill(0, address, address + 32 * ENTRY.bytes);
    this.write(INIT_SEGMENT.commandQueueHigh, 0);
    this.write(INIT_SEGMENT.commandQueueLow, address);
  }

  command(opcode: number, asked: Asked = {}): Reply {
    const { slot = 0, out = 16 } = asked;
    this.start(opcode, asked);
    return this.reply(slot, out);
  }

  /** Puts an entry there and rings. */
  start(opcode: number, { opMod = 0, in: length = 16, out = 16, slot = 0, signed, fill, spoil }: Asked = {}): void {
    const { machine } = this;
    const request = new Uint8Array(length);
    const view = new DataView(request.buffer);
    view.setUint16(0, opcode);
    view.setUint16(6, opMod);
    fill?.(view, request);
    this.token = (this.token % 255) + 1;
    const chain = MAILBOXES + slot * 0x40000;
    this.chain(chain, request.subarray(16), Math.ceil(Math.max(0, length - 16) / 512), signed === true);
    this.chain(chain + 0x20000, new Uint8Array(0), Math.ceil(Math.max(0, out - 16) / 512), signed === true);
    const at = QUEUE + slot * ENTRY.bytes;
    const entry = new Uint8Array(ENTRY.bytes);
    const entryView = new DataView(entry.buffer);
    entry[ENTRY.type] = ENTRY.pciTransport;
    entryView.setUint32(ENTRY.inLength, length);
    entryView.setBigUint64(ENTRY.inPointer, BigInt(chain));
    entry.set(request.subarray(0, 16), ENTRY.in);
    entryView.setBigUint64(ENTRY.outPointer, BigInt(chain + 0x20000));
    entryView.setUint32(ENTRY.outLength, out);
    entry[ENTRY.token] = this.token;
    entry[ENTRY.statusOwn] = 1;
    entry[ENTRY.signature] = xor8(entry) ^ 0xff;
    machine.memory.set(entry, at);
    spoil?.(at, chain);
    this.write(INIT_SEGMENT.commandDoorbell, (1 << slot) >>> 0);
  }

  reply(slot = 0, out = 16): Reply {
    const { machine } = this;
    const at = QUEUE + slot * ENTRY.bytes;
    const own = machine.memory[at + ENTRY.statusOwn] ?? 0;
    const bytes = new Uint8Array(Math.max(16, out));
    bytes.set(machine.memory.subarray(at + ENTRY.out, at + ENTRY.out + 16));
    const chain = MAILBOXES + slot * 0x40000 + 0x20000;
    for (let i = 0; 16 + i * 512 < out; i++) {
      const block = machine.memory.subarray(chain + i * 1024, chain + i * 1024 + Math.min(512, out - 16 - i * 512));
      bytes.set(block, 16 + i * 512);
    }
    const view = new DataView(bytes.buffer);
    const delivery = (own & 1) === 1 ? -1 : own >> 1;
    return { delivery, status: view.getUint8(0), syndrome: view.getUint32(4), view, bytes };
  }

  /** Gives pages that nobody had. */
  givePages(count: number): Reply {
    const first = this.nextPage;
    this.nextPage += count * PAGE;
    return this.command(OPCODE.MANAGE_PAGES, {
      opMod: 1,
      in: 16 + count * 8,
      slot: 31,
      fill(view) {
        view.setUint32(12, count);
        for (let i = 0; i < count; i++) view.setBigUint64(16 + i * 8, BigInt(first + i * PAGE));
      },
    });
  }

  /** Takes up to so many pages back; how many came. */
  takePages(most: number): number {
    const reply = this.command(OPCODE.MANAGE_PAGES, {
      opMod: 2,
      out: 16 + most * 8,
      slot: 31,
      fill: (view) => view.setUint32(12, most),
    });
    return reply.view.getUint32(8);
  }

  pagesWanted(opMod: number): number {
    return this.command(OPCODE.QUERY_PAGES, { opMod }).view.getInt32(12);
  }

  /** ENABLE_HCA to INIT_HCA. */
  bringUp(): void {
    this.beginQueue();
    this.must(this.command(OPCODE.ENABLE_HCA, { out: 12 }));
    this.must(this.command(OPCODE.SET_ISSI, { fill: (view) => view.setUint16(10, 1) }));
    this.must(this.givePages(this.pagesWanted(1)));
    this.must(this.givePages(this.pagesWanted(2)));
    this.must(this.command(OPCODE.INIT_HCA, { in: 32 }));
  }

  allocUar(): number {
    return this.must(this.command(OPCODE.ALLOC_UAR)).view.getUint32(8) & 0xffffff;
  }

  /** An event queue of 2^logSize entries at `ring`, armed. */
  createEq(uar: number, ring: number, events: bigint, { logSize = 5, vector = 0 } = {}): number {
    const pages = Math.ceil((2 ** logSize * 64) / PAGE);
    // mlx5_core eq.c: init_eq_buf()
    for (let i = 0; i < 2 ** logSize; i++) this.machine.memory[ring + i * 64 + 63] = 1;
    const reply = this.command(OPCODE.CREATE_EQ, {
      in: 272 + pages * 8,
      fill(view) {
        view.setUint32(16 + 12, (logSize << 24) | uar);
        view.setUint32(16 + 20, vector);
        view.setBigUint64(88, events);
        for (let i = 0; i < pages; i++) view.setBigUint64(272 + i * 8, BigInt(ring + i * PAGE));
      },
    });
    const eqn = this.must(reply).view.getUint32(8) & 0xff;
    this.ringEq(uar, eqn, 0);
    return eqn;
  }

  ringEq(uar: number, eqn: number, consumed: number, arm = true): void {
    this.write(uar * PAGE + (arm ? EQ_DOORBELL.arm : EQ_DOORBELL.quiet), ((eqn << 24) | consumed) >>> 0);
  }

  /** The type of the entry there, or undefined: it is not the driver's in that pass. */
  eqe(ring: number, index: number, logSize = 5): { type: number; subType: number; data: DataView } | undefined {
    const at = ring + (index % 2 ** logSize) * 64;
    const { memory } = this.machine;
    if (((memory[at + 63] ?? 0) & 1) !== (Math.floor(index / 2 ** logSize) & 1)) return undefined;
    const data = new DataView(memory.buffer, at + 32, 28);
    return { type: memory[at + 1] ?? 0, subType: memory[at + 3] ?? 0, data };
  }

  must(reply: Reply): Reply {
    if (reply.delivery !== 0 || reply.status !== 0) {
      throw new Error(`delivery ${reply.delivery}, status ${reply.status}, syndrome ${reply.syndrome.toString(16)}`);
    }
    return reply;
  }

  private chain(at: number, bytes: Uint8Array, count: number, signed: boolean): void {
    const { memory, view } = this.machine;
    for (let i = 0; i < count; i++) {
      const block = at + i * 1024;
      memory.fill(0, block, block + MAILBOX.bytes);
      memory.set(bytes.subarray(i * 512, i * 512 + 512), block);
      view.setBigUint64(block + MAILBOX.next, i + 1 < count ? BigInt(block + 1024) : 0n);
      view.setUint32(block + MAILBOX.number, i);
      memory[block + MAILBOX.token] = this.token;
      if (!signed) continue;
      const control = memory.subarray(block + MAILBOX.reserved, block + MAILBOX.signature);
      memory[block + MAILBOX.controlSignature] = xor8(control) ^ 0xff;
      memory[block + MAILBOX.signature] = xor8(memory.subarray(block, block + MAILBOX.bytes)) ^ 0xff;
    }
  }
}

export interface Guest {
  readonly driver: GuestDriver;
  readonly firmware: Mlx5Firmware;
  /** Moves the clock, and lets what waits for it happen. */
  pass(ms: number): void;
  /** From now on the clock goes on by so much each time that it is looked at. */
  tick(ns: number): void;
  /** From now on commands hang, and these are they. */
  hold(): (() => void)[];
}

export function guest(): Guest {
  let now = 5_000_000_000;
  let step = 0;
  let held: (() => void)[] | undefined;
  const timers = new Set<{ at: number; callback: () => void }>();
  const clock = {
    monotonicNs() {
      now += step;
      return now;
    },
    wallMs: () => 1_700_000_000_250,
    after(ms: number, callback: () => void) {
      const timer = { at: now + ms * 1e6, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const bus = new LateBus();
  const firmware = createMlx5Firmware(connectx6dx, { clock, bus });
  const execute: ExecuteCommand = (request, outLength, done) => {
    const message = messageBuffer(request.length);
    message.bytes.set(request);
    const reply = messageBuffer(outLength);
    const run = () => {
      firmware.exec(message, reply);
      done(reply.bytes);
    };
    if (held === undefined) run();
    else held.push(run);
  };
  const pass = (ms: number) => {
    now += ms * 1e6;
    for (const timer of [...timers]) if (timer.at <= now && timers.delete(timer)) timer.callback();
  };
  const tick = (ns: number) => {
    step = ns;
  };
  const hold = () => {
    held = [];
    return held;
  };
  return { driver: new GuestDriver(firmware.pciFunction(bus, execute)), firmware, pass, tick, hold };
}
