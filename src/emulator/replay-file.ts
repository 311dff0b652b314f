/** `--replay FILE`: the devices of a recording and what they answer. */
import { constants } from 'node:buffer';
import { statSync } from 'node:fs';
import { formatPciAddress, nextPciAddress, parsePciAddress } from '../abi/pci/address.ts';
import type { Messages } from '../fwctl/dialect.ts';
import type { FwctlOps } from '../fwctl/ops.ts';
import { CliError, EXIT } from '../host/config/cli-error.ts';
import { DEFAULT_DEVICE } from '../host/config/defaults.ts';
import type { DeviceSpec } from '../host/config/device-spec.ts';
import { readGivenFile } from '../host/config/named-file.ts';
import type { Language } from '../host/interceptors/recording/difference.ts';
import {
  parseRecording,
  type RecordedFunction,
  type RecordedNode,
  type Recording,
} from '../host/interceptors/recording/format.ts';
import { Player, type ReplayOrder } from '../host/interceptors/recording/player.ts';
import { partOf } from '../host/interceptors/recording/recording-file.ts';
import { replayFwctl, replayIommufd, replaySpec } from '../host/interceptors/recording/replay.ts';
import { replayCommands } from '../host/interceptors/recording/replay-commands.ts';
import { type DriverRow, fwctlRows } from '../host/machine/driver-row.ts';
import type { StandIns } from '../host/machine/host.ts';

export interface Replay {
  readonly devices: readonly DeviceSpec[];
  readonly player: Player;
  readonly standIns: StandIns;
}

export interface ReplayParts {
  readonly drivers: readonly DriverRow[];
  /** By driver. */
  readonly messages: ReadonlyMap<string, Messages>;
  /** A line for each call that the recording does not answer. */
  say(line: string): void;
}

/** Misses are told at most so often; they are counted all. */
const TOLD = 20;

/** Throws CliError for a file that is no recording, or one of a driver that is not here. */
export function openReplay(path: string, order: ReplayOrder, { drivers, messages, say }: ReplayParts): Replay {
  const recording = readRecording(path, say);
  const languages = new Map<string, Language>();
  for (const { name, dialect } of fwctlRows(drivers)) {
    const known = messages.get(name);
    if (known !== undefined) languages.set(name, { dialect, messages: known });
  }
  const languageOf = (driver: string): Language => {
    const language = languages.get(driver);
    if (language !== undefined) return language;
    throw new CliError(`--replay: ${path}: there is no driver "${driver}" (${[...languages.keys()].join(', ')})`);
  };
  const player = new Player(recording, path, order, languageOf);
  const missed = (miss: string): void => {
    if (player.misses.length <= TOLD) say(`fwctl-emu: replay: ${miss}`);
  };
  const functions = recording.devices.filter((row): row is RecordedFunction => 'type' in row);
  const node = recording.devices.find((row): row is RecordedNode => !('type' in row));
  const devices = specsOf(functions);
  const standIns: StandIns = {
    commands: (name) => replayCommands(name, player, missed),
    probe(spec) {
      const device = functions[devices.findIndex(({ pci }) => pci === spec.pci)];
      if (device === undefined) return undefined;
      const ops = replayFwctl(device, languageOf(device.driver).dialect, player, missed) as FwctlOps<unknown>;
      return { ops, minor: Number(device.device.slice('fwctl'.length)) };
    },
  };
  return { devices: [...devices, ...(node === undefined ? [] : [replayIommufd(node)])], player, standIns };
}

/** A device plugged again while a file of it was open had the same address: here it gets the next one. */
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
  const others = unused > 0 ? `; ${unused} recorded ones were not made` : '';
  say(`fwctl-emu: replay: ${calls} not answered from the recording${others}`);
  return status === EXIT.ok ? EXIT.failure : status;
}

function readRecording(path: string, say: (line: string) => void): Recording {
  const part = partOf(path);
  const broken = fileTime(part);
  const whole = fileTime(path);
  const from = whole === undefined && broken !== undefined ? part : path;
  if (from === part)
    say(`fwctl-emu: replay: ${path} is not there: ${part} is taken, whose emulator was killed or runs`);
  else if ((broken ?? 0) > (whole ?? 0)) say(`fwctl-emu: replay: ${part} is newer, whose emulator was killed or runs`);
  let text: string;
  try {
    text = readGivenFile(from, { what: 'recording', maxBytes: constants.MAX_STRING_LENGTH });
  } catch (error) {
    throw new CliError(`--replay: ${(error as Error).message}`);
  }
  // Of a line that was being written the end is missing.
  if (from === part) text = text.slice(0, text.lastIndexOf('\n') + 1);
  let recording: Recording;
  try {
    recording = parseRecording(text, from);
  } catch (error) {
    throw new CliError((error as Error).message);
  }
  if (recording.devices.length === 0) throw new CliError(`--replay: ${from} has no device in it; record again`);
  return recording;
}

/** When it was written last, ms; undefined: there is none. */
function fileTime(path: string): number | undefined {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}
