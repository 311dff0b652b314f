/** A whole dump as one stream: info and command segments, what was asked for, its references, the end. */
import type { Mlx5Device } from '../device.ts';
import { MENU, type MenuRecord, menuRecord, RESOURCE_MENU } from './menu.ts';
import { ACTIVE, ALL, resourcesOf } from './payloads.ts';
import { referencesOf } from './references.ts';
import {
  argumentsSegment,
  type DumpArguments,
  errorSegment,
  infoSegment,
  menuSegment,
  resourceSegment,
  SEGMENT,
  terminateSegment,
} from './segments.ts';

/** Errors inside a dump: syndrome_id (our own numbers, 16 bits) and text, at most 31 characters. */
export const DUMP_ERROR = {
  UNKNOWN_TYPE: [0x0e01, 'segment type not supported'],
  SEQUENCE: [0x0e02, 'wrong sequence number'],
  VHCA: [0x0e03, 'no such vhca_id'],
  NO_OBJECT: [0x0e04, 'no object of this index'],
  INDEX1: [0x0e05, 'index1 not supported'],
  INDEX2: [0x0e06, 'index2 not supported'],
  NUM_OF_OBJ1: [0x0e07, 'num_of_obj1 not supported'],
  NUM_OF_OBJ2: [0x0e08, 'num_of_obj2 not supported'],
  MUST_NUM_OF_OBJ1: [0x0e09, 'num_of_obj1 is missing'],
  MUST_NUM_OF_OBJ2: [0x0e0a, 'num_of_obj2 is missing'],
} as const satisfies Record<string, readonly [number, string]>;

export type DumpError = (typeof DUMP_ERROR)[keyof typeof DUMP_ERROR];

export function dumpStream(device: Mlx5Device, asked: DumpArguments): Uint8Array {
  const { identity } = device.profile;
  const [major = 0, minor = 0, subMinor = 0] = identity.fw_version.split('.').map(Number);
  const fwVersion = (((major & 0xff) << 24) | ((minor & 0xff) << 16) | (subMinor & 0xffff)) >>> 0;
  return joined([
    infoSegment(identity.hw_dev_id, fwVersion),
    argumentsSegment('command', asked),
    ...body(device, asked),
  ]);
}

function body(device: Mlx5Device, asked: DumpArguments): Uint8Array[] {
  if (asked.segmentType === SEGMENT.menu) return [menuSegment(RESOURCE_MENU), terminateSegment()];
  const record = menuRecord(asked.segmentType);
  const error = record === undefined ? DUMP_ERROR.UNKNOWN_TYPE : misuse(device, record, asked);
  if (error !== undefined) return [errorSegment(error)];
  const resources = resourcesOf(device, asked);
  if (resources.length === 0) return [errorSegment(DUMP_ERROR.NO_OBJECT)];
  return [
    ...resources.map(({ index1, index2, payload }) => resourceSegment(asked.segmentType, index1, index2, payload)),
    ...references(device, asked),
    terminateSegment(),
  ];
}

/** What the menu's record does not allow. A missing index looks like index 0: the look-up decides that one. */
function misuse(device: Mlx5Device, { flags }: MenuRecord, asked: DumpArguments): DumpError | undefined {
  if (asked.vhcaId !== 0 && asked.vhcaId !== device.caps.general('vhca_id')) return DUMP_ERROR.VHCA;
  if (asked.index1 !== 0 && (flags & MENU.supportIndex1) === 0) return DUMP_ERROR.INDEX1;
  if (asked.index2 !== 0 && (flags & MENU.supportIndex2) === 0) return DUMP_ERROR.INDEX2;
  if (asked.numOfObj1 === 0 && (flags & MENU.mustNum1) !== 0) return DUMP_ERROR.MUST_NUM_OF_OBJ1;
  if (asked.numOfObj2 === 0 && (flags & MENU.mustNum2) !== 0) return DUMP_ERROR.MUST_NUM_OF_OBJ2;
  if (!countAllowed(asked.numOfObj1, flags, MENU.supportNum1, MENU.num1All, MENU.num1Active)) {
    return DUMP_ERROR.NUM_OF_OBJ1;
  }
  if (!countAllowed(asked.numOfObj2, flags, MENU.supportNum2, MENU.num2All, MENU.num2Active)) {
    return DUMP_ERROR.NUM_OF_OBJ2;
  }
  return undefined;
}

function countAllowed(count: number, flags: number, support: number, all: number, active: number): boolean {
  if (count === 0) return true;
  if ((flags & support) === 0) return false;
  if (count === ALL) return (flags & all) !== 0;
  return count !== ACTIVE || (flags & active) !== 0;
}

function references(device: Mlx5Device, asked: DumpArguments): Uint8Array[] {
  return referencesOf(device, asked).map((reference) =>
    argumentsSegment('reference', { ...reference, vhcaId: 0, index2: 0, numOfObj1: 0, numOfObj2: 0 }),
  );
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const stream = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    stream.set(part, at);
    at += part.length;
  }
  return stream;
}
