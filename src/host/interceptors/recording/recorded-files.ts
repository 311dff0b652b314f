/** A running recording's open files, drivers' contexts and commands alike: how they begin, are taken up, and end. */
import { type Held, whenReleased } from '../../../abi/held.ts';
import { watch } from '../../../abi/watch.ts';
import type { Caller } from '../../../kernel/caller.ts';
import { Errno } from '../../../kernel/errno.ts';
import type { Place } from '../../machine/interceptor.ts';
import type { RecordedExchange } from './format.ts';
import { type Recorded, type Tapped, unseen } from './recorded.ts';
import type { Recorder } from './recorder.ts';

export class RecordedFiles {
  protected readonly recorder: Recorder;
  private readonly only: string | undefined;

  /** `only`: the name of the one device that is recorded, of which `iommu` is all nodes; undefined: all are. */
  constructor(recorder: Recorder, only?: string) {
    this.recorder = recorder;
    this.only = only;
  }

  private records({ name, dialect }: Place): boolean {
    return this.only === undefined || this.only === (dialect === undefined ? 'iommu' : name);
  }

  open<Inner>(
    tapped: Tapped,
    caller: Caller,
    open: () => Inner | Held<Inner>,
  ): Recorded<Inner> | Held<Recorded<Inner>> {
    if (!this.records(tapped.place)) return whenReleased(open(), unseen<Inner>);
    const file = this.recorder.file(tapped);
    const line = this.recorder.place();
    const opened = { open: tapped.place.name, file, comm: caller.comm() };
    return watch(
      open,
      (inner): Recorded<Inner> => ({ inner, recorder: this.recorder, file }),
      (_held, result) => line.end('error' in result ? { ...opened, errno: errnoOf(result.error) } : opened),
    );
  }

  /** Whether a call of the file is recorded. One not seen opened gets its open now; who made it, nobody knows now. */
  protected takes(tapped: Tapped, file: Recorded<unknown>): boolean {
    const { recorder } = this;
    if (!this.records(tapped.place)) return false;
    if (file.recorder === recorder) return true;
    file.recorder = recorder;
    file.file = recorder.file(tapped);
    recorder.place().end({ open: tapped.place.name, file: file.file, comm: '', already: true });
    return true;
  }

  close({ name }: Place, file: Recorded<unknown>, close: () => void): void {
    // A file that was opened before the recording and made no call since has no close to show.
    const line = file.recorder === this.recorder ? this.recorder.place() : undefined;
    close();
    line?.end({ close: name, file: file.file });
  }

  /** Its line is what `exchange` makes of how it ended; one that its transport broke off, to begin again, was none. */
  protected call(
    execute: () => number | Held<number>,
    exchange: (result: { readonly value: number } | { readonly errno: Errno['name'] }) => RecordedExchange,
  ): number | Held<number> {
    const line = this.recorder.place();
    return watch<number, number>(
      execute,
      (value) => value,
      (_held, result) => {
        if (!('error' in result)) line.end(exchange(result));
        else if (result.error instanceof Errno) line.end(exchange({ errno: result.error.name }));
        else line.cancel();
      },
    );
  }
}

/** What is no Errno is our own bug, and is answered EIO. */
function errnoOf(error: unknown): Errno['name'] {
  return error instanceof Errno ? error.name : 'EIO';
}
