/**
 * Programmable congestion control of a port: algorithms in slots, each with parameters and counters that PPCC reads and
 * sets (PRM, register PPCC). One is there, in slot 0; its number, names and ranges are invented after what NVIDIA
 * publishes of zero-touch RoCE's RTT-based algorithm.
 */

/** Who may change a value: PPCC.prm. */
export const PERMISSION = { readOnly: 0, readWrite: 1, readAndClear: 2 } as const;

export interface Parameter {
  readonly name: string;
  readonly text: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly permission: number;
}

export interface Counter {
  readonly name: string;
  readonly text: string;
}

export interface Algorithm {
  readonly number: number;
  readonly name: string;
  readonly text: string;
  readonly parameters: readonly Parameter[];
  readonly counters: readonly Counter[];
}

const set = (name: string, text: string, value: number, least: number, most: number): Parameter => ({
  name,
  text,
  value,
  least,
  most,
  permission: PERMISSION.readWrite,
});

/** By slot, of the 16 that the register lists. */
export const SLOTS = 16;
export const ALGORITHMS: Readonly<Record<number, Algorithm>> = {
  0: {
    number: 0x0101_0001,
    name: 'ZTR_RTTCC',
    text: 'zero-touch RoCE, congestion control by round-trip time',
    parameters: [
      set('BASE_RTT', 'round-trip time without load in nanoseconds', 13_000, 1, 1_000_000),
      set('MAX_DELAY', 'queueing delay that halves the rate, in nanoseconds', 150_000, 1, 1_000_000),
      set('AI', 'additive increase in 2^-20 of the line rate', 1_024, 1, 1_048_576),
      set('MD', 'most of the rate that one step takes away, in 2^-16', 32_768, 1, 65_535),
      set('ALPHA', 'weight of a new measurement in 2^-16', 16_384, 1, 65_535),
      set('MIN_RATE', 'lowest rate in 2^-20 of the line rate', 64, 1, 1_048_576),
      {
        name: 'VERSION',
        text: 'of the algorithm',
        value: 3,
        least: 0,
        most: 0xffff_ffff,
        permission: PERMISSION.readOnly,
      },
    ],
    counters: [
      { name: 'TX_EVENT', text: 'transmit events' },
      { name: 'RTT_EVENT', text: 'round-trip measurements' },
      { name: 'CNP_EVENT', text: 'congestion notifications' },
      { name: 'NACK_EVENT', text: 'negative acknowledgements' },
    ],
  },
};

/** What has been set of a port's algorithms. */
export class CongestionControl {
  private readonly values = new Map<number, number>();
  private readonly disabled = new Set<number>();
  readonly flags = new Map<number, { readonly counters: boolean; readonly trace: boolean }>();

  isEnabled(slot: number): boolean {
    return !this.disabled.has(slot);
  }

  enable(slot: number, on: boolean): void {
    if (on) this.disabled.delete(slot);
    else this.disabled.add(slot);
  }

  value(slot: number, index: number): number {
    return this.values.get(slot * 0x1_0000 + index) ?? ALGORITHMS[slot]?.parameters[index]?.value ?? 0;
  }

  /** A value out of range or of a parameter that is only read is ignored without a word (PRM, PPCC.value). */
  set(slot: number, index: number, value: number): void {
    const parameter = ALGORITHMS[slot]?.parameters[index];
    if (parameter === undefined || parameter.permission !== PERMISSION.readWrite) return;
    if (value >= parameter.least && value <= parameter.most) this.values.set(slot * 0x1_0000 + index, value);
  }
}
