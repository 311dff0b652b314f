/** An emulator with a control socket in this process, and raw requests to it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { abiProfile } from '../../../src/abi/profiles.ts';
import { ChangedValues } from '../../../src/control/changed-values.ts';
import type { ControlContext } from '../../../src/control/context.ts';
import { LIMITS, type Limits } from '../../../src/control/limits.ts';
import { type Listening, listenControl } from '../../../src/control/listen.ts';
import { METHODS } from '../../../src/control/methods.ts';
import { ControlServer } from '../../../src/control/server.ts';
import { specReader } from '../../../src/control/spec-reader.ts';
import { Turns } from '../../../src/control/turns.ts';
import { assemble } from '../../../src/emulator/assembly.ts';
import { DEFAULT_DEVICE } from '../../../src/host/config/defaults.ts';
import { RecordHub } from '../../../src/host/interceptors/recording/record-hub.ts';
import { Stats } from '../../../src/host/interceptors/stats/stats.ts';
import type { RingSize } from '../../../src/host/interceptors/trace/call-ring.ts';
import { History, ReadClock } from '../../../src/host/interceptors/trace/history.ts';
import { TraceHub } from '../../../src/host/interceptors/trace/trace-hub.ts';
import { systemClock } from '../../../src/host/machine/clock.ts';
import { DRIVERS } from '../../../src/host/machine/drivers.ts';
import type { Host } from '../../../src/host/machine/host.ts';
import { loadIoctls, loadMessages } from '../../../src/host/machine/load-messages.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of it is the test's
  readonly json: any;
}

const messages = () => loadMessages(DRIVERS);

/** As createMachine() puts one together. */
export class Rig {
  readonly host: Host;
  readonly stats = new Stats(systemClock);
  readonly trace: TraceHub;
  readonly history: History;
  readonly record = new RecordHub(messages, () => {});
  /** Who the socket's clients are. */
  clientUid = process.geteuid?.() ?? 0;
  readonly context: ControlContext;
  readonly bugs: unknown[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'fwctl-control-'));
  readonly path = join(this.folder, 'control.sock');
  private listening: Listening | undefined;

  constructor(history: RingSize = { entries: 1024, bytes: 1024 * 1024 }) {
    this.history = new History(new ReadClock(systemClock), history);
    const abi = abiProfile('latest');
    if (abi === undefined) throw new Error('no ABI profile');
    this.trace = new TraceHub(abi, systemClock, async () => ({
      messages: await messages(),
      ioctls: await loadIoctls(DRIVERS),
    }));
    const around = [this.record.taps, this.stats, this.trace, this.history];
    const { host, faults } = assemble({ abi, drivers: DRIVERS, around });
    this.host = host;
    this.host.kmsg.listen((record) => this.trace.kmsg(record));
    this.host.kmsg.listen((record) => this.history.kmsg(record));
    this.host.onChange(({ kind, device }) => this.history.note({ kind, device: device.name }));
    faults.onStrike = (device, id, text) => this.history.strike(device, id, text);
    this.host.plug(DEFAULT_DEVICE);
    this.context = {
      host: this.host,
      stats: this.stats,
      trace: this.trace,
      record: this.record,
      faults,
      messages,
      peerUid: () => this.clientUid,
      version: '0.0.0',
      verb: 'run',
      configured: [DEFAULT_DEVICE],
      onReset: [],
      specs: specReader(DRIVERS, abi.maxDevices),
      changed: new ChangedValues(),
      drivers: DRIVERS,
      turns: new Turns(),
    };
  }

  async listen(limits: Partial<Limits> = {}): Promise<this> {
    const known = { ...LIMITS, ...limits };
    const load = async () => new ControlServer(METHODS, this.context, (error) => this.bugs.push(error), known);
    this.listening = await listenControl({ at: this.path, mode: 0o600 }, load);
    return this;
  }

  /** The emulator ends, and its readers live. */
  async finish(): Promise<void> {
    await this.listening?.finish();
  }

  close(): void {
    this.listening?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What must be the same before and after a refusal. */
  state(): string {
    const { host } = this;
    return JSON.stringify([
      host.devices().map(({ name, spec }) => [name, spec]),
      host.devices().map(({ live }) => [live?.get('identity'), live?.get('registers.PTYS'), live?.get('caps.GENERAL')]),
      host.taint.value,
      host.kmsg.records(),
      this.record.status(),
    ]);
  }

  /** One request; `body` as it is, or as JSON where it is no text. */
  call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const content =
      body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.path, method, path, agent: false, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('end', () => {
          let json: unknown;
          try {
            json = JSON.parse(text);
          } catch {
            json = undefined;
          }
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, json });
        });
      });
      asked.once('error', reject);
      asked.end(content);
    });
  }

  /** A bare connection. */
  raw(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.path, () => resolve(socket));
      socket.once('error', reject);
    });
  }

  /** Sends bytes and gives all that comes until the other side closes. */
  async exchange(bytes: string | Buffer): Promise<string> {
    const socket = await this.raw();
    return new Promise((resolve) => {
      let text = '';
      socket.setEncoding('latin1');
      socket.on('data', (chunk: string) => {
        text += chunk;
      });
      socket.on('error', () => resolve(text));
      socket.on('close', () => resolve(text));
      socket.end(bytes);
    });
  }
}
