/** What stands behind the devices instead of their drivers' own: a recording that answers, or `record`'s nodes. */
import type { DeviceSpec } from '../host/config/device-spec.ts';
import { plainText } from '../host/config/plain-text.ts';
import type { DriverRow } from '../host/machine/driver-row.ts';
import type { StandIns } from '../host/machine/host.ts';
import { loadMessages } from '../host/machine/load-messages.ts';
import type { PassedDevices } from './passed-devices.ts';
import type { Settings } from './settings.ts';

export interface BetweenOptions {
  /** A recording that answers; in any order with `match`. */
  readonly replay?: string | undefined;
  readonly match?: boolean | undefined;
}

export interface Between {
  /** Undefined: the devices are their drivers' own. */
  readonly instead: StandIns | undefined;
  /** What is plugged at the start: the settings' devices, those of a recording, or those of `record`. */
  readonly devices: readonly DeviceSpec[];
  /** The exit status that becomes of the command's. */
  status(status: number): number;
}

/** Throws CliError. `passed`: the devices that `record` stands before. */
export async function makeBetween(
  settings: Settings,
  { replay: path, match = false }: BetweenOptions,
  drivers: readonly DriverRow[],
  passed: PassedDevices | undefined,
): Promise<Between> {
  if (path === undefined) {
    const devices = passed?.devices ?? settings.devices;
    return { instead: passed?.standIns, devices, status: (status) => status };
  }
  const [{ openReplay, replayStatus }, messages] = await Promise.all([
    import('./replay-file.ts'),
    loadMessages(drivers),
  ]);
  const replay = openReplay(path, match ? 'match' : 'strict', { drivers, messages, say: complain });
  const { standIns: instead, devices } = replay;
  return { instead, devices, status: (status) => replayStatus(replay, status, complain) };
}

function complain(text: string): void {
  process.stderr.write(`${plainText(text)}\n`);
}
