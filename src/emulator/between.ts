/** What stands between the devices of a machine and their clients beside trace and recorder: faults, a recording that answers. */
import { FaultPlan } from '../host/interceptors/faults/plan.ts';
import type { HostOptions } from '../host/machine/host.ts';
import type { DeviceSpec } from '../host/machine/host-device.ts';
import type { Settings } from '../cli/parts.ts';
import type { PassedDevices } from './passed-devices.ts';
import type { Replay } from './replay-file.ts';

export interface BetweenOptions {
  /** A recording that answers; in any order with `match`. */
  readonly replay?: string | undefined;
  readonly match?: boolean | undefined;
}

export interface Between {
  /** For the host. */
  readonly options: Pick<HostOptions, 'faults' | 'probe' | 'probeCommands'>;
  /** What is plugged at the start: the settings' devices, those of a recording, or those of `record`. */
  readonly devices: readonly DeviceSpec[];
  /** The exit status that becomes of the command's. */
  status(status: number): Promise<number>;
}

/** Throws CliError. `passed`: the devices that `record` stands before. */
export async function makeBetween(
  settings: Settings,
  { replay: path, match = false }: BetweenOptions,
  passed: PassedDevices | undefined,
): Promise<Between> {
  const replay = path === undefined ? undefined : await openReplayFile(path, match);
  const instead = replay ?? passed;
  const faults = new FaultPlan();
  for (const fault of settings.faults) faults.add(fault);
  return {
    options: {
      faults,
      ...(instead && { probe: instead.probe }),
      ...(replay && { probeCommands: replay.probeCommands }),
    },
    devices: instead?.devices ?? settings.devices,
    status: async (status) => (replay === undefined ? status : replayed(replay, status)),
  };
}

async function openReplayFile(path: string, match: boolean): Promise<Replay> {
  const { openReplay } = await import('./replay-file.ts');
  return openReplay(path, match ? 'match' : 'strict', complain);
}

async function replayed(replay: Replay, status: number): Promise<number> {
  const { replayStatus } = await import('./replay-file.ts');
  return replayStatus(replay, status, complain);
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}
