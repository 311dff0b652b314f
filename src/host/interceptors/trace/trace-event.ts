/**
 * What the trace says of one open, ioctl or close: plain data, made once and then written as text (trace-text.ts) or as
 * JSON (trace-json.ts). An event says only what is proved: bytes that were not copied from the caller, or not answered
 * by the driver, are absent and never guessed from what an earlier call left behind.
 */
import type { AbiName } from '../../../abi/profiles.ts';
import type { ShownField } from '../../../abi/shown-field.ts';
import type { DescribedReply, DescribedRequest } from '../../../fwctl/dialect.ts';
import type { PointedCopy } from './trace-call.ts';

/** The scopes in which one ABI profile passes the request that was refused. */
export interface Passing {
  readonly abi: AbiName;
  readonly scopes: readonly number[];
}

export type TraceOutcome =
  | { readonly kind: 'ok'; readonly value: number }
  | {
      readonly kind: 'refused';
      /** Errno name. */
      readonly errno: string;
      readonly rule: string;
      /** How to fix the client, where that is known. */
      readonly fix: string | undefined;
      /**
       * For an RPC refused for its command or scope: who would have let it pass. This device's own kernel is first,
       * also with no scope at all; others only where they pass it.
       */
      readonly passes: readonly Passing[] | undefined;
    }
  /** An exception that is no errno: a bug of ours, or a caller whose memory cannot be had. */
  | { readonly kind: 'failed'; readonly message: string };

interface TraceBase {
  /** Start of the call, microseconds since the Unix epoch. */
  readonly timeUs: number;
  /** `fwctl0`. */
  readonly device: string;
  /** Whose messages its RPCs are, by the driver's name; undefined: it has none. */
  readonly driver: string | undefined;
  /** Number of the open file, counted from 1 for each device. */
  readonly file: number;
  /** Of the calling thread; for a close, of the thread that opened. */
  readonly comm: string;
  readonly tid: number;
  readonly callerUid: number;
  /** From the call's start to its end; for a close, how long the file was open. */
  readonly durationUs: number;
}

export interface OpenEvent extends TraceBase {
  readonly kind: 'open';
  /** O_* flags. */
  readonly flags: number;
  /** The answer was held back by the driver or an interceptor. */
  readonly held: boolean;
  readonly outcome: TraceOutcome;
}

export interface InfoPart {
  readonly kind: 'info';
  readonly flags: number;
  /** device_data_len as the caller gave it. */
  readonly dataLen: number;
  /** As answered; absent when it was not. */
  readonly answer:
    | { readonly deviceType: number; readonly dataLen: number; readonly fields: readonly ShownField[] }
    | undefined;
}

export interface RpcPart {
  readonly kind: 'rpc';
  readonly scope: number;
  readonly inLen: number;
  readonly outLen: number;
  /** The context's uid that the driver put into the request; absent when it did not get that far. */
  readonly uid: number | undefined;
  /** Absent: not read from the caller, or nobody knows the driver's messages. */
  readonly request: DescribedRequest | undefined;
  /** The first bytes of a request or reply that nothing decodes. */
  readonly requestHex: string | undefined;
  /** The driver answered: the command has been executed, even when the ioctl then failed. */
  readonly delivered: boolean;
  readonly reply: DescribedReply | undefined;
  readonly replyHex: string | undefined;
  /** The reply's fields that differ from the last reply to the same request; the first time, those not zero. */
  readonly changed: readonly ShownField[];
  /** What the driver read and wrote at addresses in the request, in its order; absent: nothing. */
  readonly pointed?: readonly PointedCopy[];
  /** The payloads as they passed, the first 64 KiB of each; absent unless somebody wants them. */
  readonly raw?: { readonly request: Uint8Array; readonly reply: Uint8Array | undefined };
}

/** An ioctl that is a command itself. */
export interface CommandPart {
  readonly kind: 'command';
  /** The uAPI name, `IOMMU_IOAS_MAP`. */
  readonly name: string;
  /** Members as the caller gave them; none: the structure was not read. Pointers and flags are text. */
  readonly asked: readonly ShownField[];
  /** Members that the ioctl writes; none: it got not that far. */
  readonly answered: readonly ShownField[];
}

export interface IoctlEvent extends TraceBase {
  readonly kind: 'ioctl';
  /** The ioctl word. */
  readonly cmd: number;
  /** Absent: unknown number, or its structure was not read. */
  readonly part: InfoPart | RpcPart | CommandPart | undefined;
  readonly held: boolean;
  readonly outcome: TraceOutcome;
}

export interface CloseEvent extends TraceBase {
  readonly kind: 'close';
  readonly uid: number | undefined;
  /** ioctls made through the file. */
  readonly ioctls: number;
}

/** A line of the emulated kernel's log: the taint warning. */
export interface KmsgEvent {
  readonly kind: 'kmsg';
  readonly timeUs: number;
  /** 0 emergency .. 7 debug. */
  readonly level: number;
  readonly text: string;
}

export type TraceEvent = OpenEvent | IoctlEvent | CloseEvent | KmsgEvent;

/** Takes each event as it happens. Must not throw and must not wait. */
export type TraceListener = (event: TraceEvent) => void;
