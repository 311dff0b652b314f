/**
 * A profile's file as YAML or JSON text: its entries with their places. Every problem is found in one go, and says
 * `file:line:column: message`.
 */
import { createRequire } from 'node:module';
import type { Node, Pair, YAMLMap } from 'yaml';
import { ConfigError, type ConfigProblem } from '../config/config-error.ts';
import { type Yaml, YamlText } from '../config/yaml-text.ts';

const loadYaml = () => createRequire(import.meta.url)('yaml') as Yaml;

/** A file with more problems is read no further: to look for the name that was meant takes longer than to read. */
const MOST_PROBLEMS = 100;

export interface Entry {
  readonly name: string;
  /** Offsets of key and value in the text. */
  readonly key: number;
  readonly at: number;
  /** Null: nothing is written there. */
  readonly value: Node | null;
}

export class ProfileDocument {
  readonly yaml = loadYaml();
  /** The file's name in messages. */
  readonly file: string;
  private readonly text: YamlText;
  private readonly problems: ConfigProblem[] = [];

  constructor(text: string, file: string) {
    this.file = file;
    this.text = new YamlText(text, 'profile', this.yaml);
    for (const { offset, message } of this.text.problems) this.complain(offset, message);
  }

  /** Its outermost lines; undefined: it has none, which is complained of. `example`: such a line. */
  root(example: string): YAMLMap | undefined {
    if (!this.text.isWhole) return undefined;
    const { contents } = this.text.document;
    if (this.yaml.isMap(contents)) return contents;
    this.complain(this.at(contents), `a profile is a list of KEY: VALUE lines, e.g. "${example}"`);
    return undefined;
  }

  get sound(): boolean {
    return this.problems.length === 0;
  }

  /** There are so many problems that no more are looked for. */
  get isHopeless(): boolean {
    return this.problems.length >= MOST_PROBLEMS;
  }

  /** Throws ConfigError with all problems, as they stand in the file. */
  finish(): void {
    if (this.problems.length === 0) return;
    throw new ConfigError([...this.problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || a.column - b.column));
  }

  pairs(map: YAMLMap): Entry[] {
    return map.items.map((pair: Pair) => {
      const key = pair.key as Node | null;
      const written = pair.value as Node | null;
      const value = this.resolved(written);
      const empty = value === null || (this.yaml.isScalar(value) && value.value === null);
      const name = this.yaml.isScalar(key) ? String(key.source ?? key.value) : '';
      const place = this.at(key);
      return { name, key: place, value: empty ? null : value, at: written?.range?.[0] ?? place };
    });
  }

  /** The node that an alias stands for. */
  resolved(node: Node | null): Node | null {
    return this.text.target(node);
  }

  /** A scalar as it is spelled: a MAC of digits alone is no number. */
  source(value: Node | null): string | undefined {
    if (!this.yaml.isScalar(value) || value.value === null) return undefined;
    return typeof value.value === 'string' ? value.value : value.source;
  }

  at(node: Node | null): number {
    return node?.range?.[0] ?? 0;
  }

  complain(offset: number, message: string): void {
    const { line, column } = this.text.place(offset);
    this.problems.push({ place: `${this.file}:${line}:${column}`, message, line, column });
  }
}
