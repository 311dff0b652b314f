/**
 * What one may ask of the messages between any driver's clients and its firmware: trace, counters, faults, recorder,
 * replay, sweep, Wireshark and test kit know no driver by name; a driver's row brings its dialect. `Dialect` is there
 * from the start and answers in each call; `Messages` knows each command and field by name, loaded when first needed.
 */
import type { FieldInput, FieldValue } from '../abi/bits.ts';
import type { Held } from '../abi/held.ts';
import type { MessageBuffer } from '../abi/message-buffer.ts';
import type { AbiProfile } from '../abi/profiles.ts';
import type { ShownField } from '../abi/shown-field.ts';

/** A command that cannot be told: the request is too short, or the driver has no commands. */
export const NO_COMMAND = -1;

/** Values by which a fault chooses commands, by the keys of `Messages.selectors`; a command does not have every key. */
export type Selectors = Record<string, number>;

/** Values that make a firmware's refusal, by the keys of `Messages.refusals`. */
export type Refusal = Readonly<Record<string, number>>;

/** [from, to) of a message, bytes. */
export type ByteRange = readonly [from: number, to: number];

/** A buffer of the client's, behind an address in its request. */
export interface PointedBuffer {
  /** Offset in the request of the address, a u64, little-endian. */
  readonly at: number;
  /** As the request says; the driver refuses what is too much for it. */
  readonly bytes: number;
  /** What the driver does with it; what it writes, it writes whole, whenever the ioctl succeeds. */
  readonly way: 'read' | 'write' | 'both';
  /** The reply has the address at the same place. */
  readonly echoed: boolean;
}

export interface Dialect {
  /** Whose it is: the name of the driver's row. */
  readonly driver: string;
  /** Which command a request is, as `Messages.commandName` takes it: 0 or above; or NO_COMMAND. Asked for each RPC. */
  command(request: MessageBuffer): number;
  /** The status in the reply's first `length` bytes, for `Messages.statusName`; 0: success or none. Asked each RPC. */
  status(reply: MessageBuffer, length: number): number;
  /** What a fault may choose the request by; asked while there are faults. */
  select(request: MessageBuffer, into: Selectors): void;
  /** Makes the reply of a firmware that refuses: `reply.length` bytes, all of them. */
  refuse(refusal: Refusal, reply: MessageBuffer): void;
  /** Makes the reply say success, whatever it said. */
  succeed(reply: MessageBuffer): void;
  /** Bytes of a request up to which it is the same command: another head is further away than any payload. */
  readonly requestHead: number;
  /** Bytes of a reply's header, which bits that are flipped leave alone. */
  readonly replyHead: number;
  /** Bytes of a request that are the kernel's own, whatever the client wrote there: they are not compared. */
  readonly kernelBytes: readonly ByteRange[];
  /** The client's buffers whose addresses stand in this request, in the order in which the driver takes them. */
  buffers(request: MessageBuffer): readonly PointedBuffer[];
  load(): Promise<Messages>;
}

/** How long a trace's reader wants the decoding of a reply: the fields that tell most, or all. */
export type Detail = 'keys' | 'all';

/** A request, by name. */
export interface DescribedRequest {
  /** Numbers that say which command it is, by the driver's names (`opcode`, `op_mod`), the command's own first. */
  readonly numbers: Readonly<Record<string, number>>;
  /** The same as names, where there are any: `{ opcode: 'ACCESS_REG', register: 'MGIR' }`. */
  readonly names: Readonly<Record<string, string>>;
  /** `QUERY_HCA_CAP(GENERAL, current)`, `ACCESS_REG(read MGIR 0x9020)`. */
  readonly command: string;
  readonly fields: readonly ShownField[];
}

/** Why a firmware refused, as an errno's rule and remedy say it. */
export interface ExplainedRefusal {
  /** By which it is looked up (`fwctl-emu syndromes NAME`): `REPLY_TOO_SHORT`, `INVALID_PARAMS`. */
  readonly name: string;
  /** What the code means: a clause without a full stop. */
  readonly rule: string;
  /** Which part of the request it was, and what stood there: `register_id 0x9999`; undefined: the code does not say. */
  readonly part?: string;
  /** What would pass, where that can be said. */
  readonly fix?: string;
}

/** A code by which a firmware refuses: a row of `fwctl-emu syndromes`. */
export interface RefusalCode {
  /** Whose number it is, by the name of the reply's field: `status`, `syndrome`, `error_code`, `retval`. */
  readonly field: string;
  readonly number: number;
  readonly name: string;
  readonly text: string;
  /** What passes, in general. */
  readonly remedy?: string;
  /** The status that comes with a syndrome. */
  readonly with?: string;
  /** What the kernel's driver makes of it, where it hands on an errno instead of the reply. */
  readonly errno?: string;
}

/** What the firmware answered. */
export interface DescribedReply {
  /** 0 is success. */
  readonly status: number;
  readonly statusName: string;
  /** What else a refusal says, by name: `{ syndrome: 0x1a2b }`. */
  readonly codes: Readonly<Record<string, number>>;
  /** Of a refusal; undefined: nobody knows what the code means. */
  readonly refusal?: ExplainedRefusal | undefined;
  /** All of them; with detail `keys` there may be none. */
  readonly fields: readonly ShownField[];
  /** The fields worth a place on a line, the most telling first. */
  readonly keys: readonly ShownField[];
}

