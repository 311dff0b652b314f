/**
 * The keys of a fault, one row each: where it may stand, what it means, how its value is read. Grammar, help,
 * `docs/faults.md` and the messages derive from these rows. The words are strace's where strace has them (error, when,
 * delay). Beside those of every driver stand the drivers' own (`opcode`, `status`), which their dialects bring.
 */
import { ERRNO, type ErrnoName } from '../../../abi/errno.ts';
import { SCOPE } from '../../../abi/fwctl.ts';
import { IOMMUFD_PROFILES } from '../../../abi/iommufd-profiles.ts';
import { named, wholeNumber } from '../../../abi/number-text.ts';
import type { FaultKeyRow, Messages } from '../../../fwctl/dialect.ts';
import { iommufdCommands } from '../../../iommufd/ioctls.ts';
import { durationMs } from './duration.ts';
import { type FaultDraft, readOwn } from './own-keys.ts';
import type { FaultWhat } from './spec.ts';

export interface FaultKey {
  readonly group: 'which' | 'effect' | 'when';
  readonly about: string;
  /** With its value, as it is written. */
  readonly example: string;
  /** At what it makes sense. */
  readonly for: readonly FaultWhat[];
  /** The key stands alone, without a value. */
  readonly bare?: true;
  /** It is of those drivers, and makes no sense elsewhere; absent: it is everybody's. */
  readonly drivers?: readonly string[];
  /** Puts the value into the draft; throws an Error that says what is wrong with it. */
  read(draft: FaultDraft, value: string): void;
}

export type FaultKeys = Readonly<Record<string, FaultKey>>;

const ALL: readonly FaultWhat[] = ['open', 'info', 'rpc', 'ioctl'];
const RPC: readonly FaultWhat[] = ['rpc'];
const IOCTL: readonly FaultWhat[] = ['ioctl'];
const MAX_LENGTH = 2 ** 31;

/** Of all kernels. */
const IOCTLS = [
  ...new Map(IOMMUFD_PROFILES.flatMap(iommufdCommands).map(({ name, number }) => [name, { name, number }])).values(),
];
const PREFIX = /^IOMMU_/i;

/** By which calls are chosen, beside the drivers' own. */
const WHICH: FaultKeys = {
  scope: {
    group: 'which',
    about: 'fwctl_rpc.scope, 0 to 3 or its name',
    example: 'scope=DEBUG_WRITE',
    for: RPC,
    read: ({ selectors }, value) => {
      const rows = Object.entries(SCOPE).map(([name, number]) => ({ name: name.replace('FWCTL_RPC_', ''), number }));
      selectors.scope = named('scope', value.replace('FWCTL_RPC_', ''), rows, ({ number }) => number, 3);
    },
  },
  command: {
    group: 'which',
    about: 'the ioctl, by its uAPI name (IOMMU_ may be left out) or number',
    example: 'command=IOAS_MAP',
    for: IOCTL,
    read: ({ selectors }, value) => {
      const rows = IOCTLS.map(({ name, number }) => ({ name: name.replace(PREFIX, ''), number }));
      selectors.command = named('ioctl', value.replace(PREFIX, ''), rows, ({ number }) => number, 0xffffffff);
    },
  },
  device: {
    group: 'which',
    about: 'the device',
    example: 'device=fwctl1',
    for: ALL,
    read: ({ selectors }, value) => {
      if (!/^(fwctl\d+|iommu|vfio)$/.test(value))
        throw new Error(`"${value}" is no device; write e.g. fwctl0, or iommu`);
      selectors.device = value;
    },
  },
  comm: {
    group: 'which',
    about: "the calling thread's name (its first 15 bytes)",
    example: 'comm=mlx5ctl',
    for: ALL,
    read: ({ selectors }, value) => {
      selectors.comm = value.slice(0, 15);
    },
  },
};

const ERROR: FaultKeys = {
  error: {
    group: 'effect',
    about: 'fails with that errno; nothing of it is carried out',
    example: 'error=EIO',
    for: ALL,
    read: ({ effects }, value) => {
      const rows = Object.keys(ERRNO).map((name) => ({ name }));
      const number = named('errno', value, rows, ({ name }) => ERRNO[name as ErrnoName], 133);
      const name = Object.entries(ERRNO).find(([, errno]) => errno === number)?.[0];
      if (name === undefined) throw new Error(`errno ${number} has no name here; write one, e.g. EIO`);
      effects.error = name as ErrnoName;
    },
  },
};

