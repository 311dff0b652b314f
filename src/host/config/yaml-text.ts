/**
 * A YAML text, read once in a time that grows with its length alone, whatever is in it: the library's own reading of
 * aliases and of keys grows with the square, and its recursion ends in a stack overflow. What is refused has its place.
 */
import type { Document, Node, Pair, YAMLMap } from 'yaml';

/** The library: loaded where there is a file, as it takes as long as the rest of the program's start. */
export type Yaml = typeof import('yaml');

export interface YamlProblem {
  /** Characters from the start of the text. */
  readonly offset: number;
  readonly message: string;
}

/** Lists and keys inside each other; no file that is read here has ten. */
const MAX_DEPTH = 100;
/** A depth is counted up to this. */
const COUNTED_DEPTH = 20_000;
/** Values that all aliases together may stand for, and those of them that have aliases inside. */
const MAX_ALIASED = 100_000;
const MAX_NESTED = 1000;

/** What a node and all that its aliases stand for come to. */
interface Extent {
  readonly values: number;
  readonly depth: number;
  /** There are aliases in it. */
  readonly nested: boolean;
}

const ONE: Extent = { values: 1, depth: 0, nested: false };

export class YamlText {
  readonly document: Document;
  /** In the order in which they were found. With any of them, the rest is not to be believed. */
  readonly problems: YamlProblem[] = [];
  /** It is YAML, whatever is wrong with its aliases and keys. */
  readonly isWhole: boolean;
  private readonly yaml: Yaml;
  private readonly lines: InstanceType<Yaml['LineCounter']>;
  private readonly anchors = new Map<string, Node>();
  /** By alias. */
  private readonly targets = new Map<Node, Node>();
  /** Of nodes with an anchor that are complete. */
  private readonly extents = new Map<Node, Extent>();
  private readonly pairs = new WeakMap<YAMLMap, Map<string, Pair>>();
  private aliased = 0;
  private nested = 0;

  /** `what`: the text for messages, e.g. `configuration`. */
  constructor(text: string, what: string, yaml: Yaml) {
    this.yaml = yaml;
    this.lines = new yaml.LineCounter();
    this.document = this.parsed(text, what);
    this.isWhole = this.problems.length === 0;
    if (this.isWhole) this.measure(this.document.contents, 1);
  }

  /** Line and column, both from 1. */
  place(offset: number): { readonly line: number; readonly column: number } {
    const { line, col } = this.lines.linePos(offset);
    return { line: line || 1, column: col || 1 };
  }

  /** The node, or what it stands for as an alias. Null: there is none. */
  target(node: unknown): Node | null {
    return this.targets.get(node as Node) ?? (node as Node | null);
  }

  /** Of a map, by its key's text. */
  pair(map: YAMLMap, key: string): Pair | undefined {
    let known = this.pairs.get(map);
    if (known === undefined) {
      known = new Map(map.items.map((pair) => [this.keyOf(pair), pair]));
      this.pairs.set(map, known);
    }
    return known.get(key);
  }

  /** As JavaScript has it; whole numbers that a number cannot hold are bigint. An alias is the same object again. */
  plain(): unknown {
    const made = new Map<Node, unknown>();
    const of = (written: unknown): unknown => {
      const node = this.target(written);
      if (node === null || node === undefined) return null;
      if (this.yaml.isScalar(node)) return plainScalar(node.value);
      if (!made.has(node)) {
        const entries = () => this.yaml.isMap(node) && node.items.map((pair) => [this.keyOf(pair), of(pair.value)]);
        made.set(node, this.yaml.isSeq(node) ? node.items.map(of) : Object.fromEntries(entries() || []));
      }
      return made.get(node);
    };
    return of(this.document.contents);
  }

