/** The emulator itself as the source: its control methods, and its events as they happen. */
import type { Hello, Shape, Source, Status } from './data.ts';
import type { Store } from './store.ts';

/** Between two attempts to connect again, ms. */
const AGAIN_MS = 1000;

/** What is read in one turn, ms: between two, the page answers its user. */
const TURN_MS = 10;

interface RowsMessage {
  readonly lost: number;
  readonly shapes: readonly (readonly [number, Shape])[];
  readonly rows: readonly number[];
  readonly behind: boolean;
}

export class Live implements Source {
  readonly live = true;
  readonly hello: Hello;
  private readonly token: string;

  private constructor(token: string, hello: Hello) {
    this.token = token;
    this.hello = hello;
  }

  static async begin(token: string): Promise<Live> {
    return new Live(token, (await asked(token, 'GET', '/v1/inspector')) as Hello);
  }

  ask(http: string, path: string, body?: object): Promise<unknown> {
    return asked(this.token, http, path, body);
  }

  detail = (number: number) => this.ask('GET', `/v1/inspector/calls/${number}`) as ReturnType<Source['detail']>;

  async devices() {
    return ((await this.ask('GET', '/v1/devices')) as { devices: Awaited<ReturnType<Source['devices']>> }).devices;
  }

  async values(device: string, name?: string) {
    const query = name === undefined ? '' : `?name=${encodeURIComponent(name)}`;
    const path = `/v1/devices/${encodeURIComponent(device)}/values${query}`;
    return ((await this.ask('GET', path)) as { values: Awaited<ReturnType<Source['values']>> }).values;
  }

  scopes = () => this.ask('GET', '/v1/inspector/scopes') as ReturnType<Source['scopes']>;

  /** Into the store, from the oldest that is kept; connects again when it breaks off. */
  async follow(store: Store): Promise<never> {
    for (;;) {
      try {
        const response = await fetch('/v1/inspector/events', { headers: bearer(this.token) });
        if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
        store.connection = 'live';
        store.clear();
        await readEvents(response.body, (event, data) => {
          if (event === 'status') {
            store.status = JSON.parse(data) as Status;
            store.changed();
          }
          if (event !== 'rows') return;
          const { lost, shapes, rows, behind } = JSON.parse(data) as RowsMessage;
          if (store.length > 0) store.lost += lost;
          else store.before += lost;
          store.behind = behind;
          store.addShapes(shapes);
          store.addRows(rows);
        });
      } catch {
        // the emulator has ended, or the machine was asleep
      }
      store.connection = 'lost';
      store.changed();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

async function asked(token: string, http: string, path: string, body?: object): Promise<unknown> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(path, { method: http, headers: bearer(token), ...sent });
  const answer = (await response.json()) as { error?: { message: string } };
  if (!response.ok) throw new Error(answer.error?.message ?? `status ${response.status}`);
  return answer;
}

async function readEvents(body: ReadableStream<Uint8Array>, take: (event: string, data: string) => void) {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const messages = (text + value).split('\n\n');
    text = messages.pop() ?? '';
    let since = performance.now();
    for (const message of messages) {
      const line = message.indexOf('\ndata: ');
      take(message.slice('event: '.length, line), message.slice(line + '\ndata: '.length));
      if (performance.now() - since < TURN_MS) continue;
      await new Promise((resolve) => setTimeout(resolve));
      since = performance.now();
    }
  }
}
