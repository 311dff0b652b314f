/** What a sweep tries: from the calls of a clean run, one fault for each call and each way in which it can go wrong. */

import { namePattern, namesIn } from '../../abi/name-pattern.ts';
import { didYouMean } from '../../abi/nearest-name.ts';
import type { Messages, SweepWay } from '../../fwctl/dialect.ts';
import { fromHex, type RecordedRpc, type Recording } from '../../host/interceptors/recording/format.ts';

export interface SweepCase {
  /** Of the way in which it goes wrong; and that in a few words. */
  readonly kind: string;
  readonly about: string;
  /** As `run --fault` takes it. */
  readonly fault: string;
  /** `open 1`, `rpc 3 QUERY_HCA_CAP(GENERAL, current)`. */
  readonly call: string;
  /** The call fails, and the command has to tell; otherwise its reply is wrong, and the command has to live. */
  readonly fails: boolean;
}

/** What a command calls, in numbers. */
export interface SweptCalls {
  readonly opens: number;
  readonly infos: number;
  readonly rpcs: number;
  /** Of iommufd. */
  readonly ioctls: number;
}

/** An RPC that reached the firmware; `number` counts those, from 1. */
interface Delivered {
  readonly number: number;
  readonly rpc: RecordedRpc;
  /** The first with these bytes. */
  readonly fresh: boolean;
  /** Of its device; undefined: nobody knows the driver. */
  readonly messages: Messages | undefined;
}

interface Way {
  readonly kind: string;
  readonly about: string;
  readonly fails: boolean;
  /** Effects; none: it does not apply. */
  effects(call: Delivered): readonly string[];
}

/** Names of fields that a client takes for a size. */
const SIZE = /(^|_)(size|len|length|count|number|records?)(_|$)|^num_/;
/** Of the fields of one reply, so many are tried one by one. */
const MOST_FIELDS = 4;

const only = (effect: string) => (): readonly string[] => [effect];
const onceEach =
  (effects: (call: Delivered) => readonly string[]) =>
  (call: Delivered): readonly string[] =>
    call.fresh ? effects(call) : [];

/** The ways in which an RPC of any driver goes wrong. Wrong replies are tried at the first of equal requests. */
const NOT_DELIVERED: readonly Way[] = [
  { kind: 'errno', about: 'not delivered: EIO', fails: true, effects: only('error=EIO') },
  { kind: 'timeout', about: 'not delivered: ETIMEDOUT', fails: true, effects: only('error=ETIMEDOUT') },
];
const WRONG_REPLY: readonly Way[] = [
  { kind: 'unplug', about: 'the device goes; later calls are ENODEV', fails: false, effects: only('unplug') },
  { kind: 'zero', about: 'the reply is all zero', fails: false, effects: onceEach(only('ok:truncate=0')) },
  {
    kind: 'cut',
    about: 'the second half of the reply is zero',
    fails: false,
    effects: onceEach(({ rpc, messages }) =>
      rpc.out_len > 2 * headerOf(messages) ? [`truncate=${rpc.out_len >> 1}`] : [],
    ),
  },
  { kind: 'bits', about: 'bits of the reply are flipped', fails: false, effects: onceEach(only('flip=16:seed=1')) },
  {
    kind: 'size-zero',
    about: 'a size in the reply is 0',
    fails: false,
    effects: onceEach((call) => sizeFields(call).map((field) => `ok:set.${field}=0`)),
  },
  {
    kind: 'size-large',
    about: 'a size in the reply is 1 MiB, or as large as its field allows',
    fails: false,
    effects: onceEach((call) => sizeFields(call).map((field) => `ok:set.${field}=0x100000`)),
  },
  {
    kind: 'size-max',
    about: 'a size in the reply is as large as its field allows',
    fails: false,
    effects: onceEach((call) => sizeFields(call).map((field) => `ok:set.${field}=max`)),
  },
];
const WRONG_LENGTH: readonly Way[] = [
  {
    kind: 'long',
    about: 'the driver answers a longer out_len',
    fails: false,
    effects: onceEach(only('out_len=+4096')),
  },
  {
    kind: 'short',
    about: 'the driver answers a shorter out_len',
    fails: false,
    effects: onceEach(({ messages }) => [`out_len=${headerOf(messages)}`]),
  },
];

/** An ioctl of iommufd has an errno, and nothing behind it that could answer wrongly. */
const IOCTL_WAYS: readonly OtherWay[] = [
  { kind: 'errno', about: 'not carried out: ENOMEM', effect: 'error=ENOMEM' },
  { kind: 'timeout', about: 'not carried out: ETIMEDOUT', effect: 'error=ETIMEDOUT' },
];
const OPEN_WAY: OtherWay = { kind: 'errno', about: 'open fails: EIO', effect: 'error=EIO' };
const INFO_WAYS: readonly (OtherWay & { readonly fails: boolean })[] = [
  { kind: 'errno', about: 'FWCTL_INFO fails: EIO', effect: 'error=EIO', fails: true },
  { kind: 'short', about: 'the driver has no data', effect: 'out_len=0', fails: false },
  { kind: 'long', about: 'the driver has more data than there are', effect: 'out_len=+4096', fails: false },
];

interface OtherWay {
  readonly kind: string;
  readonly about: string;
  readonly effect: string;
}

