/** What a `firmware:` key of an mlx5 device may say. */
import { resolve } from 'node:path';

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
