/**
 * A second, plain reading of the bnxt driver: the rules that were found by measuring it, in their order, over the
 * tables that a compiler printed of the kernels. Shares no code with src/.
 */
import { readFileSync } from 'node:fs';
import { type ModelDevice, type ModelRpc, refuse } from './kernel-model.ts';
import type { ModelMemory } from './model-memory.ts';

export type BnxtKernel = '7.2' | '7.3';

export interface BnxtBufferField {
  readonly dir: 'TO_DEVICE' | 'FROM_DEVICE';
  readonly addr_off: number;
  readonly fixed?: number;
  readonly len_off?: number;
  readonly len_width?: number;
  readonly len_unit?: number;
}

export interface BnxtRequestRow {
  readonly needs: number;
  readonly timeoutMs: number;
  /** Undefined: it has no buffers. */
  readonly buffers?: { readonly in_len: number; readonly fields: readonly BnxtBufferField[] };
}

interface Printed {
  readonly scope: Readonly<Record<string, readonly (readonly [name: string, type: string])[]>>;
  readonly dma: readonly {
    readonly req_type: string;
    readonly scope: number;
    readonly in_len: number;
    readonly fields: readonly BnxtBufferField[];
  }[];
  readonly timeouts_ms: Readonly<Record<string, number>>;
}

/** What the kernel lets through, by request number. Tests are run from the repository's root. */
export function bnxtRequests(kernel: BnxtKernel): ReadonlyMap<number, BnxtRequestRow> {
  const printed: Printed = JSON.parse(readFileSync(`test/golden/drivers/bnxt-rules-${kernel}.json`, 'utf8'));
  const { scope, dma, timeouts_ms: timeouts } = printed;
  const timeoutMs = (type: string) => timeouts[type] ?? timeouts.default ?? 0;
  const rows = new Map<number, BnxtRequestRow>();
  for (const [needs, list] of Object.entries(scope)) {
    for (const [, type] of list) rows.set(Number(type), { needs: Number(needs), timeoutMs: timeoutMs(type) });
  }
  for (const { req_type: type, scope: needs, in_len, fields } of dma) {
    rows.set(Number(type), { needs, timeoutMs: timeoutMs(type), buffers: { in_len, fields } });
  }
  return rows;
}

/** The firmware of a run, of plain bytes. */
export interface BnxtFirmware {
  readonly stopped: boolean;
  /** The errno, above 0, with which nothing is delivered; 0: all is. */
  readonly undelivered: number;
  /** The response, cut or padded by the driver; what it puts into the nth buffer. */
  answer(request: Uint8Array, given: readonly Uint8Array[]): Uint8Array;
  fill(n: number, length: number): Uint8Array;
}

/** `bnxt 500 64 <request without its addresses> <buffers that the device reads>`: what reaches the firmware. */
export function deliveredText(timeoutMs: number, room: number, request: Uint8Array, given: readonly Uint8Array[]) {
  return ['bnxt', timeoutMs, room, hex(request), ...given.map(hex)].join(' ');
}

export function withoutAddresses(request: Uint8Array, row: BnxtRequestRow | undefined): Uint8Array {
  const bytes = request.slice();
  for (const { addr_off: at } of row?.buffers?.fields ?? []) bytes.fill(0, at, at + 8);
  return bytes;
}

export class BnxtModel {
  /** A buffer could not be written, and one behind it was: by ioctl retry it is not. */
  wroteBehindFault = false;
  /** Bytes that were to be written into buffers. */
  wanted = 0;
  private readonly rows: ReadonlyMap<number, BnxtRequestRow>;
  private readonly kernel: BnxtKernel;

  constructor(kernel: BnxtKernel) {
    this.kernel = kernel;
    this.rows = bnxtRequests(kernel);
  }

  device(firmware: BnxtFirmware): ModelDevice {
    const info = Uint8Array.of(this.kernel === '7.3' ? 0xf : 7, 0, 0, 0);
    return { kind: 'other', type: 3, info, rpc: (call) => this.rpc(firmware, call) };
  }

  private rpc(firmware: BnxtFirmware, { memory, scope, request, outLength, delivered }: ModelRpc): Uint8Array {
    if (request.length < 16 || request.length > 128 || outLength < 8) refuse('EINVAL');
    const view = new DataView(request.buffer, request.byteOffset, request.length);
    const row = this.rows.get(view.getUint16(0, true));
    const fields = row?.buffers?.fields ?? [];
    if (row?.buffers !== undefined && request.length !== row.buffers.in_len) refuse('EINVAL');
    const lengths = fields.map((field) => lengthOf(view, field));
    if (lengths.some((length) => length === 0 || length > 65536)) refuse('EINVAL');
    if (firmware.stopped || row === undefined || scope < row.needs) refuse('EPERM');

    const buffers = fields.map((field, n) => ({
      ...field,
      address: view.getBigUint64(field.addr_off, true),
      length: lengths[n] as number,
    }));
    const given = buffers
      .filter(({ dir }) => dir === 'TO_DEVICE')
      .map(({ address, length }) => {
        const bytes = memory.read(address, length);
        if (bytes.length < length) refuse('EFAULT');
        return bytes;
      });
    const bare = withoutAddresses(request, row);
    delivered.push(deliveredText(row.timeoutMs, outLength, bare, given));
    const reply = new Uint8Array(outLength);
    if (firmware.undelivered === 0) reply.set(firmware.answer(bare, given).subarray(0, outLength));
    else new DataView(reply.buffer).setUint16(0, 0x10000 - firmware.undelivered, true);
    this.write(memory, buffers, firmware);
    return reply;
  }

  private write(
    memory: ModelMemory,
    buffers: readonly { dir: string; address: bigint; length: number }[],
    firmware: BnxtFirmware,
  ): void {
    let faulted = false;
    for (const [n, { dir, address, length }] of buffers.entries()) {
      if (dir === 'TO_DEVICE') continue;
      this.wanted += length;
      if (faulted) this.wroteBehindFault = true;
      const bytes = firmware.undelivered === 0 ? firmware.fill(n, length) : new Uint8Array(length);
      if (!bytes.every((byte, i) => memory.put(address + BigInt(i), byte))) faulted = true;
    }
    if (faulted) refuse('EFAULT');
  }
}

function lengthOf(view: DataView, { fixed, len_off = 0, len_width, len_unit = 1 }: BnxtBufferField): number {
  if (fixed !== undefined) return fixed;
  return (len_width === 2 ? view.getUint16(len_off, true) : view.getUint32(len_off, true)) * len_unit;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
