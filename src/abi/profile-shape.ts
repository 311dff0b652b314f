/**
 * What the values of a device profile may be, as a table of rows: numbers, texts, bytes, records of them, and tables of
 * records by key. From a driver's table follow its YAML, its overrides by dotted name, live values, listings and
 * differences (profile-values.ts), and the type of the values (`ValueOf`).
 */

/** What a configuration, a profile or an operator gives for one value. Bytes are for what is no text. */
export type OverrideValue = number | bigint | string | boolean | Uint8Array;

interface LeafRow {
  /** For a profile that does not name the value; undefined: it must. */
  readonly unlessTold?: number | bigint | string;
  /** It says what is made at power-up: it cannot be changed while the device runs. */
  readonly powerUp?: boolean;
}

export interface NumberShape extends LeafRow {
  readonly kind: 'number';
  readonly least: number;
  readonly most: number;
  /** Words that stand for numbers; a number that has one is shown as it. */
  readonly names?: Readonly<Record<string, number>>;
  /** The names are bits: `a|b`. */
  readonly flags?: boolean;
  /** As a part of a key it is written so: 0x1f. */
  readonly hex?: boolean;
}

/** 64 bits. */
export interface WideShape extends LeafRow {
  readonly kind: 'wide';
}

export interface TextShape extends LeafRow {
  readonly kind: 'text';
  readonly pattern: RegExp;
  /** What the pattern wants, behind "wanted is". */
  readonly wanted: string;
  /** It is the path of a file, looked for beside the file that names it. */
  readonly path?: boolean;
}

/** Held as lower-case hex digits. */
export interface BytesShape extends LeafRow {
  readonly kind: 'bytes';
  /** Largest number of bytes. */
  readonly most: number;
}

export type LeafShape = NumberShape | WideShape | TextShape | BytesShape;

export interface RecordShape<M extends Members = Members> {
  readonly kind: 'record';
  readonly members: M;
  /** The table among them that a list in the record's place is of. */
  readonly rows?: string;
}

/**
 * Rows by key: values alone, or records. The key is one of the record's own members or several, joined by ":"; where a
 * table is written as a list, they stand in each record.
 */
export interface TableShape<Row extends LeafShape | RecordShape = LeafShape | RecordShape> {
  readonly kind: 'table';
  readonly key: Readonly<Record<string, LeafShape>>;
  readonly row: Row;
  readonly powerUp?: boolean;
}

export type Shape = LeafShape | RecordShape | TableShape;
export type Members = Readonly<Record<string, Shape>>;

export type ValueOf<S> = S extends { readonly kind: 'number' }
  ? number
  : S extends { readonly kind: 'wide' }
    ? bigint
    : S extends { readonly kind: 'text' | 'bytes' }
      ? string
      : S extends { readonly kind: 'record'; readonly members: infer M }
        ? { readonly [K in keyof M]: ValueOf<M[K]> }
        : S extends { readonly kind: 'table'; readonly row: infer Row }
          ? Readonly<Record<string, ValueOf<Row>>>
          : never;

/** Values of a shape that is not known to the compiler. */
export type AnyValues = { readonly [name: string]: number | bigint | string | AnyValues };

/** A device profile of a driver whose values have a shape. */
export interface ShapedProfile<Values = AnyValues> {
  readonly name: string;
  readonly title: string;
  readonly values: Values;
}

type Unless<V> = { readonly unlessTold?: V; readonly powerUp?: boolean };

export const whole = (most: number, also: Partial<Omit<NumberShape, 'kind' | 'most'>> = {}): NumberShape => ({
  kind: 'number',
  least: 0,
  most,
  ...also,
});
export const wide = (also: Unless<bigint> = {}): WideShape => ({ kind: 'wide', ...also });
export const text = (pattern: RegExp, wanted: string, also: Unless<string> & { path?: boolean } = {}): TextShape => ({
  kind: 'text',
  pattern,
  wanted,
  ...also,
});
export const ascii = (most: number, also: Unless<string> = {}): TextShape =>
  text(new RegExp(`^[\\x20-\\x7e]{0,${most}}$`), `at most ${most} printable ASCII characters`, also);
export const bytes = (most: number, also: Unless<string> = {}): BytesShape => ({ kind: 'bytes', most, ...also });
export const record = <const M extends Members>(members: M, also: { rows?: string } = {}): RecordShape<M> => ({
  kind: 'record',
  members,
  ...also,
});
export const table = <Row extends LeafShape | RecordShape>(
  key: TableShape['key'],
  row: Row,
  also: { powerUp?: boolean } = {},
): TableShape<Row> => ({ kind: 'table', key, row, ...also });
