/** Wall time with microseconds, from a clock whose wall time has milliseconds. */
import type { Clock } from '../../../abi/clock.ts';

/** Further apart than this, ms, the wall clock has been set. */
const STEP_MS = 100;

export class WallTime {
  private readonly clock: Clock;
  private wallMs: number;
  private monotonicNs: number;

  constructor(clock: Clock) {
    this.clock = clock;
    this.wallMs = clock.wallMs();
    this.monotonicNs = clock.monotonicNs();
  }

  /** Microseconds since the Unix epoch at a moment of the monotonic clock. */
  usAt(monotonicNs: number): number {
    const { clock } = this;
    const nowNs = clock.monotonicNs();
    const nowMs = clock.wallMs();
    if (Math.abs(this.wallMs + (nowNs - this.monotonicNs) / 1e6 - nowMs) > STEP_MS) {
      this.wallMs = nowMs;
      this.monotonicNs = nowNs;
    }
    return Math.round(this.wallMs * 1000 + (monotonicNs - this.monotonicNs) / 1000);
  }

  now(): number {
    return this.usAt(this.clock.monotonicNs());
  }
}
