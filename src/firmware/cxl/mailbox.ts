/**
 * The door to a CXL memory device's firmware: its primary mailbox, as cxl_internal_send_cmd() of
 * drivers/cxl/core/mbox.c uses it, and what the kernel has read of the device at probe.
 */
import type { Held } from '../../abi/held.ts';

/** What a command came back with. */
export interface CxlAnswer {
  readonly returnCode: number;
  /** Bytes of the output that it gave. */
  readonly length: number;
}

export interface CxlMailbox {
  /** Most bytes of one command's input, and of its output. */
  readonly payloadSize: number;
  /** FEATURES_CAPABILITY; it may change. */
  readonly featuresCapability: number;
  /** struct cxl_feat_entry of every feature, in the device's order; they stay as they are. */
  readonly features: readonly Uint8Array[];
  /**
   * Executes one command; `output` has room for what is asked. Undefined:
   * it could not be delivered (busy, no answer in time). Held: late.
   */
  exec(opcode: number, input: Uint8Array, output: Uint8Array): CxlAnswer | undefined | Held<CxlAnswer | undefined>;
}
