/**
 * A PCI function as a vfio-user client sees it: what each message does (messages.ts). One client at a time; with it
 * come memory and interrupts, and go when it leaves. Nothing here throws, whatever a message says: it is answered with
 * an errno.
 */
import { ERRNO } from '../../abi/errno.ts';
import type { PciBus, PciFunction } from '../../abi/pci/bus.ts';
import type { ConfigSpace } from '../../abi/pci/config-space.ts';
import { GuestMemory } from './guest-memory.ts';
import {
  ACCESS,
  CAPABILITIES,
  type CommandName,
  DEVICE_FLAGS,
  DEVICE_INFO,
  DMA_MAP,
  DMA_UNMAP,
  DMA_UNMAP_ALL,
  INTX_FLAGS,
  IRQ,
  IRQ_FLAGS,
  IRQ_INFO,
  REGION,
  REGION_FLAGS,
  REGION_INFO,
  SET_IRQS,
  SET_IRQS_FLAG,
  VERSION,
  WRITE_MULTI,
} from './messages.ts';

const { EINVAL, EBADF } = ERRNO;

/** A message that has come whole. */
export interface Request {
  readonly body: DataView;
  /** Descriptors that came with it; who takes one over takes it out. */
  readonly fds: number[];
}

/** A reply's body, or an errno. */
export type Answer = Uint8Array | number;

/** What is asked of the system. */
export interface DeviceSystem {
  close(fd: number): void;
  /** Adds 1 to an eventfd. */
  signal(fd: number): void;
  /** Whether it is one. */
  isEvent(fd: number): boolean;
}

const NOTHING = new Uint8Array(0);

export class VfioUserDevice {
  private readonly pci: PciFunction;
  private readonly config: ConfigSpace;
  private readonly system: DeviceSystem;
  private readonly memory = new GuestMemory();
  /** By vector. */
  private readonly events = new Map<number, number>();
  private removed = false;

  constructor(pci: PciFunction, config: ConfigSpace, system: DeviceSystem) {
    this.pci = pci;
    this.config = config;
    this.system = system;
    config.onReset = () => pci.reset();
  }

  /** A client has come. */
  begin(): void {
    const bus: PciBus = {
      read: (address, into) => this.memory.read(address, into),
      write: (address, bytes) => this.memory.write(address, bytes),
      interrupt: (vector) => this.signal(vector),
    };
    this.config.reset();
    this.pci.attach(bus);
  }

  /** It has left. */
  end(): void {
    this.pci.attach(undefined);
    this.memory.clear();
    this.disarm();
  }

  /** Surprise removal: whatever is read is ones from now on. */
  remove(): void {
    this.removed = true;
    this.pci.attach(undefined);
  }

  answer(command: CommandName, request: Request): Answer {
    return this[command](request);
  }

  private VERSION({ body }: Request): Answer {
    if (body.getUint16(VERSION.major, true) !== 0) return EINVAL;
    const text = new TextEncoder().encode(`${JSON.stringify({ capabilities: CAPABILITIES })}\0`);
    const reply = new Uint8Array(VERSION.data + text.length);
    reply.set(text, VERSION.data);
    return reply;
  }

  private DMA_MAP({ body, fds }: Request): Answer {
    const [fd] = fds;
    if (fds.length > 1) return EINVAL;
    const error = this.memory.map(
      quad(body, DMA_MAP.address),
      quad(body, DMA_MAP.size),
      fd,
      quad(body, DMA_MAP.offset),
      body.getUint32(DMA_MAP.flags, true),
    );
    if (error !== 0) return error;
    fds.length = 0;
    return NOTHING;
  }

  private DMA_UNMAP({ body }: Request): Answer {
    if ((body.getUint32(DMA_UNMAP.flags, true) & DMA_UNMAP_ALL) !== 0) this.memory.clear();
    else {
      const error = this.memory.unmap(quad(body, DMA_UNMAP.address), quad(body, DMA_UNMAP.size));
      if (error !== 0) return error;
    }
    return bytesOf(body, 24);
  }

  private DEVICE_GET_INFO(): Answer {
    const [reply, view] = made(DEVICE_INFO.bytes);
    view.setUint32(DEVICE_INFO.argsz, DEVICE_INFO.bytes, true);
    view.setUint32(DEVICE_INFO.flags, DEVICE_FLAGS, true);
    view.setUint32(DEVICE_INFO.regions, REGION.count, true);
    view.setUint32(DEVICE_INFO.irqs, IRQ.count, true);
    return reply;
  }

  private DEVICE_GET_REGION_INFO({ body }: Request): Answer {
    const index = body.getUint32(REGION_INFO.index, true);
    if (index >= REGION.count) return EINVAL;
    const size = this.sizeOf(index);
    const [reply, view] = made(REGION_INFO.bytes);
    view.setUint32(REGION_INFO.argsz, REGION_INFO.bytes, true);
    view.setUint32(REGION_INFO.flags, size === 0 ? 0 : REGION_FLAGS, true);
    view.setUint32(REGION_INFO.index, index, true);
    view.setBigUint64(REGION_INFO.size, BigInt(size), true);
    return reply;
  }

  /** None: every access is a message. */
  private DEVICE_GET_REGION_IO_FDS({ body }: Request): Answer {
    if (body.getUint32(8, true) >= REGION.count) return EINVAL;
    const reply = bytesOf(body, 16);
    new DataView(reply.buffer).setUint32(12, 0, true);
    return reply;
  }

