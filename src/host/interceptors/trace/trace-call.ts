/**
 * A Call that knows what passed through it. The frame alone does not tell which of its bytes belong to this call (a
 * step that failed leaves those of an earlier one), so the copies themselves are watched: what was asked for, and what
 * arrived. Files named trace*.ts beside this one build the event from it.
 */
import { type Call, FRAME, type UserPointer } from '../../../kernel/call.ts';
import { ForwardedCall } from '../../../kernel/forwarded-call.ts';

/** Bytes kept of the structure as the caller gave it (an ioctl answers in place): no ioctl of ours has a longer one. */
const UCMD_KEPT = 64;
/** Bytes that are kept of what a driver reads or writes at an address inside of a request. */
const POINTED_KEPT = 64;
const NO_POINTED: readonly PointedCopy[] = [];

/** What a driver read or wrote at an address that stands in the request. */
export interface PointedCopy {
  readonly way: 'read' | 'written';
  /** The address's offset in the request, and how far behind the address. */
  readonly at: number;
  readonly skip: number;
  readonly length: number;
  /** The first of them. */
  readonly head: Uint8Array;
}

export class TracedCall extends ForwardedCall {
  /** The structure as the caller gave it; valid up to `ucmdBytes`. */
  readonly ucmd: DataView;
  /** Leading bytes of the structure that arrived. */
  ucmdBytes = 0;
  /** Leading bytes of the request that arrived. */
  inBytes = 0;
  /** The last write to the caller through a pointer of the structure: frame offset, length; -1: none was queued. */
  outSource = 0;
  outLength = -1;
  /** In their order; written ones are as good as that when `committed`. */
  pointed: readonly PointedCopy[] = NO_POINTED;
  /** What commit returned; undefined: it was not reached. */
  committed: boolean | undefined;
  /** What the transport threw from a copy: not a fault, which is a short count. */
  private interruption: unknown;
  /** The bytes of `ucmd`. */
  readonly asked: Uint8Array;
  /** The frame and `asked`, in words of 32 bits, in which most of what is kept is copied. */
  readonly words: Uint32Array;
  readonly askedWords: Uint32Array;

  /** For `inner` and the calls that it will carry: one TracedCall serves one frame for good. */
  constructor(inner: Call) {
    super(inner);
    this.asked = new Uint8Array(UCMD_KEPT);
    this.ucmd = new DataView(this.asked.buffer);
    this.words = new Uint32Array(inner.buffer, 0, inner.buffer.byteLength >> 2);
    this.askedWords = new Uint32Array(this.asked.buffer);
  }

  /** Forgets the call before; `inner` holds a new one. */
  override begin(): void {
    super.begin();
    this.ucmdBytes = 0;
    this.inBytes = 0;
    this.outSource = 0;
    this.outLength = -1;
    this.pointed = NO_POINTED;
    this.committed = undefined;
    this.interruption = undefined;
  }

  /**
   * The transport broke this run off to begin the same ioctl again with more of the caller's memory at hand (CUSE's
   * retry). What it throws for memory that it cannot have at all carries an errno, and is the end of the ioctl.
   */
  isRerun(error: unknown): boolean {
    return (
      this.interruption !== undefined && error === this.interruption && !(error instanceof Error && 'errno' in error)
    );
  }

  override copyFromUser(pointer: UserPointer, skip: number, target: number, length: number): number {
    let copied: number;
    try {
      copied = this.inner.copyFromUser(pointer, skip, target, length);
    } catch (error) {
      this.interruption = error;
      throw error;
    }
    if (pointer === FRAME.arg) this.noteStructure(skip, target, copied);
    else if (pointer >= FRAME.in) this.notePointed('read', pointer, skip, target, copied);
    else if (target === FRAME.in + skip && skip <= this.inBytes) this.inBytes = Math.max(this.inBytes, skip + copied);
    return copied;
  }

  override copyToUser(pointer: UserPointer, skip: number, source: number, length: number, anyway?: boolean): void {
    // those inside of a request are its driver's
    if (pointer >= FRAME.in) this.notePointed('written', pointer, skip, source, length);
    else if (pointer >= FRAME.ucmd && skip === 0) {
      this.outSource = source;
      this.outLength = length;
    }
    this.inner.copyToUser(pointer, skip, source, length, anyway);
  }

  override commit(): boolean {
    this.committed = this.inner.commit();
    return this.committed;
  }

  private notePointed(way: PointedCopy['way'], pointer: number, skip: number, place: number, length: number): void {
    const head = this.bytes.slice(place, place + Math.min(length, POINTED_KEPT));
    this.pointed = [...this.pointed, { way, at: pointer - FRAME.in, skip, length, head }];
  }

  private noteStructure(skip: number, target: number, copied: number): void {
    // wherever in its place of the frame a command reads it to
    if (target < FRAME.ucmd || target >= FRAME.in || skip > this.ucmdBytes) return;
    const end = Math.min(skip + copied, UCMD_KEPT);
    if (skip === 0 && target === FRAME.ucmd) {
      // as every command reads it first; up to 3 bytes more are beyond ucmdBytes
      const { words, askedWords } = this;
      for (let at = (end + 3) >> 2; --at >= 0; ) askedWords[at] = words[(FRAME.ucmd >> 2) + at] as number;
    } else for (let at = skip; at < end; at++) this.asked[at] = this.bytes[target - skip + at] ?? 0;
    this.ucmdBytes = Math.max(this.ucmdBytes, end);
  }
}
