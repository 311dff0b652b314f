/**
 * Open files in a recording: how they begin, are taken up while they
 * are open, and end; the same for drivers' contexts and for commands.
 */
import { type Held, whenReleased } from '../../../abi/held.ts';
import { watch } from '../../../abi/watch.ts';
import type { Caller } from '../../../kernel/caller.ts';
import { Errno } from '../../../kernel/errno.ts';
import type { Place } from '../../machine/interceptor.ts';
import type { RecordedExchange } from './format.ts';
import type { Recorded } from './recorded.ts';
import type { Recorder } from './recorder.ts';

export class RecordedFiles {
  readonly recorder: Recorder;
  private readonly only: string | undefined;

  /** `only`: the name of the one device that is recorded, of which `iommu` is all nodes; undefined: all are. */
  constructor(recorder: Recorder, only: string | undefined) {
    this.recorder = recorder;
    this.only = only;
  }

  records({ name, dialect }: Place): boolean {
    return this.only === undefined || this.only === (dialect === undefined ? 'iommu' : name);
  }

  /** `number`: of the new file. */
  open<Inner>(
    place: Place,
    number: () => number,
    caller: Caller,
    open: () => Inner | Held<Inner>,
  ): Recorded<Inner> | Held<Recorded<Inner>> {
    if (!this.records(place))
      return whenReleased(open(), (inner: Inner): Recorded<Inner> => ({ inner, recorder: undefined, file: 0 }));
    const file = number();
    const line = this.recorder.place();
    const opened = { open: place.name, file, comm: caller.comm() };
    return watch(
      open,
      (inner): Recorded<Inner> => ({ inner, recorder: this.recorder, file }),
      (_held, result) => line.end('error' in result ? { ...opened, errno: errnoOf(result.error) } : opened),
    );
  }

  /** A file that this recording has not seen opened gets its open now; who made it, nobody knows any more. */
  adopt({ name }: Place, file: Recorded<unknown>, number: () => number): void {
    if (file.recorder === this.recorder) return;
    file.recorder = this.recorder;
    file.file = number();
    this.recorder.place().end({ open: name, file: file.file, comm: '', already: true });
  }

  close({ name }: Place, file: Recorded<unknown>, close: () => void): void {
    // A file that was opened before the recording and made no call since has no close to show.
    const line = file.recorder === this.recorder ? this.recorder.place() : undefined;
    close();
    line?.end({ close: name, file: file.file });
  }

  /**
   * A call: its line is what `exchange` makes of how it ended. One
   * that its transport broke off, to begin it again, was none.
   */
  call(
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
