/** What programs did with the emulated devices, for assertions: calls by name, and what was answered. */
import { AssertionError } from 'node:assert';
import { nearestNames } from '../abi/nearest-name.ts';
import type { Messages } from '../fwctl/dialect.ts';
import { fromHex, type RecordedExchange } from '../host/interceptors/recording/format.ts';
import { checkKeys, keysOf } from './known-keys.ts';

/** One call that reached a device's driver: not one that the fwctl core refuses (a bad size, a bad scope number). */
export interface TestCall {
  readonly kind: 'open' | 'info' | 'rpc' | 'ioctl' | 'close';
  /** `fwctl0`. */
  readonly device: string;
  /** The device's open file, counted from 1. */
  readonly file: number;
  /** The errno's name, where the call failed. */
  readonly errno: string | undefined;
  /** Name of an ioctl of iommufd, `IOMMU_IOAS_MAP`; `request` is its structure, without addresses. */
  readonly command: string | undefined;
  /** Of an RPC, as are all below: `ACCESS_REG(read MGIR 0x9020)`; of an ioctl, with what came of it. */
  readonly about: string | undefined;
  /** PRM name, or `opcode 0x...`. */
  readonly opcode: string | undefined;
  readonly opMod: number | undefined;
  /** Name of the register of an ACCESS_REG. */
  readonly register: string | undefined;
  readonly scope: number | undefined;
  /** Firmware status: `OK`, `BAD_PARAM`. */
  readonly status: string | undefined;
  /** The reply's fields that are not zero. */
  readonly fields: Readonly<Record<string, number | string>>;
  readonly request: Uint8Array;
  readonly reply: Uint8Array;
}

/** What a call must be; what is not named may be anything. Without `kind`, RPCs; with a `command`, ioctls. */
export type CallFilter = Partial<
  Pick<
    TestCall,
    'kind' | 'device' | 'file' | 'errno' | 'command' | 'opcode' | 'opMod' | 'register' | 'scope' | 'status'
  >
>;

const FILTER_KEYS = keysOf<Required<CallFilter>>({
  kind: true,
  device: true,
  file: true,
  errno: true,
  command: true,
  opcode: true,
  opMod: true,
  register: true,
  scope: true,
  status: true,
});

const NO_BYTES = new Uint8Array(0);

/** `messagesOf`: those of a device's driver; undefined: nobody knows them. */
export function testCall(exchange: RecordedExchange, messagesOf: (device: string) => Messages | undefined): TestCall {
  const none = {
    command: undefined,
    about: undefined,
    opcode: undefined,
    opMod: undefined,
    register: undefined,
    scope: undefined,
  };
  const empty = { ...none, status: undefined, fields: {}, request: NO_BYTES, reply: NO_BYTES };
  const { file } = exchange;
  if ('close' in exchange) return { kind: 'close', device: exchange.close, file, errno: undefined, ...empty };
  const { errno } = exchange;
  if ('open' in exchange) return { kind: 'open', device: exchange.open, file, errno, ...empty };
  if ('info' in exchange) {
    const reply = fromHex(exchange.data ?? '', exchange.data_len ?? 0);
    return { kind: 'info', device: exchange.info, file, errno, ...empty, reply };
  }
  if ('ioctl' in exchange) {
    const { ioctl, name, about, in: structure, in_len: length } = exchange;
    const request = fromHex(structure, length);
    return { kind: 'ioctl', device: ioctl, file, errno, ...empty, command: name, about, request };
  }
  const { rpc, scope, about, in: hex, in_len, out = '', out_len, answered = out_len, fields = {} } = exchange;
  const request = fromHex(hex, in_len);
  const reply = errno === undefined ? fromHex(out, Math.min(answered, out_len)) : NO_BYTES;
  const messages = messagesOf(rpc);
  const { names = {}, numbers = {} } = attempt(() => messages?.request(request, in_len)) ?? {};
  const replied = messages !== undefined && reply.length > 0 && reply.length >= messages.replyHeader;
  const status = replied ? messages.reply(request, in_len, reply, reply.length, 'keys').statusName : undefined;
  return {
    kind: 'rpc',
    device: rpc,
    file,
    command: undefined,
    errno,
    about: about?.replace(/ -> .*$/, ''),
    opcode: names.opcode,
    opMod: numbers.op_mod,
    register: names.register,
    scope,
    status,
    fields,
    request,
    reply,
  };
}

