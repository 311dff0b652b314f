/** The dialect of a driver whose messages nobody knows (raw): no call of it has a command, a status or a field. */
import { type Dialect, NO_COMMAND } from './dialect.ts';

/** `driver`: whose they are. */
export function noDialect(driver: string): Dialect {
  return {
    driver,
    command: () => NO_COMMAND,
    status: () => 0,
    select() {},
    refuse(_refusal, reply) {
      reply.bytes.fill(0, 0, reply.length);
    },
    succeed() {},
    requestHead: 0,
    replyHead: 0,
    kernelBytes: [],
    buffers: () => [],
    load: async () => (await import('./no-messages.ts')).noMessages(driver),
  };
}
