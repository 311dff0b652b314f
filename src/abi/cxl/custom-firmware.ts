/** The interface of a CXL device's firmware of one's own, `firmware: ./my-firmware.mjs` (docs/custom-firmware.md). */
import type { FirmwareDevice } from '../custom-firmware.ts';

/** One GET_FEATURE or SET_FEATURE of the mailbox: a client's RPC, or a part of one that is longer than the mailbox. */
export interface FeatureRequest {
  readonly command: 'get' | 'set';
  /** Where in the feature's data it begins. */
  readonly offset: number;
  /** Of a get: bytes that are asked for; 0 of a set. */
  readonly count: number;
  /** Of a get, as the client has it: 0 current, 1 default, 2 saved. */
  readonly selection: number;
  /** Of a set: 32 bits, and its version. */
  readonly flags: number;
  readonly version: number;
  /** Of a set: the data, a copy; empty of a get. */
  readonly data: Uint8Array;
}

/** Missing members are 0 and nothing. */
export interface FeatureReply {
  /** CXL's return code, 0 (success) to 0xffff: RETURN_CODE of abi/cxl/return-codes.ts. */
  readonly returnCode?: number;
  /** Of a get: fewer bytes than asked for are an answer that the kernel takes for none. */
  readonly data?: Uint8Array;
}

/** The data of a get, or its parts, or nothing: success, and as many zeroes as were asked for. */
export type FeatureAnswer = Uint8Array | FeatureReply | undefined;

export interface CxlCustomFirmware {
  /**
   * Executes one command on the feature with that UUID, in lower case. A promise keeps the client waiting until it
   * settles, and other transfers of the device. What it throws or rejects with is reported with the module's name, and
   * the client gets EIO. Which features the kernel knows of, its profile says.
   */
  feature(uuid: string, request: FeatureRequest): FeatureAnswer | Promise<FeatureAnswer>;
}

/** A module's default export: a firmware for all its devices, or what makes one for each. */
export type CxlFirmwareModule = CxlCustomFirmware | ((device: FirmwareDevice) => CxlCustomFirmware);
