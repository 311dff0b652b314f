/**
 * Firmware of one's own in a file: loads the modules that a configuration names, before any device is plugged, and
 * makes devices' firmwares of them. A module's failure is told with its file; its clients get EIO, and the daemon lives
 * on. What a firmware is, its driver says: the name of its function.
 */
import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { FirmwareDevice } from '../../abi/custom-firmware.ts';
import { Errno } from '../../kernel/errno.ts';
import type { DeviceSpec, FunctionSpec } from '../config/device-spec.ts';
import { fileKind } from '../config/file-kind.ts';
import type { DriverParts } from './driver-row.ts';
import { type FirmwareKeys, isModulePath } from './firmware-path.ts';

/** Loaded modules, by path: each a firmware, or a function that makes one for each device. */
export type FirmwareModules = ReadonlyMap<string, unknown>;

/** A device's firmware, and what makes a failure of it known: the exception for a command that was not delivered. */
export interface MadeFirmware<Firmware> {
  readonly firmware: Firmware;
  readonly failed: (error: unknown) => Error;
}

/** A driver row's `prepare`, which loads what `firmware:` names; `member`, a firmware's function: `exec`. */
export function prepareModules(member: string): (specs: readonly DeviceSpec[]) => Promise<FirmwareModules> {
  return (specs) =>
    loadModules(
      specs.map(({ keys }) => (keys as FirmwareKeys | undefined)?.firmware),
      member,
    );
}

/** Loads every module that a device names. Throws an Error that names the file and says why it cannot be used. */
export async function loadModules(
  firmwares: readonly (string | undefined)[],
  member: string,
): Promise<FirmwareModules> {
  const modules = new Map<string, unknown>();
  for (const firmware of firmwares) {
    if (firmware === undefined || !isModulePath(firmware) || modules.has(firmware)) continue;
    modules.set(firmware, await loadModule(firmware, member));
  }
  return modules;
}

async function loadModule(path: string, member: string): Promise<unknown> {
  let loaded: { default?: unknown };
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats !== undefined && !stats.isFile()) throw new Error(`it is ${fileKind(stats)}; give a regular file`);
    loaded = await import(pathToFileURL(path).href);
  } catch (error) {
    throw new Error(`the firmware module ${path} cannot be loaded: ${textOf(error)}`);
  }
  const { default: found } = loaded;
  if (typeof found === 'function' || has(found, member)) return found;
  const remedy = `export default { ${member}(request) { ... } }, or a function that returns one`;
  throw new Error(`the firmware module ${path} has no firmware as its default export; write: ${remedy}`);
}

/** A device's, of a module that the row has prepared; `warn` gets each failure. Throws an Error that names the file. */
export function makeFirmware<Firmware>(
  path: string,
  member: string,
  { pci }: FunctionSpec,
  { abi, prepared, warn }: DriverParts,
): MadeFirmware<Firmware> {
  const module = (prepared as FirmwareModules | undefined)?.get(path);
  if (module === undefined) {
    throw new Error(`the firmware module ${path} has not been loaded: name it in the configuration from the start on`);
  }
  let firmware: unknown;
  try {
    firmware = typeof module === 'function' ? module({ pci, abi: abi.name } satisfies FirmwareDevice) : module;
  } catch (error) {
    throw new Error(`the firmware module ${path} made no firmware for ${pci}: ${textOf(error)}`);
  }
  if (!has(firmware, member))
    throw new Error(`the firmware module ${path} made no firmware for ${pci}: it has no ${member}`);
  return {
    firmware: firmware as Firmware,
    failed(error) {
      warn(`firmware module ${path}: ${textOf(error)}`);
      return new Errno('EIO', `the firmware module ${path} failed: ${messageOf(error)}`, 'mend the module');
    },
  };
}

function has(value: unknown, member: string): boolean {
  return typeof (value as Readonly<Record<string, unknown>> | undefined | null)?.[member] === 'function';
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
