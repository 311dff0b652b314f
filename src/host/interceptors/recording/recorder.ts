/**
 * Makes the lines of a recording. Each call has its place when it begins and is written when it and all before it have
 * ended, so a slow answer does not change the order. Comments are decoded from what was exchanged; nothing is changed
 * for the client.
 */
import type { ErrnoName } from '../../../abi/errno.ts';
import { DEVICE_TYPE } from '../../../abi/fwctl.ts';
import type { FunctionSpec } from '../../machine/host-device.ts';
import type { PayloadDecoder } from '../trace/trace-payload.ts';
import type { TraceField } from '../trace/trace-event.ts';
import {
  RECORDING_VERSION,
  type RecordedExchange,
  type RecordedFunction,
  type RecordedNode,
  type RecordingHead,
  toHex,
} from './format.ts';
import { Mask } from './mask.ts';

/** A call that has begun; `end` says once how it ended. */
export interface Place {
  end(exchange: RecordedExchange): void;
  /** It was no call: its transport broke it off, to begin it again. */
  cancel(): void;
}

export interface RpcAnswer {
  readonly request: Uint8Array;
  readonly scope: number;
  /** As the client asked. */
  readonly outLength: number;
  /** The reply and the length that the driver answered; or the errno. */
  readonly outcome: { readonly reply: Uint8Array; readonly length: number } | ErrnoName;
}

export class Recorder {
  readonly mask: Mask;
  private readonly write: (line: string) => void;
  private readonly decoder: PayloadDecoder | undefined;
  private readonly places: { line: string | undefined }[] = [];
  private readonly mlx5 = new Set<string>();
  /** Calls that have ended: opens, FWCTL_INFO, RPCs and closes. */
  exchanges = 0;

  /** `write` takes each line, without a newline. `decoder` comments the commands of mlx5 devices. */
  constructor(write: (line: string) => void, masked: readonly string[] = [], decoder?: PayloadDecoder) {
    this.write = write;
    this.mask = new Mask(masked);
    this.decoder = decoder;
    const head: RecordingHead = { fwctl_emu_recording: RECORDING_VERSION, masked };
    write(JSON.stringify(head));
  }

  /** Before the first exchange of that device. */
  device(name: string, type: number, { driver, profile, pci }: FunctionSpec): void {
    const row: RecordedFunction = { device: name, type, driver, profile, pci };
    if (type === DEVICE_TYPE.MLX5) this.mlx5.add(name);
    this.places.push({ line: JSON.stringify(row) });
    this.flush();
  }

  /** The same of a node of iommufd. */
  node(row: RecordedNode): void {
    this.places.push({ line: JSON.stringify(row) });
    this.flush();
  }

  place(): Place {
    const slot: { line: string | undefined } = { line: undefined };
    this.places.push(slot);
    return {
      end: (exchange) => {
        this.exchanges++;
        slot.line = JSON.stringify(exchange);
        this.flush();
      },
      cancel: () => {
        this.places.splice(this.places.indexOf(slot), 1);
        this.flush();
      },
    };
  }

  rpc(device: string, file: number, { request, scope, outLength, outcome }: RpcAnswer): RecordedExchange {
    const mlx5 = this.mlx5.has(device);
    const asked = request.slice();
    if (mlx5) this.mask.request(asked);
    const common = { rpc: device, file, scope, ...(mlx5 ? this.about(request, outcome) : {}) };
    const sizes = { in: toHex(asked), in_len: request.length, out_len: outLength };
    if (typeof outcome === 'string') return { ...common, ...sizes, errno: outcome };
    const reply = outcome.reply.slice();
    if (mlx5) this.mask.reply(request, reply);
    const other = outcome.length === outLength ? {} : { answered: outcome.length };
    return { ...common, ...sizes, ...other, out: toHex(reply), ...(mlx5 ? this.fields(request, outcome.reply) : {}) };
  }

  /** Calls that have not ended are left out. How many those are. */
  close(): number {
    const unanswered = this.places.filter(({ line }) => line === undefined).length;
    for (const { line } of this.places.splice(0)) if (line !== undefined) this.write(line);
    return unanswered;
  }

  private flush(): void {
    for (;;) {
      const line = this.places[0]?.line;
      if (line === undefined) return;
      this.places.shift();
      this.write(line);
    }
  }

  private about(request: Uint8Array, outcome: RpcAnswer['outcome']): { about?: string } {
    const { decoder } = this;
    if (decoder === undefined || request.length < decoder.requestHeader) return {};
    const shown = request.slice();
    this.mask.request(shown);
    const { command } = decoder.request(shown, shown.length);
    if (typeof outcome === 'string') return { about: `${command} -> ${outcome}` };
    if (outcome.reply.length < decoder.replyHeader) return { about: command };
    const { status, statusName, syndrome } = decoder.reply(
      request,
      request.length,
      outcome.reply,
      outcome.reply.length,
      'keys',
    );
    return { about: `${command} -> ${status === 0 ? 'OK' : `${statusName} syndrome 0x${syndrome.toString(16)}`}` };
  }

  private fields(request: Uint8Array, reply: Uint8Array): { fields?: Record<string, number | string> } {
    const { decoder, mask } = this;
    if (decoder === undefined || request.length < decoder.requestHeader || reply.length < decoder.replyHeader)
      return {};
    const fields: Record<string, number | string> = {};
    for (const [name, value] of decoder.reply(request, request.length, reply, reply.length, 'all').fields) {
      // Zero or not: that would be told, and two recordings would differ by it.
      if (mask.hides(name)) fields[name] = '***';
      else if (!isNothing(value)) fields[name] = typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
    }
    return Object.keys(fields).length === 0 ? {} : { fields };
  }
}

function isNothing(value: TraceField[1]): boolean {
  return value === 0 || value === 0n || value === '' || (typeof value === 'string' && /^0+$/.test(value));
}
