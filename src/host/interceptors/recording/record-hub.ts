/** The recording of a machine: one at a time, begun with the machine or at any time later, of all devices or of one. */
import type { Messages } from '../../../fwctl/dialect.ts';
import type { LockFile } from '../../config/file-lock.ts';
import type { Interceptor } from '../../machine/interceptor.ts';
import { type RecordSwitch, recordTaps } from './record-tap.ts';
import type { Recorder } from './recorder.ts';
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

interface Recording {
  readonly request: RecordRequest;
  readonly recorder: Recorder;
  readonly file: RecordingFile;
  unanswered: number;
  open: boolean;
}

export class RecordHub {
  /** What is to stand around each device. */
  readonly taps: Interceptor;
  private readonly state: RecordSwitch = { running: undefined };
  private readonly loadMessages: () => Promise<ReadonlyMap<string, Messages>>;
  private readonly failed: (why: string) => void;
  private readonly lockFile: LockFile;
  /** The last one, whether or not it still runs. */
  private recording: Recording | undefined;
  /** The file that is about to be made. */
  private starting: string | undefined;

  /**
   * `loadMessages`: those of all drivers, by name; asked for with the first recording. `failed` is told, once each, of
   * recordings that end because they cannot be written. Without `lockFile` a file is for whoever else comes, too.
   */
  constructor(
    loadMessages: () => Promise<ReadonlyMap<string, Messages>>,
    failed: (why: string) => void,
    lockFile: LockFile = () => 0,
  ) {
    this.loadMessages = loadMessages;
    this.failed = failed;
    this.lockFile = lockFile;
    this.taps = recordTaps(this.state);
  }

  get running(): boolean {
    return this.recording?.open === true;
  }

  /** From now on. Rejects with an Error: there is one already, or the file cannot be made. */
  async start(request: RecordRequest): Promise<RecordStatus> {
    const busy = this.starting ?? (this.recording?.open ? this.recording.request.path : undefined);
    if (busy !== undefined) throw new Error(`${busy} is being recorded; stop that first`);
    this.starting = request.path;
    try {
      return await this.startAlone(request);
    } finally {
      this.starting = undefined;
    }
  }

  private async startAlone(request: RecordRequest): Promise<RecordStatus> {
    const [{ RecordingFile }, { recording: begin }, messages] = await Promise.all([
      import('./recording-file.ts'),
      import('./running-recording.ts'),
      this.loadMessages(),
    ]);
    const { path, replace, masked, device } = request;
    const failed = (why: string) => {
      if (this.recording?.file !== file) return;
      this.failed(why);
      this.end();
    };
    const file: RecordingFile = await RecordingFile.make(path, { replace, failed, lockFile: this.lockFile });
    const { recorder, running } = begin((line) => file.write(line), messages, { masked, device, ahead: file });
    if (file.failure !== undefined) {
      file.complete();
      throw new Error(file.failure);
    }
    this.recording = { request, recorder, file, unanswered: 0, open: true };
    this.state.running = running;
    return this.status();
  }

  /** Completes the file; nothing when none is being recorded. */
  stop(): RecordStatus {
    this.end();
    return this.status();
  }

  status(): RecordStatus {
    const { recording } = this;
    if (recording === undefined) return NONE;
    const { request, recorder, file, unanswered, open } = recording;
    return {
      state: file.failure !== undefined ? 'failed' : open ? 'recording' : 'complete',
      file: request.path,
      device: request.device ?? null,
      masked: request.masked,
      exchanges: recorder.lines.exchanges,
      bytes: file.bytes,
      unanswered,
      unmet: recorder.mask.unmet,
      failure: file.failure ?? null,
    };
  }

  private end(): void {
    const { recording } = this;
    if (recording === undefined || !recording.open) return;
    recording.open = false;
    this.state.running = undefined;
    recording.unanswered = recording.recorder.lines.close();
    recording.file.complete();
  }
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
