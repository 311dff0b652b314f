/**
 * What the main thread of `serve --workers` and its workers say to each other. Both sides are of one build: nothing is checked. Orders are
 * carried out in their order, and what a worker reports of one order comes before its answer.
 */
import type { MessagePort } from 'node:worker_threads';
import type { AbiName } from '../../abi/profiles.ts';
import type { FaultSpec } from '../../host/faults/spec.ts';
import type { PlugNumbers } from '../../host/host.ts';
import type { DeviceFacts, DeviceSpec, NodeFacts } from '../../host/host-device.ts';
import type { TraceWants } from '../../host/interceptors/trace-payload.ts';
import type { SharedRecording } from '../../host/recording/record-hub.ts';
import type { SharedState } from '../../host/shared-state.ts';
import type { TraceEvent } from '../../host/trace-event.ts';
import type { KmsgRecord } from '../../kernel/kmsg.ts';
import type { LockdownLevel } from '../../kernel/lockdown.ts';
import type { LogLevel } from '../parts.ts';

/** The first argument of a worker, which no process can be given: an argument of execve(2) has no NUL. */
export const WORKER_ARGUMENT = '\0worker';

/** What a worker is to be, from its start on. */
export interface WorkerStart {
  readonly abi: AbiName;
  readonly lockdown: LockdownLevel | undefined;
  /** From the start on; each worker has all of them, and they count together. */
  readonly faults: readonly FaultSpec[];
  /** Those of the start, of all workers: whose firmware is to be loaded. */
  readonly devices: readonly DeviceSpec[];
  readonly state: string | undefined;
  readonly spinUs: number | undefined;
  /** The real kernel is tainted too: by the worker, so that it is before the caller has its answer. */
  readonly taintHost: boolean;
  readonly logLevel: LogLevel;
  readonly version: string;
  /** The major number of fwctl's nodes over CUSE; undefined: each node is a FUSE mount on a file, which `place` shows. */
  readonly cuseMajor: number | undefined;
  readonly shared: SharedState;
}

/** The ways between the two. */
export interface WorkerLines {
  readonly orders: MessagePort;
  /** For nodes that come and go, whose answer the worker waits for. */
  readonly places: MessagePort;
  /** 1 when that answer is there. */
  readonly placed: Int32Array;
  /** How many events and recorded lines are on their way. */
  readonly flow: Int32Array;
}

/** What comes with each call while somebody traces or records. */
export type Flowing = Extract<Report, { kind: 'event' | 'recorded' }>;

export function isFlowing({ kind }: Report): boolean {
  return kind === 'event' || kind === 'recorded';
}

/** Of these so many may be on their way from one worker: then it waits until half of them have come. */
export const MOST_FLOWING = 4096;

/** To a worker. `id`: what its answer is known by. */
export type Order =
  | { readonly kind: 'plug'; readonly id: number; readonly specs: readonly NumberedSpec[] }
  /** A method of the control socket, by its place in the table. */
  | { readonly kind: 'call'; readonly id: number; readonly method: number; readonly params: object }
  /** Undefined: nobody reads a trace any more. */
  | { readonly kind: 'trace'; readonly id: number; readonly wants: TraceWants | undefined }
  /** Undefined: nothing is recorded any more. */
  | { readonly kind: 'record'; readonly id: number; readonly recording: SharedRecording | undefined }
  | { readonly kind: 'close' };

/** An order before it has its number. */
export type Asked =
  Exclude<Order, { kind: 'close' }> extends infer O ? (O extends Order ? Omit<O, 'id'> : never) : never;

export interface NumberedSpec {
  readonly spec: DeviceSpec;
  /** Undefined: the lowest that are free. */
  readonly numbers: PlugNumbers | undefined;
}

/** Of a worker, on `orders`. */
export type Report =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  /** `refusal` of a method; undefined: nobody foresaw it. */
  | { readonly kind: 'failure'; readonly id: number; readonly message: string; readonly refusal: Refusal | undefined }
  | { readonly kind: 'plugged'; readonly device: DeviceFacts }
  | { readonly kind: 'mounted'; readonly node: string }
  | { readonly kind: 'unplugged'; readonly name: string }
  | { readonly kind: 'kmsg'; readonly record: KmsgRecord }
  | { readonly kind: 'taint' }
  | { readonly kind: 'event'; readonly event: TraceEvent }
  | {
      readonly kind: 'recorded';
      readonly recording: number;
      readonly place: number;
      readonly line: string | undefined;
      readonly exchange: boolean;
    }
  | { readonly kind: 'ended'; readonly reason: string };

/** Of a ControlError. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
}

/** On `places`: a node that is about to be mounted, or has gone. */
export interface Placing {
  readonly act: 'show' | 'hide';
  readonly node: NodeFacts;
}

/** The file to mount it on (of one that has gone: nothing), or why there is none. */
export type Placed = { readonly path: string } | { readonly refusal: string };
