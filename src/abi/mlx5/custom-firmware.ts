/** The interface of a firmware of one's own, `firmware: ./my-firmware.mjs` (docs/custom-firmware.md): types alone. */
import type { FirmwareDevice } from '../custom-firmware.ts';

/** One command of a client. */
export interface FirmwareRequest {
  /** Header fields, 16 bits each. */
  readonly opcode: number;
  readonly opMod: number;
  /** Which open file it comes from; the driver has put it in, whatever the client wrote. */
  readonly uid: number;
  /** The whole command, header included; a copy, to be kept or changed at will. */
  readonly bytes: Uint8Array;
  /** Bytes that the client asks for. */
  readonly outLength: number;
}

/** Status, syndrome, and what stands behind the 8 bytes of those. Missing members are 0 and nothing. */
export interface FirmwareReply {
  /** 8 bits; 0 is success. */
  readonly status?: number;
  /** 32 bits. */
  readonly syndrome?: number;
  /** From byte 8 of the reply on; cut at what the client asked for. */
  readonly data?: Uint8Array;
}

/** A whole reply from byte 0 on, or its parts, or nothing: a reply of zeroes, which is success. */
export type FirmwareAnswer = Uint8Array | FirmwareReply | undefined;

export interface CustomFirmware {
  /**
   * Executes one command. A promise keeps the client waiting until it settles, and nobody else. What it throws or
   * rejects with is reported with the module's name, and the client gets EIO.
   */
  exec(request: FirmwareRequest): FirmwareAnswer | Promise<FirmwareAnswer>;
  /** An open file has got this uid. */
  opened?(uid: number): void;
  /** The last close of that file. */
  closed?(uid: number): void;
  /** cmd_hca_cap.uctx_cap: what FWCTL_INFO's uctx_caps is taken from; 4, TOOLS_RESOURCES, unless told. */
  readonly uctxCap?: number;
}

/** A module's default export: a firmware for all its devices, or what makes one for each. */
export type FirmwareModule = CustomFirmware | ((device: FirmwareDevice) => CustomFirmware);
