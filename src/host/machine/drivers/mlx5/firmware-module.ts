/** Modules that answer commands of the mailbox. */
import type { FirmwareDevice } from '../../../../abi/custom-firmware.ts';
import type { CustomFirmware } from '../../../../abi/mlx5/custom-firmware.ts';
import { CustomMailbox } from '../../../../firmware/mlx5/custom.ts';
import type { Mailbox } from '../../../../firmware/mlx5/mailbox.ts';
import { type FirmwareModules, loadModules, makeFirmware } from '../../firmware-module.ts';

const MEMBER = 'exec';

/** Loads every module that a device names. Throws an Error that names the file and says why it cannot be used. */
export function loadFirmwareModules(firmwares: readonly (string | undefined)[]): Promise<FirmwareModules> {
  return loadModules(firmwares, MEMBER);
}

/** A device's firmware. `warn` gets a line for each failure of the module. Throws an Error that names the file. */
export function moduleMailbox(
  path: string,
  modules: FirmwareModules,
  device: FirmwareDevice,
  warn: (message: string) => void,
): Mailbox {
  const { firmware, failed } = makeFirmware<CustomFirmware>(path, { modules, member: MEMBER, device, warn });
  return new CustomMailbox(firmware, failed);
}
