/** The recorder's place in iommufd: between its dispatch and its commands, where fwctl's stands before a driver (record.ts). */
import { type Held, whenReleased } from '../../../abi/held.ts';
import type { IommufdCommand } from '../../../iommufd/commands.ts';
import { type Call, FRAME, type UserPointer } from '../../../kernel/call.ts';
import type { Caller } from '../../../kernel/caller.ts';
import { Errno } from '../../../kernel/errno.ts';
import { DEFAULT_IOMMUFD } from '../../machine/drivers/iommufd.ts';
import { type RecordedIoctl, type RecordedWrite, toHex } from './format.ts';
import {
  ADDRESS_BYTES,
  addressIn,
  answerText,
  type IoctlRequest,
  ioctlRequest,
  requestText,
} from './ioctl-request.ts';
import type { Recorder } from './recorder.ts';
import { ForwardedCall } from '../../../kernel/forwarded-call.ts';
import { errnoOf } from './call-recorder.ts';
import type { RecordedCommands, TappedNode } from './record-tap.ts';
import { type Result, watch } from '../../../abi/watch.ts';

/** What a recording that runs does with each command of a node: it is carried out as it is, and noted with how it ended. */
export class CommandRecorder {
  private readonly recorder: Recorder;
  private readonly records: boolean;
  /** Files so far, by node. */
  private readonly files = new Map<string, number>();
  private readonly calls = new WeakMap<Call, RecordedCall>();

  /** `only`: the name of the one device that is recorded, of which `iommu` is both nodes; undefined: all are. */
  constructor(recorder: Recorder, only?: string) {
    this.recorder = recorder;
    this.records = only === undefined || only === 'iommu';
  }

  open(node: TappedNode, caller: Caller): RecordedCommands | Held<RecordedCommands> {
    const { commands, name } = node;
    if (!this.records) {
      return whenReleased(commands.open(caller), (inner) => ({ inner, recorder: undefined, file: 0 }));
    }
    const file = this.nextFile(node);
    const place = this.recorder.place();
    const opened = { open: name, file, comm: caller.comm() };
    return watch(
      () => commands.open(caller),
      (inner): RecordedCommands => ({ inner, recorder: this, file }),
      (_held, result) => place.end('error' in result ? { ...opened, errno: errnoOf(result.error) } : opened),
    );
  }

  execute(node: TappedNode, file: RecordedCommands, command: IommufdCommand, call: Call): number | Held<number> {
    if (!this.records) return file.inner.execute(command, call);
    this.adopt(node, file);
    let recorded = this.calls.get(call);
    if (recorded === undefined) {
      recorded = new RecordedCall(call);
      this.calls.set(call, recorded);
    }
    const watched = recorded;
    watched.begin();
    watched.address = addressIn(command);
    const request = ioctlRequest(command, watched);
    const of = { ioctl: node.name, file: file.file };
    const place = this.recorder.place();
    return watch<number, number>(
      () => file.inner.execute(command, watched),
      (value) => value,
      (_held, result) => {
        if ('error' in result && !(result.error instanceof Errno)) place.cancel();
        else place.end(exchangeOf(of, command, watched, request, result));
      },
    );
  }

  close(node: TappedNode, file: RecordedCommands): void {
    // A file that was opened before the recording and made no call since has no close to show.
    const place = file.recorder === this ? this.recorder.place() : undefined;
    file.inner.release();
    place?.end({ close: node.name, file: file.file });
  }

  /** The number of a new file; its node's first brings the node's own line. */
  private nextFile({ name, spec }: TappedNode): number {
    const before = this.files.get(name);
    const { abi, thp } = spec.iommufd ?? DEFAULT_IOMMUFD;
    if (before === undefined) this.recorder.node({ device: name as 'iommu' | 'vfio', driver: 'iommufd', abi, thp });
    const file = (before ?? 0) + 1;
    this.files.set(name, file);
    return file;
  }

  /** A file that this recording has not seen opened gets its open now; who made it, nobody knows any more. */
  private adopt(node: TappedNode, file: RecordedCommands): void {
    if (file.recorder === this) return;
    file.recorder = this;
    file.file = this.nextFile(node);
    this.recorder.place().end({ open: node.name, file: file.file, comm: '', already: true });
  }
}

function exchangeOf(
  of: { readonly ioctl: string; readonly file: number },
  command: IommufdCommand,
  call: RecordedCall,
  request: IoctlRequest,
  result: Result<number>,
): RecordedIoctl {
  const { name, bytes } = request;
  const { data, written, writtenThere } = call;
  const outcome = 'error' in result ? errnoOf(result.error) : `OK${result.value === 0 ? '' : ` ${result.value}`}`;
  return {
    ...of,
    name,
    about: `${requestText(request)} -> ${outcome}${written.length > 0 ? answerText(command, call) : ''}`,
    in: toHex(bytes),
    in_len: bytes.length,
    ...(data.length > 0 && { data: toHex(data), data_len: data.length }),
    ...(written.length > 0 && { out: [...written] }),
    ...(writtenThere.length > 0 && { data_out: [...writtenThere] }),
    ...('error' in result ? { errno: errnoOf(result.error) } : result.value !== 0 && { value: result.value }),
  };
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

  override copyToUser(pointer: UserPointer, skip: number, source: number, length: number): void {
    super.copyToUser(pointer, skip, source, length);
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
    put(Math.max(hole + ADDRESS_BYTES, skip), end);
  }
}
