/** From a finished call to its event's part: what was asked and answered, as its own copies prove (trace-call.ts). */
import { FWCTL_INFO, FWCTL_RPC, fwctlInfo, fwctlRpc } from '../../../abi/fwctl.ts';
import { ABI_PROFILES, type AbiProfile } from '../../../abi/profiles.ts';
import { isZero, type ShownField } from '../../../abi/shown-field.ts';
import type { DescribedReply, DescribedRequest, Detail, Messages } from '../../../fwctl/dialect.ts';
import { FRAME } from '../../../kernel/call.ts';
import { type DescribedIoctl, memberEnd, memberField } from '../../../kernel/ioctl-members.ts';
import type { TracedCall } from './trace-call.ts';
import type { CommandPart, InfoPart, Passing, RpcPart } from './trace-event.ts';
import type { KnownIoctl } from './trace-number.ts';

/** What the readers of a trace want together. */
export interface TraceWants {
  detail: Detail;
  /** The payloads' own bytes too. */
  raw: boolean;
}

/** Requests whose last reply is remembered, to say what changed. */
const REMEMBERED = 256;
/** Bytes shown of a payload that nothing decodes. */
const HEX_BYTES = 16;
/** Bytes of a payload that an event carries when raw ones are wanted: a captured packet must stay below 256 KiB. */
const RAW_BYTES = 64 * 1024;

const FWCTL_IOCTLS: readonly KnownIoctl[] = [
  { name: 'FWCTL_INFO', number: FWCTL_INFO, bytes: fwctlInfo.bytes },
  { name: 'FWCTL_RPC', number: FWCTL_RPC, bytes: fwctlRpc.bytes },
];

type TracedPart = InfoPart | RpcPart | CommandPart;

export class Payloads {
  readonly abi: AbiProfile;
  private readonly messages: Messages | undefined;
  private readonly wants: TraceWants;
  private readonly ioctls: ReadonlyMap<number, DescribedIoctl> | undefined;
  private readonly last = new Map<string, ReadonlyMap<string, ShownField[1]>>();

  /** `ioctls`: the subsystem's own, by ioctl word; undefined: fwctl's. */
  constructor(
    abi: AbiProfile,
    messages: Messages | undefined,
    wants: TraceWants,
    ioctls?: ReadonlyMap<number, DescribedIoctl>,
  ) {
    this.abi = abi;
    this.messages = messages;
    this.wants = wants;
    this.ioctls = ioctls;
  }

  /** Undefined: not an ioctl of the subsystem, or (fwctl) its structure did not arrive. */
  part(call: TracedCall): TracedPart | undefined {
    if (this.ioctls !== undefined) {
      const row = this.ioctls.get(call.cmd);
      return row && commandPart(call, row);
    }
    if (call.cmd === FWCTL_INFO) return arrived(call, fwctlInfo.bytes) ? this.infoPart(call) : undefined;
    if (call.cmd === FWCTL_RPC) return arrived(call, fwctlRpc.bytes) ? this.rpcPart(call) : undefined;
    return undefined;
  }

  /** The uid that this part shows of its file's context. */
  uidOf(part: TracedPart | undefined): number | undefined {
    if (part?.kind === 'rpc') return part.uid;
    if (part?.kind === 'command') return undefined;
    const uid = part?.answer?.fields.find(([name]) => name === 'uid')?.[1];
    return typeof uid === 'number' ? uid : undefined;
  }

  /** The node's ioctls. */
  get known(): readonly KnownIoctl[] {
    return this.ioctls === undefined ? FWCTL_IOCTLS : [...this.ioctls.values()];
  }

  /** Whose messages they are; undefined: they are not loaded. */
  get driver(): string | undefined {
    return this.messages?.driver;
  }

  /** Who passes this call's request: this device's kernel first, also where it does not, then those others that do. */
  passes(call: TracedCall): readonly Passing[] | undefined {
    const { messages, abi: own } = this;
    if (messages === undefined) return undefined;
    const request = requestBytes(call);
    const passing = (abi: AbiProfile): Passing => ({ abi: abi.name, scopes: messages.scopesAllowing(abi, request) });
    const others = ABI_PROFILES.filter(({ name }) => name !== own.name).map(passing);
    return [passing(own), ...others.filter(({ scopes }) => scopes.length > 0)];
  }

  /** What a request of no known number may have been meant to be. */
  meant(call: TracedCall): string | undefined {
    return this.messages?.meant(requestBytes(call));
  }

