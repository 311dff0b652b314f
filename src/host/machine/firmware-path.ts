/** The `firmware:` key of a device: what stands behind it instead of its profile's emulation. */
import { resolve } from 'node:path';
import type { DeviceSpec } from '../config/device-spec.ts';
import type { DriverKey } from '../config/driver-key.ts';

export interface FirmwareKeys {
  /** LOOPBACK, or a module's absolute path; undefined: the profile's own emulation. */
  readonly firmware: string | undefined;
}

/** The word for the firmware that gives back what it gets. */
export const LOOPBACK = 'loopback';

/** Whether the value is the path of a module. */
export function isModulePath(value: string): boolean {
  return value.includes('/') || /\.([mc]?js|m?ts)$/i.test(value);
}

/** The firmware's word, or its module's absolute path. Throws an Error that says what to write. */
export function readFirmware(text: string): string {
  if (text === LOOPBACK) return text;
  if (isModulePath(text)) return resolve(text);
  throw new Error(`firmware is ${LOOPBACK} or the path of a module, e.g. ./my-firmware.mjs, not "${text}"`);
}

export const FIRMWARE_KEY: DriverKey<string | undefined> = {
  about:
    "Instead of the profile's emulation: loopback, which gives back what it gets, or a JavaScript module's path (docs/custom-firmware.md).",
  example: './my-firmware.mjs',
  takes: 'text',
  unlessTold: undefined,
  read: readFirmware,
  isPath: isModulePath,
};

/** Refuses values beside such a firmware: nobody would look at them. */
export function refuseValues({ keys, overrides }: Pick<DeviceSpec, 'keys' | 'overrides'>) {
  if (keys?.firmware === undefined || Object.keys(overrides).length === 0) return undefined;
  const message = "set changes the profile's emulation, which stands aside for this firmware; take one out";
  return { key: 'firmware', message };
}
