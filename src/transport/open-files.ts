/**
 * The open files of one connection, whatever its protocol (hop 3): handles, held answers, the end with calls in flight.
 * The only catch of Errno. A transport decodes a request, hands the file a Call, encodes the answer, at once or late.
 */
import { ERRNO } from '../abi/errno.ts';
import { Held } from '../abi/held.ts';
import type { Call } from '../kernel/call.ts';
import type { Caller } from '../kernel/caller.ts';
import { Errno } from '../kernel/errno.ts';
import type { FileOps, OpenFile } from '../kernel/file-ops.ts';

/** Thrown by a Call that cannot get its caller's memory its way: no fault. Another may, or the answer is EFAULT. */
export class MemoryUnavailable extends Error {}

/** Why an open or an ioctl came to nothing. */
export type Refusal = Errno | MemoryUnavailable;

export type Answer<T> = T | Refusal;

export interface OpenFilesEvents {
  /** Our own bug: answered EIO, unless this throws. */
  bug(error: unknown): void;
  /** A caller's memory is out of reach: answered EFAULT. */
  unreachable(error: MemoryUnavailable): void;
}

/** `abandon`: the connection has let the caller go, so that nothing more may be written to it. */
export type ServedCall = Call & { abandon?(): void };

/** An open file, as `OpenFiles` gives it out. */
export interface ServedFile {
  /** Named so by the protocol until it is closed; then the number is another's. */
  readonly handle: number;
  readonly file: OpenFile;
  /** Its calls in flight, and 1 until it is closed: the file is released at 0, as by the kernel's f_count. */
  references: number;
  closed: boolean;
}

const CLOSED = new Errno('EBADF', 'the file has been closed');
const OUR_BUG = new Errno('EIO', 'a bug of fwctl-emu');

export class OpenFiles {
  private readonly files: (ServedFile | undefined)[] = [];
  private readonly free: number[] = [];
  /** Files not released yet, and opens that the device holds back. */
  private used = 0;
  private ended = false;
  private readonly events: OpenFilesEvents;
  /** Called when none is `inUse` any more. */
  onUnused: () => void = () => {};

  constructor(events: OpenFilesEvents) {
    this.events = events;
  }

  /** open(2). `flags` are O_*. A held answer is taken as soon as it is let go. */
  open(fileOps: FileOps, caller: Caller, flags: number): Answer<ServedFile> | Held<Answer<ServedFile>> {
    const opened = this.attempt(() => fileOps.open(caller, flags));
    if (isRefusal(opened)) return opened;
    if (!(opened instanceof Held)) return this.add(opened);
    this.used++;
    const late = new Held<Answer<ServedFile>>();
    opened.onRelease(() => {
      this.used--;
      const file = take(() => this.add(opened.get()));
      late.release(() => this.attempt(file));
      this.tellUnused();
    });
    return late;
  }

  get(handle: number): ServedFile | undefined {
    return this.files[handle];
  }

  /** ioctl(2). A held answer is taken as soon as it is let go, so that nobody need collect it. */
  ioctl(file: ServedFile, call: ServedCall): Answer<number> | Held<Answer<number>> {
    if (file.closed) return CLOSED;
    file.references++;
    let answer: number | Held<number>;
    try {
      answer = file.file.ioctl(call);
    } catch (error) {
      this.put(file);
      return this.refusal(error);
    }
    if (typeof answer !== 'number') return this.hold(file, call, answer);
    this.put(file);
    return answer;
  }

  /** close(2), the last one: the file is released with the last of its calls. */
  close(file: ServedFile): void {
    if (file.closed) return;
    file.closed = true;
    this.files[file.handle] = undefined;
    this.free.push(file.handle);
    this.put(file);
  }

  /** Whether any file is open, or about to be. */
  get inUse(): boolean {
    return this.used > 0;
  }

  /**
   * The connection is gone, and with it all descriptors of use: every file is released at once, calls held or not. How
   * many were held.
   */
  end(): number {
    this.ended = true;
    let held = 0;
    for (const file of this.files) {
      if (file === undefined) continue;
      held += file.references - 1;
      file.references = 1;
      this.close(file);
    }
    return held;
  }

  /** What `act` gives, or why it refused. */
  attempt<T>(act: () => T): Answer<T> {
    try {
      return act();
    } catch (error) {
      return this.refusal(error);
    }
  }

  /** The positive errno of a refusal that is about to be answered. */
  errnoOf(refusal: Refusal): number {
    if (refusal instanceof Errno) return refusal.errno;
    this.events.unreachable(refusal);
    return ERRNO.EFAULT;
  }

  private hold(file: ServedFile, call: ServedCall, held: Held<number>): Held<Answer<number>> {
    const late = new Held<Answer<number>>();
    held.onRelease(() => {
      if (this.ended) call.abandon?.();
      const answer = take(() => held.get());
      this.put(file);
      late.release(() => this.attempt(answer));
    });
    return late;
  }

  private refusal(error: unknown): Refusal {
    if (isRefusal(error)) return error;
    this.events.bug(error);
    return OUR_BUG;
  }

  private add(opened: OpenFile): ServedFile {
    const handle = this.free.pop() ?? this.files.length;
    const file: ServedFile = { handle, file: opened, references: 1, closed: false };
    this.files[handle] = file;
    this.used++;
    // nobody waits for it any more
    if (this.ended) this.close(file);
    return file;
  }

  private put(file: ServedFile): void {
    if (--file.references !== 0) return;
    file.file.release();
    this.used--;
    this.tellUnused();
  }

  private tellUnused(): void {
    if (this.used === 0) this.onUnused();
  }
}

export function isRefusal(answer: unknown): answer is Refusal {
  return answer instanceof Errno || answer instanceof MemoryUnavailable;
}

/** Does it now: what gives the value, or throws what was thrown, whenever that is asked for. */
function take<T>(act: () => T): () => T {
  try {
    const value = act();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
