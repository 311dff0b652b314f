/**
 * The trace as pcapng, for Wireshark (extras/wireshark/fwctl-emu.lua) and tcpdump: an interface a device, a packet an
 * event, commented by the trace's text. Format: draft-ietf-opsawg-pcapng sections 4.1 to 4.3; LINKTYPE_USER0 is 147. A
 * packet: a header of HEADER_BYTES, the request's bytes, the reply's, as they passed; little-endian.
 */
import { ERRNO } from '../../../abi/errno.ts';
import type { TraceEvent } from './trace-event.ts';
import { eventText } from './trace-text.ts';

const LINKTYPE_USER0 = 147;
const BYTE_ORDER = 0x1a2b3c4d;
const BLOCK = { section: 0x0a0d0d0a, interface: 1, packet: 6 } as const;
const OPTION = { end: 0, comment: 1, interfaceName: 2, timestampResolution: 9, application: 4 } as const;

/** Kinds of packets. */
export const PACKET_KIND = { open: 0, ioctl: 1, close: 2, kmsg: 3, dropped: 4 } as const;

/** Where each value stands in a packet's header: [offset, bytes]. Names are the dissector's too. */
export const PACKET_FIELDS = {
  version: [0, 1],
  kind: [1, 1],
  header: [2, 2],
  cmd: [4, 4],
  result: [8, 4],
  tid: [12, 4],
  caller_uid: [16, 4],
  file: [20, 4],
  scope: [24, 4],
  in_len: [28, 4],
  out_len: [32, 4],
  microseconds: [36, 4],
  request_bytes: [40, 4],
  reply_bytes: [44, 4],
  flags: [48, 2],
  uctx_uid: [50, 2],
  device: [52, 16],
  comm: [68, 16],
  // whose messages the request and the reply are
  driver: [84, 16],
} as const satisfies Record<string, readonly [number, number]>;

export const PACKET_VERSION = 2;
export const HEADER_BYTES = 100;
/** Bits of `flags`. */
export const PACKET_FLAG = { held: 1, delivered: 2 } as const;
/** `uctx_uid` where it is not known. */
const NO_UID = 0xffff;
/** `result` of what was not carried out and has no errno. */
const FAILED = -0x7fffffff;

/** Turns events into blocks; one for each file, as interfaces are numbered in it. */
export class PcapngWriter {
  private readonly interfaces = new Map<string, number>();

  /** The start of every file. */
  start(): Uint8Array {
    const body = new DataView(new ArrayBuffer(16));
    body.setUint32(0, BYTE_ORDER, true);
    body.setUint16(4, 1, true);
    body.setBigInt64(8, -1n, true);
    return block(BLOCK.section, [bytesOf(body), ...options([[OPTION.application, latin1('fwctl-emu')]])]);
  }

  event(event: TraceEvent): Uint8Array {
    const device = event.kind === 'kmsg' ? 'kmsg' : event.device;
    return this.packet(device, event.timeUs, packetOf(event), eventText(event, { fields: 'none', color: false }));
  }

  /** Says that so many events are missing here. */
  dropped(count: number, timeUs: number): Uint8Array {
    const view = header(PACKET_KIND.dropped);
    view.setInt32(PACKET_FIELDS.result[0], count, true);
    return this.packet('kmsg', timeUs, [bytesOf(view)], `${count} events dropped here: the reader is too slow`);
  }

  private packet(device: string, timeUs: number, parts: readonly Uint8Array[], comment: string): Uint8Array {
    const described: Uint8Array[] = [];
    let number = this.interfaces.get(device);
    if (number === undefined) {
      number = this.interfaces.size;
      this.interfaces.set(device, number);
      described.push(interfaceBlock(device));
    }
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const head = new DataView(new ArrayBuffer(20));
    const time = BigInt(Math.max(0, Math.floor(timeUs)));
    head.setUint32(0, number, true);
    head.setUint32(4, Number(time >> 32n), true);
    head.setUint32(8, Number(time & 0xffffffffn), true);
    head.setUint32(12, length, true);
    head.setUint32(16, length, true);
    const packet = block(BLOCK.packet, [
      bytesOf(head),
      ...parts,
      new Uint8Array(padding(length)),
      ...options([[OPTION.comment, Buffer.from(comment, 'utf8')]]),
    ]);
    return described.length === 0 ? packet : Buffer.concat([...described, packet]);
  }
}

