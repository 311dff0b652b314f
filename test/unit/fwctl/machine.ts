/** A class with devices whose driver does what a test tells it to, and notes what it was asked. */
import { Held } from '../../../src/abi/held.ts';
import { type AbiName, abiProfile } from '../../../src/abi/profiles.ts';
import { FwctlClass } from '../../../src/fwctl/class.ts';
import type { FwctlOps, FwctlRpc } from '../../../src/fwctl/ops.ts';
import { Kmsg } from '../../../src/kernel/kmsg.ts';
import { Taint } from '../../../src/kernel/taint.ts';
import { InprocessTransport } from '../../../src/transport/inprocess.ts';

export function machine(abiName: AbiName = 'linux-7.3') {
  const abi = abiProfile(abiName);
  if (abi === undefined) throw new Error(abiName);
  const taint = new Taint();
  const kmsg = new Kmsg({ monotonicNs: () => 0, wallMs: () => 0, after: () => () => {} });
  const fwctl = new FwctlClass({ abi, taint, kmsg });
  return { fwctl, taint, kmsg, transport: new InprocessTransport() };
}

/** A driver whose contexts are numbers, counting from 1. */
export class ScriptedDriver implements FwctlOps<number> {
  readonly deviceType = 0x42;
  readonly closed: number[] = [];
  /** Requests as they arrived: scope, bytes. */
  readonly rpcs: { uctx: number; scope: number; request: Uint8Array }[] = [];
  /** The next RPC, the next open, is held by this. */
  held: Held<undefined> | undefined;
  heldOpen: Held<undefined> | undefined;
  onRpc: (() => void) | undefined;
  private opened = 0;

  openUctx(): number | Held<number> {
    const uctx = ++this.opened;
    const held = this.heldOpen;
    this.heldOpen = undefined;
    return held === undefined ? uctx : held.map(() => uctx);
  }

  closeUctx(uctx: number): void {
    this.closed.push(uctx);
  }

  fwRpc(uctx: number, { scope, request, reply }: FwctlRpc): number | Held<number> {
    this.rpcs.push({ uctx, scope, request: request.bytes.slice(0, request.length) });
    reply.bytes.fill(uctx, 0, 4);
    this.onRpc?.();
    const held = this.held;
    this.held = undefined;
    return held === undefined ? 4 : held.map(() => 4);
  }
}

/** Lets a held answer go. */
export function release(held: Held<undefined> | undefined): void {
  held?.release(() => undefined);
}

export function newHeld(): Held<undefined> {
  return new Held<undefined>();
}
