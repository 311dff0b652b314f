/**
 * A second, plain reading of the kernel's cxl driver (drivers/cxl/core/features.c), by the rules that its recording
 * showed. Shares no code with src/.
 */

/** What a device does with a mailbox command; undefined: it is not delivered. */
export type CxlDevice = (opcode: number, payload: Uint8Array, room: number) => CxlReaction | undefined;

export interface CxlReaction {
  readonly code: number;
  readonly data: Uint8Array;
}

export interface CxlFeature {
  /** 32 digits of hex. */
  readonly uuid: string;
  readonly getSize: number;
  readonly setSize: number;
  readonly flags: number;
  readonly effects: number;
}

export interface CxlMachine {
  readonly features: readonly CxlFeature[];
  /** 0 none, 1 read-only, 2 read and write. */
  readonly capability: number;
  readonly payloadSize: number;
  readonly device: CxlDevice;
}

export const SCRUB = '96dad7d6fde8482ba73375774e06db8a';
export const SPPR = '892ba475fad8474e9d3e692c917568bb';
/** Those that the kernel keeps for itself. */
const KEPT = [
  SCRUB,
  'e5b13f2223284a14b8bab9691e893386',
  SPPR,
  '80ea4521786f4127afb1ec7459fb0e24',
  '96c3338691dd44c79ecbfdaf6503bac4',
  '450ebf67b1354f97a498c2d57f279bed',
  '78b7963690ac4b64a4effaac5d18a863',
  '34dbaff5055242818f76da0b5e7a76a7',
];

/** struct cxl_feat_entry. */
export function entryOf({ uuid, getSize, setSize, flags, effects }: CxlFeature, id: number): Uint8Array {
  return Uint8Array.from(
    [
      ...bytesOf(uuid),
      ...le(id, 2),
      ...le(getSize, 2),
      ...le(setSize, 2),
      ...le(flags, 4),
      1,
      1,
      ...le(effects, 2),
    ].concat(Array(18).fill(0)),
  );
}

/** The driver's part of FWCTL_RPC: the errno's name, or all that it answers. */
export function cxlRpc(
  machine: CxlMachine,
  scope: number,
  request: Uint8Array,
  outLength: number,
): string | Uint8Array {
  const at = (offset: number, bytes: number) => number(request, 16 + offset, bytes);
  if (request.length < 16) return 'EINVAL';
  const opSize = number(request, 8, 4);
  if (opSize > request.length - 16) return 'EINVAL';
  const uuid = Buffer.from(request.subarray(16, 32)).toString('hex');
  switch (number(request, 0, 2)) {
    case 0x500:
      if (machine.capability < 1 || opSize !== 8 || at(4, 2) >= machine.features.length) return 'EINVAL';
      return list(machine, at(0, 4), at(4, 2));
    case 0x501:
      if (machine.capability < 1 || opSize !== 21 || at(18, 2) === 0 || outLength < 8 + at(18, 2)) return 'EINVAL';
      return get(machine, request.subarray(16, 37));
    case 0x502: {
      if (machine.capability < 2 || opSize < 16) return 'EINVAL';
      const feature = machine.features.find((one) => one.uuid === uuid);
      if (feature === undefined || !maySet(feature, scope) || opSize <= 32) return 'EINVAL';
      if (KEPT.includes(uuid)) return 'EPERM';
      return outLength < 8 ? 'EINVAL' : set(machine, request.subarray(16, 16 + opSize));
    }
    default:
      return 'EINVAL';
  }
}

function maySet({ flags, effects }: CxlFeature, scope: number): boolean {
  const has = (...bits: number[]) => bits.some((bit) => (effects & (1 << bit)) !== 0);
  if ((flags & 1) === 0 || has(12, 13, 14, 15, 6)) return false;
  if (has(1, 2, 3, 4)) return scope >= 3;
  return has(0, 10, 11) && scope >= 2;
}

function list({ features }: CxlMachine, room: number, start: number): Uint8Array {
  const shown = features.slice(start, start + Math.floor(room / 48)).map((feature, i) => {
    const kept = KEPT.includes(feature.uuid);
    return entryOf(kept ? { ...feature, setSize: 0, flags: (feature.flags & 0xfffffffe) >>> 0 } : feature, start + i);
  });
  const size = 8 + 48 * shown.length;
  const head = [...le(size, 4), 0, 0, 0, 0, ...le(shown.length, 2), ...le(features.length, 2), 0, 0, 0, 0];
  return Uint8Array.from([...head, ...shown.flatMap((entry) => [...entry]), ...Array(8).fill(0)]);
}

function get({ payloadSize, device }: CxlMachine, asked: Uint8Array): Uint8Array {
  const count = number(asked, 18, 2);
  const data: number[] = [];
  while (data.length < count) {
    const piece = Math.min(payloadSize, count - data.length);
    const offset = (number(asked, 16, 2) + data.length) & 0xffff;
    const command = [...asked.subarray(0, 16), ...le(offset, 2), ...le(piece, 2), asked[20] as number];
    const reaction = device(0x501, Uint8Array.from(command), piece);
    const bad = reaction !== undefined && reaction.code > 1;
    if (!bad) data.push(...(reaction?.data ?? []));
    if (!bad && reaction?.data.length === piece) continue;
    const left = [...data, ...Array(8).fill(0)].slice(0, 8);
    return Uint8Array.from([0, 0, 0, 0, ...le(bad ? reaction.code : 0, 4), ...left]);
  }
  return Uint8Array.from([...le(count, 4), 0, 0, 0, 0, ...data, ...Array(8).fill(0)]);
}

function set({ payloadSize, device }: CxlMachine, asked: Uint8Array): Uint8Array {
  const data = asked.subarray(32);
  const room = payloadSize - 32;
  let code = 0;
  for (let sent = 0; sent < data.length; ) {
    const piece = data.subarray(sent, sent + room);
    const last = sent + piece.length === data.length;
    // full 0, initiate 1, continue 2, finish 3
    const transfer = data.length <= room ? 0 : sent === 0 ? 1 : last ? 3 : 2;
    const flags = ((number(asked, 16, 4) & 0xfffffff8) | 8 | transfer) >>> 0;
    const offset = (number(asked, 20, 2) + sent) & 0xffff;
    const head = [
      ...asked.subarray(0, 16),
      ...le(flags, 4),
      ...le(offset, 2),
      asked[22] as number,
      ...Array(9).fill(0),
    ];
    const reaction = device(0x502, Uint8Array.from([...head, ...piece]), 0);
    if (reaction === undefined) break;
    if (reaction.code > 1) {
      code = reaction.code;
      break;
    }
    sent += piece.length;
  }
  return Uint8Array.from([0, 0, 0, 0, ...le(code, 4), ...Array(8).fill(0)]);
}

function number(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let i = length - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

function le(value: number, length: number): number[] {
  return Array.from({ length }, (_, i) => Math.floor(value / 256 ** i) % 256);
}

function bytesOf(hex: string): number[] {
  return [...Buffer.from(hex, 'hex')];
}
