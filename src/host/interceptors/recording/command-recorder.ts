/** What a running recording does with each command of an iommufd node: carried out as it is, noted with its end. */
import type { Held } from '../../../abi/held.ts';
import { type Call, FRAME, POINTER_BYTES, type UserPointer } from '../../../kernel/call.ts';
import type { IoctlCommand } from '../../../kernel/commands.ts';
import { ForwardedCall } from '../../../kernel/forwarded-call.ts';
import { type RecordedIoctl, type RecordedWrite, toHex } from './format.ts';
import { addressIn, answerText, ioctlRequest, requestText } from './ioctl-request.ts';
import type { RecordedCommands, Tapped } from './recorded.ts';
import { RecordedFiles } from './recorded-files.ts';

export class CommandRecorder extends RecordedFiles {
  private readonly calls = new WeakMap<Call, RecordedCall>();

  execute(node: Tapped, file: RecordedCommands, command: IoctlCommand, call: Call): number | Held<number> {
    if (!this.takes(node, file)) return file.inner.execute(command, call);
    const watched = this.calls.get(call) ?? new RecordedCall(call);
    this.calls.set(call, watched);
    watched.begin();
    watched.address = addressIn(command);
    const request = ioctlRequest(command, watched);
    const { name, bytes } = request;
    const of = { ioctl: node.place.name, file: file.file };
    return this.call(
      () => file.inner.execute(command, watched),
      (result): RecordedIoctl => {
        const { data, written, writtenThere } = watched;
        const outcome = 'errno' in result ? result.errno : `OK${result.value === 0 ? '' : ` ${result.value}`}`;
        return {
          ...of,
          name,
          about: `${requestText(request)} -> ${outcome}${written.length > 0 ? answerText(command, watched) : ''}`,
          in: toHex(bytes),
          in_len: bytes.length,
          ...(data.length > 0 && { data: toHex(data), data_len: data.length }),
          ...(written.length > 0 && { out: [...written] }),
          ...(writtenThere.length > 0 && { data_out: [...writtenThere] }),
          ...('errno' in result ? { errno: result.errno } : result.value !== 0 && { value: result.value }),
        };
      },
    );
  }
}

/** What a command reads and writes beside its structure as it came. */
class RecordedCall extends ForwardedCall {
  /** Offset of the address in the structure, which is written back with it, and is no answer. */
  address: number | undefined;
  private readonly read: Uint8Array[] = [];
  /** To the structure, and where it points to. */
  readonly written: RecordedWrite[] = [];
  readonly writtenThere: RecordedWrite[] = [];
  private readonly queued: { readonly own: boolean; readonly write: RecordedWrite }[] = [];

  override begin(): void {
    super.begin();
    this.read.length = 0;
    this.written.length = 0;
    this.writtenThere.length = 0;
    this.queued.length = 0;
  }

  /** Read where the structure points to, one piece behind the other. */
  get data(): Uint8Array {
    return Buffer.concat(this.read);
  }

  override copyFromUser(pointer: UserPointer, skip: number, target: number, length: number): number {
    const copied = super.copyFromUser(pointer, skip, target, length);
    this.read.push(this.bytes.slice(target, target + copied));
    return copied;
  }

  override copyToUser(pointer: UserPointer, skip: number, source: number, length: number, anyway?: boolean): void {
    super.copyToUser(pointer, skip, source, length, anyway);
    this.queue(pointer, skip, this.bytes.subarray(source, source + length));
  }

  override clearUser(pointer: UserPointer, skip: number, length: number): void {
    super.clearUser(pointer, skip, length);
    this.queue(pointer, skip, new Uint8Array(length));
  }

  /** Also of a write that faulted: a replay meets the fault as well. */
  override commit(): boolean {
    for (const { own, write } of this.queued.splice(0)) (own ? this.written : this.writtenThere).push(write);
    return super.commit();
  }

  private queue(pointer: UserPointer, skip: number, bytes: Uint8Array): void {
    const own = pointer === FRAME.arg;
    const put = (from: number, to: number): void => {
      if (from >= to) return;
      const hex = Buffer.from(bytes.subarray(from - skip, to - skip)).toString('hex');
      this.queued.push({ own, write: [from, hex] });
    };
    const end = skip + bytes.length;
    const hole = own && this.address !== undefined ? this.address : end;
    put(skip, Math.min(hole, end));
    put(Math.max(hole + POINTER_BYTES, skip), end);
  }
}
