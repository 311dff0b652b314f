/**
 * A method of the control socket: one row gives route, schema, verb of the command line, help and part of the OpenAPI
 * document. Rows are plain data with two functions: the command line reads them without loading what they work on.
 */
import type { ControlContext } from './context.ts';
import type { Client } from './owner.ts';

/**
 * `file`: an absolute path, which the command line makes. `list`: texts, an option given again; only in a body.
 * `content`: a file's text, which the command line has read; only in a body, which may be so much larger.
 */
export type ParamKind = 'text' | 'integer' | 'flag' | 'value' | 'choice' | 'file' | 'list' | 'content';

/** A whole number, text, true or false; text of a command line is read as one (`overrideValue`). */
export type PlainValue = string | number | boolean;

export interface Param {
  readonly kind: ParamKind;
  /** One sentence without its full stop. */
  readonly about: string;
  readonly required?: boolean;
  /** Of a choice. */
  readonly choices?: readonly string[];
  /** Of an integer; default: 0. */
  readonly min?: number;
  /** Of an integer; or the longest text. */
  readonly max?: number;
  /** On the command line an argument of this name (`DEVICE`) instead of an option `--name VALUE`. */
  readonly argument?: string;
  /** The name of an option's value on the command line. Default: VALUE. */
  readonly placeholder?: string;
  /** Only for programs: the command line finds the value by itself. */
  readonly hidden?: boolean;
  readonly example?: PlainValue;
}

export type Params = Readonly<Record<string, Param>>;

interface KindValues {
  text: string;
  integer: number;
  flag: boolean;
  value: PlainValue;
  choice: string;
  file: string;
  list: readonly string[];
  content: string;
}

/** What a handler gets for its parameters. */
export type ValuesOf<P extends Params> = {
  readonly [K in keyof P]: P[K] extends { readonly required: true }
    ? KindValues[P[K]['kind']]
    : KindValues[P[K]['kind']] | undefined;
};

/** Takes lines or bytes as they come, and neither waits nor throws: a reader that is too slow misses some. */
export interface Stream {
  /** Sends; what does not fit any more is dropped and counted. */
  send(text: string): void;
  /** Characters and bytes that the reader has not taken yet: who can wait sends the next when there is room again. */
  readonly waiting: number;
  /** No more comes. */
  end(): void;
  /** Called with what to clean up, once, when the reader is gone or the emulator ends. */
  onClose(close: () => void): void;
}

export interface StreamStart {
  readonly contentType: string;
  readonly encoding: 'utf8' | 'latin1';
  /** Comes first. */
  readonly start: string;
  /** What a reader is told that missed so many. */
  dropped(count: number): string;
  /** Begins to send. */
  run(stream: Stream): Promise<void>;
}

/** What is in each answer, for people and programs that read the OpenAPI document: a JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The type of the answers that a schema (as const) describes. */
export type AnswerOf<S> = S extends { properties: infer P }
  ? { readonly [K in keyof P]: AnswerOf<P[K]> }
  : S extends { items: infer I }
    ? readonly AnswerOf<I>[]
    : S extends { additionalProperties: infer V }
      ? Readonly<Record<string, AnswerOf<V>>>
      : S extends { type: infer T }
        ? JsonTypes[(T extends readonly (infer U)[] ? U : T) & keyof JsonTypes]
        : never;

interface JsonTypes {
  string: string;
  integer: number;
  number: number;
  boolean: boolean;
  null: null;
  object: Readonly<Record<string, PlainValue>>;
}

/** Values as a client has them, by parameter. */
export type Values = Readonly<Record<string, PlainValue | readonly string[] | undefined>>;

export interface MethodRow<P extends Params, R> {
  /** Verb of the command line, in one or two words (`list`, `taint clear`); undefined: there is none. */
  readonly verb?: string;
  readonly http: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/v1/devices/{device}`; a parameter that is not in it is in the query (GET, DELETE) or in the body. */
  readonly path: string;
  /** What it does, in one line, for the list of verbs. */
  readonly about: string;
  /** More of it, and examples, for the verb's own help. */
  readonly help?: string;
  readonly params: P;
  /** The answer: its schema, or the media type of an answer that is not JSON. */
  readonly answer: JsonSchema | { readonly mediaType: string };
  /**
   * What the command line sends for what was written, and to which method (undefined: this one): a path made absolute.
   * With `refused`, after NOT_THE_OWNER, what it may read itself instead; undefined: nothing. Throws an Error that says
   * why a file cannot be read.
   */
  local?(written: Values, refused: boolean): Promise<readonly [Method | undefined, Values] | undefined>;
  /** Throws ControlError; then nothing has changed. */
  handle(params: ValuesOf<P>, context: ControlContext, client: Client): R | Promise<R>;
  /** The answer for people, lines without the last newline; empty: nothing to say. Absent: the answer is text. */
  text?(answer: R, params: ValuesOf<P>): string;
}

/** A row of any parameters, as the table holds it. */
export type Method = MethodRow<Params, unknown>;

/** A row, with its handler's types taken from its parameters. */
export function method<const P extends Params, R>(row: MethodRow<P, R>): Method {
  return row as unknown as Method;
}

/** Names of the parameters that stand in the path. */
export function pathParams(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

/** The device, as an argument. */
export const DEVICE_PARAM = {
  kind: 'text',
  about: 'Its name (fwctl0) or its PCI address',
  required: true,
  argument: 'DEVICE',
  max: 64,
  example: 'fwctl0',
} as const;