  private infoPart(call: TracedCall): InfoPart {
    const { ucmd, view } = call;
    const asked = {
      flags: ucmd.getUint32(fwctlInfo.flags, true),
      dataLen: ucmd.getUint32(fwctlInfo.deviceDataLen, true),
    };
    if (call.committed === undefined) return { kind: 'info', ...asked, answer: undefined };
    const data = outBytes(call);
    const answer = {
      deviceType: view.getUint32(FRAME.ucmd + fwctlInfo.outDeviceType, true),
      dataLen: view.getUint32(FRAME.ucmd + fwctlInfo.deviceDataLen, true),
      fields: data === undefined ? [] : this.infoFields(data),
    };
    return { kind: 'info', ...asked, answer };
  }

  private infoFields(data: Uint8Array): readonly ShownField[] {
    return attempt(() => this.messages?.info(data)) ?? [['data', hex(data)]];
  }

  private rpcPart(call: TracedCall): RpcPart {
    const { messages } = this;
    const { ucmd } = call;
    const inLen = ucmd.getUint32(fwctlRpc.inLen, true);
    const request = requestBytes(call);
    const delivered = call.committed !== undefined;
    const replyBytes = outBytes(call);
    const headed = messages !== undefined && request.length >= messages.requestHeader;
    const pointed = delivered ? call.pointed : call.pointed.filter(({ way }) => way === 'read');
    const decoded = headed ? attempt(() => messages.request(request, request.length)) : undefined;
    const reply =
      headed && replyBytes !== undefined && replyBytes.length >= messages.replyHeader
        ? attempt(() => messages.reply(request, request.length, replyBytes, replyBytes.length, this.wants.detail))
        : undefined;
    return {
      kind: 'rpc',
      scope: ucmd.getUint32(fwctlRpc.scope, true),
      inLen,
      outLen: ucmd.getUint32(fwctlRpc.outLen, true),
      uid: headed && delivered ? attempt(() => messages.context(request)) : undefined,
      request: decoded,
      requestHex: decoded === undefined && request.length > 0 ? hex(request) : undefined,
      delivered,
      reply,
      replyHex: reply === undefined && replyBytes !== undefined && replyBytes.length > 0 ? hex(replyBytes) : undefined,
      changed: decoded === undefined || reply === undefined ? [] : this.changed(decoded, reply),
      ...(pointed.length > 0 && { pointed }),
      ...(this.wants.raw && { raw: { request: request.slice(0, RAW_BYTES), reply: replyBytes?.slice(0, RAW_BYTES) } }),
    };
  }

  private changed(request: DescribedRequest, reply: DescribedReply): readonly ShownField[] {
    // A refused command answers no fields, which must not count as a change of them.
    if (reply.status !== 0 || this.wants.detail === 'keys') return [];
    const before = this.last.get(request.command);
    this.last.delete(request.command);
    this.last.set(request.command, new Map(reply.fields));
    if (this.last.size > REMEMBERED) {
      const [oldest = ''] = this.last.keys();
      this.last.delete(oldest);
    }
    if (before === undefined) return reply.fields.filter(([, value]) => !isZero(value));
    return reply.fields.filter(([name, value]) => before.get(name) !== value);
  }
}

/** Members as they came, as far as they came, and as they were answered. */
function commandPart(call: TracedCall, row: DescribedIoctl): CommandPart {
  const { ucmd, view } = call;
  const { name, members, argument } = row;
  if (argument !== undefined) {
    return { kind: 'command', name, asked: [[argument, view.getBigUint64(FRAME.arg, true)]], answered: [] };
  }
  const here = row.bytes > 0 && arrived(call, row.bytes);
  const given = here ? Math.min(call.ucmdBytes, ucmd.getUint32(0, true)) : 0;
  const asked = members
    .filter((member) => member.way !== 'out' && memberEnd(member) <= given)
    .map((member) => memberField(ucmd, 0, member))
    .filter(([member, value]) => !(member.startsWith('__reserved') && isZero(value)));
  const answered = call.committed === undefined ? [] : members.filter(({ way }) => way !== 'in');
  return { kind: 'command', name, asked, answered: answered.map((member) => memberField(view, FRAME.ucmd, member)) };
}

/** As far as they arrived. */
function requestBytes(call: TracedCall): Uint8Array {
  const inLen = call.ucmd.getUint32(fwctlRpc.inLen, true);
  return call.bytes.subarray(FRAME.in, FRAME.in + Math.min(call.inBytes, inLen));
}

/** The whole structure is here and its size word admits it. */
function arrived(call: TracedCall, bytes: number): boolean {
  return call.ucmdBytes >= bytes && call.ucmd.getUint32(0, true) >= bytes;
}

/** What the driver answered into the caller's buffer, as far as the caller had room. */
function outBytes(call: TracedCall): Uint8Array | undefined {
  if (call.outLength < 0) return undefined;
  return call.bytes.subarray(call.outSource, call.outSource + call.outLength);
}

function hex(bytes: Uint8Array): string {
  const text = Array.from(bytes.subarray(0, HEX_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return bytes.length > HEX_BYTES ? `${text}...` : text;
}

function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