  private parsed(text: string, what: string): Document {
    const { Composer, Document: Empty, Lexer, Parser } = this.yaml;
    const parser = new Parser(this.lines.addNewLine);
    const tokens: Parameters<InstanceType<Yaml['Composer']>['compose']>[0] extends Iterable<infer T> ? T[] : never = [];
    this.lines.addNewLine(0);
    let [depth, deepAt] = [0, 0];
    for (const lexeme of new Lexer().lex(text)) {
      const { offset } = parser;
      tokens.push(...parser.next(lexeme));
      if (parser.stack.length <= MAX_DEPTH + 1) continue;
      if (depth === 0) deepAt = offset;
      // The document is below them, and a scalar may be on top.
      const top = COLLECTIONS.has(parser.stack.at(-1)?.type ?? '') ? 1 : 2;
      depth = Math.max(depth, parser.stack.length - top);
      if (depth >= COUNTED_DEPTH) break;
    }
    if (depth > MAX_DEPTH) {
      const levels = depth >= COUNTED_DEPTH ? `${depth} or more` : `${depth}`;
      this.refuse(deepAt, `lists and keys lie ${levels} deep inside each other; a ${what} takes ${MAX_DEPTH}`);
      return new Empty();
    }
    tokens.push(...parser.end());
    const options = { intAsBigInt: true, logLevel: 'error', uniqueKeys: false } as const;
    const [document, second] = new Composer(options).compose(tokens, true, text.length);
    for (const { pos, message } of [...(document?.errors ?? []), ...(document?.warnings ?? [])])
      this.refuse(pos[0], notYaml(message));
    if (second !== undefined)
      this.refuse(second.range[0], `a second document starts here; a ${what} is one, take out the "---"`);
    return document ?? new Empty();
  }

  /** Looks at the node and all below it, at that depth. Undefined: it is refused. */
  private measure(node: unknown, depth: number): Extent {
    const { yaml } = this;
    if (yaml.isAlias(node)) return this.measureAlias(node, depth);
    if (!yaml.isScalar(node) && !yaml.isMap(node) && !yaml.isSeq(node)) return ONE;
    if (node.anchor !== undefined) this.anchors.set(node.anchor, node);
    const extent = yaml.isScalar(node) ? ONE : this.sum(this.children(node), depth);
    if (node.anchor !== undefined) this.extents.set(node, extent);
    return extent;
  }

  private sum(nodes: Iterable<unknown>, depth: number): Extent {
    let all = ONE;
    for (const node of nodes) {
      const { values, depth: below, nested } = this.measure(node, depth + 1);
      const isAliased = nested || this.yaml.isAlias(node);
      all = { values: all.values + values, depth: Math.max(all.depth, below), nested: all.nested || isAliased };
    }
    return { ...all, depth: all.depth + 1 };
  }

  /** In the order of the text: a key may be an alias of what stands before it. */
  private *children(node: Node): Generator<unknown> {
    if (this.yaml.isSeq(node)) yield* node.items;
    if (!this.yaml.isMap(node)) return;
    const seen = new Set<string>();
    for (const pair of node.items) {
      this.measure(pair.key, 0);
      const key = this.target(pair.key);
      const text = this.keyOf(pair);
      const offset = (pair.key as Node | null)?.range?.[0] ?? node.range?.[0] ?? 0;
      if (key !== null && !this.yaml.isScalar(key))
        this.refuse(node.range?.[0] ?? 0, 'unknown key: it is a list, and keys are text');
      // An object's prototype and not a key of its own: it would vanish without a word.
      else if (text === '__proto__') this.refuse(offset, 'unknown key "__proto__"; take it out');
      else if (seen.has(text)) this.refuse(offset, notYaml('map keys must be unique'));
      seen.add(text);
      yield pair.value;
    }
  }

  private measureAlias(alias: Node & { source: string }, depth: number): Extent {
    const target = this.anchors.get(alias.source);
    const extent = target && this.extents.get(target);
    const offset = alias.range?.[0] ?? 0;
    if (target === undefined || extent === undefined) {
      const inside = `&${alias.source} would stand inside itself; write it out`;
      this.refuse(
        offset,
        target === undefined ? `nothing before this is named &${alias.source}; write it out` : inside,
      );
      return ONE;
    }
    this.targets.set(alias, target);
    if (depth + extent.depth > MAX_DEPTH) this.refuse(offset, `with *${alias.source} lists and keys lie too deep`);
    const excessive = this.aliased > MAX_ALIASED || this.nested > MAX_NESTED;
    this.aliased += extent.values;
    if (extent.nested) this.nested += extent.values;
    if (excessive || (this.aliased <= MAX_ALIASED && this.nested <= MAX_NESTED)) return extent;
    const { line } = this.place(offset);
    const start = this.document.contents?.range?.[0] ?? 0;
    this.refuse(start, notYaml(`excessive alias count: see line ${line}; write out what is needed`));
    return extent;
  }

  private keyOf({ key }: Pair): string {
    const node = this.target(key);
    return this.yaml.isScalar(node) ? String(node.value ?? '') : '';
  }

  private refuse(offset: number, message: string): void {
    this.problems.push({ offset, message });
  }
}

const COLLECTIONS: ReadonlySet<string> = new Set(['block-map', 'block-seq', 'flow-collection']);

function plainScalar(value: unknown): unknown {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function notYaml(message: string): string {
  return `this is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}
