/** Makes the lines of a recording. Comments are decoded from what was exchanged; nothing is changed for the client. */
import type { ErrnoName } from '../../abi/errno.ts';
import { DEVICE_TYPE } from '../../abi/fwctl.ts';
import type { FunctionSpec } from '../host-device.ts';
import type { PayloadDecoder } from '../interceptors/trace-payload.ts';
import type { TraceField } from '../trace-event.ts';
import { type RecordedExchange, type RecordedFunction, type RecordedNode, toHex } from './format.ts';
import { Mask } from './mask.ts';
import type { Lines } from './ordered-lines.ts';
import { nextFile } from './recording-cells.ts';

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
  private readonly mask: Mask;
  private readonly lines: Lines;
  private readonly decoder: PayloadDecoder | undefined;

  /** `decoder` comments the commands of mlx5 devices. */
  constructor(lines: Lines, decoder?: PayloadDecoder) {
    this.mask = new Mask(lines.masked, lines.cells.met);
    this.lines = lines;
    this.decoder = decoder;
  }

  /** The number of a new file, from 1 for each device, whose first brings the device's own line. */
  functionFile(name: string, type: number, { driver, profile, pci }: FunctionSpec): number {
    return this.file(name, { device: name, type, driver, profile, pci });
  }

  /** The same of a node of iommufd. */
  nodeFile(row: RecordedNode): number {
    return this.file(row.device, row);
  }

  private file(name: string, row: RecordedFunction | RecordedNode): number {
    const { lines } = this;
    const file = nextFile(lines.cells, name);
    if (file === 1) lines.fill(this.take(), JSON.stringify(row), false);
    return file;
  }

  place(): Place {
    const { lines } = this;
    const place = this.take();
    return {
      end: (exchange) => lines.fill(place, JSON.stringify(exchange), true),
      cancel: () => lines.fill(place, undefined, true),
    };
  }

  private take(): number {
    return Atomics.add(this.lines.cells.places, 0, 1);
  }

  rpc(device: string, type: number, file: number, answer: RpcAnswer): RecordedExchange {
    const { request, scope, outLength, outcome } = answer;
    const mlx5 = type === DEVICE_TYPE.MLX5;
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
