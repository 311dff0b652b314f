/** What the pages show: events as the emulator tells them, live or from a report. Shapes are the trace's own events. */
import type { CallDetail, CallShape } from '../src/host/interceptors/trace/call-shape.ts';

export type { CallDetail, CallShape, PlacedField, ShownMessage } from '../src/host/interceptors/trace/call-shape.ts';

/** A shape with what the pages read of it; which members there are depends on `kind`. */
export interface Shape {
  readonly kind: 'open' | 'ioctl' | 'close' | 'kmsg' | 'plug' | 'unplug' | 'strike';
  readonly device?: string;
  readonly driver?: string;
  readonly file?: number;
  readonly comm?: string;
  readonly tid?: number;
  readonly callerUid?: number;
  readonly cmd?: number;
  readonly held?: boolean;
  readonly text?: string;
  readonly id?: number;
  readonly ioctls?: number;
  readonly outcome?: Outcome;
  readonly part?: Part;
}

export type Outcome =
  | { readonly kind: 'ok'; readonly value: number }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'refused';
      readonly errno: string;
      readonly rule: string;
      readonly fix?: string;
      readonly passes?: readonly { readonly abi: string; readonly scopes: readonly number[] }[];
    };

export interface Part {
  readonly kind: 'info' | 'rpc' | 'command';
  readonly name?: string;
  readonly scope?: number;
  readonly inLen?: number;
  readonly outLen?: number;
  readonly uid?: number;
  readonly delivered?: boolean;
  readonly request?: {
    readonly command: string;
    readonly numbers: Readonly<Record<string, number>>;
    readonly names: Readonly<Record<string, string>>;
  };
  readonly reply?: {
    readonly status: number;
    readonly statusName: string;
    readonly codes: Readonly<Record<string, number>>;
    readonly refusal?: { readonly name: string; readonly rule: string; readonly part?: string; readonly fix?: string };
  };
  /** Kernels that pass the request in its scope, a bit each, as the scope matrix has them. */
  readonly kernels?: number;
}

export interface Fault {
  readonly id: number;
  readonly text: string;
  readonly calls: number;
  readonly strikes: number;
  readonly held: number;
}

export interface Status {
  readonly faults: readonly Fault[];
  readonly taint: number;
  /** The command's exit status. */
  readonly ended?: number;
  readonly held: readonly { readonly timeUs: number; readonly shape: Shape }[];
}

export interface Hello {
  readonly version: string;
  readonly title: string;
  readonly abi: string;
  readonly abi_title: string;
  readonly status_names: readonly string[];
  readonly history: { readonly first: number; readonly next: number; readonly events: number; readonly bytes: number };
}

export interface DeviceRow {
  readonly name: string;
  readonly driver: string;
  readonly profile: string;
  readonly pci: string | null;
  readonly open_files: number;
}

export type Values = Readonly<Record<string, string | number | boolean>>;

export interface ScopeMatrix {
  readonly abis: readonly { readonly name: string; readonly title: string }[];
  readonly drivers: readonly {
    readonly driver: string;
    readonly tables: readonly ('none' | 'all' | 'table')[];
    readonly commands: readonly {
      readonly name: string;
      readonly number?: number;
      readonly when?: string;
      readonly scopes: readonly (readonly number[] | null)[];
    }[];
  }[];
}

/** One run of a sweep, as sweep --json has it. */
export interface SweepRun {
  readonly number: number;
  readonly call: string;
  readonly kind: string;
  readonly about: string;
  readonly fault: string;
  readonly verdict: 'crash' | 'hang' | 'hidden' | 'optional' | 'missed' | 'ok';
  readonly detail: string;
  readonly status: number;
  readonly ms: number;
  readonly tail?: string;
}

export interface Sweep {
  readonly command: readonly string[];
  readonly options: readonly string[];
  readonly clean_status: number;
  readonly cases: number;
  readonly seconds: number;
  readonly runs: readonly SweepRun[];
}

/** Where a page has its data from. */
export interface Source {
  /** False: a report, which changes nothing. */
  readonly live: boolean;
  readonly hello: Hello;
  readonly sweep?: Sweep;
  detail(number: number): Promise<CallDetail & { event?: string }>;
  devices(): Promise<readonly DeviceRow[]>;
  values(device: string, name?: string): Promise<Values>;
  scopes(): Promise<ScopeMatrix>;
  /** Throws an Error that says why not. Of a report: always. */
  ask(http: string, path: string, body?: object): Promise<unknown>;
}

export function asShape(shape: CallShape): Shape {
  return shape as unknown as Shape;
}