/** Of bytes that are too short to tell: nothing. */
function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

/** All calls so far, in order, and a test's demands of them: if not met, an AssertionError with the log in it. */
export class CallLog {
  private readonly calls: TestCall[];

  /** `calls` may grow while the log is looked at. */
  constructor(calls: TestCall[] = []) {
    this.calls = calls;
  }

  all(filter: CallFilter = {}): readonly TestCall[] {
    const wanted = withKind(filter);
    return this.calls.filter((call) => fits(call, wanted));
  }

  /** Opens, infos, RPCs, ioctls and closes. */
  get everything(): readonly TestCall[] {
    return this.calls;
  }

  /** Such a call was made, exactly so often where `times` says; the first of them. */
  expect(filter: CallFilter, times?: number): TestCall {
    const found = this.all(filter);
    const [first] = found;
    if (first === undefined || (times !== undefined && found.length !== times)) {
      const wanted = times === undefined ? 'a call' : times === 1 ? '1 call' : `${times} calls`;
      throw this.failure(`expected ${wanted} with ${words(filter)}, found ${found.length}`, filter);
    }
    return first;
  }

  expectNone(filter: CallFilter): void {
    const found = this.all(filter).length;
    if (found > 0) throw this.failure(`expected no call with ${words(filter)}, found ${found}`, filter);
  }

  /** Such calls were made in this order, others between them. */
  expectOrder(...filters: readonly CallFilter[]): void {
    let at = 0;
    for (const [index, filter] of filters.entries()) {
      const wanted = withKind(filter);
      const found = this.calls.findIndex((call, number) => number >= at && fits(call, wanted));
      if (found < 0)
        throw this.failure(`expected, as number ${index + 1} in order, a call with ${words(filter)}`, filter);
      at = found + 1;
    }
  }

  clear(): void {
    this.calls.length = 0;
  }

  /** One line a call. */
  toString(): string {
    return this.calls.map(callText).join('\n');
  }

  private failure(message: string, { opcode, register }: CallFilter): AssertionError {
    const seen = [
      ...new Set(this.calls.flatMap((call) => [call.opcode, call.register]).filter((name) => name !== undefined)),
    ];
    const asked = register ?? opcode;
    const [near] = asked === undefined || seen.includes(asked) ? [] : nearestNames(asked, seen, 1);
    const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
    const log = this.calls.length === 0 ? 'no call was made' : `calls:\n${this}`;
    return new AssertionError({ message: `${message}${hint}; ${log}`, stackStartFn: this.expect });
  }
}

function withKind(filter: CallFilter): CallFilter {
  checkKeys('a filter of calls', filter, FILTER_KEYS);
  return { kind: filter.command === undefined ? 'rpc' : 'ioctl', ...filter };
}

function fits(call: TestCall, filter: CallFilter): boolean {
  return Object.entries(filter).every(([key, value]) => value === undefined || call[key as keyof CallFilter] === value);
}

function words(filter: CallFilter): string {
  const named = Object.entries(filter).filter(([, value]) => value !== undefined);
  return named.length === 0 ? 'anything' : named.map(([key, value]) => `${key} ${value}`).join(', ');
}

function callText({ kind, device, file, about, opcode, errno, status, scope }: TestCall): string {
  if (kind === 'ioctl') return `  ${device} #${file} ${about}`;
  const what = kind === 'rpc' ? `rpc scope ${scope} ${about ?? opcode ?? ''}` : kind;
  return `  ${device} #${file} ${what}${kind === 'close' ? '' : ` -> ${errno ?? status ?? 'OK'}`}`;
}
