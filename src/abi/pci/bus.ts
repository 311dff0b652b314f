/**
 * A PCI function as its machine sees it, and the machine as the function does: what stands between firmware and a
 * guest, whoever carries it there (transport/vfio-user).
 */

/** What a function reaches of the machine that it is in. */
export interface PciBus {
  /** DMA read of `into.length` bytes; false: nobody is there, and `into` is undefined. */
  read(address: number, into: Uint8Array): boolean;
  /** DMA write; false: nobody is there for some of it. */
  write(address: number, bytes: Uint8Array): boolean;
  /** MSI-X; a vector that nobody has armed is lost. */
  interrupt(vector: number): void;
}

export interface PciFunction {
  /** Bytes of BAR 0, a power of two: 64-bit, prefetchable. */
  readonly barBytes: number;
  /** MSI-X vectors. */
  readonly vectors: number;
  /** A machine takes the function in, fresh from power-up; undefined: it is taken out. */
  attach(bus: PciBus | undefined): void;
  /** Never throws, whatever is asked; offset and length are within BAR 0. */
  read(offset: number, into: Uint8Array): void;
  write(offset: number, bytes: Uint8Array): void;
  /** Function-level reset. */
  reset(): void;
}

/**
 * Carries out one command that a function has fetched from its driver: tells the reply, of `outLength` bytes, at once
 * or later, but once; undefined: the firmware could not be asked. A command that hangs is never told.
 */
export type ExecuteCommand = (
  request: Uint8Array,
  outLength: number,
  done: (reply: Uint8Array | undefined) => void,
) => void;

/** A device that is to be put into a machine: its commands are carried out by whoever puts it there. */
export interface PciCard {
  function(execute: ExecuteCommand): PciFunction;
}