function packetOf(event: TraceEvent): readonly Uint8Array[] {
  if (event.kind === 'kmsg') {
    const view = header(PACKET_KIND.kmsg);
    view.setInt32(PACKET_FIELDS.result[0], event.level, true);
    const text = Buffer.from(event.text, 'utf8');
    view.setUint32(PACKET_FIELDS.request_bytes[0], text.length, true);
    return [bytesOf(view), text];
  }
  const view = header(PACKET_KIND[event.kind]);
  const put = (name: keyof typeof PACKET_FIELDS, value: number) =>
    view.setUint32(PACKET_FIELDS[name][0], value >>> 0, true);
  put('tid', event.tid);
  put('caller_uid', event.callerUid);
  put('file', event.file);
  put('microseconds', Math.min(Math.round(event.durationUs), 0xffffffff));
  text(view, 'device', event.device);
  text(view, 'comm', event.comm);
  text(view, 'driver', event.driver ?? '');
  if (event.kind !== 'close') view.setInt32(PACKET_FIELDS.result[0], resultOf(event.outcome), true);
  const part = event.kind === 'ioctl' ? event.part : undefined;
  const rpc = part?.kind === 'rpc' ? part : undefined;
  const held = event.kind !== 'close' && event.held ? PACKET_FLAG.held : 0;
  view.setUint16(PACKET_FIELDS.flags[0], held | (rpc?.delivered === true ? PACKET_FLAG.delivered : 0), true);
  const uid = event.kind === 'close' ? event.uid : rpc?.uid;
  view.setUint16(PACKET_FIELDS.uctx_uid[0], uid ?? NO_UID, true);
  if (event.kind === 'ioctl') put('cmd', event.cmd);
  if (rpc === undefined) return [bytesOf(view)];
  put('scope', rpc.scope);
  put('in_len', rpc.inLen);
  put('out_len', rpc.outLen);
  const request = rpc.raw?.request ?? new Uint8Array(0);
  const reply = rpc.raw?.reply ?? new Uint8Array(0);
  put('request_bytes', request.length);
  put('reply_bytes', reply.length);
  return [bytesOf(view), request, reply];
}

function resultOf(outcome: Exclude<TraceEvent, { kind: 'close' | 'kmsg' }>['outcome']): number {
  if (outcome.kind === 'ok') return outcome.value;
  if (outcome.kind === 'failed') return FAILED;
  return -(ERRNO[outcome.errno as keyof typeof ERRNO] ?? -FAILED);
}

function header(kind: number): DataView {
  const view = new DataView(new ArrayBuffer(HEADER_BYTES));
  view.setUint8(PACKET_FIELDS.version[0], PACKET_VERSION);
  view.setUint8(PACKET_FIELDS.kind[0], kind);
  view.setUint16(PACKET_FIELDS.header[0], HEADER_BYTES, true);
  return view;
}

/** Cut at the room; NUL up to its end. */
function text(view: DataView, name: 'device' | 'comm' | 'driver', value: string): void {
  const [offset, bytes] = PACKET_FIELDS[name];
  for (let i = 0; i < Math.min(value.length, bytes); i++) view.setUint8(offset + i, value.charCodeAt(i) & 0xff);
}

function interfaceBlock(device: string): Uint8Array {
  const head = new DataView(new ArrayBuffer(8));
  head.setUint16(0, LINKTYPE_USER0, true);
  const described = options([
    [OPTION.interfaceName, latin1(device)],
    [OPTION.timestampResolution, new Uint8Array([6])],
  ]);
  return block(BLOCK.interface, [bytesOf(head), ...described]);
}

/** Type, length, body, length again. */
function block(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = 12 + parts.reduce((sum, part) => sum + part.length, 0);
  const head = new DataView(new ArrayBuffer(8));
  head.setUint32(0, type, true);
  head.setUint32(4, length, true);
  const tail = new DataView(new ArrayBuffer(4));
  tail.setUint32(0, length, true);
  return Buffer.concat([bytesOf(head), ...parts, bytesOf(tail)]);
}

/** Each padded to a multiple of 4, and the end of them. An option is at most 65535 bytes. */
function options(list: readonly (readonly [code: number, value: Uint8Array])[]): Uint8Array[] {
  return [...list, [OPTION.end, new Uint8Array(0)] as const].flatMap(([code, whole]) => {
    const value = whole.subarray(0, 0xffff);
    const head = new DataView(new ArrayBuffer(4));
    head.setUint16(0, code, true);
    head.setUint16(2, value.length, true);
    return [bytesOf(head), value, new Uint8Array(padding(value.length))];
  });
}

function padding(length: number): number {
  return -length & 3;
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
}

function latin1(value: string): Uint8Array {
  return Buffer.from(value, 'latin1');
}