  private DEVICE_GET_IRQ_INFO({ body }: Request): Answer {
    const index = body.getUint32(IRQ_INFO.index, true);
    if (index >= IRQ.count) return EINVAL;
    const count = this.interrupts(index);
    const [reply, view] = made(IRQ_INFO.bytes);
    view.setUint32(IRQ_INFO.argsz, IRQ_INFO.bytes, true);
    view.setUint32(IRQ_INFO.flags, count === 0 ? 0 : index === IRQ.intx ? INTX_FLAGS : IRQ_FLAGS, true);
    view.setUint32(IRQ_INFO.index, index, true);
    view.setUint32(IRQ_INFO.count, count, true);
    return reply;
  }

  private DEVICE_SET_IRQS({ body, fds }: Request): Answer {
    const flags = body.getUint32(SET_IRQS.flags, true);
    const index = body.getUint32(SET_IRQS.index, true);
    const first = body.getUint32(SET_IRQS.start, true);
    const count = body.getUint32(SET_IRQS.count, true);
    const { none, bool, eventfd, trigger, mask, unmask } = SET_IRQS_FLAG;
    const end = first + count;
    if (end > this.interrupts(index)) return EINVAL;
    // The function raises none by its line, whoever listens.
    if (index === IRQ.intx) return flags === (eventfd | unmask) ? EINVAL : NOTHING;
    switch (flags) {
      case none | mask:
      case none | unmask:
        // A driver masks in its table, which is the machine's.
        return NOTHING;
      case none | trigger:
        if (count === 0) this.disarm();
        else for (let vector = first; vector < end; vector++) this.signal(vector);
        return NOTHING;
      case bool | trigger:
        if (body.byteLength < SET_IRQS.data + count) return EINVAL;
        for (let i = 0; i < count; i++) if (body.getUint8(SET_IRQS.data + i) !== 0) this.signal(first + i);
        return NOTHING;
      case eventfd | trigger:
        // None at all: these vectors are told to nobody.
        if (fds.length !== 0 && fds.length !== count) return EINVAL;
        if (!fds.every((fd) => this.system.isEvent(fd))) return EBADF;
        for (let vector = first; vector < end; vector++) this.arm(vector, fds.shift());
        return NOTHING;
      default:
        return EINVAL;
    }
  }

  private REGION_READ({ body }: Request): Answer {
    const { region, offset, count } = accessOf(body);
    if (count > CAPABILITIES.max_data_xfer_size || !this.holds(region, offset, count)) return EINVAL;
    const reply = new Uint8Array(ACCESS.data + count);
    reply.set(bytesOf(body, ACCESS.data));
    const data = reply.subarray(ACCESS.data);
    if (this.removed) data.fill(0xff);
    else if (region === REGION.config) data.set(this.config.read(offset, count));
    else this.pci.read(offset, data);
    return reply;
  }

  private REGION_WRITE({ body }: Request): Answer {
    const { region, offset, count } = accessOf(body);
    if (body.byteLength - ACCESS.data < count || !this.holds(region, offset, count)) return EINVAL;
    this.write(region, offset, new Uint8Array(body.buffer, body.byteOffset + ACCESS.data, count));
    return bytesOf(body, ACCESS.data);
  }

  private REGION_WRITE_MULTI({ body }: Request): Answer {
    const count = quad(body, WRITE_MULTI.count);
    if (count * WRITE_MULTI.each > body.byteLength - WRITE_MULTI.first) return EINVAL;
    for (let i = 0; i < count; i++) {
      const at = WRITE_MULTI.first + i * WRITE_MULTI.each;
      const one = new DataView(body.buffer, body.byteOffset + at, WRITE_MULTI.each);
      const { region, offset, count: bytes } = accessOf(one);
      if (bytes > WRITE_MULTI.each - ACCESS.data || !this.holds(region, offset, bytes)) return EINVAL;
      this.write(region, offset, new Uint8Array(one.buffer, one.byteOffset + ACCESS.data, bytes));
    }
    return bytesOf(body, WRITE_MULTI.first);
  }

  private DEVICE_RESET(): Answer {
    if (!this.removed) this.config.reset();
    return NOTHING;
  }

  private write(region: number, offset: number, bytes: Uint8Array): void {
    if (this.removed) return;
    if (region === REGION.config) this.config.write(offset, bytes);
    else this.pci.write(offset, bytes);
  }

  private interrupts(index: number): number {
    if (index === IRQ.intx) return 1;
    return index === IRQ.msix ? this.pci.vectors : 0;
  }

  private holds(region: number, offset: number, count: number): boolean {
    const size = this.sizeOf(region);
    return size > 0 && Number.isSafeInteger(offset) && offset + count <= size;
  }

  private sizeOf(region: number): number {
    if (region === REGION.bar0) return this.pci.barBytes;
    return region === REGION.config ? this.config.size : 0;
  }

  private arm(vector: number, fd: number | undefined): void {
    const before = this.events.get(vector);
    if (before !== undefined) this.system.close(before);
    if (fd === undefined) this.events.delete(vector);
    else this.events.set(vector, fd);
  }

  private signal(vector: number): void {
    const fd = this.events.get(vector);
    if (fd !== undefined) this.system.signal(fd);
  }

  private disarm(): void {
    for (const fd of this.events.values()) this.system.close(fd);
    this.events.clear();
  }
}

function accessOf(body: DataView): { region: number; offset: number; count: number } {
  return {
    offset: quad(body, ACCESS.offset),
    region: body.getUint32(ACCESS.region, true),
    count: body.getUint32(ACCESS.count, true),
  };
}

/** Above 2^53 it is no safe integer, and nothing is there. */
function quad(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function bytesOf(body: DataView, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(body.buffer, body.byteOffset, length).slice() as Uint8Array<ArrayBuffer>;
}

function made(bytes: number): [Uint8Array<ArrayBuffer>, DataView] {
  const reply = new Uint8Array(bytes);
  return [reply, new DataView(reply.buffer)];
}
