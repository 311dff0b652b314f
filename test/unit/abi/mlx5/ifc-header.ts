/**
 * Bit offsets out of the kernel's own header, include/linux/mlx5/mlx5_ifc.h: its structures are `u8 name[bits]` members
 * one after the other, nested structures and unions. An independent reading of what the tables of src/abi/mlx5 say.
 * Looked for where Debian's linux-headers-* stand, or where MLX5_IFC_H says.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** [bit offset MSB first, bits] by member path; of an array of bytes the whole, of another the first element's. */
export type IfcFields = ReadonlyMap<string, readonly [bit: number, bits: number]>;

export interface IfcStruct {
  readonly fields: IfcFields;
  readonly bits: number;
}

/** Paths of the headers on this machine, the newest kernel last. */
export function ifcHeaders(): string[] {
  const own = process.env.MLX5_IFC_H;
  if (own !== undefined && own !== '') return [own];
  const root = '/usr/src';
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => name.startsWith('linux-headers-'))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => `${root}/${name}/include/linux/mlx5/mlx5_ifc.h`)
    .filter((path) => existsSync(path));
}

export class IfcHeader {
  private readonly bodies = new Map<string, { union: boolean; text: string }>();
  private readonly known = new Map<string, IfcStruct>();
  private readonly numbers = new Map<string, number>();

  constructor(path: string) {
    // FPGA structures stand in a header of their own, which some are members of.
    const parts = [path, path.replace(/mlx5_ifc\.h$/, 'mlx5_ifc_fpga.h')].filter((part) => existsSync(part));
    const text = parts
      .map((part) => readFileSync(part, 'utf8'))
      .join('\n')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/\/\/.*/g, '');
    for (const [, name = '', value = ''] of text.matchAll(/\b(MLX5_\w+)\s*=\s*(0x[0-9a-fA-F]+|\d+)\b/g)) {
      this.numbers.set(name, Number(value));
    }
    for (const [, kind, name = '', body = ''] of text.matchAll(/^(struct|union) (mlx5_ifc_\w+) \{\n([\s\S]*?)^\};/gm)) {
      this.bodies.set(name, { union: kind === 'union', text: body });
    }
  }

  get size(): number {
    return this.bodies.size;
  }

  has(name: string): boolean {
    return this.bodies.has(name);
  }

  /** Undefined: the header has no such structure. Throws an Error when it cannot be read. */
  struct(name: string): IfcStruct | undefined {
    const known = this.known.get(name);
    const body = this.bodies.get(name);
    if (known !== undefined || body === undefined) return known;
    const struct = this.read(body.union, body.text);
    this.known.set(name, struct);
    return struct;
  }

  private read(union: boolean, text: string): IfcStruct {
    const fields = new Map<string, readonly [number, number]>();
    let at = 0;
    let widest = 0;
    for (const member of members(text)) {
      const base = union ? 0 : at;
      const bits = this.member(member, base, fields);
      at += bits;
      widest = Math.max(widest, bits);
    }
    return { fields, bits: union ? widest : at };
  }

  /** Adds the member's fields; its size in bits. */
  private member(text: string, base: number, fields: Map<string, readonly [number, number]>): number {
    const inner = /^(struct|union)\s*\{([\s\S]*)\}\s*(\w*)$/.exec(text);
    if (inner !== null) {
      const struct = this.read(inner[1] === 'union', inner[2] ?? '');
      add(fields, inner[3] ?? '', base, struct);
      return struct.bits;
    }
    const [, kind, name = '', dimensions = ''] = /^(.+?)\s+(\w+)((?:\s*\[[^\]]*\])*)$/.exec(text) ?? [];
    const counts = [...dimensions.matchAll(/\[([^\]]*)\]/g)].map(([, count = '']) => this.number(count.trim()));
    if (kind === 'u8') {
      const bits = counts.pop() ?? 0;
      const count = counts.reduce((a, b) => a * b, 1);
      if (!/^reserved/.test(name) && count > 0) fields.set(name, [base, bits === 8 ? bits * count : bits]);
      return bits * count;
    }
    const struct = this.struct((kind ?? '').replace(/^(struct|union)\s+/, ''));
    if (struct === undefined) throw new Error(`mlx5_ifc.h: what is "${text}"?`);
    const count = counts.reduce((a, b) => a * b, 1);
    for (let i = 0; i < count; i++) {
      add(fields, counts.length > 0 ? `${name}[${i}]` : name, base + i * struct.bits, struct);
    }
    return struct.bits * count;
  }

  private number(text: string): number {
    const value = text === '' ? 0 : (this.numbers.get(text) ?? Number(text));
    if (Number.isNaN(value)) throw new Error(`mlx5_ifc.h: what number is "${text}"?`);
    return value;
  }
}

function add(fields: Map<string, readonly [number, number]>, name: string, base: number, struct: IfcStruct): void {
  for (const [path, [bit, bits]] of struct.fields)
    fields.set(name === '' ? path : `${name}.${path}`, [base + bit, bits]);
}

/** The declarations of a body, without their semicolons; one with braces is one. */
function* members(text: string): Generator<string> {
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}') depth--;
    else if (text[i] === ';' && depth === 0) {
      const member = text.slice(from, i).trim();
      from = i + 1;
      if (member !== '') yield member;
    }
  }
}
