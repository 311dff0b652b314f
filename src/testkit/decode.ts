/** Requests and replies by name, as the trace has them, for assertions on what a program sent and got. */

import { didYouMean } from '../abi/nearest-name.ts';
import type { ExplainedRefusal } from '../fwctl/dialect.ts';
import { MESSAGES } from './messages.ts';

/** Values by field: whole numbers to 32 bits, bigint to 64, text; what a driver names is text too (`0x3(A|B)`). */
export type Fields = Readonly<Record<string, number | bigint | string>>;

export interface DecodedRequest {
  /** `ACCESS_REG(read MGIR 0x9020)`. */
  readonly command: string;
  /** What says which command it is, by name: `{ opcode: 'ACCESS_REG', register: 'MGIR' }`. */
  readonly names: Readonly<Record<string, string>>;
  /** The same as numbers: `{ opcode: 0x805, op_mod: 1 }`. */
  readonly numbers: Readonly<Record<string, number>>;
  readonly fields: Fields;
}

export interface DecodedReply extends DecodedRequest {
  /** The firmware's status; 0: success. */
  readonly status: number;
  /** `OK`, `BAD_PARAM`; of other drivers `ok`. */
  readonly statusName: string;
  /** What else a refusal says: `{ syndrome: 0xe00301 }`. */
  readonly codes: Readonly<Record<string, number>>;
  /** Why it was refused, and what passes; undefined: it was not, or nobody knows. */
  readonly refusal: ExplainedRefusal | undefined;
  /** All fields of the reply. */
  readonly fields: Fields;
}

/** Throws an Error for bytes that are too short to say what they are, and for a driver that there is not. */
export function decodeRequest(request: Uint8Array, driver = 'mlx5'): DecodedRequest {
  const messages = messagesOf(driver);
  need('request', request, messages.requestHeader);
  const { command, names, numbers, fields } = messages.request(request, request.length);
  return { command, names, numbers, fields: Object.fromEntries(fields) };
}

/** A reply, by the request that it answers. Throws as decodeRequest does. */
export function decode(request: Uint8Array, reply: Uint8Array, driver = 'mlx5'): DecodedReply {
  const messages = messagesOf(driver);
  const asked = decodeRequest(request, driver);
  need('reply', reply, messages.replyHeader);
  const told = messages.reply(request, request.length, reply, reply.length, 'all');
  const { status, statusName, codes, refusal } = told;
  return { ...asked, status, statusName, codes, refusal, fields: Object.fromEntries(told.fields) };
}

function messagesOf(driver: string) {
  const messages = MESSAGES.get(driver);
  if (messages !== undefined) return messages;
  const names = [...MESSAGES.keys()];
  throw new Error(`there is no driver "${driver}" (there is ${names.join(', ')})${didYouMean(driver, names)}`);
}

function need(what: string, { length }: Uint8Array, least: number): void {
  if (length < least) throw new Error(`a ${what} of ${length} bytes says nothing; its header has ${least}`);
}
