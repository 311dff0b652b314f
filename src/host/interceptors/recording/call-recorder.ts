/** What a recording that runs does with each call of a driver: it is carried out as it is, and noted with how it ended. */
import { type Held, whenReleased } from '../../../abi/held.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import type { Caller } from '../../../kernel/caller.ts';
import { Errno } from '../../../kernel/errno.ts';
import { toHex } from './format.ts';
import type { Recorder } from './recorder.ts';
import type { RecordedUctx, RecordTap } from './record-tap.ts';
import { watch } from '../../../abi/watch.ts';

export class CallRecorder {
  private readonly recorder: Recorder;
  private readonly only: string | undefined;
  /** Files so far, by device. */
  private readonly files = new Map<string, number>();

  /** `only`: the name of the one device that is recorded; undefined: all are. */
  constructor(recorder: Recorder, only?: string) {
    this.recorder = recorder;
    this.only = only;
  }

  open(driver: RecordTap, caller: Caller): RecordedUctx | Held<RecordedUctx> {
    if (!this.records(driver)) {
      return whenReleased(driver.ops.openUctx(caller), (inner) => ({ inner, recorder: undefined, file: 0 }));
    }
    const file = this.nextFile(driver);
    const place = this.recorder.place();
    const opened = { open: driver.name, file, comm: caller.comm() };
    return watch(
      () => driver.ops.openUctx(caller),
      (inner): RecordedUctx => ({ inner, recorder: this, file }),
      (_held, result) => place.end('error' in result ? { ...opened, errno: errnoOf(result.error) } : opened),
    ) as RecordedUctx | Held<RecordedUctx>;
  }

  close(driver: RecordTap, uctx: RecordedUctx): void {
    // A file that was opened before the recording and made no call since has no close to show.
    const place = uctx.recorder === this ? this.recorder.place() : undefined;
    driver.ops.closeUctx(uctx.inner);
    place?.end({ close: driver.name, file: uctx.file });
  }

  info(driver: RecordTap, uctx: RecordedUctx, data: MessageBuffer): number {
    const execute = (): number => driver.ops.info?.(uctx.inner, data) ?? 0;
    if (!this.records(driver)) return execute();
    this.adopt(driver, uctx);
    const place = this.recorder.place();
    const asked = { info: driver.name, file: uctx.file };
    try {
      const length = execute();
      place.end({ ...asked, data: toHex(data.bytes.subarray(0, length)), data_len: length });
      return length;
    } catch (error) {
      place.end({ ...asked, errno: errnoOf(error) });
      throw error;
    }
  }

  rpc(
    driver: RecordTap,
    uctx: RecordedUctx,
    scope: number,
    request: MessageBuffer,
    reply: MessageBuffer,
  ): number | Held<number> {
    const execute = (): number | Held<number> => driver.ops.fwRpc(uctx.inner, scope, request, reply);
    if (!this.records(driver)) return execute();
    this.adopt(driver, uctx);
    const place = this.recorder.place();
    // Copied now: the driver writes its uid into it.
    const asked = { request: request.bytes.slice(0, request.length), scope, outLength: reply.length };
    return watch<number, number>(
      execute,
      (length) => length,
      (_held, result) => {
        const outcome =
          'error' in result
            ? errnoOf(result.error)
            : { reply: reply.bytes.slice(0, Math.min(result.value, asked.outLength)), length: result.value };
        place.end(this.recorder.rpc(driver.name, uctx.file, { ...asked, outcome }));
      },
    );
  }

  private records(driver: RecordTap): boolean {
    return this.only === undefined || this.only === driver.name;
  }

  /** The number of a new file; its device's first brings the device's own line. */
  private nextFile({ name, deviceType, spec }: RecordTap): number {
    const before = this.files.get(name);
    if (before === undefined) this.recorder.device(name, deviceType, spec);
    const file = (before ?? 0) + 1;
    this.files.set(name, file);
    return file;
  }

  /** A file that this recording has not seen opened gets its open now; who made it, nobody knows any more. */
  private adopt(driver: RecordTap, uctx: RecordedUctx): void {
    if (uctx.recorder === this) return;
    uctx.recorder = this;
    uctx.file = this.nextFile(driver);
    this.recorder.place().end({ open: driver.name, file: uctx.file, comm: '', already: true });
  }
}

/** What is no Errno is our own bug, and is answered EIO. */
export function errnoOf(error: unknown): Errno['name'] {
  return error instanceof Errno ? error.name : 'EIO';
}
