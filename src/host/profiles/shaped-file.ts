/**
 * Reads a device profile of a driver whose values have a shape (abi/profile-shape.ts): YAML or JSON, whole or changes
 * to a `base`. A table's rows may be a list or stand by key; a row that is null is one that the device does not have.
 */
import { dirname, isAbsolute, join } from 'node:path';
import type { Node, YAMLMap } from 'yaml';
import { didYouMean } from '../../abi/nearest-name.ts';
import type { RecordShape, Shape, ShapedProfile } from '../../abi/profile-shape.ts';
import { type DataPath, withData } from '../../abi/profile-values.ts';
import { type Entry, ProfileDocument } from './profile-document.ts';

/** What profiles of one driver are. */
export interface ShapedKind {
  readonly driver: string;
  readonly shape: RecordShape;
  /** The first is what a device is that says nothing of it. */
  readonly builtIn: readonly ShapedProfile[];
}

/** A profile's text, and whether it may name files. */
class ShapedDocument extends ProfileDocument {
  readonly namesFiles: boolean;

  constructor(text: string, file: string, namesFiles: boolean) {
    super(text, file);
    this.namesFiles = namesFiles;
  }
}

const OWN = ['driver', 'base', 'name', 'title'];

/**
 * The profile in the text; `file` is its name in messages. `namesFiles`: it may name others, which the emulator reads
 * with its own rights. Throws ConfigError with all problems.
 */
export function parseShapedProfile(kind: ShapedKind, text: string, file: string, namesFiles = true): ShapedProfile {
  const doc = new ShapedDocument(text, file, namesFiles);
  const root = doc.root(`base: ${kind.builtIn[0]?.name}`);
  const profile = root && read(kind, doc, root);
  doc.finish();
  if (profile === undefined) throw new Error(`${file}: no profile`);
  return profile;
}

function read({ driver, shape, builtIn }: ShapedKind, doc: ShapedDocument, root: YAMLMap): ShapedProfile | undefined {
  const entries = doc.pairs(root);
  const entry = (name: string) => entries.find((each) => each.name === name);
  const names = Object.keys(shape.members);
  for (const { name, key } of entries) {
    if (doc.isHopeless) break;
    if (OWN.includes(name) || names.includes(name)) continue;
    const known = [...OWN, ...names];
    doc.complain(key, `unknown key "${name}" (keys: ${known.join(', ')})${didYouMean(name, known)}`);
  }
  const other = entry('driver');
  if (other !== undefined && doc.source(other.value) !== driver)
    doc.complain(other.at, `this is read as a profile of driver ${driver}; its driver is another`);
  const base = baseOf(builtIn, doc, entry('base'));
  const own = (key: 'name' | 'title'): string => {
    const written = entry(key);
    if (written === undefined && entry('base') === undefined)
      doc.complain(doc.at(root), `${key} is missing; write it, or a base to start from`);
    const value = written === undefined ? base?.[key] : doc.source(written.value);
    if (written !== undefined && !value) doc.complain(written.at, `${key} must be text`);
    return value ?? '';
  };
  const [name, title] = [own('name'), own('title')];
  if (!doc.sound) return undefined;
  const data = Object.fromEntries(
    entries.flatMap((each) => {
      const member = shape.members[each.name];
      return member === undefined ? [] : [[each.name, dataOf(doc, member, each.value)]];
    }),
  );
  const values = withData(shape, base?.values, data, (path, message, wrong) => {
    const { at, subject } = placeOf(doc, root, path, wrong);
    doc.complain(at, path.length === 0 ? `${message}; write that, or a base to start from` : `${subject}: ${message}`);
  });
  return { name, title, values };
}

function baseOf(builtIn: readonly ShapedProfile[], doc: ShapedDocument, entry: Entry | undefined) {
  if (entry === undefined) return undefined;
  const name = doc.source(entry.value) ?? '';
  const names = builtIn.map((known) => known.name);
  const found = builtIn.find((known) => known.name === name);
  if (found === undefined)
    doc.complain(entry.at, `there is no built-in profile "${name}" (${names.join(', ')})${didYouMean(name, names)}`);
  return found;
}

/** Plain data of what is written; texts as they are spelled, paths beside the file that names them. */
function dataOf(doc: ShapedDocument, shape: Shape | undefined, written: Node | null): unknown {
  const node = doc.resolved(written);
  const { yaml } = doc;
  if (yaml.isSeq(node) && shape?.kind === 'record' && shape.rows !== undefined)
    return dataOf(doc, shape.members[shape.rows], node);
  if (yaml.isSeq(node)) {
    const row = shape?.kind === 'table' ? shape.row : undefined;
    const inner =
      row?.kind === 'record' && shape?.kind === 'table' ? { ...row, members: { ...shape.key, ...row.members } } : row;
    return node.items.map((item) => dataOf(doc, inner, item as Node | null));
  }
  if (yaml.isMap(node)) {
    const member = (name: string) =>
      shape?.kind === 'record' ? shape.members[name] : shape?.kind === 'table' ? shape.row : undefined;
    return Object.fromEntries(doc.pairs(node).map(({ name, value }) => [name, dataOf(doc, member(name), value)]));
  }
  if (!yaml.isScalar(node) || node.value === null) return null;
  const spelled = shape?.kind === 'text' ? doc.source(node) : undefined;
  if (shape?.kind !== 'text' || spelled === undefined) return node.value;
  if (shape.path && spelled !== '' && !doc.namesFiles)
    doc.complain(doc.at(node), 'a profile that a request brings along names no file; write what is in it');
  return shape.path && spelled !== '' && !isAbsolute(spelled) ? join(dirname(doc.file), spelled) : spelled;
}

/** Where the last step of a path stands that is written at all, and the path as people write it. */
function placeOf(doc: ShapedDocument, root: YAMLMap, path: DataPath, wrong: 'name' | 'value') {
  let node: Node | null = root;
  let at = doc.at(root);
  for (const [depth, step] of path.entries()) {
    node = doc.resolved(node);
    if (doc.yaml.isSeq(node) && typeof step === 'number') {
      node = (node.items[step] as Node | undefined) ?? null;
      at = node?.range?.[0] ?? at;
    } else if (doc.yaml.isMap(node)) {
      const entry: Entry | undefined = doc.pairs(node).find(({ name }) => name === step);
      if (entry === undefined) break;
      at = wrong === 'name' && depth === path.length - 1 ? entry.key : entry.at;
      node = entry.value;
    }
  }
  return { at, subject: path.join('.') };
}
