/**
 * One fwctl device: register beside unregister, the list of user contexts, and who still holds it.
 * Follows struct fwctl_device, fwctl_register() and fwctl_unregister() of drivers/fwctl/main.c. Its registration_lock
 * is a count of running calls here: the core is synchronous, so only an unregister ever waits, and what comes after it.
 */
import { SCOPE } from '../abi/fwctl.ts';
import { Held } from '../abi/held.ts';
import type { AbiProfile } from '../abi/profiles.ts';
import { Errno } from '../kernel/errno.ts';
import type { Kmsg } from '../kernel/kmsg.ts';
import type { LockdownLevel } from '../kernel/lockdown.ts';
import type { Taint } from '../kernel/taint.ts';
import type { FwctlOps } from './ops.ts';

/** What a device is made of. */
export interface FwctlDeviceParts {
  readonly abi: AbiProfile;
  readonly taint: Taint;
  readonly kmsg: Kmsg;
  readonly lockdown: LockdownLevel;
  readonly major: number;
  readonly minor: number;
  /** The device is unregistered, its last open file is gone, and nobody keeps the number: it is free again. */
  readonly onFree: (minor: number) => void;
}

const UNPLUGGED = new Errno(
  'ENODEV',
  'the device has been unplugged since this file was opened',
  'close the descriptor and open the device again',
);
const NO_SUCH_NUMBER = new Errno('ENXIO', 'no device has this number any more', 'open the node of a plugged device');

/** One user context: struct fwctl_uctx. Shared by all descriptors of one open file. */
export class FwctlUctx {
  readonly device: FwctlDevice;
  /** The driver's own context. */
  readonly context: unknown;
  /** Calls of this context that run or are held. */
  private calls = 0;
  private closed = false;

  constructor(device: FwctlDevice, context: unknown) {
    this.device = device;
    this.context = context;
  }

  enter(): void {
    this.calls++;
    this.device.enter();
  }

  leave(): void {
    this.calls--;
    if (this.closed && this.calls === 0) this.device.closeUctx(this);
    this.device.leave();
  }

  /** The last close. A call that still runs keeps the context until it ends. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.calls === 0) this.device.closeUctx(this);
  }
}

export class FwctlDevice {
  /** `fwctl0`: the device's and its node's name. */
  readonly name: string;
  readonly major: number;
  readonly minor: number;
  readonly abi: AbiProfile;
  readonly taint: Taint;
  readonly kmsg: Kmsg;
  /** The highest scope that kernel lockdown lets pass. */
  readonly highestScope: number;
  private readonly onFree: (minor: number) => void;
  /** Undefined: it is not registered yet, or unregister has removed the driver (NULL ops in the kernel). */
  private driver: FwctlOps<unknown> | undefined;
  /** In the order of opening; made with the first, for most of thousands of devices are never opened. */
  private contexts: Set<FwctlUctx> | undefined;
  /** Open files, orphans too, and opens that are being made. */
  private files = 0;
  /** Transports whose kernel still has a device of this number. */
  private keepers = 0;
  /** Calls and opens that run or are held. */
  private calls = 0;
  /** An unregister that waits for `calls` to become 0, and the calls and opens that came meanwhile. */
  private unregistering: { readonly done: Held<undefined>; readonly waiters: Held<never>[] } | undefined;

  constructor(parts: FwctlDeviceParts) {
    this.name = `fwctl${parts.minor}`;
    this.major = parts.major;
    this.minor = parts.minor;
    this.abi = parts.abi;
    this.taint = parts.taint;
    this.kmsg = parts.kmsg;
    this.highestScope = parts.lockdown === 'none' ? SCOPE.FWCTL_RPC_DEBUG_WRITE_FULL : parts.abi.lockdownScope;
    this.onFree = parts.onFree;
  }

  /** By FwctlClass alone. */
  register(ops: FwctlOps<unknown>): void {
    this.driver = ops;
  }

  /** fwctl_put() of a device that was never registered: its number is free again. */
  put(): void {
    this.freeIfUnused();
  }

  /** False before `register`, and as soon as `unregister` was called. */
  get registered(): boolean {
    return this.driver !== undefined && this.unregistering === undefined;
  }

  /** Open files keep its number. */
  get inUse(): boolean {
    return this.files > 0;
  }

  /** The driver; throws ENODEV once it is gone. */
  get ops(): FwctlOps<unknown> {
    if (this.driver === undefined) throw UNPLUGGED;
    return this.driver;
  }

  /**
   * Stops all use: every context is closed, every later call is ENODEV. The caller has taken the node away before.
   * Waits, with a held answer, for calls in flight. A second call gives the same answer.
   */
  unregister(): Held<undefined> | undefined {
    if (this.driver === undefined || this.unregistering !== undefined) return this.unregistering?.done;
    if (this.calls === 0) {
      this.removeDriver(this.driver);
      return undefined;
    }
    this.unregistering = { done: new Held(), waiters: [] };
    return this.unregistering.done;
  }

  private removeDriver(driver: FwctlOps<unknown>): void {
    for (const uctx of this.contexts ?? []) {
      this.contexts?.delete(uctx);
      driver.closeUctx(uctx.context);
    }
    this.driver = undefined;
    this.freeIfUnused();
  }

  /** Start of a call or an open. */
  enter(): void {
    this.calls++;
  }

  /** End of a call or an open, held ones when they are let go. */
  leave(): void {
    this.calls--;
    if (this.calls > 0 || this.unregistering === undefined || this.driver === undefined) return;
    const { done, waiters } = this.unregistering;
    this.removeDriver(this.driver);
    this.unregistering = undefined;
    for (const waiter of waiters) waiter.release(refuseUnplugged);
    done.release(() => undefined);
  }

  /** Refuses: ENODEV, or ENXIO for an open of a number that nobody holds any more; held while an unregister waits. */
  refuse(kind: 'call' | 'open'): Held<never> {
    if (this.unregistering === undefined) throw kind === 'open' && this.files === 0 ? NO_SUCH_NUMBER : UNPLUGGED;
    const waiter = new Held<never>();
    this.unregistering.waiters.push(waiter);
    return waiter;
  }

  /** An open file is being made; until `putFile` it keeps the number taken. */
  getFile(): void {
    this.files++;
  }

  putFile(): void {
    this.files--;
    this.freeIfUnused();
  }

  /** For a transport that is slower to give the number back than the last open file is to go; until `letNumberGo`. */
  keepNumber(): void {
    this.keepers++;
  }

  letNumberGo(): void {
    this.keepers--;
    this.freeIfUnused();
  }

  private freeIfUnused(): void {
    if (this.driver === undefined && this.files === 0 && this.keepers === 0) this.onFree(this.minor);
  }

  /** Puts a new context on the list. */
  addUctx(uctx: FwctlUctx): void {
    this.contexts ??= new Set();
    this.contexts.add(uctx);
  }

  /** Takes a context off the list and closes it with the driver, unless unregister has done or is about to do so. */
  closeUctx(uctx: FwctlUctx): void {
    if (this.driver === undefined || this.unregistering !== undefined || !this.contexts?.delete(uctx)) return;
    this.driver.closeUctx(uctx.context);
  }
}

function refuseUnplugged(): never {
  throw UNPLUGGED;
}
