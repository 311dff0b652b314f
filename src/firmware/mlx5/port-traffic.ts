/**
 * What a port has carried: its counters run on the injected clock while its link is up, stand still while it is down,
 * restart at zero after a clear. The traffic is invented (an idle-ish server's, at constant rates); no source.
 */
import type { Clock } from '../../abi/clock.ts';

/** The function's own port. */
export const OWN_PORT = 1;

interface PortState {
  /** `monotonicNs` since when the link is up; undefined: down. */
  upSince: number | undefined;
  /** Nanoseconds of earlier up times together. */
  carried: number;
  downs: number;
  /** By counter group: `carriedNs`, and the clock, at its last clear. */
  readonly cleared: Map<number, { readonly carriedNs: number; readonly atNs: number }>;
}

/** Clears every group. */
export const ALL_GROUPS = 63;

export class PortTraffic {
  private readonly clock: Clock;
  private readonly startedNs: number;
  private readonly startsUp: boolean;
  private readonly ports = new Map<number, PortState>();

  /** `startsUp`: whether links are up from power-up on; `startedNs`: the clock then. */
  constructor(clock: Clock, startsUp: boolean, startedNs = clock.monotonicNs()) {
    this.clock = clock;
    this.startedNs = startedNs;
    this.startsUp = startsUp;
  }

  setLink(port: number, up: boolean): void {
    const state = this.port(port);
    if (up === (state.upSince !== undefined)) return;
    if (state.upSince === undefined) {
      state.upSince = this.clock.monotonicNs();
      return;
    }
    state.carried += this.clock.monotonicNs() - state.upSince;
    state.upSince = undefined;
    state.downs++;
  }

  isUp(port: number): boolean {
    return this.port(port).upSince !== undefined;
  }

  /** The monotonic clock as far as the port is concerned: it stands still while the link is down. */
  clockNs(port: number): number {
    return this.startedNs + this.totalNs(port);
  }

  /** How often the link went down since power-up. */
  linkDowns(port: number): number {
    return this.port(port).downs;
  }

  /** Nanoseconds since the link came up; 0 while it is down. */
  upNs(port: number): number {
    const { upSince } = this.port(port);
    return upSince === undefined ? 0 : this.clock.monotonicNs() - upSince;
  }

  /** Nanoseconds with the link up since the group's last clear. */
  carriedNs(port: number, group: number): number {
    return this.totalNs(port) - (this.lastClear(port, group)?.carriedNs ?? 0);
  }

  /** Nanoseconds since the group's last clear. */
  sinceClearNs(port: number, group: number): number {
    return this.clock.monotonicNs() - (this.lastClear(port, group)?.atNs ?? this.startedNs);
  }

  /** The counters of a group, or of ALL_GROUPS, start from zero. */
  clear(port: number, group: number): void {
    const state = this.port(port);
    if (group === ALL_GROUPS) state.cleared.clear();
    state.cleared.set(group, { carriedNs: this.totalNs(port), atNs: this.clock.monotonicNs() });
  }

  private totalNs(port: number): number {
    return this.port(port).carried + this.upNs(port);
  }

  private lastClear(port: number, group: number) {
    const { cleared } = this.port(port);
    return cleared.get(group) ?? cleared.get(ALL_GROUPS);
  }

  private port(port: number): PortState {
    let state = this.ports.get(port);
    if (state === undefined) {
      state = { upSince: this.startsUp ? this.startedNs : undefined, carried: 0, downs: 0, cleared: new Map() };
      this.ports.set(port, state);
    }
    return state;
  }
}