/** All ways of an RPC of that driver, in the order in which they are tried. */
function rpcWays(messages: Messages | undefined): readonly Way[] {
  const { refusals = [], replies = [] } = messages?.sweep ?? {};
  const own = (ways: readonly SweepWay[], fails: boolean): Way[] =>
    ways.map(({ kind, about, effects }) => ({
      kind,
      about,
      fails,
      effects: ({ rpc, fresh }) => (fails || fresh ? effects({ request: requestOf(rpc), outLength: rpc.out_len }) : []),
    }));
  return [...NOT_DELIVERED, ...own(refusals, true), ...WRONG_REPLY, ...own(replies, false), ...WRONG_LENGTH];
}

/** Every kind of these drivers, for --only and the report. */
export function sweepKinds(messages: readonly Messages[]): readonly string[] {
  return [...new Set(messages.flatMap((one) => rpcWays(one).map(({ kind }) => kind)))];
}

/** In the order of the calls. `messages`: by driver. */
export function sweepCases({ exchanges, devices }: Recording, messages: ReadonlyMap<string, Messages>): SweepCase[] {
  const cases: SweepCase[] = [];
  const seen = new Set<string>();
  const messagesOf = new Map(devices.map(({ device, driver }) => [device as string, messages.get(driver)]));
  let opens = 0;
  let infos = 0;
  let ioctls = 0;
  let number = 0;
  for (const { exchange } of exchanges) {
    if ('open' in exchange) {
      opens++;
      const call = `open ${opens} of ${exchange.open}`;
      const own = (messagesOf.get(exchange.open)?.sweep.opens ?? []).flatMap(({ kind, about, effects }) =>
        effects({ request: new DataView(new ArrayBuffer(0)), outLength: 0 }).map((effect) => ({ kind, about, effect })),
      );
      for (const { kind, about, effect } of [OPEN_WAY, ...own])
        cases.push({ kind, about, fault: `open:when=${opens}:${effect}`, call, fails: true });
    } else if ('info' in exchange) {
      infos++;
      const call = `FWCTL_INFO ${infos} of ${exchange.info}`;
      for (const { kind, about, effect, fails } of INFO_WAYS)
        cases.push({ kind, about, fault: `info:when=${infos}:${effect}`, call, fails });
    } else if ('ioctl' in exchange) {
      ioctls++;
      // One that is refused anyway has been tried.
      if (exchange.errno !== undefined) continue;
      const call = `ioctl ${ioctls} ${exchange.name}`;
      for (const { kind, about, effect } of IOCTL_WAYS)
        cases.push({ kind, about, fault: `ioctl:when=${ioctls}:${effect}`, call, fails: true });
    } else if ('rpc' in exchange && exchange.errno === undefined) {
      number++;
      const key = `${exchange.rpc} ${exchange.scope} ${exchange.out_len} ${exchange.in}`;
      const call = `rpc ${number} ${commandOf(exchange)}`;
      const known = messagesOf.get(exchange.rpc);
      const delivered = { number, rpc: exchange, fresh: !seen.has(key), messages: known };
      seen.add(key);
      for (const { kind, about, fails, effects } of rpcWays(known)) {
        for (const effect of effects(delivered))
          cases.push({ kind, about, fault: `rpc:when=${number}:${effect}`, call, fails });
      }
    }
  }
  return cases;
}

/** The calls that names as of a trace filter mean (`MNVQC`, `QUERY_*`, `open`); an Error for one that no call has. */
export function namedCalls(names: readonly string[], cases: readonly SweepCase[]): (one: SweepCase) => boolean {
  const calls = new Map(cases.map(({ call }) => [call, namesIn(call.replace(/^rpc \d+ /, ''))]));
  const patterns = names.map((name) => {
    const pattern = namePattern(name);
    if ([...calls.values()].some((words) => words.some((word) => pattern.test(word)))) return pattern;
    const known = [...new Set([...calls.values()].flat())].filter((word) => /^(open|[A-Z]\w+)$/.test(word));
    throw new Error(`the command makes no call "${name}" (it makes ${known.join(', ')})${didYouMean(name, known)}`);
  });
  return ({ call }) => calls.get(call)?.some((word) => patterns.some((one) => one.test(word))) ?? false;
}

/** How many of each call a recording has; RPCs are those that reached the firmware. */
export function callsOf({ exchanges }: Recording): SweptCalls {
  const count = (is: (exchange: object) => boolean): number => exchanges.filter(({ exchange }) => is(exchange)).length;
  return {
    opens: count((exchange) => 'open' in exchange),
    infos: count((exchange) => 'info' in exchange),
    rpcs: count((exchange) => 'rpc' in exchange && !('errno' in exchange)),
    ioctls: count((exchange) => 'ioctl' in exchange),
  };
}

/** The command without what it answered. */
function commandOf({ about, in_len: length }: RecordedRpc): string {
  return about?.replace(/ -> .*$/, '') ?? `of ${length} bytes`;
}

/** Bytes of a reply below which it says nothing. */
function headerOf(messages: Messages | undefined): number {
  return Number.isFinite(messages?.replyHeader) ? (messages?.replyHeader ?? 0) : 0;
}

function sizeFields({ rpc, messages }: Delivered): string[] {
  if (messages === undefined) return [];
  const fields = messages.replyFields(requestOf(rpc), new DataView(new ArrayBuffer(rpc.out_len)));
  const names = Array.from(fields, ({ path }) => path);
  return names.filter((path) => SIZE.test(path.slice(path.lastIndexOf('.') + 1))).slice(0, MOST_FIELDS);
}

function requestOf({ in: hex, in_len: length }: RecordedRpc): DataView {
  return new DataView(fromHex(hex, length).buffer);
}
