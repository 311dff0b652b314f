/**
 * `fwctl-emu __complete KIND [WORD]`: what a shell's completion asks while a line is typed, one word a line. Of a
 * running emulator its devices, their values, its faults; of this program how a fault is written. Nobody answers:
 * nothing.
 */
import { readdirSync } from 'node:fs';
import { ERRNO } from '../abi/errno.ts';
import { CAP_TYPES } from '../abi/mlx5/cap-types.ts';
import { OPCODES } from '../abi/mlx5/opcodes.ts';
import { REGISTERS } from '../abi/mlx5/registers.ts';
import { callMethod, socketPath } from '../control/client.ts';
import type { Values } from '../control/method.ts';
import { METHODS } from '../control/methods.ts';
import { DEFAULT_DEV_DIR } from '../host/config/defaults.ts';
import { faultKeys } from '../host/interceptors/faults/keys.ts';
import type { DriverRow } from '../host/machine/driver-row.ts';
import { loadMessages } from '../host/machine/load-messages.ts';

const WHATS = ['open', 'info', 'rpc', 'ioctl'] as const;

type Kind = (word: string, drivers: () => Promise<readonly DriverRow[]>) => Promise<readonly string[]>;

const KINDS: Readonly<Record<string, Kind>> = {
  async devices() {
    const answer = (await asked('list', {})) as { devices: readonly { name: string }[] } | undefined;
    if (answer !== undefined) return answer.devices.map(({ name }) => name);
    try {
      return readdirSync(DEFAULT_DEV_DIR);
    } catch {
      return [];
    }
  },
  async values(device) {
    const answer = (await asked('get', { device })) as { values: object } | undefined;
    return Object.keys(answer?.values ?? {});
  },
  async faults() {
    const answer = (await asked('fault list', {})) as { faults: readonly { id: number }[] } | undefined;
    return (answer?.faults ?? []).map(({ id }) => String(id));
  },
  async fault(word, drivers) {
    const colon = word.lastIndexOf(':');
    if (colon < 0) return WHATS.map((what) => `${what}:`);
    const before = word.slice(0, colon + 1);
    const what = WHATS.find((one) => before.startsWith(`${one}:`));
    if (what === undefined) return [];
    const messages = [...(await loadMessages(await drivers())).values()];
    const [key = '', value] = word.slice(colon + 1).split('=', 2);
    if (value !== undefined) {
      const names = VALUES[key] ?? (key === 'status' ? messages.flatMap(({ statusNames }) => statusNames) : []);
      return [...new Set(names)].map((name) => `${before}${key}=${name}`);
    }
    const keys = Object.entries(faultKeys(messages)).filter(([, row]) => row.for.includes(what));
    return keys.map(([name, { bare }]) => `${before}${name}${bare ? '' : '='}`);
  },
};

/** Values of a fault's keys that have names. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  error: Object.keys(ERRNO),
  opcode: OPCODES.map(({ name }) => name),
  register: REGISTERS.map(({ name }) => name),
  cap: CAP_TYPES.map(({ name }) => name),
};

/** Those that begin as `word` does are the shell's to choose. */
export async function completions(
  [kind = '', word = '']: readonly string[],
  drivers: () => Promise<readonly DriverRow[]>,
): Promise<string> {
  const words = (await KINDS[kind]?.(word, drivers).catch(() => [])) ?? [];
  return words.map((one) => `${one}\n`).join('');
}

/** Undefined: nobody answers, or refuses. */
async function asked(verb: string, values: Values): Promise<unknown> {
  const method = METHODS.find((row) => row.verb === verb);
  try {
    return method && (await callMethod(socketPath(undefined, process.env), method, values));
  } catch {
    return undefined;
  }
}
