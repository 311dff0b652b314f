/**
 * The package's entry `fwctl-emu/firmware`: what a firmware of one's own needs (docs/custom-firmware.md). Types, the
 * numbers of statuses, return codes and opcodes, and `firmware()`, which does nothing but give an object its type.
 */

import type { HwrmModule } from './abi/bnxt/custom-firmware.ts';
import type { FirmwareDevice } from './abi/custom-firmware.ts';
import { RETURN_CODE } from './abi/cxl/return-codes.ts';
import type { FirmwareModule } from './abi/mlx5/custom-firmware.ts';
import { OPCODE } from './abi/mlx5/opcodes.ts';
import { STATUS } from './abi/mlx5/status.ts';

export type {
  CustomHwrm,
  HwrmAnswer,
  HwrmModule,
  HwrmReply,
  HwrmRequest,
  HwrmRequestBuffer,
} from './abi/bnxt/custom-firmware.ts';
export type {
  CxlCustomFirmware,
  CxlFirmwareModule,
  FeatureAnswer,
  FeatureReply,
  FeatureRequest,
} from './abi/cxl/custom-firmware.ts';
export type {
  CustomFirmware,
  FirmwareAnswer,
  FirmwareModule,
  FirmwareReply,
  FirmwareRequest,
} from './abi/mlx5/custom-firmware.ts';
export type {
  PdsAnswer,
  PdsCustomFirmware,
  PdsFirmwareModule,
  PdsReplyParts,
  PdsRequest,
} from './abi/pds/custom-firmware.ts';
export type { FirmwareDevice };
export { OPCODE, RETURN_CODE, STATUS };

/** The firmware as it was given, checked by the compiler. */
export function firmware(module: FirmwareModule): FirmwareModule {
  return module;
}

/** The same behind a bnxt device. */
export function hwrmFirmware(module: HwrmModule): HwrmModule {
  return module;
}
