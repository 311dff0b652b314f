/**
 * A command's bytes beyond the 16 in its entry: chains of mailboxes in the driver's memory (mlx5_core cmd.c). A
 * mailbox says its number and the command's token; where signatures are on, the exclusive or of all of its bytes is
 * 0xff, and that of its control part too.
 */
import { DELIVERY, MAILBOX } from '../../../abi/mlx5/command-interface.ts';
import type { PciBus } from '../../../abi/pci/bus.ts';

/** How a delivery went: one of DELIVERY's numbers. */
export type Delivery = number;

/** The exclusive or of bytes. */
export function xor8(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum ^= byte;
  return sum;
}

export class Mailboxes {
  private readonly block = new Uint8Array(MAILBOX.bytes);
  private readonly view = new DataView(this.block.buffer);

  /** Fills `into` from the chain at `pointer`. */
  read(bus: PciBus, pointer: number, token: number, signed: boolean, into: Uint8Array): Delivery {
    let at = pointer;
    for (let number = 0; number * MAILBOX.dataBytes < into.length; number++) {
      if (at % MAILBOX.align !== 0 || !bus.read(at, this.block)) return DELIVERY.inPointer;
      const wrong = this.check(number, token, signed);
      if (wrong !== DELIVERY.ok) return wrong;
      const from = number * MAILBOX.dataBytes;
      into.set(this.block.subarray(0, Math.min(MAILBOX.dataBytes, into.length - from)), from);
      at = Number(this.view.getBigUint64(MAILBOX.next));
    }
    return DELIVERY.ok;
  }

  /** Fills the chain at `pointer`, which the driver has linked, from `bytes`. */
  write(bus: PciBus, pointer: number, token: number, signed: boolean, bytes: Uint8Array): Delivery {
    let at = pointer;
    for (let number = 0; number * MAILBOX.dataBytes < bytes.length; number++) {
      if (at % MAILBOX.align !== 0 || !bus.read(at, this.block)) return DELIVERY.outPointer;
      const next = Number(this.view.getBigUint64(MAILBOX.next));
      const from = number * MAILBOX.dataBytes;
      this.block.set(bytes.subarray(from, from + MAILBOX.dataBytes));
      this.block[MAILBOX.token] = token;
      if (signed) this.sign();
      if (!bus.write(at, this.block)) return DELIVERY.outPointer;
      at = next;
    }
    return DELIVERY.ok;
  }

  private check(number: number, token: number, signed: boolean): Delivery {
    const { block, view } = this;
    if (block[MAILBOX.token] !== token) return DELIVERY.token;
    if (view.getUint32(MAILBOX.number) !== number) return DELIVERY.blockNumber;
    if (!signed) return DELIVERY.ok;
    const control = block.subarray(MAILBOX.reserved, MAILBOX.signature);
    return xor8(block) === 0xff && xor8(control) === 0xff ? DELIVERY.ok : DELIVERY.signature;
  }

  private sign(): void {
    const { block } = this;
    block[MAILBOX.controlSignature] = 0;
    block[MAILBOX.signature] = 0;
    block[MAILBOX.controlSignature] = xor8(block.subarray(MAILBOX.reserved, MAILBOX.signature)) ^ 0xff;
    block[MAILBOX.signature] = xor8(block) ^ 0xff;
  }
}
