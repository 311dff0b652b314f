/** What a driver's device profiles are to those who list, examine, compare and capture them, whichever driver it is. */
import type { OverrideValue } from '../config/device-entry.ts';

/** A profile's values, or those of one of its parts, by name: what is printed, compared and read back. */
export type ProfileValues = { readonly [name: string]: PlainProfileValue | ProfileValues };
/** Bytes that are no text are the list of them. */
export type PlainProfileValue = number | bigint | string | readonly number[];

export interface ProfileTree {
  readonly name: string;
  readonly title: string;
  /** By value or part, in the order in which they are written. */
  readonly [part: string]: PlainProfileValue | ProfileValues;
}

/** One value that two profiles have differently; undefined: that profile has it not. */
export interface ProfileDifference {
  /** Dotted, as overrides are. */
  readonly path: string;
  readonly before: PlainProfileValue | undefined;
  readonly after: PlainProfileValue | undefined;
  /** Both for people: what a value that is not there amounts to, too. */
  readonly shown: readonly [before: string, after: string];
}

/** A command to a device: the request, how long the reply may be; the reply. Rejects with an Error: not delivered. */
export type Ask = (request: Uint8Array, replyBytes: number) => Promise<Uint8Array>;

export interface CaptureNames {
  readonly name: string;
  /** Undefined: what the device calls itself. */
  readonly title: string | undefined;
  /** What the device is called here, for one that calls itself nothing. */
  readonly device: string;
}

/** What is loaded when somebody works on profiles. */
export interface ProfileTools {
  /** Undefined: there is no built-in profile of that name. */
  builtIn(name: string): ProfileTree | undefined;
  /** A file's text. Throws ConfigError for what is wrong in it. */
  parse(text: string, path: string): ProfileTree;
  /** Every difference but name and title, of two that it has made. */
  differences(before: ProfileTree, after: ProfileTree): readonly ProfileDifference[];
  /** What there is in a profile, in a few words: `19 capability types, 37 registers with values`. */
  summary(tree: ProfileTree): string;
  /** Asks a device; queries only. Throws an Error when it does not even tell its identity. */
  capture(ask: Ask, names: CaptureNames): Promise<ProfileTree>;
  /** The reply to a request that the kernel lets through in no scope: a firmware's that lacks the command. */
  lacking(replyBytes: number): Uint8Array;
}

export interface BuiltInProfile {
  readonly name: string;
  readonly title: string;
  /** It is a name and nothing else: there is nothing to show or to compare. */
  readonly bare?: boolean;
}

export interface ProfileKind {
  /** Those that need no file; the first is what a device is that says nothing of it. */
  readonly builtIn: readonly BuiltInProfile[];
  /**
   * What a file says, for the driver alone: the text, or what stands at the path. Undefined: the name is no file's.
   * Throws an Error that says what is wrong with the file.
   */
  readFile(name: string, text?: string): unknown;
  /** `file`: what readFile() gave. Throws an Error with a clear message where the values are not taken. */
  checkOverrides(name: string, overrides: Readonly<Record<string, OverrideValue>>, file?: unknown): void;
  /** Undefined: its profiles are names and nothing else. */
  readonly tools: (() => Promise<ProfileTools>) | undefined;
  /** The built-in profile of the device with that PCI device id. */
  nameOf(pciDevice: number): string | undefined;
}

/** For a driver whose devices have no values of their own: one name. */
export function onlyName(name: string, title: string): ProfileKind {
  return onlyNames([{ name, title }]);
}

/** The same with several of them. */
export function onlyNames(builtIn: ProfileKind['builtIn']): ProfileKind {
  return {
    builtIn,
    readFile: () => undefined,
    checkOverrides(profile, overrides) {
      const [first] = Object.keys(overrides);
      if (first !== undefined) throw new Error(`${first}: profile ${profile} has no values to set; take it out`);
    },
    tools: undefined,
    nameOf: () => undefined,
  };
}
