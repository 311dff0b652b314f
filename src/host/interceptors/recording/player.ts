/**
 * Answers from a recording: strictly in its order, or each request by the first recorded one that asked the same and
 * was not used yet (the last used one, when all were). What was not recorded is a miss, told with the nearest that was.
 * It does not tell when files open at its start were opened: such an open is answered first, whenever it comes.
 */
import { POINTER_BYTES } from '../../../kernel/call.ts';
import { type ComparedRequest, differences, type Language, sameRequest, unlikeness } from './difference.ts';
import {
  fromHex,
  type PointedBytes,
  type RecordedInfo,
  type RecordedIoctl,
  type RecordedOpen,
  type RecordedRpc,
  type Recording,
} from './format.ts';
import { type IoctlRequest, ioctlDifferences, ioctlUnlikeness, requestText, sameBytes } from './ioctl-request.ts';
import { Mask } from './mask.ts';

export type ReplayOrder = 'strict' | 'match';

/** What a call asked for: an RPC, or an ioctl of iommufd. */
type Asked = { readonly rpc: ComparedRequest } | { readonly ioctl: IoctlRequest };

interface Entry<Exchange = RecordedOpen | RecordedInfo | RecordedRpc | RecordedIoctl> {
  readonly line: number;
  readonly exchange: Exchange;
  readonly device: string;
  /** Undefined: it asks for nothing that could differ. */
  readonly request: Asked | undefined;
  used: boolean;
}

export type Answered<Exchange> = { readonly exchange: Exchange } | { readonly miss: string };

export class Player {
  private readonly order: ReplayOrder;
  private readonly file: string;
  private readonly mask: Mask;
  private readonly entries: Entry[];
  /** By device, of those that have RPCs. */
  private readonly languages: ReadonlyMap<string, Language>;
  /** So many entries, the first ones, are opens of before the recording. */
  private readonly earlier: number;
  /** Strict: the next entry. */
  private next: number;
  readonly misses: string[] = [];

  /** `languages`: by driver. */
  constructor(recording: Recording, file: string, order: ReplayOrder, languages: (driver: string) => Language) {
    this.order = order;
    this.file = file;
    this.mask = new Mask(recording.masked);
    this.languages = new Map(
      recording.devices.flatMap((row) => ('type' in row ? [[row.device, languages(row.driver)] as const] : [])),
    );
    const entries = recording.exchanges.flatMap(({ line, exchange }): Entry[] => {
      if ('close' in exchange) return [];
      return [{ line, exchange, device: deviceOf(exchange), request: requestOf(exchange), used: false }];
    });
    const earlier = entries.filter(isEarlier);
    this.entries = [...earlier, ...entries.filter((entry) => !isEarlier(entry))];
    this.earlier = earlier.length;
    this.next = earlier.length;
  }

  open(device: string): Answered<RecordedOpen> {
    return this.find(device, `open of ${device}`, (entry): entry is Entry<RecordedOpen> => 'open' in entry.exchange);
  }

  info(device: string): Answered<RecordedInfo> {
    return this.find(
      device,
      `FWCTL_INFO of ${device}`,
      (entry): entry is Entry<RecordedInfo> => 'info' in entry.exchange,
    );
  }

  /** `read` gives up to so many bytes, read at the address at that offset; asked where the recorded call read some. */
  rpc(
    device: string,
    { scope, outLength, bytes, pointers }: ComparedRequest & { readonly pointers: readonly number[] },
    read: (pointer: number, skip: number, length: number) => Uint8Array,
  ): Answered<RecordedRpc> {
    const language = this.languageOf(device);
    const { messages } = language;
    const what = bytes.length < messages.requestHeader ? '' : messages.request(bytes, bytes.length).command;
    const asked: ComparedRequest = { scope, outLength, bytes: bytes.slice() };
    this.mask.request(messages, asked.bytes);
    for (const at of pointers) asked.bytes.fill(0, at, at + POINTER_BYTES);
    const fits = (entry: Entry): entry is Entry<RecordedRpc> => {
      if (entry.request === undefined || !('rpc' in entry.request) || !('rpc' in entry.exchange)) return false;
      if (!sameRequest(asked, entry.request.rpc, language)) return false;
      const there = ([pointer, skip, hex]: PointedBytes): boolean => {
        const recorded = Buffer.from(hex, 'hex');
        return sameBytes(read(pointer, skip, recorded.length), recorded);
      };
      return (entry.exchange.read ?? []).every(there);
    };
    return this.find(device, `${device} ${what || `request of ${bytes.length} bytes`}`, fits, { rpc: asked });
  }

  private languageOf(device: string): Language {
    const language = this.languages.get(device);
    if (language === undefined) throw new Error(`${device} has no RPCs`);
    return language;
  }

  /** `read` gives up to so many bytes of what the structure points to; asked where the recorded call read some. */
  ioctl(device: string, asked: IoctlRequest, read: (length: number) => Uint8Array): Answered<RecordedIoctl> {
    const fits = (entry: Entry): entry is Entry<RecordedIoctl> => {
      if (entry.request === undefined || !('ioctl' in entry.request) || !('ioctl' in entry.exchange)) return false;
      const { name, bytes } = entry.request.ioctl;
      if (name !== asked.name || !sameBytes(asked.bytes, bytes)) return false;
      const { data, data_len: length } = entry.exchange;
      return length === undefined || sameBytes(read(length), fromHex(data ?? '', length));
    };
    return this.find(device, `${device} ${requestText(asked)}`, fits, { ioctl: asked });
  }

