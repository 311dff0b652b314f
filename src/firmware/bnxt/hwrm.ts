/**
 * The door to a NetXtreme's firmware: one HWRM request in, one response out, and the buffers whose addresses the
 * request carries (bnxt_send_msg() of bnxt_en's bnxt_ulp.c).
 */
import type { ErrnoName } from '../../abi/errno.ts';
import type { Held } from '../../abi/held.ts';
import type { MessageBuffer } from '../../abi/message-buffer.ts';

/** Thrown by `exec`, also out of `Held.get`: the request has not reached the firmware. */
export class Undelivered extends Error {
  readonly errno: ErrnoName;

  constructor(errno: ErrnoName) {
    super(`not delivered: ${errno}`);
    this.errno = errno;
  }
}

export interface HwrmBuffer {
  /** The device reads it; otherwise it is zero, and the device fills it. */
  readonly toDevice: boolean;
  readonly bytes: Uint8Array;
}

export interface Hwrm {
  /** The upper layer is stopped, as in a reset of the device: it takes no requests. */
  readonly stopped: boolean;
  /**
   * Executes one request. Addresses in it mean nothing here: `buffers` are what they point to, in the order of
   * abi/bnxt/buffers.ts. `response.length` bytes are what the client asked for, zeroed beforehand; the firmware fills
   * what it has. A refusal is in the response, never thrown. Throws Undelivered.
   * `timeoutMs`: how long the driver waits for it. A Held answer: the response is complete, but late.
   */
  exec(
    request: MessageBuffer,
    response: MessageBuffer,
    buffers: readonly HwrmBuffer[],
    timeoutMs: number,
  ): undefined | Held<undefined>;
}
