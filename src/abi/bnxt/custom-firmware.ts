/** The interface of a firmware of one's own behind a bnxt device (docs/custom-firmware.md): types alone. */
import type { FirmwareDevice } from '../custom-firmware.ts';

/** One HWRM request of a client. */
export interface HwrmRequest {
  /** req_type. */
  readonly type: number;
  /** `VER_GET`; in hex where there is no name. */
  readonly name: string;
  /** The whole request with its header; a copy. Addresses in it mean nothing. */
  readonly bytes: Uint8Array;
  /** Bytes that the client asks for. */
  readonly outLength: number;
  /** How long the driver waits for it, ms. */
  readonly timeoutMs: number;
}

/** A buffer that the request points to. */
export interface HwrmRequestBuffer {
  /** The device reads it; otherwise it is zero, and what is written into `bytes` gets to the client. */
  readonly toDevice: boolean;
  readonly bytes: Uint8Array;
}

/** An error_code other than 0 is a refusal of 16 bytes. `data` is what stands behind the response's header. */
export interface HwrmReply {
  /** HWRM_ERR_CODE_*, 16 bits; 0 is success. */
  readonly errorCode?: number;
  /** The request's own code beside it, 8 bits. */
  readonly cmdErr?: number;
  readonly data?: Uint8Array;
}

/** A whole response from byte 0 on, or its parts, or nothing: a success of 16 bytes. */
export type HwrmAnswer = Uint8Array | HwrmReply | undefined;

export interface CustomHwrm {
  /**
   * Executes one request. A promise keeps the client waiting until it settles, and nobody else. What it throws or
   * rejects with is reported with the module's name, and the client gets EIO.
   */
  hwrm(request: HwrmRequest, buffers: readonly HwrmRequestBuffer[]): HwrmAnswer | Promise<HwrmAnswer>;
}

/** A module's default export: a firmware for all its devices, or what makes one for each. */
export type HwrmModule = CustomHwrm | ((device: FirmwareDevice) => CustomHwrm);
