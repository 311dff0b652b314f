/**
 * The device as a PCI function: BAR 0 with the initialisation segment, the doorbells of its UARs and the command queue
 * behind them, and what the function tells its driver by itself: that a port's link or module has changed. Everything
 * in BAR 0 is dwords; a byte or a word of one is read as such, and an access that is no whole dword writes nothing.
 */
import { INIT_SEGMENT } from '../../../abi/mlx5/command-interface.ts';
import { EQ_DOORBELL, EVENT, EVENT_DATA, MODULE_EVENT, PORT_CHANGE } from '../../../abi/mlx5/events.ts';
import type { ExecuteCommand, PciBus, PciFunction } from '../../../abi/pci/bus.ts';
import type { Mlx5Device } from '../device.ts';
import { BAR_BYTES, UAR_BYTES, VECTORS } from '../hca/limits.ts';
import { linkOf, pluggedModule } from '../port/link.ts';
import { OWN_PORT } from '../port-traffic.ts';
import { CommandQueue } from './command-queue.ts';
import { InitSegment } from './init-segment.ts';

const OWN_MODULE = 0;
/** How often the function looks at its ports. */
const LOOK_MS = 500;

/** Handed to the firmware when it is made, long before a machine is there: whoever attaches says what is behind it. */
export class LateBus implements PciBus {
  inner: PciBus | undefined;

  read(address: number, into: Uint8Array): boolean {
    return this.inner?.read(address, into) ?? false;
  }

  write(address: number, bytes: Uint8Array): boolean {
    return this.inner?.write(address, bytes) ?? false;
  }

  interrupt(vector: number): void {
    this.inner?.interrupt(vector);
  }
}

export class Mlx5PciFunction implements PciFunction {
  readonly barBytes = BAR_BYTES;
  readonly vectors = VECTORS;
  readonly segment: InitSegment;
  private readonly device: Mlx5Device;
  private readonly bus: LateBus;
  private readonly queue: CommandQueue;
  private seen: { readonly up: boolean; readonly plugged: boolean } | undefined;
  private stopLooking: (() => void) | undefined;

  constructor(device: Mlx5Device, bus: LateBus, execute: ExecuteCommand) {
    this.device = device;
    this.bus = bus;
    this.queue = new CommandQueue(device.hca, execute);
    this.segment = new InitSegment(device, {
      commandQueue: (address) => this.queue.begin(address),
      ring: (slots) => this.queue.ring(slots),
      disabled: () => this.forget(),
    });
  }

  attach(bus: PciBus | undefined): void {
    this.reset();
    this.bus.inner = bus;
    this.stopLooking?.();
    this.stopLooking = undefined;
    if (bus !== undefined) this.lookLater();
  }

  reset(): void {
    this.forget();
    this.device.hca.recover();
    this.segment.reset();
  }

  read(offset: number, into: Uint8Array): void {
    let value = 0;
    for (let i = 0; i < into.length; i++) {
      const at = offset + i;
      // All bytes of a dword are of one moment: a clock's, too.
      if (i === 0 || at % 4 === 0) value = at < INIT_SEGMENT.end ? this.segment.read(at & ~3) : 0;
      into[i] = (value >>> (24 - 8 * (at & 3))) & 0xff;
    }
  }

  write(offset: number, bytes: Uint8Array): void {
    if (offset % 4 !== 0 || bytes.length % 4 !== 0) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = 0; i < bytes.length; i += 4) this.writeDword(offset + i, view.getUint32(i));
  }

  /** The link or the module may have changed: the driver is told if it has. */
  look(): void {
    const { device } = this;
    const link = linkOf(device, OWN_PORT);
    const now = { up: link.down === undefined, plugged: pluggedModule(device, OWN_PORT) !== undefined };
    const before = this.seen;
    this.seen = now;
    if (before === undefined) return;
    if (before.plugged !== now.plugged) {
      const status = now.plugged ? MODULE_EVENT.plugged : MODULE_EVENT.unplugged;
      const data = EVENT_DATA.portModule.encode({ module: OWN_MODULE, module_status: status });
      device.hca.raise(EVENT.portModule, 0, data);
    }
    if (before.up !== now.up) {
      const data = EVENT_DATA.portChange.encode({ port_num: OWN_PORT });
      device.hca.raise(EVENT.portChange, now.up ? PORT_CHANGE.active : PORT_CHANGE.down, data);
    }
  }

  private lookLater(): void {
    this.stopLooking = this.device.clock.after(LOOK_MS, () => {
      this.look();
      this.lookLater();
    });
  }

  private writeDword(offset: number, value: number): void {
    if (offset < INIT_SEGMENT.end) {
      this.segment.write(offset, value);
      return;
    }
    const inPage = offset % UAR_BYTES;
    if (inPage !== EQ_DOORBELL.arm && inPage !== EQ_DOORBELL.quiet) return;
    if (!this.device.hca.uars.has(Math.floor(offset / UAR_BYTES))) return;
    this.device.hca.queues.get(value >>> 24)?.ring(this.bus, value & 0xff_ffff, inPage === EQ_DOORBELL.arm);
  }

  /** The driver's own is gone. */
  private forget(): void {
    this.queue.end();
    this.device.resetFunction();
    this.seen = undefined;
  }
}
