/**
 * Answers from a recording: strictly in its order, or each request by the first recorded one that asked the same and was not
 * used yet (the last used one, when all were). What was not recorded is a miss, told with the nearest that was. When files were opened
 * that were open before the recording began, it does not say: such an open is answered first, whenever it comes.
 */
import { DEVICE_TYPE } from '../../abi/fwctl.ts';
import { type ComparedRequest, differences, sameRequest, unlikeness } from './difference.ts';
import { fromHex, type RecordedInfo, type RecordedOpen, type RecordedRpc, type Recording } from './format.ts';
import { Mask } from './mask.ts';

export type ReplayOrder = 'strict' | 'match';

interface Entry<Exchange = RecordedOpen | RecordedInfo | RecordedRpc> {
  readonly line: number;
  readonly exchange: Exchange;
  readonly device: string;
  /** Of an RPC. */
  readonly request: ComparedRequest | undefined;
  used: boolean;
}

type Answered<Exchange> = { readonly exchange: Exchange } | { readonly miss: string };

export class Player {
  private readonly order: ReplayOrder;
  private readonly file: string;
  private readonly mask: Mask;
  private readonly entries: Entry[];
  private readonly mlx5: ReadonlySet<string>;
  private readonly describe: (request: Uint8Array) => string;
  /** So many entries, the first ones, are opens of before the recording. */
  private readonly earlier: number;
  /** Strict: the next entry. */
  private next: number;
  readonly misses: string[] = [];

  /** `describe`: a request of an mlx5 device, for messages. */
  constructor(recording: Recording, file: string, order: ReplayOrder, describe: (request: Uint8Array) => string) {
    this.order = order;
    this.file = file;
    this.describe = describe;
    this.mask = new Mask(recording.masked);
    this.mlx5 = new Set(recording.devices.flatMap(({ device, type }) => (type === DEVICE_TYPE.MLX5 ? [device] : [])));
    const entries = recording.exchanges.flatMap(({ line, exchange }): Entry[] => {
      if ('close' in exchange) return [];
      const device = 'open' in exchange ? exchange.open : 'info' in exchange ? exchange.info : exchange.rpc;
      return [{ line, exchange, device, request: requestOf(exchange), used: false }];
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

  rpc(device: string, scope: number, bytes: Uint8Array, outLength: number): Answered<RecordedRpc> {
    const mlx5 = this.mlx5.has(device);
    const asked: ComparedRequest = { scope, outLength, bytes: bytes.slice() };
    if (mlx5) this.mask.request(asked.bytes);
    const what = `${device} ${mlx5 ? this.describe(bytes) : `request of ${bytes.length} bytes`}`;
    return this.find(
      device,
      what,
      (entry): entry is Entry<RecordedRpc> => entry.request !== undefined && sameRequest(asked, entry.request, mlx5),
      asked,
    );
  }

  /** Recorded calls that nobody has made. */
  get unused(): number {
    return this.entries.filter(({ used }) => !used).length;
  }

  private find<Exchange>(
    device: string,
    what: string,
    fits: (entry: Entry) => entry is Entry & Entry<Exchange>,
    asked?: ComparedRequest,
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

  private explain(device: string, fits: (entry: Entry) => boolean, asked: ComparedRequest | undefined): string {
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

  private nearest(device: string, asked: ComparedRequest): Entry | undefined {
    const mlx5 = this.mlx5.has(device);
    let best: Entry | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const entry of this.entries) {
      if (entry.device !== device || entry.request === undefined) continue;
      const far = unlikeness(asked, entry.request, mlx5);
      if (far < least) [best, least] = [entry, far];
    }
    return best;
  }

  private differing(asked: ComparedRequest, entry: Entry): string {
    if (entry.request === undefined) return 'everything';
    return differences(asked, entry.request, this.mlx5.has(entry.device)).join('; ') || 'the fields that were masked';
  }

  private place({ line, exchange, device }: Entry): string {
    const what =
      'open' in exchange ? `the open of ${device}` : 'info' in exchange ? `FWCTL_INFO of ${device}` : undefined;
    return `${what ?? ('rpc' in exchange && exchange.about) ?? 'a request'} at ${this.file}:${line}`;
  }
}

function isEarlier({ exchange }: Entry): boolean {
  return 'open' in exchange && exchange.already === true;
}

function requestOf(exchange: Entry['exchange']): ComparedRequest | undefined {
  if (!('rpc' in exchange)) return undefined;
  return { scope: exchange.scope, outLength: exchange.out_len, bytes: fromHex(exchange.in, exchange.in_len) };
}
