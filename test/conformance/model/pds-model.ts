/**
 * A second reading of pds_fwctl, from what the real driver answered (../shared/oracle-drivers/findings.md, section 3),
 * byte by byte. Shares no code with src/.
 */
import { type ModelRpc, refuse, writeOrFault } from './kernel-model.ts';

/** What the device and its firmware are in a run of the property. */
export interface PdsDevice {
  readonly maxRequest: number;
  readonly maxResponse: number;
  /** Pairs of id and attribute, in the firmware's order. */
  readonly endpoints: ReadonlyMap<number, readonly (readonly [id: number, attribute: number])[]>;
  /** Which of the queries for endpoints fail, counted over all from 0. */
  readonly failingQueries: readonly number[];
  readonly deliver: 'EIO' | 'ETIMEDOUT' | 'ENXIO' | undefined;
  readonly status: number;
  readonly err: number;
}

/** What a completion's status becomes. */
const ERRNO_OF: Readonly<Record<number, string>> = {
  1: 'EINVAL',
  5: 'EINVAL',
  6: 'EINVAL',
  14: 'EINVAL',
  19: 'EINVAL',
  4: 'EPERM',
  7: 'ENOENT',
  9: 'EAGAIN',
  10: 'ENOMEM',
  11: 'EFAULT',
  17: 'EFAULT',
  12: 'EBUSY',
  13: 'EEXIST',
  15: 'ENOSPC',
  16: 'ERANGE',
  31: 'ENODEV',
  255: 'ENXIO',
};

/** Bytes that depend on all of the payload, and end early now and then. */
export function pdsResponse(op: number, ep: number, payload: Uint8Array, length: number): Uint8Array {
  const sum = payload.reduce((total, byte, i) => (total * 31 + byte + i) % 65521, (op ^ ep) >>> 8);
  return Uint8Array.from({ length: sum % 3 === 0 ? length >> 1 : length }, (_, i) => (sum + i * 7) & 0xff);
}

export class PdsModel {
  private readonly device: PdsDevice;
  /** Endpoints whose operations are known. */
  private readonly known = new Set<number>();
  private queries = 0;

  constructor(device: PdsDevice) {
    this.device = device;
  }

  rpc({ scope, request, memory, delivered }: ModelRpc): Uint8Array {
    const { maxRequest, maxResponse, endpoints, failingQueries, deliver, status, err } = this.device;
    if (request.length < 48) refuse('EINVAL');
    const view = new DataView(request.buffer);
    const op = view.getUint32(0, true);
    const ep = view.getUint32(4, true);
    const inLength = view.getUint32(12, true);
    const outLength = view.getUint32(36, true);
    if (inLength > maxRequest || outLength > maxResponse) refuse('EINVAL');
    const operations = endpoints.get(ep);
    if (operations === undefined) refuse('EINVAL');
    if (!this.known.has(ep)) {
      if (failingQueries.includes(this.queries++)) refuse('ENOMEM');
      this.known.add(ep);
    }
    let attribute: number | undefined;
    for (const [id, has] of operations) {
      if (attribute !== undefined || id % 65536 !== op % 65536) continue;
      if (Math.floor(op / 65536) % 256 <= Math.floor(id / 65536) % 256) attribute = has;
    }
    if (attribute === undefined) refuse('EINVAL');
    if (scope < leastScope(attribute)) refuse('EPERM');
    const payload = memory.read(view.getBigUint64(16, true), inLength);
    if (payload.length < inLength) refuse('EFAULT');
    delivered.push(`pds ${op} ${ep} ${outLength} ${Buffer.from(payload).toString('hex')}`);
    if (deliver !== undefined) refuse(deliver);
    if (status !== 0) refuse(ERRNO_OF[status] ?? 'EIO');
    const response = new Uint8Array(outLength);
    response.set(pdsResponse(op, ep, payload, outLength));
    writeOrFault(memory, view.getBigUint64(40, true), response);
    view.setUint32(24, err, true);
    return request;
  }
}

function leastScope(attribute: number): number {
  if (attribute === 0x00 || attribute === 0x04 || attribute === 0x10) return 0;
  if (attribute === 0x02) return 1;
  return attribute === 0x08 ? 2 : 3;
}
