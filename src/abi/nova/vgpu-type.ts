/**
 * A vGPU type: its properties as keys of the NVKV stream that QUERY_VGPU_PROPERTIES answers with (nv_vgpu.h and nvkv.h
 * of alokk-nv/vgpu-tools e8ce11b), and as fields of the record that ADD_VGPU_TYPE uploads: NVA081_CTRL_VGPU_INFO of
 * ctrla081.h (NVIDIA/open-gpu-kernel-modules; what a newer firmware's has in front is taken to be the same).
 */

export interface VgpuType {
  readonly id: number;
  /** At most 63 and 31 bytes of Latin-1. */
  readonly name: string;
  readonly vgpu_class: string;
  readonly max_instance: number;
  readonly ecc: number;
  /** frlConfig: frames a second. */
  readonly max_fps: number;
  readonly num_heads: number;
  readonly max_res_x: number;
  readonly max_res_y: number;
  /** PCI ids of the virtual function's device, 16 bits each. */
  readonly dev_id: number;
  readonly subsystem_id: number;
  /** Bytes. */
  readonly bar1_length: bigint;
  readonly profile_size: bigint;
  readonly fb_length: bigint;
  readonly gsp_heap_size: bigint;
  readonly fb_reservation: bigint;
}

type Kind = 'text' | 'u32' | 'u64';

interface Property {
  readonly field: keyof VgpuType;
  /** NVGMC_MGMT_GMCAPI_VGPU_*, 16 bits. */
  readonly key: number;
  readonly kind: Kind;
  /** Offset in the record, bytes. Both device ids are one u64 there: the device's in its low half's upper 16 bits. */
  readonly at: number;
}

/** In the order in which the firmware writes them: the client's bound of the stream counts them so. */
export const VGPU_PROPERTIES: readonly Property[] = [
  { field: 'name', key: 0x3100, kind: 'text', at: 4 },
  { field: 'vgpu_class', key: 0x3101, kind: 'text', at: 36 },
  { field: 'id', key: 0x3102, kind: 'u32', at: 0 },
  { field: 'bar1_length', key: 0x3103, kind: 'u64', at: 432 },
  { field: 'max_instance', key: 0x3104, kind: 'u32', at: 324 },
  { field: 'ecc', key: 0x3105, kind: 'u32', at: 352 },
  { field: 'profile_size', key: 0x3106, kind: 'u64', at: 384 },
  { field: 'max_fps', key: 0x3107, kind: 'u32', at: 344 },
  { field: 'num_heads', key: 0x3108, kind: 'u32', at: 328 },
  { field: 'max_res_x', key: 0x3109, kind: 'u32', at: 332 },
  { field: 'max_res_y', key: 0x310a, kind: 'u32', at: 336 },
  { field: 'dev_id', key: 0x310b, kind: 'u32', at: 368 },
  { field: 'subsystem_id', key: 0x310c, kind: 'u32', at: 368 },
  { field: 'fb_length', key: 0x310d, kind: 'u64', at: 392 },
  { field: 'gsp_heap_size', key: 0x310e, kind: 'u64', at: 400 },
  { field: 'fb_reservation', key: 0x310f, kind: 'u64', at: 408 },
];

/** Bytes of a record that hold what is read of it. */
export const RECORD_BYTES = 440;
/** NVA081_VGPU_STRING_BUFFER_SIZE: both texts of a record, NUL included. */
const RECORD_TEXT = 32;

/** Instructions of NVKV: bits 31 to 28; the key is below, a value or count in the upper half. */
const IMM32 = 0x0;
const SEQ64 = 0x2;
const ARRAY8 = 0x3;
const WORD = 8;

/** The stream, whole words of 8 bytes. */
export function encodeProperties(type: VgpuType): Uint8Array {
  const words: bigint[] = [];
  for (const { field, key, kind } of VGPU_PROPERTIES) {
    if (kind === 'u32') words.push(instruction(IMM32, key, Number(type[field])));
    else if (kind === 'u64') words.push(instruction(SEQ64, key, 1), BigInt(type[field]));
    else words.push(...textWords(key, String(type[field])));
  }
  const bytes = new Uint8Array(words.length * WORD);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) view.setBigUint64(i * WORD, word, true);
  return bytes;
}

/** A record's type; undefined: it is too short. */
export function decodeRecord(record: DataView): VgpuType | undefined {
  if (record.byteLength < RECORD_BYTES) return undefined;
  const values = VGPU_PROPERTIES.map(({ field, kind, at }) => [field, readValue(record, field, kind, at)]);
  return Object.fromEntries(values) as unknown as VgpuType;
}

function readValue(record: DataView, field: string, kind: Kind, at: number): number | bigint | string {
  if (kind === 'text') return readText(record, at);
  if (kind === 'u64') return record.getBigUint64(at, true);
  const value = record.getUint32(at, true);
  if (field === 'dev_id') return value >>> 16;
  return field === 'subsystem_id' ? value & 0xffff : value;
}

function readText(record: DataView, at: number): string {
  const codes = Array.from({ length: RECORD_TEXT }, (_, i) => record.getUint8(at + i));
  const end = codes.indexOf(0);
  return String.fromCharCode(...codes.slice(0, end < 0 ? RECORD_TEXT - 1 : end));
}

/** Its NUL is counted, the padding is not. */
function textWords(key: number, text: string): bigint[] {
  const count = text.length + 1;
  const bytes = new Uint8Array(Math.ceil(count / WORD) * WORD);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i) & 0xff;
  const view = new DataView(bytes.buffer);
  const words = Array.from({ length: bytes.length / WORD }, (_, i) => view.getBigUint64(i * WORD, true));
  return [instruction(ARRAY8, key, count), ...words];
}

function instruction(opcode: number, key: number, value: number): bigint {
  return (BigInt(value) << 32n) | (BigInt(opcode) << 28n) | BigInt(key);
}
