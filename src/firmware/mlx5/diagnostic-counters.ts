/**
 * Sampling of diagnostic counters (PRM; public only as mlx5ctl's diag_cnt.c). A sample is the values of all chosen
 * counters, one every 2^log_sample_period cycles of the device's clock. Single mode fills the buffer of
 * 2^log_num_of_samples once, repetitive mode goes round in it, on demand each query takes one. The buffer follows from
 * the clock: nothing runs in between. The values are invented: each counter grows evenly, at a rate of its own.
 */
import type { Clock } from '../../abi/clock.ts';
import type { Refusal } from './command-table.ts';
import { type DiagnosticCounter, diagnosticCounters } from './diagnostic-counter-list.ts';
import { REFUSAL } from './syndromes.ts';

export interface DiagnosticParams {
  readonly logNumOfSamples: number;
  /** Cycles of the device's clock, as a power of two. */
  readonly logSamplePeriod: number;
  readonly single: boolean;
  readonly repetitive: boolean;
  readonly sync: boolean;
  readonly clear: boolean;
  readonly onDemand: boolean;
  readonly enable: boolean;
  readonly counterIds: readonly number[];
}

export interface DiagnosticLimits {
  readonly logMaxSamples: number;
  readonly logMinSamplePeriod: number;
  readonly single: boolean;
  readonly repetitive: boolean;
  readonly counters: number;
  /** cmd_hca_cap.device_frequency_khz. */
  readonly frequencyKhz: number;
}

/** One counter in one sample. */
export interface SampledCounter {
  readonly counterId: number;
  /** The sample's number since sampling began; its low 16 bits are shown. */
  readonly sampleId: number;
  /** Cycles of the device's clock since power-up. */
  readonly timestamp: bigint;
  readonly value: bigint;
}

const OFF: DiagnosticParams = {
  logNumOfSamples: 0,
  logSamplePeriod: 0,
  single: false,
  repetitive: false,
  sync: false,
  clear: false,
  onDemand: false,
  enable: false,
  counterIds: [],
};

/** 2^40 cycles are 18 minutes at 1 GHz. */
const LONGEST_LOG_PERIOD = 40;

export class DiagnosticCounters {
  private readonly clock: Clock;
  private readonly startedNs: number;
  private readonly limits: DiagnosticLimits;
  /** Made when they are first asked for. */
  private known: ReadonlyMap<number, DiagnosticCounter> | undefined;
  private current = OFF;
  /** What is in the buffer was sampled by these parameters, from then, until then; undefined: still going on. */
  private sampled: { readonly by: DiagnosticParams; readonly fromNs: number; untilNs: number | undefined } | undefined;
  /** Clock at each sample that was demanded. */
  private demanded: number[] = [];

  /** `startedNs`: the clock at power-up. */
  constructor(clock: Clock, limits: DiagnosticLimits, startedNs = clock.monotonicNs()) {
    this.clock = clock;
    this.startedNs = startedNs;
    this.limits = limits;
  }

  private get counters(): ReadonlyMap<number, DiagnosticCounter> {
    this.known ??= new Map(diagnosticCounters(this.limits.counters).map((counter) => [counter.id, counter]));
    return this.known;
  }

  get params(): DiagnosticParams {
    return this.current;
  }

  /** On a refusal nothing has changed. Enabling starts a new buffer; disabling keeps the samples unless `clear`. */
  set(params: DiagnosticParams): Refusal | undefined {
    const refusal = this.refusal(params);
    if (refusal !== undefined) return refusal;
    const now = this.clock.monotonicNs();
    if (this.sampled !== undefined) this.sampled.untilNs ??= now;
    if (params.clear) this.sampled = undefined;
    if (params.enable) this.sampled = { by: params, fromNs: now, untilNs: undefined };
    if (params.clear || params.enable) this.demanded = [];
    this.current = params;
    return undefined;
  }

  /** Up to `count` counters from the buffer's sample `index` on, sample by sample; fewer where there are no more. */
  read(index: number, count: number): readonly SampledCounter[] {
    if (this.sampled === undefined) return [];
    const { by, untilNs } = this.sampled;
    if (by.onDemand && untilNs === undefined && this.demanded.length < 2 ** by.logNumOfSamples) {
      this.demanded.push(this.clock.monotonicNs());
    }
    const found: SampledCounter[] = [];
    for (let slot = index; found.length < count; slot++) {
      const sample = this.sampleIn(slot);
      if (sample === undefined) break;
      for (const counterId of by.counterIds.slice(0, count - found.length)) {
        found.push({
          counterId,
          sampleId: sample.id,
          timestamp: this.cycles(sample.ns),
          value: this.value(counterId, sample.ns),
        });
      }
    }
    return found;
  }

  /** The sample in a slot of the buffer, and when it was taken; undefined: none yet, or no such slot. */
  private sampleIn(slot: number): { readonly id: number; readonly ns: number } | undefined {
    if (this.sampled === undefined) return undefined;
    const { by, fromNs, untilNs } = this.sampled;
    const slots = 2 ** by.logNumOfSamples;
    if (slot >= slots) return undefined;
    if (by.onDemand) {
      const ns = this.demanded[slot];
      return ns === undefined ? undefined : { id: slot, ns };
    }
    const periodNs = (2 ** by.logSamplePeriod * 1e6) / this.limits.frequencyKhz;
    const taken = Math.floor(((untilNs ?? this.clock.monotonicNs()) - fromNs) / periodNs) + 1;
    const id = by.single ? slot : slot + Math.floor((taken - 1 - slot) / slots) * slots;
    return slot < taken ? { id, ns: fromNs + id * periodNs } : undefined;
  }

  private cycles(ns: number): bigint {
    return BigInt(Math.floor(((ns - this.startedNs) * this.limits.frequencyKhz) / 1e6));
  }

  private value(counterId: number, ns: number): bigint {
    return BigInt(Math.floor(((ns - this.startedNs) / 1e9) * (counterId & 0xff) * 1000));
  }

  private refusal(params: DiagnosticParams): Refusal | undefined {
    const { limits } = this;
    if (params.counterIds.some((id) => !this.counters.has(id))) return REFUSAL.DIAGNOSTIC_COUNTER;
    if (params.sync && params.counterIds.some((id) => this.counters.get(id)?.sync !== true)) {
      return REFUSAL.DIAGNOSTIC_COUNTER;
    }
    if (!params.enable) return undefined;
    const modes = [params.single, params.repetitive, params.onDemand].filter((mode) => mode).length;
    const offered = (!params.single || limits.single) && (!params.repetitive || limits.repetitive);
    if (modes !== 1 || !offered || params.counterIds.length === 0) return REFUSAL.DIAGNOSTIC_PARAMS;
    if (params.logNumOfSamples > limits.logMaxSamples) return REFUSAL.DIAGNOSTIC_PARAMS;
    const period = params.logSamplePeriod;
    return period < limits.logMinSamplePeriod || period > LONGEST_LOG_PERIOD ? REFUSAL.DIAGNOSTIC_PARAMS : undefined;
  }
}
