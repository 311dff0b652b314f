/**
 * One client's stream: bytes to whole messages, each answered before the next is looked at. Who breaks the protocol (a
 * size that none has, no VERSION first, a reply where a command is meant) is cut off; a message that is whole and wrong
 * is answered with an errno. While a client takes no answers, it is read no further.
 */
import { ERRNO } from '../../abi/errno.ts';
import type { LoadedNative, Watch } from '../native.ts';
import type { VfioUserDevice } from './device.ts';
import { COMMAND, FLAG, HEADER, MAX_MESSAGE, MESSAGES, nameOf } from './messages.ts';

const MAX_FDS = 16;
/** Messages of one client that are answered before others have their turn. */
const BURST = 64;
/** How long it is waited until an answer is offered again, ms. */
const PATIENCE_MS = 2;

export interface ConnectionEvents {
  /** It is over: `why` where the client has broken the protocol. */
  ended(why: string | undefined): void;
}

export type ConnectionNative = Pick<LoadedNative, 'receiveBytes' | 'sendBytes' | 'watch' | 'unwatch'>;

export class VfioUserConnection {
  private readonly fd: number;
  private readonly device: VfioUserDevice;
  private readonly native: ConnectionNative;
  private readonly events: ConnectionEvents;
  private readonly close: (fd: number) => void;
  private readonly input = new ArrayBuffer(MAX_MESSAGE);
  private readonly view = new DataView(this.input);
  private readonly received = new Int32Array(MAX_FDS + 1);
  private have = 0;
  /** Descriptors of the message that is coming. */
  private fds: number[] = [];
  private greeted = false;
  private open = true;
  private watch: Watch | undefined;
  private waiting: { readonly reply: ArrayBuffer; sent: number } | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** Takes the descriptor over. */
  constructor(
    fd: number,
    device: VfioUserDevice,
    native: ConnectionNative,
    close: (fd: number) => void,
    events: ConnectionEvents,
  ) {
    this.fd = fd;
    this.device = device;
    this.native = native;
    this.close = close;
    this.events = events;
    device.begin();
    this.listen();
  }

  /** Ends it from this side. */
  end(why?: string): void {
    if (!this.open) return;
    this.open = false;
    this.deafen();
    clearTimeout(this.timer);
    this.dropFds();
    this.device.end();
    this.close(this.fd);
    this.events.ended(why);
  }

  private listen(): void {
    this.watch = this.native.watch(this.fd, () => this.readable());
  }

  private deafen(): void {
    if (this.watch !== undefined) this.native.unwatch(this.watch);
    this.watch = undefined;
  }

  private readable(): void {
    for (let answered = 0; this.open && this.waiting === undefined && answered < BURST; ) {
      // A message at a time, so that descriptors are those of the message that they came with.
      const size = this.have < HEADER.bytes ? HEADER.bytes : this.view.getUint32(HEADER.size, true);
      const n = this.native.receiveBytes(this.fd, this.input, this.have, size - this.have, this.received.buffer);
      if (n === -ERRNO.EAGAIN) return;
      if (n <= 0) {
        this.end();
        return;
      }
      for (let i = 0; i < (this.received[0] ?? 0); i++) this.fds.push(this.received[i + 1] ?? -1);
      this.have += n;
      const [answers, why] = this.step();
      if (why !== undefined) {
        this.end(why);
        return;
      }
      answered += answers;
    }
  }

  /** What has come is looked at: messages that were answered, and what cuts the client off. */
  private step(): [answered: number, why: string | undefined] {
    if (this.fds.length > MAX_FDS) return [0, 'more descriptors than a message carries'];
    if (this.have < HEADER.bytes) return [0, undefined];
    const whole = this.view.getUint32(HEADER.size, true);
    if (whole < HEADER.bytes || whole > MAX_MESSAGE) return [0, `a message of ${whole} bytes`];
    return this.have < whole ? [0, undefined] : [1, this.message(whole)];
  }

  private message(whole: number): string | undefined {
    const { view } = this;
    const id = view.getUint16(HEADER.id, true);
    const number = view.getUint16(HEADER.command, true);
    const flags = view.getUint32(HEADER.flags, true);
    if ((flags & FLAG.typeMask) !== 0) return 'a reply to nothing';
    if (!this.greeted && number !== COMMAND.VERSION) return 'a message before VERSION';
    const answer = this.answer(number, whole);
    this.greeted = true;
    this.have = 0;
    this.dropFds();
    if (typeof answer === 'number' && number === COMMAND.VERSION) return 'a version that is not 0';
    if ((flags & FLAG.noReply) === 0) this.reply(id, number, answer);
    return undefined;
  }

  private answer(number: number, whole: number): Uint8Array | number {
    const name = nameOf.get(number);
    if (name === undefined) return ERRNO.ENOSYS;
    const { bytes, fds } = MESSAGES[name];
    if (whole - HEADER.bytes < bytes || (!fds && this.fds.length > 0)) return ERRNO.EINVAL;
    const body = new DataView(this.input, HEADER.bytes, whole - HEADER.bytes);
    return this.device.answer(name, { body, fds: this.fds });
  }

  private reply(id: number, command: number, answer: Uint8Array | number): void {
    const body = typeof answer === 'number' ? undefined : answer;
    const reply = new ArrayBuffer(HEADER.bytes + (body?.length ?? 0));
    const view = new DataView(reply);
    view.setUint16(HEADER.id, id, true);
    view.setUint16(HEADER.command, command, true);
    view.setUint32(HEADER.size, reply.byteLength, true);
    view.setUint32(HEADER.flags, FLAG.reply | (body === undefined ? FLAG.error : 0), true);
    if (typeof answer === 'number') view.setUint32(HEADER.error, answer, true);
    else new Uint8Array(reply).set(answer, HEADER.bytes);
    this.waiting = { reply, sent: 0 };
    this.send();
  }

  private send(): void {
    const { waiting } = this;
    if (waiting === undefined || !this.open) return;
    while (waiting.sent < waiting.reply.byteLength) {
      const { reply, sent } = waiting;
      const n = this.native.sendBytes(this.fd, reply, sent, reply.byteLength - sent);
      if (n === -ERRNO.EAGAIN) {
        this.deafen();
        this.timer = setTimeout(() => this.again(), PATIENCE_MS);
        return;
      }
      if (n < 0) {
        this.end();
        return;
      }
      waiting.sent += n;
    }
    this.waiting = undefined;
  }

  private again(): void {
    this.send();
    if (this.waiting === undefined && this.open && this.watch === undefined) this.listen();
  }

  private dropFds(): void {
    for (const fd of this.fds.splice(0)) this.close(fd);
  }
}
