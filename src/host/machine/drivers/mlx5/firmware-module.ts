/**
 * Firmware of one's own in a file: loads the modules that a configuration names, before any device is plugged, and
 * makes devices' mailboxes. A module's failure is told with its file; its clients get EIO, and the daemon lives on.
 */
import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { CustomFirmware, FirmwareDevice, FirmwareModule } from '../../../../abi/mlx5/custom-firmware.ts';
import { CustomMailbox } from '../../../../firmware/mlx5/custom.ts';
import type { Mailbox } from '../../../../firmware/mlx5/mailbox.ts';
import { Errno } from '../../../../kernel/errno.ts';
import { fileKind } from '../../../config/file-kind.ts';
import { isModulePath } from './firmware-path.ts';

/** Loaded modules, by path. */
export type FirmwareModules = ReadonlyMap<string, FirmwareModule>;

/** Loads every module that a device names. Throws an Error that names the file and says why it cannot be used. */
export async function loadFirmwareModules(firmwares: readonly (string | undefined)[]): Promise<FirmwareModules> {
  const modules = new Map<string, FirmwareModule>();
  for (const firmware of firmwares) {
    if (firmware === undefined || !isModulePath(firmware) || modules.has(firmware)) continue;
    modules.set(firmware, await loadModule(firmware));
  }
  return modules;
}

async function loadModule(path: string): Promise<FirmwareModule> {
  let loaded: { default?: unknown };
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats !== undefined && !stats.isFile()) throw new Error(`it is ${fileKind(stats)}; give a regular file`);
    loaded = await import(pathToFileURL(path).href);
  } catch (error) {
    throw new Error(`the firmware module ${path} cannot be loaded: ${textOf(error)}`);
  }
  const { default: found } = loaded;
  if (typeof found === 'function' || hasExec(found)) return found as FirmwareModule;
  const remedy = 'export default { exec(request) { ... } }, or a function that returns one';
  throw new Error(`the firmware module ${path} has no firmware as its default export; write: ${remedy}`);
}

/** A device's firmware. `warn` gets a line for each failure of the module. Throws an Error that names the file. */
export function moduleMailbox(
  path: string,
  modules: FirmwareModules,
  device: FirmwareDevice,
  warn: (message: string) => void,
): Mailbox {
  const module = modules.get(path);
  if (module === undefined) {
    throw new Error(`the firmware module ${path} has not been loaded: name it in the configuration from the start on`);
  }
  let firmware: CustomFirmware;
  try {
    firmware = typeof module === 'function' ? module(device) : module;
  } catch (error) {
    throw new Error(`the firmware module ${path} made no firmware for ${device.pci}: ${textOf(error)}`);
  }
  if (!hasExec(firmware))
    throw new Error(`the firmware module ${path} made no firmware for ${device.pci}: it has no exec`);
  return new CustomMailbox(firmware, (error) => {
    warn(`firmware module ${path}: ${textOf(error)}`);
    return new Errno('EIO', `the firmware module ${path} failed: ${messageOf(error)}`, 'mend the module');
  });
}

function hasExec(value: unknown): value is CustomFirmware {
  return typeof (value as CustomFirmware | undefined)?.exec === 'function';
}

/** Message and where it comes from: the first line of the stack that is not ours. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error);
  const place = /\n\s+at (?:.*\()?(file:\/\/[^)\n]+)/.exec(error.stack ?? '')?.[1];
  return place === undefined ? messageOf(error) : `${messageOf(error)} (at ${place})`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
