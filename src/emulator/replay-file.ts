/** `--replay FILE`: the devices of a recording and what they answer. */
import { constants } from 'node:buffer';
import type { FwctlOps } from '../fwctl/ops.ts';
import { DEFAULT_DEVICE } from '../host/config/defaults.ts';
import type { Probed } from '../host/machine/drivers.ts';
import type { DeviceSpec } from '../host/machine/host-device.ts';
import { mlx5Decoder } from '../drivers/mlx5/dialect/describe.ts';
import { readGivenFile } from '../host/config/named-file.ts';
import { formatPciAddress, nextPciAddress, parsePciAddress } from '../host/config/pci-address.ts';
import { parseRecording, type RecordedFunction, type Recording } from '../host/interceptors/recording/format.ts';
import { Player, type ReplayOrder } from '../host/interceptors/recording/player.ts';
import { replayFwctl, replayIommufd, replaySpec } from '../host/interceptors/recording/replay.ts';
import { replayCommands } from '../host/interceptors/recording/replay-commands.ts';
import type { CommandOps } from '../iommufd/commands.ts';
import { CliError, EXIT } from './cli-error.ts';

export interface Replay {
  readonly devices: readonly DeviceSpec[];
  readonly player: Player;
  /** What stands behind such a device. */
  probe(spec: DeviceSpec): Probed | undefined;
  /** What stands behind a node of iommufd. */
  probeCommands(node: string): CommandOps;
}

/** Misses are told at most so often; they are counted all. */
const TOLD = 20;

/** Throws CliError for a file that is no recording. */
export function openReplay(path: string, order: ReplayOrder, say: (line: string) => void): Replay {
  const recording = readRecording(path);
  const player = new Player(recording, path, order, (request) => mlx5Decoder.request(request, request.length).command);
  const missed = (miss: string): void => {
    if (player.misses.length <= TOLD) say(`fwctl-emu: replay: ${miss}`);
  };
  const functions = recording.devices.filter((row) => row.driver !== 'iommufd');
  const node = recording.devices.find((row) => row.driver === 'iommufd');
  const devices = specsOf(functions);
  return {
    devices: [...devices, ...(node === undefined ? [] : [replayIommufd(node)])],
    player,
    probeCommands: (name) => replayCommands(name, player, missed),
    probe(spec) {
      const device = functions[devices.findIndex(({ pci }) => pci === spec.pci)];
      if (device === undefined) return undefined;
      const ops = replayFwctl(device, player, missed) as FwctlOps<unknown>;
      return { ops, minor: Number(device.device.slice('fwctl'.length)) };
    },
  };
}

/** A device that was plugged again while a file of it was open had another number at the same address: it gets the next one here. */
function specsOf(recorded: readonly RecordedFunction[]): DeviceSpec[] {
  const taken = new Set<string>();
  return recorded.map((device) => {
    let at = parsePciAddress(device.pci);
    while (at !== undefined && taken.has(formatPciAddress(at))) at = nextPciAddress(at);
    const pci = at === undefined ? device.pci : formatPciAddress(at);
    taken.add(pci);
    return replaySpec({ ...device, pci }, DEFAULT_DEVICE);
  });
}

/** What a replay came to: a command that ended well in spite of misses has not passed. */
export function replayStatus({ player }: Replay, status: number, say: (line: string) => void): number {
  const { misses, unused } = player;
  if (misses.length === 0) return status;
  const calls = misses.length === 1 ? '1 call was' : `${misses.length} calls were`;
  say(
    `fwctl-emu: replay: ${calls} not answered from the recording${unused > 0 ? `; ${unused} recorded ones were not made` : ''}`,
  );
  return status === EXIT.ok ? EXIT.failure : status;
}

function readRecording(path: string): Recording {
  let text: string;
  try {
    text = readGivenFile(path, { what: 'recording', maxBytes: constants.MAX_STRING_LENGTH });
  } catch (error) {
    throw new CliError(`--replay: ${(error as Error).message}`);
  }
  let recording: Recording;
  try {
    recording = parseRecording(text, path);
  } catch (error) {
    throw new CliError((error as Error).message);
  }
  if (recording.devices.length === 0) throw new CliError(`--replay: ${path} has no device in it; record again`);
  return recording;
}