  /** Recorded calls that nobody has made. */
  get unused(): number {
    return this.entries.filter(({ used }) => !used).length;
  }

  private find<Exchange>(
    device: string,
    what: string,
    fits: (entry: Entry) => entry is Entry & Entry<Exchange>,
    asked?: Asked,
  ): Answered<Exchange> {
    const entry = this.order === 'strict' ? this.expected(device, fits) : this.matching(device, fits);
    if (entry !== undefined) {
      entry.used = true;
      return { exchange: entry.exchange };
    }
    const miss = `${what}: ${this.explain(device, fits, asked)}`;
    this.misses.push(miss);
    return { miss };
  }

  private expected<E extends Entry>(device: string, fits: (entry: Entry) => entry is E): E | undefined {
    const before = this.entries.slice(0, this.earlier).find((one) => one.device === device && !one.used && fits(one));
    if (before !== undefined) return before as E;
    const entry = this.entries[this.next];
    if (entry === undefined || entry.device !== device || !fits(entry)) return undefined;
    this.next++;
    return entry;
  }

  private matching<E extends Entry>(device: string, fits: (entry: Entry) => entry is E): E | undefined {
    const alike = this.entries.filter((entry): entry is E => entry.device === device && fits(entry));
    return alike.find(({ used }) => !used) ?? alike.at(-1);
  }

  private explain(device: string, fits: (entry: Entry) => boolean, asked: Asked | undefined): string {
    if (this.order === 'strict') {
      const due = this.entries[this.next];
      if (due === undefined) return `the recording has ended; ${this.elsewhere(device, fits)}`;
      if (due.device === device && due.request !== undefined && asked !== undefined) {
        return `it is not what comes next, ${this.place(due)}; it differs in ${this.differing(asked, due)}; ${this.elsewhere(device, fits)}`;
      }
      return `it is not what comes next, ${this.place(due)}; ${this.elsewhere(device, fits)}`;
    }
    const nearest = asked === undefined ? undefined : this.nearest(device, asked);
    if (nearest === undefined || asked === undefined) return `no such call of ${device} was recorded in ${this.file}`;
    return `it was not recorded; the nearest is ${this.place(nearest)}; it differs in ${this.differing(asked, nearest)}`;
  }

  /** Strict order: where else it stands. */
  private elsewhere(device: string, fits: (entry: Entry) => boolean): string {
    const entry = this.entries.find((candidate) => candidate.device === device && fits(candidate) && !candidate.used);
    if (entry === undefined) return 'it stands nowhere else';
    return `it stands at ${this.file}:${entry.line} (--match answers in any order)`;
  }

  private nearest(device: string, asked: Asked): Entry | undefined {
    let best: Entry | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const entry of this.entries) {
      if (entry.device !== device || entry.request === undefined) continue;
      const far = this.far(asked, entry.request, device);
      if (far < least) [best, least] = [entry, far];
    }
    return best;
  }

  private far(asked: Asked, recorded: Asked, device: string): number {
    if ('ioctl' in asked)
      return 'ioctl' in recorded ? ioctlUnlikeness(asked.ioctl, recorded.ioctl) : Number.POSITIVE_INFINITY;
    return 'rpc' in recorded ? unlikeness(asked.rpc, recorded.rpc, this.languageOf(device)) : Number.POSITIVE_INFINITY;
  }

  private differing(asked: Asked, { request, device }: Entry): string {
    if (request === undefined) return 'everything';
    if ('ioctl' in asked) {
      return 'ioctl' in request ? ioctlDifferences(asked.ioctl, request.ioctl).join('; ') || DATA : 'everything';
    }
    if (!('rpc' in request)) return 'everything';
    return differences(asked.rpc, request.rpc, this.languageOf(device)).join('; ') || POINTED;
  }

  private place({ line, exchange, device }: Entry): string {
    const what =
      'open' in exchange
        ? `the open of ${device}`
        : 'info' in exchange
          ? `FWCTL_INFO of ${device}`
          : (exchange.about ?? ('ioctl' in exchange ? exchange.name : 'a request'));
    return `${what} at ${this.file}:${line}`;
  }
}

function isEarlier({ exchange }: Entry): boolean {
  return 'open' in exchange && exchange.already === true;
}

const DATA = 'what the structure points to';
const POINTED = 'the fields that were masked, or what it points to';

function deviceOf(exchange: Entry['exchange']): string {
  if ('open' in exchange) return exchange.open;
  if ('info' in exchange) return exchange.info;
  return 'rpc' in exchange ? exchange.rpc : exchange.ioctl;
}

function requestOf(exchange: Entry['exchange']): Asked | undefined {
  if ('rpc' in exchange) {
    const { scope, out_len: outLength, in: hex, in_len: length } = exchange;
    return { rpc: { scope, outLength, bytes: fromHex(hex, length) } };
  }
  if (!('ioctl' in exchange)) return undefined;
  return { ioctl: { name: exchange.name, bytes: fromHex(exchange.in, exchange.in_len) } };
}
