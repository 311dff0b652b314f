/**
 * A coredump as bnxt_coredump.c walks it: a list of segments, each initiated and then retrieved in pieces of the host's
 * buffer by sequence number, until no piece says MORE. Segments are the profile's; of one that only has a length each
 * byte is a function of its place. That a segment must be initiated first is invented.
 */

import { type HwrmLayout, plainLayout, writeFields } from '../../abi/bnxt/layout.ts';
import { COREDUMP_SEGMENT } from '../../abi/bnxt/layouts/stats.ts';
import type { BnxtValues } from '../../abi/bnxt/profile-shape.ts';
import { unhex } from '../../abi/hex.ts';

/** data_len has 16 bits; whole segment records. */
const MAX_PIECE = 0xfff0;
const RECORD: HwrmLayout = plainLayout(COREDUMP_SEGMENT);

export interface Piece {
  readonly bytes: Uint8Array;
  readonly more: boolean;
}

type Segment = BnxtValues['coredump'][string];

export class Coredump {
  private readonly segments: BnxtValues['coredump'];
  /** Content of those that were initiated: most of thousands of devices are never dumped. */
  private readonly initiated = new Map<string, Uint8Array>();

  constructor(segments: BnxtValues['coredump']) {
    this.segments = segments;
  }

  get total(): number {
    return Object.keys(this.segments).length;
  }

  reset(): void {
    this.initiated.clear();
  }

  /** Undefined: behind the end. */
  listPiece(sequence: number, room: number): Piece | undefined {
    return pieceOf(listOf(this.segments), sequence, Math.floor(room / RECORD.bytes) * RECORD.bytes);
  }

  /** False: there is no such segment. */
  initiate(component: number, segment: number): boolean {
    const key = `${component}:${segment}`;
    const n = Object.keys(this.segments).indexOf(key);
    const row = this.segments[key];
    if (n < 0 || row === undefined) return false;
    this.initiated.set(key, contentOf(row, n));
    return true;
  }

  /** Undefined: it was not initiated, or behind the end. */
  piece(component: number, segment: number, sequence: number, room: number): Piece | undefined {
    const content = this.initiated.get(`${component}:${segment}`);
    return content && pieceOf(content, sequence, room);
  }
}

function pieceOf(content: Uint8Array, sequence: number, room: number): Piece | undefined {
  const length = Math.min(room, MAX_PIECE);
  const from = sequence * length;
  if (length === 0 || (from >= content.length && from > 0)) return undefined;
  return { bytes: content.subarray(from, from + length), more: from + length < content.length };
}

function listOf(segments: BnxtValues['coredump']): Uint8Array {
  const rows = Object.entries(segments);
  const list = new Uint8Array(rows.length * RECORD.bytes);
  for (const [n, [key, { version, data, length }]] of rows.entries()) {
    const [component_id = 0, segment_id = 0] = key.split(':').map(Number);
    writeFields(RECORD, new DataView(list.buffer, n * RECORD.bytes, RECORD.bytes), {
      component_id,
      segment_id,
      max_instances: 1,
      version_hi: version >> 8,
      version_low: version & 0xff,
      segment_len: data.length / 2 || length,
    });
  }
  return list;
}

/** `n`: its place among the segments. */
function contentOf({ data, length }: Segment, n: number): Uint8Array {
  if (data !== '') return unhex(data) ?? new Uint8Array(0);
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8) + n) & 0xff);
}
