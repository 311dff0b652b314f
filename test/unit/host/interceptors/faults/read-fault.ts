/** Faults read as the product reads them, with what all drivers' messages mean. */
import {
  type FaultComplaint,
  parseFault as parse,
  readFault as read,
} from '../../../../../src/host/interceptors/faults/parse.ts';
import type { FaultSpec } from '../../../../../src/host/interceptors/faults/spec.ts';
import { DRIVERS } from '../../../../../src/host/machine/drivers.ts';
import { type AllMessages, loadMessages } from '../../../../../src/host/machine/load-messages.ts';

/** By driver. */
export const MESSAGES: AllMessages = await loadMessages(DRIVERS);

export function readFault(text: string): FaultSpec {
  return read(text, MESSAGES);
}

export function parseFault(text: string, complain: FaultComplaint): FaultSpec | undefined {
  return parse(text, MESSAGES, complain);
}
