/**
 * An event queue in the driver's memory: the ring that CREATE_EQ gave, its producer and, by doorbells, its consumer
 * (mlx5_core eq.c). An armed queue raises its vector with the next event and is armed again by a doorbell. An event
 * that finds no room puts the queue into overflow (PRM), after which it has no more.
 */
import { EQ_STATE, EQ_STATUS, EQE, EQE_BYTES } from '../../../abi/mlx5/events.ts';
import { QUERY_EQ } from '../../../abi/mlx5/objects/eq.ts';
import type { PciBus } from '../../../abi/pci/bus.ts';

const field = (name: string) => QUERY_EQ.reply.word(name);
const LOW_24 = 0xff_ffff;

export class EventQueue {
  /** The reply of its query, which tells how the queue stands. */
  private readonly shown: DataView;
  private readonly pages: readonly number[];
  private readonly pageBytes: number;
  private readonly entries: number;
  private readonly vector: number;
  private readonly mask: bigint;
  private readonly ignoresOverrun: boolean;
  private readonly entry = new Uint8Array(EQE_BYTES);
  private produced = 0;
  private consumed = 0;
  private armed = false;
  private overflown = false;

  /** `image`: of the object that QUERY_EQ shows; `pages`: the addresses behind CREATE_EQ. */
  constructor(image: Uint8Array, pages: readonly number[]) {
    const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
    this.shown = view;
    this.pages = pages;
    this.pageBytes = 2 ** (12 + field('eq_context_entry.log_page_size').get(view, 0));
    this.entries = 2 ** field('eq_context_entry.log_eq_size').get(view, 0);
    this.vector = field('eq_context_entry.intr').get(view, 0);
    this.mask = QUERY_EQ.reply.get(view, 'event_bitmask') as bigint;
    this.ignoresOverrun = field('eq_context_entry.oi').get(view, 0) === 1;
    this.armed = field('eq_context_entry.st').get(view, 0) === EQ_STATE.armed;
  }

  wants(event: number): boolean {
    return ((this.mask >> BigInt(event)) & 1n) === 1n;
  }

  /** False: the event is lost, for want of room or of the driver's memory. */
  post(bus: PciBus, event: number, subType: number, data: Uint8Array): boolean {
    if (this.overflown) return false;
    if (!this.ignoresOverrun && ((this.produced - this.consumed) & LOW_24) >= this.entries) {
      this.overflown = true;
      field('eq_context_entry.status').put(this.shown, 0, EQ_STATUS.overflow);
      return false;
    }
    const at = (this.produced % this.entries) * EQE_BYTES;
    const page = this.pages[Math.floor(at / this.pageBytes)];
    if (page === undefined) return false;
    const { entry } = this;
    entry.fill(0);
    entry[EQE.type] = event;
    entry[EQE.subType] = subType;
    entry.set(data.subarray(0, EQE.dataBytes), EQE.data);
    const address = page + (at % this.pageBytes);
    const owner = Math.floor(this.produced / this.entries) & 1;
    // The driver looks at the owner first: it is written last.
    entry[EQE.owner] = owner ^ 1;
    if (!bus.write(address, entry)) return false;
    entry[EQE.owner] = owner;
    if (!bus.write(address + EQE.owner, entry.subarray(EQE.owner))) return false;
    this.produced = (this.produced + 1) % (2 ** 24 * 2);
    field('eq_context_entry.producer_counter').put(this.shown, 0, this.produced & LOW_24);
    if (this.armed) this.fire(bus);
    return true;
  }

  /** The consumer's doorbell. */
  ring(bus: PciBus, consumed: number, arm: boolean): void {
    this.consumed = consumed & LOW_24;
    field('eq_context_entry.consumer_counter').put(this.shown, 0, this.consumed);
    if (!arm) return;
    this.armed = true;
    field('eq_context_entry.st').put(this.shown, 0, EQ_STATE.armed);
    if (((this.produced - this.consumed) & LOW_24) !== 0) this.fire(bus);
  }

  private fire(bus: PciBus): void {
    this.armed = false;
    field('eq_context_entry.st').put(this.shown, 0, EQ_STATE.fired);
    bus.interrupt(this.vector);
  }
}
