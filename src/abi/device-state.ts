/** What a device keeps without power, as plain JSON data: what all firmwares' readers of it share. */

/** A saved state that is none, or none of this firmware. The message says what is wrong with it. */
export class FirmwareStateError extends Error {
  override readonly name = 'FirmwareStateError';
}

/** A firmware with something to keep. */
export interface StatefulFirmware {
  /** Plain JSON data. */
  saveState(): unknown;
  /** Throws FirmwareStateError, and then nothing has changed. */
  restoreState(state: unknown): void;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isTexts(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === 'string');
}
