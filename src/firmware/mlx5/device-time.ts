/**
 * The device's two settable clocks, both on the injected one: MRTC's (microseconds since the epoch once the driver has
 * set it; mlx5_core health.c), and MTUTC's PTP clock (nanoseconds, frequency adjustable; lib/clock.c).
 */
import type { Clock } from '../../abi/clock.ts';

export class DeviceTime {
  private readonly clock: Clock;
  /** MRTC: its value, microseconds, at a moment of the clock; undefined: nobody has set it. */
  private set: { readonly us: bigint; readonly atNs: number } | undefined;
  private readonly startedNs: number;
  private ptpNs: bigint;
  private ptpAtNs: number;
  /** Parts per billion, signed. */
  private frequency = 0;

  /** `startedNs`: the clock at power-up. */
  constructor(clock: Clock, startedNs = clock.monotonicNs()) {
    this.clock = clock;
    this.startedNs = startedNs;
    this.ptpNs = BigInt(Math.floor(clock.wallMs())) * 1_000_000n;
    this.ptpAtNs = clock.monotonicNs();
  }

  /** Whether MRTC has been set. */
  get synced(): boolean {
    return this.set !== undefined;
  }

  /** Microseconds: since the epoch once set, since power-up before. */
  get realTimeUs(): bigint {
    const { us, atNs } = this.set ?? { us: 0n, atNs: this.startedNs };
    return us + BigInt(Math.floor((this.clock.monotonicNs() - atNs) / 1000));
  }

  setRealTime(us: bigint): void {
    this.set = { us, atNs: this.clock.monotonicNs() };
  }

  /** The PTP clock, nanoseconds since the epoch. Starts at the host's wall clock. */
  get utcNs(): bigint {
    const elapsed = this.clock.monotonicNs() - this.ptpAtNs;
    return this.ptpNs + BigInt(elapsed) + BigInt(Math.trunc((elapsed * this.frequency) / 1e9));
  }

  setUtc(ns: bigint): void {
    this.ptpNs = ns;
    this.ptpAtNs = this.clock.monotonicNs();
  }

  /** Moves the PTP clock by nanoseconds, signed. */
  shiftUtc(ns: bigint): void {
    this.setUtc(this.utcNs + ns);
  }

  /** Parts per billion, signed: how much faster than the clock it runs from now on. */
  setFrequency(ppb: number): void {
    this.setUtc(this.utcNs);
    this.frequency = ppb;
  }
}
