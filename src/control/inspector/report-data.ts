/**
 * What a report has in it: events as the live inspector tells them, and what it would answer of each that is chosen.
 * Shapes, payloads and the layouts of their fields are there once, however many calls have them.
 */
import type { CallDetail, CallShape, PlacedField, ShownMessage } from '../../host/interceptors/trace/call-shape.ts';
import type { ScopeMatrix } from './scope-matrix.ts';

/** Of a field, what does not depend on its value. */
type FieldPlace = readonly [name: string, from: number, to: number, mask?: string];
/** Numbers into `layouts` and, of the values, in the layout's order. */
type PackedMessage = readonly [
  title: ShownMessage['title'],
  layout: number,
  hex: string,
  length: number,
  values: readonly string[],
];

export interface ReportEvents {
  readonly shapes: readonly CallShape[];
  /** Five numbers an event: its own, microseconds since the event before, duration, shape, detail. */
  readonly rows: readonly number[];
  readonly layouts: readonly (readonly FieldPlace[])[];
  readonly messages: readonly PackedMessage[];
  readonly details: readonly { readonly messages: readonly number[]; readonly fault?: string | undefined }[];
  /** Earlier ones that were not kept. */
  readonly before: number;
}

export interface ReportDevice {
  readonly name: string;
  readonly driver: string;
  readonly profile: string;
  readonly pci: string | null;
  readonly open_files: number;
  /** By name, at the end. */
  readonly values: Readonly<Record<string, string | number | boolean>>;
}

export interface ReportData {
  readonly fwctl_emu_report: 1;
  readonly version: string;
  readonly title: string;
  readonly abi: string;
  readonly abi_title: string;
  readonly status_names: readonly string[];
  /** The command's exit status, the taint, and the faults, at the end. */
  readonly status: {
    readonly ended?: number;
    readonly taint: number;
    readonly faults: readonly object[];
    readonly held: readonly never[];
  };
  readonly events?: ReportEvents;
  readonly devices: readonly ReportDevice[];
  readonly scopes?: ScopeMatrix;
  /** As sweep --json writes it. */
  readonly sweep?: object;
}

/** A table of what is told by number. */
class Once<T> {
  readonly rows: T[] = [];
  private readonly numbers = new Map<string, number>();

  add(row: T, key = JSON.stringify(row)): number {
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.rows.length;
      this.rows.push(row);
      this.numbers.set(key, number);
    }
    return number;
  }
}

export class EventsPacker {
  private readonly shapes = new Once<CallShape>();
  private readonly layouts = new Once<readonly FieldPlace[]>();
  private readonly messages = new Once<PackedMessage>();
  private readonly details = new Once<ReportEvents['details'][number]>();
  private readonly rows: number[] = [];
  private lastUs = 0;

  shape(shape: CallShape): number {
    return this.shapes.add(shape);
  }

  detail({ messages, fault }: CallDetail): number {
    const numbers = messages.map(({ title, hex, length, fields }) => {
      const layout = this.layouts.add(fields.map(placeOf));
      return this.messages.add([title, layout, hex, length, fields.map(([, value]) => value)]);
    });
    return this.details.add({ messages: numbers, fault });
  }

  row(number: number, timeUs: number, durationUs: number, shape: number, detail: number): void {
    this.rows.push(number, timeUs - this.lastUs, durationUs, shape, detail);
    this.lastUs = timeUs;
  }

  packed(before: number): ReportEvents {
    const { shapes, layouts, messages, details, rows } = this;
    return {
      shapes: shapes.rows,
      rows,
      layouts: layouts.rows,
      messages: messages.rows,
      details: details.rows,
      before,
    };
  }
}

function placeOf([name, , from, to, mask]: PlacedField): FieldPlace {
  return mask === undefined ? [name, from, to] : [name, from, to, mask];
}
