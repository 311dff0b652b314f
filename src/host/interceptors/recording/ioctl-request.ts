/**
 * One of iommufd's ioctls as a recording has it: its structure as it came, without what means nothing in another run
 * (addresses of the caller, members that are only written), and what the structure points to. Which members are
 * addresses: include/uapi/linux/iommufd.h and vfio.h; no ioctl has two.
 */
import * as abi from '../../../abi/iommufd.ts';
import { DEFAULT_IOMMUFD_ABI, iommufdAbi } from '../../../abi/iommufd-profiles.ts';
import * as vfio from '../../../abi/iommufd-vfio.ts';
import { fieldText, type ShownField } from '../../../abi/shown-field.ts';
import { iommufdTrace } from '../../../iommufd/describe.ts';
import { iommufdCommands } from '../../../iommufd/ioctls.ts';
import { type Call, FRAME, POINTER_BYTES } from '../../../kernel/call.ts';
import type { IoctlCommand } from '../../../kernel/commands.ts';
import { type DescribedIoctl, type DescribedMember, memberEnd, memberField } from '../../../kernel/ioctl-members.ts';

export interface IoctlRequest {
  /** The uAPI name. */
  readonly name: string;
  /** The structure, as far as the kernel knows it; of an ioctl whose argument is a value, that value, 8 bytes. */
  readonly bytes: Uint8Array;
}

/** Offset of the address in the structure, by ioctl word. */
const ADDRESSES: ReadonlyMap<number, number> = new Map<number, number>([
  [abi.IOMMU_IOAS_ALLOW_IOVAS, abi.allowIovas.allowedIovas],
  [abi.IOMMU_IOAS_IOVA_RANGES, abi.iovaRanges.allowedIovas],
  [abi.IOMMU_IOAS_MAP, abi.ioasMap.userVa],
  [abi.IOMMU_HWPT_ALLOC, abi.hwptAlloc.dataUptr],
  [abi.IOMMU_GET_HW_INFO, abi.hwInfo.dataUptr],
  [abi.IOMMU_HWPT_GET_DIRTY_BITMAP, abi.getDirtyBitmap.data],
  [abi.IOMMU_HWPT_INVALIDATE, abi.hwptInvalidate.dataUptr],
  [vfio.VFIO_IOMMU_MAP_DMA, vfio.dmaMap.vaddr],
]);

const VALUE_BYTES = 8;
/** A pointed-to array is read in pieces. */
const PIECE = 0x100000;

const newest = iommufdAbi(DEFAULT_IOMMUFD_ABI);
const traced = newest === undefined ? new Map<number, DescribedIoctl>() : iommufdTrace(newest);
const sizes: ReadonlyMap<string, number> = new Map(
  newest === undefined ? [] : iommufdCommands(newest).map(({ name, size }) => [name, size]),
);
const byName: ReadonlyMap<string, DescribedIoctl> = new Map([...traced.values()].map((row) => [row.name, row]));

export function isIoctlName(name: string): boolean {
  return byName.has(name);
}

/** What is asked, copied: commands answer in place. */
export function ioctlRequest({ name, number, size }: IoctlCommand, { bytes, view }: Call): IoctlRequest {
  const row = byName.get(name);
  if (row?.argument !== undefined) return { name, bytes: bytes.slice(FRAME.arg, FRAME.arg + VALUE_BYTES) };
  const given = size === 0 ? 0 : Math.min(size, view.getUint32(FRAME.ucmd, true));
  const copy = bytes.slice(FRAME.ucmd, FRAME.ucmd + given);
  const address = ADDRESSES.get(number);
  if (address !== undefined) copy.fill(0, address, address + POINTER_BYTES);
  for (const member of row?.members ?? []) if (member.way === 'out') copy.fill(0, member.offset, memberEnd(member));
  return { name, bytes: copy };
}

/** Offset of the address in the structure; undefined: there is none. */
export function addressIn({ number }: IoctlCommand): number | undefined {
  return ADDRESSES.get(number);
}

/** Where in the frame that address stands. */
export function addressOf(command: IoctlCommand): number {
  return FRAME.ucmd + (addressIn(command) ?? 0);
}

/** What the structure points to, as far as it can be read. */
export function readPointedTo(command: IoctlCommand, call: Call, length: number): Uint8Array {
  const pointer = addressOf(command);
  const read = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const wanted = Math.min(PIECE, length - done);
    const copied = call.copyFromUser(pointer, done, FRAME.in, wanted);
    read.set(call.bytes.subarray(FRAME.in, FRAME.in + copied), done);
    done += copied;
    if (copied < wanted) return read.subarray(0, done);
  }
  return read;
}

/** `IOMMU_IOAS_MAP flags=WRITEABLE|READABLE ioas_id=1 length=0x1000 iova=0x0`. */
export function requestText(request: IoctlRequest): string {
  return [request.name, ...fieldsOf(request).map(fieldText)].join(' ');
}

/** The members that an ioctl which has answered wrote, from its structure in the frame. */
export function answerText({ number }: IoctlCommand, { view }: Call): string {
  const written = (traced.get(number)?.members ?? []).filter(({ way }) => way !== 'in');
  return written.map((member) => ` ${fieldText(memberField(view, FRAME.ucmd, member))}`).join('');
}

/** `length: 0x2000, recorded 0x1000`, and bytes that no member explains. */
export function ioctlDifferences(asked: IoctlRequest, recorded: IoctlRequest): string[] {
  if (asked.name !== recorded.name) return [`ioctl: ${asked.name}, recorded ${recorded.name}`];
  const [left, right] = [new Map(fieldsOf(asked)), new Map(fieldsOf(recorded))];
  const found = [...new Set([...left.keys(), ...right.keys()])].flatMap((name) => {
    const [a, b] = [left.get(name) ?? 'none', right.get(name) ?? 'none'];
    return a === b ? [] : [`${name}: ${a}, recorded ${b}`];
  });
  if (found.length > 0 || sameBytes(asked.bytes, recorded.bytes)) return found;
  return [`structure: ${hex(asked.bytes)}, recorded ${hex(recorded.bytes)}`];
}

/** Bytes that differ; another ioctl is further away than any structure. */
export function ioctlUnlikeness(asked: IoctlRequest, recorded: IoctlRequest): number {
  const [a, b] = [asked.bytes, recorded.bytes];
  let count = Math.abs(a.length - b.length) + (asked.name === recorded.name ? 0 : 0x10000);
  for (let at = Math.min(a.length, b.length) - 1; at >= 0; at--) if (a[at] !== b[at]) count++;
  return count;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** What was asked for, member by member; the size word first. */
function fieldsOf({ name, bytes }: IoctlRequest): ShownField[] {
  const row = byName.get(name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (row === undefined || bytes.length < 4) return [];
  if (row.argument !== undefined) return bytes.length < VALUE_BYTES ? [] : [[row.argument, view.getBigUint64(0, true)]];
  const address = ADDRESSES.get(row.number);
  const shown = ({ way, offset }: DescribedMember) => way !== 'out' && offset !== address && offset !== 0;
  const members = row.members.filter((member) => shown(member) && memberEnd(member) <= bytes.length);
  const size = view.getUint32(0, true);
  return [
    ...(size === sizes.get(name) ? [] : [['size', size] as const]),
    ...members
      .map((member) => memberField(view, 0, member))
      .filter(([member, value]) => !(member.startsWith('__reserved') && value === 0)),
  ];
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