/** What becomes of a call, behind an errno and the drivers' own refusals. */
const EFFECTS: FaultKeys = {
  delay: {
    group: 'effect',
    about: 'the answer comes later by that time (us, ms, s)',
    example: 'delay=200ms',
    for: ALL,
    read: ({ effects }, value) => {
      effects.delayMs = durationMs(value);
    },
  },
  hang: {
    group: 'effect',
    about: 'the answer comes when the fault is released or removed',
    example: 'hang',
    for: ALL,
    bare: true,
    read: ({ effects }) => {
      effects.hang = true;
    },
  },
  unplug: {
    group: 'effect',
    about: 'the device is unplugged while the call is in flight',
    example: 'unplug',
    for: RPC,
    bare: true,
    read: ({ effects }) => {
      effects.unplug = true;
    },
  },
  out_len: {
    group: 'effect',
    about: 'the length that the driver answers: N, or +N or -N of the right one',
    example: 'out_len=-4',
    for: ['info', 'rpc'],
    read: ({ effects }, value) => {
      const relative = /^[+-]/.test(value);
      const sign = value.startsWith('-') ? -1 : 1;
      const number = wholeNumber('out_len', value.replace(/^[+-]/, ''), 0, MAX_LENGTH);
      effects.outLength = { relative, value: sign * number };
    },
  },
  flip: {
    group: 'effect',
    about: "that many bits of the reply's data are inverted; the seed says which",
    example: 'flip=3',
    for: ['info', 'rpc'],
    read: ({ effects }, value) => {
      effects.flip = wholeNumber('flip', value, 1, 65536);
    },
  },
  truncate: {
    group: 'effect',
    about: "the reply's bytes from this one on are zero",
    example: 'truncate=64',
    for: ['info', 'rpc'],
    read: ({ effects }, value) => {
      effects.truncate = wholeNumber('truncate', value, 0, MAX_LENGTH);
    },
  },
  ok: {
    group: 'effect',
    about: 'the reply says status OK, whatever the firmware said',
    example: 'ok',
    for: RPC,
    bare: true,
    read: ({ effects }) => {
      effects.ok = true;
    },
  },
};

const WHEN: FaultKeys = {
  when: {
    group: 'when',
    about: "which of the matching calls, from 1: N, N+ (from N on), N..M, each also with +STEP, as strace's",
    example: 'when=3+2',
    for: ALL,
    read: ({ when }, value) => {
      const parts = /^(\d+)(?:\.\.(\d+))?(\+(\d*))?$/.exec(value);
      if (parts === null) throw new Error(`"${value}" is not FIRST, FIRST+, FIRST..LAST or FIRST+STEP; e.g. when=3`);
      const [, first, last, more, step] = parts;
      when.first = wholeNumber('when', first ?? '', 1, Number.MAX_SAFE_INTEGER);
      when.step = step === undefined || step === '' ? 1 : wholeNumber('the step', step, 1, Number.MAX_SAFE_INTEGER);
      if (last !== undefined) when.last = wholeNumber('the last', last, when.first, Number.MAX_SAFE_INTEGER);
      else when.last = more === undefined ? when.first : Number.POSITIVE_INFINITY;
    },
  },
  every: {
    group: 'when',
    about: 'every Nth of the matching calls',
    example: 'every=10',
    for: ALL,
    read: ({ when }, value) => {
      when.step = wholeNumber('every', value, 1, Number.MAX_SAFE_INTEGER);
      when.first = when.step;
    },
  },
  probability: {
    group: 'when',
    about: 'by chance, 0 to 1 or in percent',
    example: 'probability=5%',
    for: ALL,
    read: ({ when }, value) => {
      const parts = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(value);
      const number = parts === null ? Number.NaN : Number(parts[1]) / (parts[2] === '%' ? 100 : 1);
      if (!(number >= 0 && number <= 1)) throw new Error(`"${value}" is no probability; write 0 to 1, or e.g. 5%`);
      when.probability = number;
    },
  },
  seed: {
    group: 'when',
    about: 'what chance starts from (0 unless told): the same seed, the same faults',
    example: 'seed=42',
    for: ALL,
    read: ({ when }, value) => {
      when.seed = wholeNumber('seed', value, 0, 0xffffffff);
    },
  },
  count: {
    group: 'when',
    about: 'strikes at most so often',
    example: 'count=1',
    for: ALL,
    read: ({ when }, value) => {
      when.count = wholeNumber('count', value, 1, Number.MAX_SAFE_INTEGER);
    },
  },
};

/** All keys, those of these drivers too, in the order of the help. */
export function faultKeys(messages: readonly Messages[]): FaultKeys {
  const own = (group: 'which' | 'effect', part: 'selectors' | 'refusals') => ownKeys(messages, group, part);
  return { ...own('which', 'selectors'), ...WHICH, ...ERROR, ...own('effect', 'refusals'), ...EFFECTS, ...WHEN };
}

function ownKeys(
  messages: readonly Messages[],
  group: 'which' | 'effect',
  part: 'selectors' | 'refusals',
): Record<string, FaultKey> {
  const rows = new Map<string, { row: FaultKeyRow; drivers: string[] }>();
  for (const { driver, [part]: keys } of messages) {
    for (const [key, row] of Object.entries(keys)) {
      const known = rows.get(key);
      if (known === undefined) rows.set(key, { row, drivers: [driver] });
      else known.drivers.push(driver);
    }
  }
  const keys = [...rows].map(([key, { row, drivers }]): [string, FaultKey] => {
    const read: FaultKey['read'] = (draft, value) => readOwn(draft, messages, part, key, value);
    return [key, { group, about: row.about, example: row.example, for: row.for, drivers, read }];
  });
  return Object.fromEntries(keys);
}

/** Keys of their own form beside the table: `set.FIELD=VALUE`. */
export const SET_KEY = {
  prefix: 'set.',
  about: 'a field of the reply, by its name in the trace, gets that value',
  example: 'set.size=0xffff',
} as const;
