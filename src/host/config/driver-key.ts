/** A driver's own key of a device, in a configuration file and in `--device` alike: a row of the driver's. */

export interface DriverKey<Value> {
  /** For help, messages and the JSON Schema; a sentence or two, with its default. */
  readonly about: string;
  readonly example: string;
  /**
   * What a configuration file may write without quotes: text, a number as well, a switch (true, false), or a list or
   * lines of NAME: VALUE, which are handed over as JSON (whole numbers beyond 2^53 as text).
   */
  readonly takes: 'text' | 'number' | 'switch' | 'data';
  /** What is not written. */
  readonly unlessTold: Value;
  /** From the text as it is written. Throws an Error that says what is wrong with it and what to write. */
  read(text: string): Value;
  /** Whether the text is a file's path, looked for beside the configuration that names it. Absent: it never is. */
  isPath?(text: string): boolean;
  /** Of data: members, however deep, whose texts are such paths. */
  readonly paths?: readonly string[];
}

/** One row for each member of `Keys`. */
export type DriverKeys<Keys> = { readonly [Key in keyof Keys]: DriverKey<Keys[Key]> };

/** Rows of any driver. */
export type AnyDriverKeys = Readonly<Record<string, DriverKey<unknown>>>;
