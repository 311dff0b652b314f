/**
 * A Call that knows what passed through it. The frame alone does not tell which of its bytes belong to this call (a
 * step that failed leaves those of an earlier one), so the copies themselves are watched: what was asked for, and what
 * arrived. Files named trace*.ts beside this one build the event from it.
 */
import { type Call, FRAME, type UserPointer } from '../../../kernel/call.ts';
import { ForwardedCall } from '../../../kernel/forwarded-call.ts';

/** Bytes kept of the structure as the caller gave it (an ioctl answers in place): no ioctl of ours has a longer one. */
const UCMD_KEPT = 64;

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
  /** What commit returned; undefined: it was not reached. */
  committed: boolean | undefined;
  /** What the transport threw from a copy: not a fault, which is a short count. */
  private interruption: unknown;
  private readonly ucmdKept: Uint8Array;

  /** For `inner` and the calls that it will carry: one TracedCall serves one frame for good. */
  constructor(inner: Call) {
    super(inner);
    this.ucmdKept = new Uint8Array(UCMD_KEPT);
    this.ucmd = new DataView(this.ucmdKept.buffer);
  }

  /** Forgets the call before; `inner` holds a new one. */
  override begin(): void {
    super.begin();
    this.ucmdBytes = 0;
    this.inBytes = 0;
    this.outSource = 0;
    this.outLength = -1;
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
      copied = super.copyFromUser(pointer, skip, target, length);
    } catch (error) {
      this.interruption = error;
      throw error;
    }
    if (pointer === FRAME.arg) this.noteStructure(skip, target, copied);
    else if (target === FRAME.in + skip && skip <= this.inBytes) this.inBytes = Math.max(this.inBytes, skip + copied);
    return copied;
  }

  override copyToUser(pointer: UserPointer, skip: number, source: number, length: number): void {
    // not those inside of a request, which its driver writes
    if (pointer >= FRAME.ucmd && pointer < FRAME.in && skip === 0) {
      this.outSource = source;
      this.outLength = length;
    }
    super.copyToUser(pointer, skip, source, length);
  }

  override commit(): boolean {
    this.committed = super.commit();
    return this.committed;
  }

  private noteStructure(skip: number, target: number, copied: number): void {
    // wherever in its place of the frame a command reads it to
    if (target < FRAME.ucmd || target >= FRAME.in || skip > this.ucmdBytes) return;
    const end = Math.min(skip + copied, UCMD_KEPT);
    for (let at = skip; at < end; at++) this.ucmdKept[at] = this.bytes[target - skip + at] ?? 0;
    this.ucmdBytes = Math.max(this.ucmdBytes, end);
  }
}
