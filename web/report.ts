/** A report as the source: the data that stand in the page, as the emulator would have told them. */
import type { ReportData } from '../src/control/inspector/report-data.ts';
import {
  asShape,
  type CallDetail,
  type Hello,
  type PlacedField,
  type Source,
  type Status,
  type Sweep,
} from './data.ts';
import type { Store } from './store.ts';

export class Report implements Source {
  readonly live = false;
  readonly hello: Hello;
  readonly sweep: Sweep | undefined;
  private readonly data: ReportData;
  private readonly detailOf = new Map<number, number>();

  private constructor(data: ReportData) {
    this.data = data;
    this.sweep = data.sweep as Sweep | undefined;
    this.hello = { ...data, history: { first: 0, next: 0, events: 0, bytes: 0 } };
  }

  /** Of gzip in base64, as cli/report-page.ts writes it. */
  static async read(packed: string): Promise<Report> {
    const bytes = Uint8Array.from(atob(packed.trim()), (letter) => letter.charCodeAt(0));
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Report((await new Response(unpacked).json()) as ReportData);
  }

  fill(store: Store): void {
    const { events, status } = this.data;
    store.connection = 'report';
    store.status = status as unknown as Status;
    if (events === undefined) {
      store.changed();
      return;
    }
    store.before = events.before;
    store.addShapes(events.shapes.map((shape, id) => [id, asShape(shape)]));
    const rows: number[] = [];
    let timeUs = 0;
    for (let i = 0; i + 4 < events.rows.length; i += 5) {
      const [number = 0, after = 0, us = 0, shape = 0, detail = 0] = events.rows.slice(i, i + 5);
      timeUs += after;
      rows.push(number, timeUs, us, shape);
      this.detailOf.set(number, detail);
    }
    store.addRows(rows);
  }

  async detail(number: number): Promise<CallDetail> {
    const { events } = this.data;
    const found = events?.details[this.detailOf.get(number) ?? -1];
    if (events === undefined || found === undefined) throw new Error(`event ${number} is not in this report`);
    const messages = found.messages.flatMap((at) => {
      const message = events.messages[at];
      if (message === undefined) return [];
      const [title, layout, hex, length, values] = message;
      const fields = (events.layouts[layout] ?? []).map(([name, from, to, mask], i): PlacedField => {
        const value = values[i] ?? '';
        return mask === undefined ? [name, value, from, to] : [name, value, from, to, mask];
      });
      return [{ title, hex, length, fields }];
    });
    return { messages, ...(found.fault !== undefined && { fault: found.fault }) };
  }

  async devices() {
    return this.data.devices;
  }

  async values(device: string) {
    return this.data.devices.find(({ name }) => name === device)?.values ?? {};
  }

  async scopes() {
    if (this.data.scopes === undefined) throw new Error('this report has no scopes');
    return this.data.scopes;
  }

  async ask(): Promise<never> {
    throw new Error('a report changes nothing');
  }
}
