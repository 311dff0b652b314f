/** What a page of the inspector looks at, loaded with the first one: the history, and what reads it. */
import { type CallDetail, detailOf } from '../../host/interceptors/trace/call-shape.ts';
import type { History } from '../../host/interceptors/trace/history.ts';
import { isTraceEvent, PastEvents } from '../../host/interceptors/trace/past-events.ts';
import { eventJson } from '../../host/interceptors/trace/trace-json.ts';
import type { DriverRow } from '../../host/machine/driver-row.ts';
import type { Host } from '../../host/machine/host.ts';
import { type AllMessages, loadIoctls } from '../../host/machine/load-messages.ts';

export interface LookedAt {
  readonly host: Host;
  readonly drivers: readonly DriverRow[];
  readonly history: History;
  messages(): Promise<AllMessages>;
}

export interface Past {
  readonly events: PastEvents;
  readonly messages: AllMessages;
}

export async function loadPast({ host, drivers, history, messages }: LookedAt): Promise<Past> {
  const [named, ioctls] = await Promise.all([messages(), loadIoctls(drivers)]);
  return { events: new PastEvents(history, host.abi, { messages: named, ioctls }), messages: named };
}

/** Undefined: it is not kept any more. `event`: the trace's JSON of it, with its bytes; empty for what is no call. */
export function pastCall({ events }: Past, number: number): (CallDetail & { event: string }) | undefined {
  const event = events.event(number, 'all');
  if (event === undefined) return undefined;
  if (!isTraceEvent(event)) return { messages: [], event: '' };
  return { ...detailOf(event, events.messagesOf(event)), event: eventJson(event, true) };
}
