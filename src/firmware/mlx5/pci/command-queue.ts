/**
 * The command queue of a function (mlx5_core cmd.c): a doorbell names entries of the driver's page; each is fetched,
 * carried out and answered in its place, its status and owner last, and, once an event queue wants to hear of commands,
 * by an event. An entry that is rung again while it runs is not looked at.
 */
import { DELIVERY, ENTRY, LOG_ENTRIES } from '../../../abi/mlx5/command-interface.ts';
import { EVENT, EVENT_DATA } from '../../../abi/mlx5/events.ts';
import type { ExecuteCommand, PciBus } from '../../../abi/pci/bus.ts';
import type { EventQueue } from '../hca/event-queue.ts';
import type { Hca } from '../hca/hca.ts';
import { type Delivery, Mailboxes, xor8 } from './mailboxes.ts';

/** Longer commands are none: what FWCTL_RPC takes. */
const LONGEST = 2 * 1024 * 1024;

interface Command {
  readonly slot: number;
  readonly entry: Uint8Array;
  readonly view: DataView;
}

export class CommandQueue {
  private readonly hca: Hca;
  private readonly execute: ExecuteCommand;
  private readonly mailboxes = new Mailboxes();
  private readonly running = new Set<number>();
  /** Where the driver's entries stand; undefined: it has not said. */
  private address: number | undefined;
  /** Of this queue's life: what ends after a reset belongs to nobody. */
  private life = 0;

  constructor(hca: Hca, execute: ExecuteCommand) {
    this.hca = hca;
    this.execute = execute;
  }

  /** Entries at `address`, of which nobody has rung. */
  begin(address: number): void {
    this.end();
    this.address = address;
  }

  /** Nothing is fetched or answered any more. */
  end(): void {
    this.address = undefined;
    this.running.clear();
    this.life++;
  }

  /** The doorbell: a bit an entry. */
  ring(slots: number): void {
    for (let slot = 0; slot < 2 ** LOG_ENTRIES; slot++) if (((slots >>> slot) & 1) === 1) this.fetch(slot);
  }

  private fetch(slot: number): void {
    const { bus } = this.hca;
    if (bus === undefined || this.address === undefined || this.running.has(slot)) return;
    const entry = new Uint8Array(ENTRY.bytes);
    if (!bus.read(this.address + slot * ENTRY.bytes, entry)) return;
    if (((entry[ENTRY.statusOwn] ?? 0) & 1) === 0) return;
    const command: Command = { slot, entry, view: new DataView(entry.buffer) };
    this.running.add(slot);
    const { life } = this;
    // Who hears of commands is settled before it runs: a queue that it makes does not hear of itself.
    const told = [...this.hca.queues.values()].filter((queue) => queue.wants(EVENT.command));
    const request = this.request(bus, command);
    if (typeof request === 'number') {
      this.complete(bus, command, request, told);
      return;
    }
    this.execute(request, command.view.getUint32(ENTRY.outLength), (reply) => {
      if (life !== this.life) return;
      const delivery = reply === undefined ? DELIVERY.firmware : this.reply(bus, command, reply);
      this.complete(bus, command, delivery, told);
    });
  }

  private request(bus: PciBus, { entry, view }: Command): Uint8Array | Delivery {
    if (entry[ENTRY.type] !== ENTRY.pciTransport) return DELIVERY.descriptor;
    const { signed } = this.hca;
    if (signed && xor8(entry) !== 0xff) return DELIVERY.signature;
    const length = view.getUint32(ENTRY.inLength);
    if (length < ENTRY.inlineBytes || length > LONGEST) return DELIVERY.inLength;
    if (view.getUint32(ENTRY.outLength) > LONGEST) return DELIVERY.outLength;
    const request = new Uint8Array(length);
    request.set(entry.subarray(ENTRY.in, ENTRY.in + ENTRY.inlineBytes));
    const rest = request.subarray(ENTRY.inlineBytes);
    const pointer = Number(view.getBigUint64(ENTRY.inPointer));
    const delivery = this.mailboxes.read(bus, pointer, entry[ENTRY.token] ?? 0, signed, rest);
    return delivery === DELIVERY.ok ? request : delivery;
  }

  private reply(bus: PciBus, { entry, view }: Command, reply: Uint8Array): Delivery {
    entry.fill(0, ENTRY.out, ENTRY.out + ENTRY.inlineBytes);
    entry.set(reply.subarray(0, ENTRY.inlineBytes), ENTRY.out);
    const pointer = Number(view.getBigUint64(ENTRY.outPointer));
    const rest = reply.subarray(ENTRY.inlineBytes);
    return this.mailboxes.write(bus, pointer, entry[ENTRY.token] ?? 0, this.hca.signed, rest);
  }

  private complete(bus: PciBus, { slot, entry }: Command, delivery: Delivery, told: readonly EventQueue[]): void {
    this.running.delete(slot);
    if (this.address === undefined) return;
    const at = this.address + slot * ENTRY.bytes;
    entry[ENTRY.statusOwn] = delivery << 1;
    entry[ENTRY.signature] = 0;
    entry[ENTRY.signature] = xor8(entry) ^ 0xff;
    const last = entry.subarray(ENTRY.statusOwn);
    if (!bus.write(at + ENTRY.out, entry.subarray(ENTRY.out, ENTRY.out + ENTRY.inlineBytes))) return;
    if (!bus.write(at + ENTRY.signature, entry.subarray(ENTRY.signature, ENTRY.signature + 1))) return;
    if (!bus.write(at + ENTRY.statusOwn, last)) return;
    const data = EVENT_DATA.command.encode({ vector: (1 << slot) >>> 0 });
    for (const queue of this.hca.queues.values()) if (told.includes(queue)) queue.post(bus, EVENT.command, 0, data);
  }
}
