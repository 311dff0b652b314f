/** Messages nobody knows (driver raw, a recording of an unknown device): no command, field or status has a name. */
import type { Messages } from './dialect.ts';

/** Bytes of a request or reply that a reader of hex sees. */
const NEVER = Number.POSITIVE_INFINITY;

export function noMessages(driver: string): Messages {
  return {
    driver,
    requestHeader: NEVER,
    replyHeader: NEVER,
    request: () => ({ numbers: {}, names: {}, command: '', fields: [] }),
    reply: () => ({ status: 0, statusName: 'ok', codes: {}, fields: [], keys: [] }),
    info: () => undefined,
    context: () => undefined,
    commandName: String,
    statusName: String,
    statusNames: [],
    refusalCodes: [],
    meant: () => undefined,
    scopesAllowing: () => [],
    scopeTable: () => undefined,
    head: () => [],
    requestFields: () => [],
    replyFields: () => [],
    selectors: {},
    refusals: {},
    exclusive: [],
    sweep: { refusals: [], opens: [], replies: [] },
    lua: { tables: '', fields: '', request: '', reply: '' },
  };
}
