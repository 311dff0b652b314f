/** The interface of a firmware of one's own behind a pds device (docs/custom-firmware.md): types alone. */
import type { FirmwareDevice } from '../custom-firmware.ts';

/** One RPC of a client that the driver has admitted: the profile says which operations there are. */
export interface PdsRequest {
  /** 32 bits. */
  readonly endpoint: number;
  /** Bits 15 to 0 of the client's op, and bits 23 to 16. */
  readonly operation: number;
  readonly version: number;
  /** in.payload; a copy, to be kept or changed at will. */
  readonly bytes: Uint8Array;
  /** out.len: bytes of response that the client asks for. */
  readonly outLength: number;
}

/** Missing members are 0 and nothing. */
export interface PdsReplyParts {
  /** enum pds_core_status_code, 8 bits: not 0 is an errno to the client. */
  readonly status?: number;
  /** The operation's own error, 32 bits. */
  readonly retval?: number;
  /** The response, cut at what the client asked for. */
  readonly data?: Uint8Array;
}

/** A response, or its parts, or nothing: a response of zeroes, which is success. */
export type PdsAnswer = Uint8Array | PdsReplyParts | undefined;

export interface PdsCustomFirmware {
  /**
   * Carries out one operation. A promise keeps the client waiting until it settles, and nobody else. What it throws or
   * rejects with is reported with the module's name, and the client gets EIO.
   */
  rpc(request: PdsRequest): PdsAnswer | Promise<PdsAnswer>;
}

/** A module's default export: a firmware for all its devices, or what makes one for each. */
export type PdsFirmwareModule = PdsCustomFirmware | ((device: FirmwareDevice) => PdsCustomFirmware);