/** Who may send what: a row of a driver's scope table. */
export interface ScopeTableRow {
  /** The command's own number, as `Dialect.command` has it; undefined: the device says which they are. */
  readonly number: number | undefined;
  readonly name: string;
  /** What decides beside the command, in words: `op_mod other than 0`; undefined: nothing. */
  readonly when?: string;
  /** In which it passes, ascending; empty: in none. */
  readonly scopes: readonly number[];
}

/** A field of a message, placed in it. */
export interface MessageField {
  /** Its whole name, `fw_info.psid`. */
  readonly path: string;
  /** Bytes of the message that it is in. */
  readonly bytes: ByteRange;
  /** Width. Above 64 it is a run of bytes. */
  readonly bits: number;
  read(message: DataView): FieldValue;
  /** Throws FieldError for a value that does not fit. */
  write(message: DataView, value: FieldInput): void;
}

/** A part of a request that says which command it is. */
export interface HeadField {
  readonly name: string;
  readonly value: string | number;
  readonly bytes: ByteRange;
  /** Requests that differ here have no payload in common. */
  readonly decides: boolean;
}

/** A key of a fault's text. */
export interface FaultKeyRow {
  readonly about: string;
  /** With its value, as it is written. */
  readonly example: string;
  /** Where it may stand: at commands, at opens as well. */
  readonly for: readonly ('open' | 'rpc')[];
  /** Throws an Error that says what is wrong with the value and what would be right. */
  read(text: string): number;
}

/** A delivered request, as a sweep tries it. */
export interface SweptRequest {
  readonly request: DataView;
  /** Bytes that the client asks for. */
  readonly outLength: number;
}

/** A way in which a sweep lets a command go wrong. */
export interface SweepWay {
  readonly kind: string;
  readonly about: string;
  /** Effects of a fault, each as its text has them; none: it does not apply to this request. */
  effects(call: SweptRequest): readonly string[];
}

/** The driver's part of the Wireshark dissector, Lua. */
export interface LuaPart {
  /** ProtoField rows `name = ProtoField...,` and the tables before them that they use. */
  readonly tables: string;
  readonly fields: string;
  /** Bodies of `function(buffer, part, words)`: `part` is the tree below the bytes, `words` the line's. */
  readonly request: string;
  readonly reply: string;
}

/** Every command and field of a driver by name. Decoders throw on no bytes; where one does, its caller shows hex. */
export interface Messages {
  readonly driver: string;
  /** Bytes below which nothing of a request, or a reply, is decoded. */
  readonly requestHeader: number;
  readonly replyHeader: number;
  request(bytes: Uint8Array, length: number): DescribedRequest;
  reply(
    request: Uint8Array,
    requestLength: number,
    reply: Uint8Array,
    replyLength: number,
    detail: Detail,
  ): DescribedReply;
  /** The driver's data of FWCTL_INFO; undefined: nobody knows what they are. */
  info(bytes: Uint8Array): readonly ShownField[] | undefined;
  /** The context's number that the driver has put into the request it sent on; undefined: this driver puts none. */
  context(request: Uint8Array): number | undefined;
  commandName(command: number): string;
  statusName(status: number): string;
  /** Every status by name, for filters. */
  readonly statusNames: readonly string[];
  /** Every code by which this firmware refuses, and the kernel's driver for it. */
  readonly refusalCodes: readonly RefusalCode[];
  /** What else a request may have been meant to be, of a number that is no command: in the other order of bytes. */
  meant(request: Uint8Array): string | undefined;
  /** The scopes, ascending, in which this kernel's driver lets the request through. */
  scopesAllowing(abi: AbiProfile, request: Uint8Array): readonly number[];
  /**
   * What this kernel's driver lets through, by number; what has no row passes in no scope. Undefined: the driver does
   * not look at what it is sent, and all that the core admits passes.
   */
  scopeTable(abi: AbiProfile): readonly ScopeTableRow[] | undefined;
  /** What says which command it is, with its text; for two requests side by side. */
  head(request: DataView): readonly HeadField[];
  /** Fields that stand wholly in the message. */
  requestFields(request: DataView): Iterable<MessageField>;
  replyFields(request: DataView, reply: DataView): Iterable<MessageField>;
  /** Keys by which faults choose commands (`opcode`), and that make a refusal (`status`). No two are named alike. */
  readonly selectors: Readonly<Record<string, FaultKeyRow>>;
  readonly refusals: Readonly<Record<string, FaultKeyRow>>;
  /** Pairs of selectors that no command has both of. */
  readonly exclusive: readonly (readonly [string, string])[];
  /** Refusals that a sweep tries at each command and each open, and replies wrong in the driver's own ways. */
  readonly sweep: {
    readonly refusals: readonly SweepWay[];
    readonly opens: readonly SweepWay[];
    readonly replies: readonly SweepWay[];
  };
  readonly lua: LuaPart;
}

/** What stands at the door of a device's firmware, before each of its commands. */
export interface DoorGuard {
  /** False: nothing is to be asked, and `pass` would do nothing. */
  readonly active: boolean;
  /** Answers as `execute` does, in its place or with its help. Throws Errno: the command is not delivered. */
  pass(
    request: MessageBuffer,
    reply: MessageBuffer,
    execute: () => undefined | Held<undefined>,
  ): undefined | Held<undefined>;
}

/** Whether `name` means the field of that path: the whole of it, or its last part (`psid` is `fw_info.psid`). */
export function isNamed(path: string, name: string): boolean {
  return path === name || path.endsWith(`.${name}`);
}
