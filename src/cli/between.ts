/** What stands between the devices of a machine and their clients beside the trace: faults, a recorder, a recording that answers. */
import { FaultPlan } from '../host/faults/plan.ts';
import type { HostOptions } from '../host/host.ts';
import type { DeviceSpec } from '../host/host-device.ts';
import type { Log, Settings } from './parts.ts';
import type { PassedDevices } from './record.ts';
import type { Replay } from './replay-file.ts';

export interface BetweenOptions {
  /** A file for every exchange, and the names of fields that it is not to have. */
  readonly record?: string | undefined;
  readonly mask?: readonly string[] | undefined;
  /** A recording that answers; in any order with `match`. */
  readonly replay?: string | undefined;
  readonly match?: boolean | undefined;
}

export interface Between {
  /** For the host. */
  readonly options: Pick<HostOptions, 'faults' | 'interceptOps' | 'probe'>;
  /** What is plugged at the start: the settings' devices, those of a recording, or those of `record`. */
  readonly devices: readonly DeviceSpec[];
  /** The exit status that becomes of the command's. */
  status(status: number): Promise<number>;
  /** Completes the recording. */
  close(): void;
}

/** Throws CliError. `passed`: the devices that `record` stands before. */
export async function makeBetween(
  settings: Settings,
  { record, mask = [], replay: path, match = false }: BetweenOptions,
  passed: PassedDevices | undefined,
  log: Log,
): Promise<Between> {
  const replay = path === undefined ? undefined : await openReplayFile(path, match);
  const recording = record === undefined ? undefined : await openRecording(record, mask, log);
  const instead = replay ?? passed;
  const faults = new FaultPlan();
  for (const fault of settings.faults) faults.add(fault);
  return {
    options: {
      faults,
      ...(instead && { probe: instead.probe }),
      ...(recording && { interceptOps: recording.interceptOps }),
    },
    devices: instead?.devices ?? settings.devices,
    status: async (status) => (replay === undefined ? status : replayed(replay, status)),
    close: () => recording?.close(),
  };
}

async function openRecording(path: string, masked: readonly string[], log: Log) {
  const [{ openRecordFile }, { recordOps }] = await Promise.all([
    import('./record-file.ts'),
    import('../host/interceptors/record.ts'),
  ]);
  const file = openRecordFile(path, masked, log);
  const interceptOps: HostOptions['interceptOps'] = (ops, name, spec) => recordOps(ops, file.recorder, name, spec);
  return { interceptOps, close: () => file.close() };
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
