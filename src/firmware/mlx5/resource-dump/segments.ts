/** A dump's segments, big-endian, whole dwords (mlx5_ifc.h: mlx5_ifc_resource_dump_*_segment_bits). */
import type { MenuRecord } from './menu.ts';

export const SEGMENT = {
  notice: 0xfff9,
  command: 0xfffa,
  terminate: 0xfffb,
  error: 0xfffc,
  reference: 0xfffd,
  info: 0xfffe,
  menu: 0xffff,
} as const;

/** What a dump is asked for. */
export interface DumpArguments {
  readonly segmentType: number;
  readonly vhcaId: number;
  readonly index1: number;
  readonly index2: number;
  readonly numOfObj1: number;
  readonly numOfObj2: number;
}

const DUMP_VERSION = 1;
const RECORD_BYTES = 52;
const NAME_BYTES = 16;
const TEXT_BYTES = 32;

/** A segment of `bytes`, header written: length in dwords, type. */
function segment(type: number, bytes: number): DataView {
  const view = new DataView(new ArrayBuffer(bytes));
  view.setUint16(0, bytes / 4);
  view.setUint16(2, type);
  return view;
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer);
}

function putText(view: DataView, at: number, bytes: number, text: string): void {
  for (let i = 0; i < Math.min(bytes - 1, text.length); i++) view.setUint8(at + i, text.charCodeAt(i));
}

/** `hwVersion`: the chip's id; `fwVersion`: major, minor and sub-minor in 8, 8 and 16 bits. */
export function infoSegment(hwVersion: number, fwVersion: number): Uint8Array {
  const view = segment(SEGMENT.info, 16);
  view.setUint8(7, DUMP_VERSION);
  view.setUint32(8, hwVersion);
  view.setUint32(12, fwVersion);
  return bytesOf(view);
}

/** What this dump is asked for (command), or another one that belongs to it (reference). */
export function argumentsSegment(type: 'command' | 'reference', asked: DumpArguments): Uint8Array {
  const view = segment(SEGMENT[type], 20);
  view.setUint16(4, asked.segmentType);
  view.setUint16(6, asked.vhcaId);
  view.setUint32(8, asked.index1);
  view.setUint32(12, asked.index2);
  view.setUint16(16, asked.numOfObj1);
  view.setUint16(18, asked.numOfObj2);
  return bytesOf(view);
}

export function menuSegment(records: readonly MenuRecord[]): Uint8Array {
  const view = segment(SEGMENT.menu, 8 + records.length * RECORD_BYTES);
  view.setUint16(6, records.length);
  records.forEach((record, i) => {
    const at = 8 + i * RECORD_BYTES;
    view.setUint16(at, record.flags);
    view.setUint16(at + 2, record.segmentType);
    [record.name, record.index1, record.index2].forEach((name, n) => {
      putText(view, at + 4 + n * NAME_BYTES, NAME_BYTES, name);
    });
  });
  return bytesOf(view);
}

/** `payload` is padded to whole dwords. */
export function resourceSegment(type: number, index1: number, index2: number, payload: Uint8Array): Uint8Array {
  const view = segment(type, 16 + Math.ceil(payload.length / 4) * 4);
  view.setUint32(4, index1);
  view.setUint32(8, index2);
  bytesOf(view).set(payload, 16);
  return bytesOf(view);
}

/** Ends a dump, and is all that is left of one that goes wrong in the middle. Of the text 31 characters are kept. */
export function errorSegment([syndrome, text]: readonly [number, string]): Uint8Array {
  const view = segment(SEGMENT.error, 16 + TEXT_BYTES);
  view.setUint16(6, syndrome);
  putText(view, 16, TEXT_BYTES, text);
  return bytesOf(view);
}

export function terminateSegment(): Uint8Array {
  return bytesOf(segment(SEGMENT.terminate, 4));
}
