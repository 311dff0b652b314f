/**
 * What a port has carried: its counters run on the injected clock while its link is up, stand still while it is down,
 * restart at zero after a clear. Time is kept by line (speed and FEC, port/link.ts), as some counters run with it. The
 * traffic is invented (an idle-ish server's, at constant rates); no source.
 */
import type { Clock } from '../../abi/clock.ts';

/** The function's own port. */
export const OWN_PORT = 1;

/** Why a port carries nothing. */
export type Down = 'closed' | 'testing' | 'unplugged' | 'module-disabled' | 'module-failed' | 'no-partner';

/** Nanoseconds by line. */
export type Carried = ReadonlyMap<number, number>;

interface PortState {
  /** Undefined: down. */
  line: number | undefined;
  /** `monotonicNs` since when the line is as it is. */
  since: number;
  /** Nanoseconds by line before that. */
  readonly carried: Map<number, number>;
  downs: number;
  /** Why it went down last. */
  lastDown: Down | 'restarted' | undefined;
  /** By counter group: what was carried, and the clock, at its last clear. */
  readonly cleared: Map<number, { readonly carried: Carried; readonly atNs: number }>;
}

/** Clears every group. */
export const ALL_GROUPS = 63;

export class PortTraffic {
  private readonly clock: Clock;
  private readonly startedNs: number;
  private readonly startsAs: (port: number) => number | undefined;
  private readonly ports = new Map<number, PortState>();

  /** `startsAs`: a port's line as it has been since power-up; `startedNs`: the clock then. */
  constructor(clock: Clock, startsAs: (port: number) => number | undefined, startedNs = clock.monotonicNs()) {
    this.clock = clock;
    this.startedNs = startedNs;
    this.startsAs = startsAs;
  }

  /** Before something changes: from now on the port's line is known. */
  settle(port: number): void {
    this.port(port);
  }

  /** A link that comes up again as another one has been down in between. */
  setLink(port: number, line: number | undefined, why: Down | undefined): void {
    const state = this.port(port);
    if (line === state.line) return;
    const now = this.clock.monotonicNs();
    if (state.line !== undefined) {
      state.carried.set(state.line, (state.carried.get(state.line) ?? 0) + now - state.since);
      state.downs++;
      state.lastDown = why ?? 'restarted';
    }
    state.line = line;
    state.since = now;
  }

  isUp(port: number): boolean {
    return this.port(port).line !== undefined;
  }

  /** The monotonic clock as far as the port is concerned: it stands still while the link is down. */
  clockNs(port: number): number {
    return this.startedNs + total(this.sofar(port));
  }

  /** How often the link went down since power-up. */
  linkDowns(port: number): number {
    return this.port(port).downs;
  }

  /** Why it went down last; undefined: it never did. */
  lastDown(port: number): PortState['lastDown'] {
    return this.port(port).lastDown;
  }

  /** Nanoseconds since the link came up; 0 while it is down. */
  upNs(port: number): number {
    const { line, since } = this.port(port);
    return line === undefined ? 0 : this.clock.monotonicNs() - since;
  }

  /** Nanoseconds with the link up since the group's last clear, by line. */
  carried(port: number, group: number): Carried {
    const before = this.lastClear(port, group)?.carried;
    const sofar = this.sofar(port);
    if (before !== undefined) for (const [line, ns] of before) sofar.set(line, (sofar.get(line) ?? 0) - ns);
    return sofar;
  }

  /** Nanoseconds since the group's last clear. */
  sinceClearNs(port: number, group: number): number {
    return this.clock.monotonicNs() - (this.lastClear(port, group)?.atNs ?? this.startedNs);
  }

  /** The counters of a group, or of ALL_GROUPS, start from zero. */
  clear(port: number, group: number): void {
    const state = this.port(port);
    if (group === ALL_GROUPS) state.cleared.clear();
    state.cleared.set(group, { carried: this.sofar(port), atNs: this.clock.monotonicNs() });
  }

  private sofar(port: number): Map<number, number> {
    const { line, carried } = this.port(port);
    const sofar = new Map(carried);
    if (line !== undefined) sofar.set(line, (sofar.get(line) ?? 0) + this.upNs(port));
    return sofar;
  }

  private lastClear(port: number, group: number) {
    const { cleared } = this.port(port);
    return cleared.get(group) ?? cleared.get(ALL_GROUPS);
  }

  private port(port: number): PortState {
    let state = this.ports.get(port);
    if (state === undefined) {
      const line = this.startsAs(port);
      state = { line, since: this.startedNs, carried: new Map(), downs: 0, lastDown: undefined, cleared: new Map() };
      this.ports.set(port, state);
    }
    return state;
  }
}

export function total(carried: Carried): number {
  let sum = 0;
  for (const ns of carried.values()) sum += ns;
  return sum;
}
