/**
 * A trace that is switched on and off while files are open. Off, each call pays one comparison and nothing is loaded.
 * On, every subscriber gets the events that it asked for; an event holds what the most demanding of them wants.
 */
import type { Clock } from '../../../abi/clock.ts';
import type { Held } from '../../../abi/held.ts';
import { whenReleased } from '../../../abi/held.ts';
import type { AbiProfile } from '../../../abi/profiles.ts';
import type { Detail } from '../../../fwctl/dialect.ts';
import type { Call } from '../../../kernel/call.ts';
import type { Caller } from '../../../kernel/caller.ts';
import type { FileOps, OpenFile } from '../../../kernel/file-ops.ts';
import type { KmsgRecord } from '../../../kernel/kmsg.ts';
import type { Interceptor, Place } from '../../machine/interceptor.ts';
import type { AllIoctls, AllMessages } from '../../machine/load-messages.ts';
import type { DeviceTrace } from './device-trace.ts';
import type { TraceEvent, TraceListener } from './trace-event.ts';
import type { TraceWants } from './trace-payload.ts';
import type { WallTime } from './trace-time.ts';

export interface TraceSubscription {
  readonly listener: TraceListener;
  readonly detail: Detail;
  /** The payloads' bytes are wanted in the events (`RpcPart.raw`). */
  readonly raw?: boolean;
  /** Events for which it is false are not handed over. Default: all are. */
  readonly filter?: (event: TraceEvent) => boolean;
}

/** What the messages and ioctls of all drivers mean. */
export interface TraceLanguages {
  readonly messages: AllMessages;
  readonly ioctls: AllIoctls;
}

/** What is loaded with the first subscription: it knows every register and command. */
interface Loaded extends TraceLanguages {
  readonly DeviceTrace: typeof DeviceTrace;
  readonly wall: WallTime;
  readonly kmsg: (record: KmsgRecord) => void;
}

/** Undefined while nobody traces. */
interface Switch {
  readonly loaded: Loaded | undefined;
}

export class TraceHub implements Interceptor {
  private readonly clock: Clock;
  private readonly abi: AbiProfile;
  private readonly wants: TraceWants = { detail: 'keys', raw: false };
  private readonly subscriptions = new Set<TraceSubscription>();
  private readonly state: { loaded: Loaded | undefined } = { loaded: undefined };
  private loading: Promise<Loaded> | undefined;
  private loaded: Loaded | undefined;
  private readonly loadLanguages: () => Promise<TraceLanguages>;

  constructor(abi: AbiProfile, clock: Clock, loadLanguages: () => Promise<TraceLanguages>) {
    this.abi = abi;
    this.clock = clock;
    this.loadLanguages = loadLanguages;
  }

  /** Events from now on; the returned function ends that. */
  async subscribe(subscription: TraceSubscription): Promise<() => void> {
    this.loading ??= this.load();
    this.loaded = await this.loading;
    this.subscriptions.add(subscription);
    this.update();
    return () => {
      this.subscriptions.delete(subscription);
      this.update();
    };
  }

  files(inner: FileOps, place: Place): FileOps {
    return new DeviceTap(this, this.state, inner, place);
  }

  /** For `Kmsg.listen`. */
  kmsg(record: KmsgRecord): void {
    this.state.loaded?.kmsg(record);
  }

  /** What makes the events of one node. */
  deviceTrace({ DeviceTrace, messages, ioctls, wall }: Loaded, { name, spec, dialect }: Place): DeviceTrace {
    const { clock, abi, wants } = this;
    const known = dialect && messages.get(dialect.driver);
    const table = ioctls.get(spec.driver)?.(spec);
    return new DeviceTrace({
      device: name,
      abi,
      clock,
      wall,
      wants,
      sink: (event) => this.hand(event),
      ...(known && { messages: known }),
      ...(table && { ioctls: table }),
    });
  }

  private hand(event: TraceEvent): void {
    for (const { filter, listener } of this.subscriptions) {
      try {
        if (filter === undefined || filter(event)) listener(event);
      } catch {
        // One reader's fault is not the others'.
      }
    }
  }

  private update(): void {
    const all = [...this.subscriptions];
    this.wants.detail = all.some(({ detail }) => detail === 'all') ? 'all' : 'keys';
    this.wants.raw = all.some(({ raw }) => raw === true);
    this.state.loaded = all.length === 0 ? undefined : this.loaded;
  }

  private async load(): Promise<Loaded> {
    const [{ DeviceTrace, traceKmsg }, { WallTime }, languages] = await Promise.all([
      import('./device-trace.ts'),
      import('./trace-time.ts'),
      this.loadLanguages(),
    ]);
    const wall = new WallTime(this.clock);
    const kmsg = traceKmsg(this.clock, (event) => this.hand(event), wall);
    return { DeviceTrace, ...languages, wall, kmsg };
  }
}

class DeviceTap implements FileOps {
  readonly state: Switch;
  private readonly hub: TraceHub;
  private readonly fileOps: FileOps;
  private readonly place: Place;
  private made: DeviceTrace | undefined;
  private files = 0;

  constructor(hub: TraceHub, state: Switch, fileOps: FileOps, place: Place) {
    this.hub = hub;
    this.state = state;
    this.fileOps = fileOps;
    this.place = place;
  }

  trace(loaded: Loaded): DeviceTrace {
    this.made ??= this.hub.deviceTrace(loaded, this.place);
    return this.made;
  }

  open(caller: Caller, flags: number): OpenFile | Held<OpenFile> {
    const { fileOps } = this;
    const { loaded } = this.state;
    const number = ++this.files;
    if (loaded === undefined) {
      return whenReleased(fileOps.open(caller, flags), (file) => new TappedFile(this, file, undefined, number));
    }
    // The traced file is kept beside the bare one, which is what a call goes to while nobody looks.
    let inner: OpenFile | undefined;
    const bare: FileOps = {
      open: (who, how) =>
        whenReleased(fileOps.open(who, how), (file) => {
          inner = file;
          return file;
        }),
    };
    const opened = this.trace(loaded).open(bare, caller, flags, number);
    return whenReleased(opened, (traced) => new TappedFile(this, inner ?? traced, traced, number));
  }
}

class TappedFile implements OpenFile {
  private readonly tap: DeviceTap;
  private readonly inner: OpenFile;
  private readonly number: number;
  private traced: OpenFile | undefined;

  constructor(tap: DeviceTap, inner: OpenFile, traced: OpenFile | undefined, number: number) {
    this.tap = tap;
    this.inner = inner;
    this.traced = traced;
    this.number = number;
  }

  ioctl(call: Call): number | Held<number> {
    const { loaded } = this.tap.state;
    if (loaded === undefined) return this.inner.ioctl(call);
    this.traced ??= this.tap.trace(loaded).adopt(this.inner, call.caller, this.number);
    return this.traced.ioctl(call);
  }

  release(): void {
    // A file that nobody has seen opened or used has no close to show.
    if (this.tap.state.loaded === undefined || this.traced === undefined) this.inner.release();
    else this.traced.release();
  }
}
