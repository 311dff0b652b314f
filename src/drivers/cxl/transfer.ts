/**
 * GET_FEATURE and SET_FEATURE in pieces that the mailbox can carry:
 * cxl_get_feature() and cxl_set_feature() of drivers/cxl/core/features.c.
 */
import {
  CXL_OPCODE,
  getFeature,
  rpcHeader,
  rpcReply,
  SAVED_ACROSS_RESET,
  setFeature,
  TRANSFER,
  TRANSFER_MASK,
} from '../../abi/cxl/features.ts';
import { RETURN_CODE } from '../../abi/cxl/return-codes.ts';
import { afterwards, Held } from '../../abi/held.ts';
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import type { CxlAnswer, CxlMailbox } from '../../firmware/cxl/mailbox.ts';

/** How a transfer ended. What was not delivered, or answered short, has the return code of success. */
export interface Transferred {
  readonly whole: boolean;
  readonly returnCode: number;
}

type Answer = CxlAnswer | undefined;

const WHOLE: Transferred = { whole: true, returnCode: RETURN_CODE.SUCCESS };
const SHORT: Transferred = { whole: false, returnCode: RETURN_CODE.SUCCESS };

/** The transfers of one device, of which one is under way at a time: they share what a command is made in. */
export class Transfers {
  private readonly mailbox: CxlMailbox;
  private readonly input = new Uint8Array(getFeature.bytes);
  private readonly view = new DataView(this.input.buffer);

  constructor(mailbox: CxlMailbox) {
    this.mailbox = mailbox;
  }

  /** The data go to the place of the reply's payload; the pieces before one that fails stay there. */
  get(request: MessageBuffer, reply: MessageBuffer): Transferred | Held<Transferred> {
    const { mailbox, input, view } = this;
    for (let i = 0; i < getFeature.bytes; i++) input[i] = request.bytes[rpcHeader.bytes + i] as number;
    const offset = view.getUint16(getFeature.offset, true);
    const send = (done: number, size: number) => {
      // le16 in the command, so that it wraps
      view.setUint16(getFeature.offset, offset + done, true);
      view.setUint16(getFeature.count, size, true);
      const from = rpcReply.payload + done;
      return mailbox.exec(CXL_OPCODE.GET_FEATURE, input, reply.bytes.subarray(from, from + size));
    };
    return inPieces(view.getUint16(getFeature.count, true), mailbox.payloadSize, true, send);
  }

  /** What has been written before a piece that fails stays written: nobody tells the device to give up. */
  set(request: MessageBuffer): Transferred | Held<Transferred> {
    const { mailbox } = this;
    const from = rpcHeader.bytes + setFeature.bytes;
    const total = request.view.getUint32(rpcHeader.opSize, true) - setFeature.bytes;
    const room = mailbox.payloadSize - setFeature.bytes;
    const input = new Uint8Array(setFeature.bytes + Math.min(room, total));
    const view = new DataView(input.buffer);
    input.set(request.bytes.subarray(rpcHeader.bytes, rpcHeader.bytes + setFeature.version + 1));
    const flags = (view.getUint32(setFeature.flags, true) & ~TRANSFER_MASK) | SAVED_ACROSS_RESET;
    const offset = view.getUint16(setFeature.offset, true);
    const send = (done: number, size: number) => {
      view.setUint32(setFeature.flags, flags | transferOf(done, size, total), true);
      view.setUint16(setFeature.offset, offset + done, true);
      input.set(request.bytes.subarray(from + done, from + done + size), setFeature.bytes);
      return mailbox.exec(CXL_OPCODE.SET_FEATURE, input.subarray(0, setFeature.bytes + size), NOTHING);
    };
    return inPieces(total, room, false, send);
  }
}

const NOTHING = new Uint8Array(0);

function transferOf(done: number, size: number, total: number): number {
  if (size === total) return TRANSFER.FULL;
  if (done === 0) return TRANSFER.INITIATE;
  return done + size === total ? TRANSFER.FINISH : TRANSFER.CONTINUE;
}

/** `gives`: the command of a piece must give as many bytes as the piece has. */
function inPieces(
  total: number,
  room: number,
  gives: boolean,
  send: (done: number, size: number) => Answer | Held<Answer>,
): Transferred | Held<Transferred> {
  const from = (start: number): Transferred | Held<Transferred> => {
    for (let done = start; done < total; ) {
      const size = Math.min(room, total - done);
      const wanted = gives ? size : 0;
      const answer = send(done, size);
      done += size;
      if (answer instanceof Held) return afterwards(answer, (late) => failure(late, wanted) ?? from(done));
      const failed = failure(answer, wanted);
      if (failed !== undefined) return failed;
    }
    return WHOLE;
  };
  return from(0);
}

/** Undefined: the piece went well. A background operation that was started is taken for its end. */
function failure(answer: Answer, wanted: number): Transferred | undefined {
  if (answer === undefined) return SHORT;
  const { returnCode, length } = answer;
  if (returnCode > RETURN_CODE.BACKGROUND) return { whole: false, returnCode };
  return length < wanted ? SHORT : undefined;
}
