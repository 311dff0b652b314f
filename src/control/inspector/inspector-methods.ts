/** What a page of the inspector asks for beside the methods of the control socket. It alone has these. */
import { type Method, method, type StreamStart } from '../method.ts';
import { ControlError } from '../protocol.ts';
import { EventFeed } from './event-feed.ts';
import { type LookedAt, loadPast, type Past, pastCall } from './past.ts';
import { scopeMatrix } from './scope-matrix.ts';
import { Shapes } from './shapes.ts';

export interface Inspected extends LookedAt {
  readonly version: string;
  /** `run` and its command, or `serve`. */
  readonly title: string;
  /** What a page shows beside events: faults, and how the command has ended. */
  status(): object;
  /** A page more (1), or one less (-1), is open. */
  looking(pages: 1 | -1): void;
}

const JSON_ANSWER = { type: 'object' } as const;

export function inspectorMethods(inspected: Inspected): readonly Method[] {
  let loading: Promise<Past> | undefined;
  const load = () => {
    loading ??= loadPast(inspected);
    return loading;
  };
  return [
    method({
      http: 'GET',
      path: '/v1/inspector',
      about: 'what a page needs to begin: the machine, the names of statuses, how far its history goes back',
      params: {},
      answer: JSON_ANSWER,
      async handle() {
        const { messages, events } = await load();
        const { version, title, host, history } = inspected;
        const { size, first, next } = history.ring;
        return {
          version,
          title,
          abi: host.abi.name,
          abi_title: host.abi.title,
          status_names: [...new Set([...messages.values()].flatMap(({ statusNames }) => statusNames))],
          history: { first, next, events: size.entries, bytes: size.bytes },
          now_us: events.timeUs(history.clock.monotonicNs()),
        };
      },
    }),
    method({
      http: 'GET',
      path: '/v1/inspector/events',
      about: 'events from one on, as they happen',
      params: { from: { kind: 'integer', about: 'The first', max: Number.MAX_SAFE_INTEGER } },
      answer: { mediaType: 'text/event-stream' },
      async handle({ from = 0 }) {
        const { events } = await load();
        const start: StreamStart = {
          contentType: 'text/event-stream',
          encoding: 'utf8',
          start: '',
          dropped: (count) => `event: dropped\ndata: ${count}\n\n`,
          async run(stream) {
            const pending = new Shapes(events);
            const feed = new EventFeed(events, stream, from, () => ({ ...inspected.status(), held: pending.held() }));
            inspected.looking(1);
            feed.start();
            stream.onClose(() => {
              inspected.looking(-1);
              feed.stop();
            });
          },
        };
        return start;
      },
    }),
    method({
      http: 'GET',
      path: '/v1/inspector/calls/{number}',
      about: 'one event: its payloads as fields beside bytes',
      params: { number: { kind: 'integer', about: 'Its number', required: true, max: Number.MAX_SAFE_INTEGER } },
      answer: JSON_ANSWER,
      async handle({ number }) {
        const call = pastCall(await load(), number);
        if (call !== undefined) return call;
        const { first, next } = inspected.history.ring;
        throw new ControlError(404, 'not_kept', `event ${number} is not kept; there are ${first} to ${next - 1}`);
      },
    }),
    method({
      http: 'GET',
      path: '/v1/inspector/scopes',
      about: 'which command passes in which scope, of all drivers and kernels',
      params: {},
      answer: JSON_ANSWER,
      handle: async () => scopeMatrix(inspected.drivers, (await load()).messages),
    }),
  ];
}
