/** Members of the ioctl's structure in its frame. `offset` counts from the structure's start; all little-endian. */
import { type Call, FRAME } from '../kernel/call.ts';

export function u16(call: Call, offset: number): number {
  return call.view.getUint16(FRAME.ucmd + offset, true);
}

export function u32(call: Call, offset: number): number {
  return call.view.getUint32(FRAME.ucmd + offset, true);
}

export function u64(call: Call, offset: number): bigint {
  return call.view.getBigUint64(FRAME.ucmd + offset, true);
}

export function setU32(call: Call, offset: number, value: number): void {
  call.view.setUint32(FRAME.ucmd + offset, value, true);
}

export function setU64(call: Call, offset: number, value: bigint): void {
  call.view.setBigUint64(FRAME.ucmd + offset, value, true);
}
