/** A Call in front of another on the same frame: what passes can be watched. The base of those that do. */
import { Call, type UserPointer } from './call.ts';
import type { Caller } from './caller.ts';

export class ForwardedCall extends Call {
  protected readonly inner: Call;

  /** For `inner` and the calls that it will carry: one serves one frame for good. */
  constructor(inner: Call) {
    super(inner.buffer);
    this.inner = inner;
    // One pair of lengths for both, as `in.length` is how the layers tell each other.
    const shared = this as { -readonly [Key in 'in' | 'out' | 'probeBytes' | 'placesFaults']: Call[Key] };
    shared.in = inner.in;
    shared.out = inner.out;
    shared.probeBytes = inner.probeBytes;
    shared.placesFaults = inner.placesFaults;
  }

  /** Forgets the call before; `inner` holds a new one. */
  begin(): void {
    this.cmd = this.inner.cmd;
    this.compat = this.inner.compat;
  }

  override get caller(): Caller {
    return this.inner.caller;
  }

  override get ioctl(): object | undefined {
    return this.inner.ioctl;
  }

  override get zeroTo(): number {
    return this.inner.zeroTo;
  }

  override foundZero(from: number, to: number): void {
    this.inner.foundZero(from, to);
  }

  override copyFromUser(pointer: UserPointer, skip: number, target: number, length: number): number {
    return this.inner.copyFromUser(pointer, skip, target, length);
  }

  override copyToUser(pointer: UserPointer, skip: number, source: number, length: number, anyway?: boolean): void {
    this.inner.copyToUser(pointer, skip, source, length, anyway);
  }

  override clearUser(pointer: UserPointer, skip: number, length: number): void {
    this.inner.clearUser(pointer, skip, length);
  }

  override commit(): boolean {
    return this.inner.commit();
  }
}
