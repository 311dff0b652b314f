/** What a driver reads and writes at the addresses that stand inside of a request. */
import { type Call, FRAME, type UserPointer } from '../../../kernel/call.ts';
import { ForwardedCall } from '../../../kernel/forwarded-call.ts';
import type { PointedBytes } from './format.ts';

export class PointedCall extends ForwardedCall {
  readonly read: PointedBytes[] = [];
  /** Those that the driver carried out, or tried. */
  private readonly committed: PointedBytes[] = [];
  private readonly queued: PointedBytes[] = [];
  /** Offsets in the request, by the address that stood there. */
  private readonly offsets: ReadonlyMap<bigint, number>;

  /** `pointers`: where addresses stand in the request, which nobody has changed yet. */
  constructor(inner: Call, pointers: readonly number[]) {
    super(inner);
    this.offsets = new Map(pointers.map((offset) => [this.view.getBigUint64(FRAME.in + offset, true), offset]));
    this.begin();
  }

  override copyFromUser(pointer: UserPointer, skip: number, target: number, length: number): number {
    const copied = super.copyFromUser(pointer, skip, target, length);
    this.note(this.read, pointer, skip, () => this.bytes.subarray(target, target + copied));
    return copied;
  }

  override copyToUser(pointer: UserPointer, skip: number, source: number, length: number, anyway?: boolean): void {
    super.copyToUser(pointer, skip, source, length, anyway);
    this.note(this.queued, pointer, skip, () => this.bytes.subarray(source, source + length));
  }

  override clearUser(pointer: UserPointer, skip: number, length: number): void {
    super.clearUser(pointer, skip, length);
    this.note(this.queued, pointer, skip, () => new Uint8Array(length));
  }

  override commit(): boolean {
    this.committed.push(...this.queued.splice(0));
    return super.commit();
  }

  /** What the client's memory gets of a call that ended so: of a `refused` one, nothing that the core was to write. */
  written(refused: boolean): readonly PointedBytes[] {
    return refused ? this.committed : [...this.committed, ...this.queued];
  }

  /** A driver may have copied the address to another place of the frame: the address tells which it is. */
  private note(into: PointedBytes[], pointer: UserPointer, skip: number, bytes: () => Uint8Array): void {
    const offset = this.offsets.get(this.view.getBigUint64(pointer, true));
    if (offset !== undefined) into.push([offset, skip, Buffer.from(bytes()).toString('hex')]);
  }
}
