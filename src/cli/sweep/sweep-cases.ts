/** What a sweep tries: from the calls of a clean run, one fault for each call and each way in which it can go wrong. */

import { accessRegister, replyHeader, requestHeader } from '../../abi/mlx5/headers.ts';
import { OPCODE } from '../../abi/mlx5/opcodes.ts';
import { replyLayouts } from '../../abi/mlx5/payload-layout.ts';
import { registerByName } from '../../abi/mlx5/registers.ts';
import { didYouMean } from '../../abi/nearest-name.ts';
import { namePattern, namesIn } from '../../abi/name-pattern.ts';
import { fromHex, type RecordedRpc, type Recording } from '../../host/interceptors/recording/format.ts';

export interface SweepCase {
  /** Row of WAYS. */
  readonly kind: string;
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

/** The ways in which an RPC goes wrong. Replies that are wrong are tried at the first of equal requests. */
export const RPC_WAYS: readonly Way[] = [
  { kind: 'errno', about: 'not delivered: EIO', fails: true, effects: only('error=EIO') },
  { kind: 'timeout', about: 'not delivered: ETIMEDOUT', fails: true, effects: only('error=ETIMEDOUT') },
  {
    kind: 'status',
    about: 'refused by the firmware: BAD_PARAM',
    fails: true,
    effects: only('status=BAD_PARAM:syndrome=0x5eeb5'),
  },
  { kind: 'busy', about: 'refused by the firmware: RES_BUSY', fails: true, effects: only('status=RES_BUSY') },
  { kind: 'unplug', about: 'the device goes; later calls are ENODEV', fails: false, effects: only('unplug') },
  { kind: 'zero', about: 'the reply is all zero', fails: false, effects: onceEach(only('ok:truncate=0')) },
  {
    kind: 'cut',
    about: 'the second half of the reply is zero',
    fails: false,
    effects: onceEach(({ rpc }) => (rpc.out_len > 2 * replyHeader.bytes ? [`truncate=${rpc.out_len >> 1}`] : [])),
  },
  { kind: 'bits', about: 'bits of the reply are flipped', fails: false, effects: onceEach(only('flip=16:seed=1')) },
  {
    kind: 'size-zero',
    about: 'a size in the reply is 0',
    fails: false,
    effects: onceEach((call) => sizeFields(call.rpc).map((field) => `ok:set.${field}=0`)),
  },
  {
    kind: 'size-large',
    about: 'a size in the reply is 1 MiB, or as large as its field allows',
    fails: false,
    effects: onceEach((call) => sizeFields(call.rpc).map((field) => `ok:set.${field}=0x100000`)),
  },
  {
    kind: 'size-max',
    about: 'a size in the reply is as large as its field allows',
    fails: false,
    effects: onceEach((call) => sizeFields(call.rpc).map((field) => `ok:set.${field}=max`)),
  },
  {
    kind: 'segment-zero',
    about: 'a resource dump whose segments have length 0',
    fails: false,
    effects: onceEach(({ rpc }) => {
      if (registerOf(rpc) !== RESOURCE_DUMP) return [];
      const room = rpc.out_len - INLINE_DATA;
      return room > 0 ? [`ok:truncate=${INLINE_DATA}:set.more_dump=0:set.size=${room}`] : [];
    }),
  },
  {
    kind: 'long',
    about: 'the driver answers a longer out_len',
    fails: false,
    effects: onceEach(only('out_len=+4096')),
  },
  { kind: 'short', about: 'the driver answers a shorter out_len', fails: false, effects: onceEach(only('out_len=16')) },
];

/** An ioctl of iommufd has an errno, and nothing behind it that could answer wrongly. */
const IOCTL_WAYS: readonly { readonly kind: string; readonly about: string; readonly effect: string }[] = [
  { kind: 'errno', about: 'not carried out: ENOMEM', effect: 'error=ENOMEM' },
  { kind: 'timeout', about: 'not carried out: ETIMEDOUT', effect: 'error=ETIMEDOUT' },
];

const OPEN_WAYS: readonly { readonly kind: string; readonly about: string; readonly effect: string }[] = [
  { kind: 'errno', about: 'open fails: EIO', effect: 'error=EIO' },
  { kind: 'status', about: 'open fails: CREATE_UCTX refused', effect: 'status=NO_RES' },
];

/** Every kind, for --only and the report. */
export const SWEEP_KINDS: readonly string[] = RPC_WAYS.map(({ kind }) => kind);

const RESOURCE_DUMP = registerByName('RESOURCE_DUMP')?.id;
/** mlx5_ifc_resource_dump_bits.inline_data behind ACCESS_REG's header. */
const INLINE_DATA = accessRegister.data + 48;

/** In the order of the calls. */
export function sweepCases({ exchanges }: Recording): SweepCase[] {
  const cases: SweepCase[] = [];
  const seen = new Set<string>();
  let opens = 0;
  let infos = 0;
  let ioctls = 0;
  let number = 0;
  for (const { exchange } of exchanges) {
    if ('open' in exchange) {
      opens++;
      const call = `open ${opens} of ${exchange.open}`;
      for (const { kind, effect } of OPEN_WAYS) {
        // no firmware, no status
        if (kind === 'status' && !exchange.open.startsWith('fwctl')) continue;
        cases.push({ kind, fault: `open:when=${opens}:${effect}`, call, fails: true });
      }
    } else if ('info' in exchange) {
      infos++;
      const call = `FWCTL_INFO ${infos} of ${exchange.info}`;
      cases.push({ kind: 'errno', fault: `info:when=${infos}:error=EIO`, call, fails: true });
      cases.push({ kind: 'short', fault: `info:when=${infos}:out_len=0`, call, fails: false });
      cases.push({ kind: 'long', fault: `info:when=${infos}:out_len=+4096`, call, fails: false });
    } else if ('ioctl' in exchange) {
      ioctls++;
      // One that is refused anyway has been tried.
      if (exchange.errno !== undefined) continue;
      const call = `ioctl ${ioctls} ${exchange.name}`;
      for (const { kind, effect } of IOCTL_WAYS)
        cases.push({ kind, fault: `ioctl:when=${ioctls}:${effect}`, call, fails: true });
    } else if ('rpc' in exchange && exchange.errno === undefined) {
      number++;
      const key = `${exchange.rpc} ${exchange.scope} ${exchange.out_len} ${exchange.in}`;
      const call = `rpc ${number} ${commandOf(exchange)}`;
      const delivered = { number, rpc: exchange, fresh: !seen.has(key) };
      seen.add(key);
      for (const way of RPC_WAYS) {
        for (const effect of way.effects(delivered)) {
          cases.push({ kind: way.kind, fault: `rpc:when=${number}:${effect}`, call, fails: way.fails });
        }
      }
    }
  }
  return cases;
}

/**
 * Which calls are meant by names as a trace filter has them (`MNVQC`, `ACCESS_REG`, `QUERY_*`, `open`); throws an Error for a name that no call
 * has.
 */
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

/** What a kind does, in a few words. */
export function aboutKind({ kind, fault }: SweepCase): string {
  const ways = fault.startsWith('open:') ? OPEN_WAYS : fault.startsWith('ioctl:') ? IOCTL_WAYS : RPC_WAYS;
  return ways.find((way) => way.kind === kind)?.about ?? kind;
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

function sizeFields(rpc: RecordedRpc): string[] {
  const names = replyLayouts(requestOf(rpc)).flatMap(({ layout, base }) =>
    [...layout.fields.values()].filter(({ end }) => base + end <= rpc.out_len).map(({ path }) => path),
  );
  return names.filter((path) => SIZE.test(path.slice(path.lastIndexOf('.') + 1))).slice(0, MOST_FIELDS);
}

function registerOf(rpc: RecordedRpc): number | undefined {
  const request = requestOf(rpc);
  if (request.byteLength < accessRegister.data || request.getUint16(requestHeader.opcode) !== OPCODE.ACCESS_REG) return;
  return request.getUint16(accessRegister.registerId);
}

function requestOf({ in: hex, in_len: length }: RecordedRpc): DataView {
  return new DataView(fromHex(hex, length).buffer);
}
