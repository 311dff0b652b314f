/** The recording of a machine: there is one at a time, begun with the machine or at any time later, of all its devices or of one. */
import type { FwctlOps } from '../../fwctl/ops.ts';
import type { CommandOps } from '../../iommufd/commands.ts';
import type { DeviceSpec, FunctionSpec } from '../host-device.ts';
import { type RecordSwitch, RecordTap, type RunningRecording, recordCommandsTap } from '../interceptors/record-tap.ts';
import type { Lines, OrderedLines } from './ordered-lines.ts';
import type { RecordingCells } from './recording-cells.ts';
import type { RecordingFile } from './recording-file.ts';

export interface RecordRequest {
  /** An absolute path. */
  readonly path: string;
  /** What has that name already is replaced; otherwise that is an error. */
  readonly replace: boolean;
  /** Names of fields that are not kept. */
  readonly masked: readonly string[];
  /** The only device; undefined: all. */
  readonly device?: string | undefined;
}

export interface RecordStatus {
  /** `failed`: it could not be written any more; `failure` says why. */
  readonly state: 'none' | 'recording' | 'complete' | 'failed';
  readonly file: string | null;
  readonly device: string | null;
  readonly masked: readonly string[];
  /** Calls that have ended. */
  readonly exchanges: number;
  readonly bytes: number;
  /** Calls that were not answered when it ended, and are not in it. */
  readonly unanswered: number;
  /** Masked names that nothing recorded has had. */
  readonly unmet: readonly string[];
  readonly failure: string | null;
}

/** What a hub in another thread has to know of a recording, to record for it. */
export interface SharedRecording {
  /** Tells it from earlier ones. */
  readonly id: number;
  readonly device: string | undefined;
  readonly masked: readonly string[];
  readonly cells: RecordingCells;
}

interface Recording {
  readonly id: number;
  readonly request: RecordRequest;
  readonly lines: OrderedLines;
  readonly file: RecordingFile;
  unanswered: number;
  open: boolean;
}

export class RecordHub {
  private readonly state: RecordSwitch = { running: undefined };
  private readonly failed: (why: string) => void;
  /** The last one, whether or not it still runs. */
  private recording: Recording | undefined;
  private lastId = 0;
  /** What another hub wants recorded. */
  private asked: SharedRecording | undefined;
  private tellElsewhere: (recording: SharedRecording | undefined) => Promise<void> = async () => {};

  /** `failed` is told, once each, of recordings that end because they cannot be written. */
  constructor(failed: (why: string) => void) {
    this.failed = failed;
  }

  /** For `Host.interceptOps`. */
  tap(ops: FwctlOps<unknown>, spec: FunctionSpec): RecordTap {
    return new RecordTap(ops, this.state, spec);
  }

  /** For `Host.interceptCommands`. */
  tapCommands(commands: CommandOps, node: string, spec: DeviceSpec): CommandOps {
    return recordCommandsTap(commands, this.state, node, spec);
  }

  get running(): boolean {
    return this.recording?.open === true;
  }

  /** From now on. Rejects with an Error: there is one already, or the file cannot be made. */
  async start(request: RecordRequest): Promise<RecordStatus> {
    const [{ RecordingFile }, { OrderedLines }, record] = await Promise.all([
      import('./recording-file.ts'),
      import('./ordered-lines.ts'),
      loadRecorders(),
    ]);
    if (this.recording?.open) throw new Error(`${this.recording.request.path} is being recorded; stop that first`);
    const file = new RecordingFile(request.path, request.replace, (why) => {
      this.failed(why);
      this.end();
      // nobody waits for the end of what has nowhere to go
      this.tellElsewhere(undefined).catch(() => {});
    });
    const lines = new OrderedLines((line) => file.write(line), request.masked);
    const recording = { id: ++this.lastId, request, lines, file, unanswered: 0, open: true };
    this.recording = recording;
    this.state.running = record(lines, request.device);
    await this.tellElsewhere(shared(recording));
    return this.status();
  }

  /** Completes the file, with what is recorded elsewhere too; nothing when none is being recorded. */
  async stop(): Promise<RecordStatus> {
    // who does not answer has ended, and records no more
    await this.tellElsewhere(undefined).catch(() => {});
    return this.finish();
  }

  /** The same when nothing is recorded elsewhere any more. */
  finish(): RecordStatus {
    this.end();
    return this.status();
  }

  /**
   * For devices elsewhere, whose lines come by `fill`: `tell` is told now, and at each change, what is recorded; undefined: nothing. Resolves
   * when they know.
   */
  onRecording(tell: (recording: SharedRecording | undefined) => Promise<void>): Promise<void> {
    this.tellElsewhere = tell;
    const { recording } = this;
    return recording?.open ? tell(shared(recording)) : Promise.resolve();
  }

  /** A line from elsewhere, of the recording `id`. */
  fill(id: number, place: number, line: string | undefined, exchange: boolean): void {
    if (this.recording?.id === id) this.recording.lines.fill(place, line, exchange);
  }

  /** Records for another hub, which takes the lines by `fill`; undefined: no more. */
  async recordFor(recording: SharedRecording | undefined, fill: Lines['fill']): Promise<void> {
    this.asked = recording;
    const record = recording && (await loadRecorders());
    // it may have ended meanwhile
    if (this.asked === recording) this.state.running = recording && record?.({ ...recording, fill }, recording.device);
  }

  status(): RecordStatus {
    const { recording } = this;
    if (recording === undefined) return NONE;
    const { request, lines, file, unanswered, open } = recording;
    return {
      state: file.failure !== undefined ? 'failed' : open ? 'recording' : 'complete',
      file: request.path,
      device: request.device ?? null,
      masked: request.masked,
      exchanges: lines.exchanges,
      bytes: file.bytes,
      unanswered,
      unmet: lines.unmet,
      failure: file.failure ?? null,
    };
  }

  private end(): void {
    const { recording } = this;
    if (recording === undefined || !recording.open) return;
    recording.open = false;
    this.state.running = undefined;
    recording.unanswered = recording.lines.close();
    recording.file.complete();
  }
}

function shared({ id, request, lines }: Recording): SharedRecording {
  return { id, device: request.device, masked: request.masked, cells: lines.cells };
}

/** What records is loaded with the first recording: it decodes every command. */
async function loadRecorders(): Promise<(lines: Lines, only: string | undefined) => RunningRecording> {
  const [{ Recorder }, { CallRecorder }, { CommandRecorder }, { mlx5Decoder }] = await Promise.all([
    import('./recorder.ts'),
    import('../interceptors/record.ts'),
    import('../interceptors/record-commands.ts'),
    import('../interceptors/trace-mlx5.ts'),
  ]);
  return (lines, only) => {
    const recorder = new Recorder(lines, mlx5Decoder);
    return { calls: new CallRecorder(recorder, only), commands: new CommandRecorder(recorder, only) };
  };
}

const NONE: RecordStatus = {
  state: 'none',
  file: null,
  device: null,
  masked: [],
  exchanges: 0,
  bytes: 0,
  unanswered: 0,
  unmet: [],
  failure: null,
};
