/**
 * Features by UUID: include/cxl/features.h, CXL_FEAT_*_UUID, and that of tools/testing/cxl/test/mem.c. Bytes stand in a
 * message in the order in which the text has them (uuid_t).
 */
import { UUID_BYTES } from './features.ts';

export interface KnownFeature {
  readonly name: string;
  readonly uuid: string;
  /** cxl_exclusive_feats[] of drivers/cxl/core/features.c: the kernel keeps it for its own drivers. */
  readonly exclusive: boolean;
}

export const KNOWN_FEATURES: readonly KnownFeature[] = [
  { name: 'PATROL_SCRUB', uuid: '96dad7d6-fde8-482b-a733-75774e06db8a', exclusive: true },
  { name: 'ECS', uuid: 'e5b13f22-2328-4a14-b8ba-b9691e893386', exclusive: true },
  { name: 'SPPR', uuid: '892ba475-fad8-474e-9d3e-692c917568bb', exclusive: true },
  { name: 'HPPR', uuid: '80ea4521-786f-4127-afb1-ec7459fb0e24', exclusive: true },
  { name: 'CACHELINE_SPARING', uuid: '96c33386-91dd-44c7-9ecb-fdaf6503bac4', exclusive: true },
  { name: 'ROW_SPARING', uuid: '450ebf67-b135-4f97-a498-c2d57f279bed', exclusive: true },
  { name: 'BANK_SPARING', uuid: '78b79636-90ac-4b64-a4ef-faac5d18a863', exclusive: true },
  { name: 'RANK_SPARING', uuid: '34dbaff5-0552-4281-8f76-da0b5e7a76a7', exclusive: true },
  { name: 'VENDOR_TEST', uuid: 'ffffffff-ffff-ffff-ffff-ffffffffffff', exclusive: false },
];

/** Undefined: the text is no UUID. */
export function uuidBytes(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)) return undefined;
  const digits = text.replaceAll('-', '');
  return Uint8Array.from({ length: UUID_BYTES }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** Of the 16 bytes at `at`. */
export function uuidText(message: DataView, at: number): string {
  let text = '';
  for (let i = 0; i < UUID_BYTES; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
    text += message
      .getUint8(at + i)
      .toString(16)
      .padStart(2, '0');
  }
  return text;
}

/** Undefined: nobody has named it. */
export function featureName(uuid: string): string | undefined {
  return KNOWN_FEATURES.find((feature) => feature.uuid === uuid)?.name;
}

/** Whether the same UUID stands at both places. */
export function sameUuid(a: Uint8Array, at: number, b: Uint8Array, to: number): boolean {
  for (let i = 0; i < UUID_BYTES; i++) if (a[at + i] !== b[to + i]) return false;
  return true;
}
