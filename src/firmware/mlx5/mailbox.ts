/**
 * The door to a firmware: one command in, one reply out. Drivers see nothing else of a firmware; interceptors
 * (trace, faults, record, replay) wrap a Mailbox and are one.
 */
import type { Held } from '../../abi/held.ts';
import type { MessageBuffer } from '../../abi/message-buffer.ts';

export interface Mailbox {
  /**
   * Executes one command. The caller has set `reply.length` (what it asks for) and zeroed those bytes; the firmware
   * fills what it has. Its status is in the reply, never thrown. A Held answer: the reply is complete, but late.
   */
  exec(request: MessageBuffer, reply: MessageBuffer): undefined | Held<undefined>;
}
