/**
 * A function as its driver brings it up and down: its state, what it was given (pages) and has created for itself
 * (event queues, keys, UARs, protection domains), and the events that it raises. Over fwctl the machine's mlx5_core has
 * brought it up already, and there is no bus.
 */
import { EVENT, EVENT_DATA } from '../../../abi/mlx5/events.ts';
import { HCA_STATE } from '../../../abi/mlx5/hca-commands.ts';
import type { PciBus } from '../../../abi/pci/bus.ts';
import { OWN_FUNCTION } from '../hca-caps.ts';
import { RDMA_PD, UAR_PAGE } from '../world/numbers.ts';
import type { EventQueue } from './event-queue.ts';
import { KeyedMemory } from './keyed-memory.ts';
import { BAR_BYTES, UAR_BYTES } from './limits.ts';
import { Numbers } from './numbers.ts';
import { FunctionPages } from './pages.ts';

/** Interface step sequence id: bit n of the first dword says that ISSI n is supported; mlx5_core sets 1. */
export const SUPPORTED_ISSI = 0b11;
/** The step that a driver has not set yet. */
const FIRST_ISSI = 0;
/** What a driver that is up has set. */
const CURRENT_ISSI = 1;

/** What the health buffer tells (struct health_buffer of mlx5_core), and whether its counter moves. */
export interface Health {
  /** 8 bits (health.c: MLX5_INITIAL_SEG_HEALTH_SYNDROME_*); 0: it is well. */
  synd: number;
  /** 16 bits. */
  ext_synd: number;
  /** 3 bits, as syslog counts: 3 is an error. */
  severity: number;
  /** 1: the function asks for a reset. */
  rfr: number;
  /** 1: the counter stands still. */
  stuck: number;
}

const WELL: Health = { synd: 0, ext_synd: 0, severity: 0, rfr: 0, stuck: 0 };

export class Hca {
  state: number;
  issi: number;
  /** SET_DRIVER_VERSION's text; empty: none was set. */
  driverVersion = '';
  /** Mailboxes and entries are signed: SET_HCA_CAP has switched cmdif_checksum on. */
  signed = false;
  readonly health: Health = { ...WELL };
  readonly pages = new FunctionPages();
  readonly queues = new Map<number, EventQueue>();
  readonly keys = new KeyedMemory();
  /** Their numbers follow on those of the world. */
  readonly uars = new Numbers(UAR_PAGE, BAR_BYTES / UAR_BYTES);
  readonly pds = new Numbers(RDMA_PD + 1, 2 ** 24);
  readonly vxlanPorts = new Set<number>();
  /** Undefined: nobody's memory is within reach. */
  readonly bus: PciBus | undefined;

  constructor(bus: PciBus | undefined) {
    this.bus = bus;
    this.state = bus === undefined ? HCA_STATE.init : HCA_STATE.powerUp;
    this.issi = bus === undefined ? CURRENT_ISSI : FIRST_ISSI;
  }

  /** What a driver has created for itself, and the memory for it has to hold. */
  get objects(): number {
    return this.queues.size + this.keys.size + this.uars.size + this.pds.size;
  }

  /** Into every queue that wants it; false: there is none, or it has no room. */
  raise(event: number, subType: number, data: Uint8Array): boolean {
    const { bus } = this;
    if (bus === undefined) return false;
    let told = false;
    for (const queue of this.queues.values()) {
      if (queue.wants(event)) told = queue.post(bus, event, subType, data) || told;
    }
    return told;
  }

  /** After what it holds has changed: pages are asked for, or offered back, by an event. */
  settlePages(): void {
    if (this.state !== HCA_STATE.init || this.bus === undefined) return;
    if (![...this.queues.values()].some((queue) => queue.wants(EVENT.pageRequest))) return;
    const change = this.pages.change(this.objects);
    if (change === 0) return;
    const data = EVENT_DATA.pageRequest.encode({ func_id: OWN_FUNCTION, num_pages: change >>> 0 });
    this.raise(EVENT.pageRequest, 0, data);
  }

  /** TEARDOWN_HCA: all that the driver made is gone, the pages are still its own to take. */
  tearDown(): void {
    this.queues.clear();
    this.keys.clear();
    this.uars.clear();
    this.pds.clear();
    this.vxlanPorts.clear();
    this.driverVersion = '';
    this.state = HCA_STATE.tornDown;
  }

  /** It is well again: a reset that the driver has asked for. */
  recover(): void {
    Object.assign(this.health, WELL);
  }

  /** As after power-up. Its health stays. */
  reset(): void {
    this.tearDown();
    this.pages.clear();
    this.signed = false;
    this.issi = FIRST_ISSI;
    this.state = HCA_STATE.powerUp;
  }
}
