/** One ioctl line of a case file: builds the structure, makes the call, tells what has changed. do_ioctl() of iox.c. */
import { errnoName } from '../../../src/abi/errno.ts';
import { type CaseCommand, type CaseMember, COMMANDS } from './commands.ts';
import { evaluate, type Variables } from './expressions.ts';
import { ARGUMENT, ARRAY, type CaseMemory } from './regions.ts';

export interface IoctlResult {
  readonly ret?: number;
  readonly err?: string;
  readonly [key: string]: unknown;
}

/** The ioctl itself: the return value or a negative errno. */
export type IoctlCall = (cmd: bigint, argument: bigint) => Promise<number>;

/** Each thread's structures stand this much further. */
const SLOT_BYTES = 65536;
const LARGEST_IMAGE = 65536;
/** Bytes behind the structure that are zeroed before, and looked at after. */
const AFTER = 512;
/** Changes below this offset are members' or padding; above, tail. */
const SEEN = 128;
const ARRAY_BYTES = 1024;
const UNTOUCHED = 0xaa;

interface Setup {
  readonly command: CaseCommand | undefined;
  readonly image: Uint8Array;
  readonly arrayImage: Uint8Array;
  request: bigint;
  argument: bigint;
  size: bigint;
  entries: number;
  nonzero: [offset: number, value: number][];
  captures: string[];
}

export async function ioctlLine(
  words: readonly string[],
  slot: number,
  variables: Variables,
  memory: CaseMemory,
  call: IoctlCall,
): Promise<IoctlResult> {
  const [name = ''] = words;
  const command = COMMANDS.get(name);
  if (command === undefined && name !== 'VAL') return { bad: 'command' };
  const setup = parse(command, words.slice(1), slot, variables);
  if (command === undefined) return outcome(await call(setup.request, setup.argument));
  const { image, argument } = setup;
  const view = new DataView(image.buffer);
  view.setUint32(0, Number(BigInt.asUintN(32, setup.size)), true);
  let total = Math.min(Math.max(command.size, Number(setup.size)), LARGEST_IMAGE);
  for (const [offset, value] of setup.nonzero) {
    image[offset] = value;
    total = Math.max(total, offset + 1);
  }
  const before = image.slice(0, total);
  memory.put(argument + BigInt(total), new Uint8Array(AFTER));
  memory.put(argument, before);
  const array = hasArray(command) ? view.getBigUint64(16, true) : undefined;
  if (array !== undefined) {
    memory.put(array, setup.arrayImage.subarray(0, setup.entries > 64 ? setup.entries * 16 : ARRAY_BYTES));
  }
  const result = await call(setup.request, argument);
  const after = memory.take(argument, total);
  return {
    ...outcome(result),
    ...changes(command, before, after, setup.captures, result >= 0, variables),
    ...tail(command, memory, argument, before, after),
    ...(array !== undefined && name === 'IOVA_RANGES' ? ranges(memory, array, setup.arrayImage) : {}),
  };
}

function hasArray(command: CaseCommand): boolean {
  return command.members.some((member) => member.name === 'arrp');
}

function outcome(result: number): IoctlResult {
  return result < 0 ? { ret: -1, err: errnoName(-result) } : { ret: result, err: 'OK' };
}

function parse(command: CaseCommand | undefined, words: readonly string[], slot: number, variables: Variables): Setup {
  const setup: Setup = {
    command,
    image: new Uint8Array(LARGEST_IMAGE + 4096),
    arrayImage: new Uint8Array(16384).fill(UNTOUCHED),
    request: command === undefined ? 0n : 0x3b00n | BigInt(command.nr),
    argument: BigInt(ARGUMENT + slot * SLOT_BYTES),
    size: BigInt(command?.size ?? 8),
    entries: 0,
    nonzero: [],
    captures: [],
  };
  const view = new DataView(setup.image.buffer);
  if (command !== undefined && hasArray(command)) view.setBigUint64(16, BigInt(ARRAY + slot * SLOT_BYTES), true);
  for (const word of words) {
    if (word.startsWith('>')) {
      setup.captures.push(word.slice(1));
      continue;
    }
    const [key = '', text = ''] = split(word);
    if (key === 'cmd') setup.request = evaluate(text, variables);
    else if (key === 'arg' || (key === 'val' && command === undefined)) setup.argument = evaluate(text, variables);
    else if (key === 'size') setup.size = evaluate(text, variables);
    else if (key === 'arr') fillArray(setup, view, text, variables);
    else if (key === 'nz') {
      const [offset = '', value = '1'] = text.split(',');
      setup.nonzero.push([Number(evaluate(offset, variables)), Number(evaluate(value, variables))]);
    } else putMember(view, memberOf(command, key), evaluate(text, variables));
  }
  return setup;
}

function split(word: string): [string, string] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}

function fillArray(setup: Setup, view: DataView, text: string, variables: Variables): void {
  const entries = new DataView(setup.arrayImage.buffer);
  const values = text === '' ? [] : text.split(',');
  for (let i = 0; i < values.length; i += 2) {
    entries.setBigUint64(setup.entries * 16, evaluate(values[i] ?? '0', variables), true);
    entries.setBigUint64(setup.entries * 16 + 8, evaluate(values[i + 1] ?? '0', variables), true);
    setup.entries++;
  }
  view.setUint32(8, setup.entries, true);
}

function memberOf(command: CaseCommand | undefined, name: string): CaseMember {
  const member = command?.members.find((candidate) => candidate.name === name);
  if (member === undefined) throw new Error(`${command?.name} has no member ${name}`);
  return member;
}

function putMember(view: DataView, member: CaseMember, value: bigint): void {
  for (let i = 0; i < member.bytes; i++) view.setUint8(member.offset + i, Number((value >> BigInt(8 * i)) & 0xffn));
}

function littleEndian(bytes: Uint8Array, offset: number, length: number): bigint {
  let value = 0n;
  for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[offset + i] ?? 0);
  return value;
}

/** Members that differ; captures take theirs. What could not be read back counts as unchanged. */
function changes(
  command: CaseCommand,
  before: Uint8Array,
  after: Uint8Array,
  captures: readonly string[],
  succeeded: boolean,
  variables: Variables,
): IoctlResult {
  const seen = before.slice();
  seen.set(after);
  const out: Record<string, string> = {};
  const put = (name: string, value: bigint) => {
    out[name] = `0x${value.toString(16)}`;
  };
  if (after.length >= 4 && littleEndian(before, 0, 4) !== littleEndian(seen, 0, 4))
    put('size', littleEndian(seen, 0, 4));
  for (const { name, offset, bytes } of command.members) {
    const value = littleEndian(seen, offset, bytes);
    if (value !== littleEndian(before, offset, bytes)) put(name, value);
    for (const capture of captures) {
      const [variable, member] = split(capture);
      if (member === name && succeeded) variables.set(variable, value);
    }
  }
  return Object.keys(out).length > 0 ? { out } : {};
}

/** Changed bytes that no member covers, and bytes behind the structure that are not zero any more. */
function tail(
  command: CaseCommand,
  memory: CaseMemory,
  argument: bigint,
  before: Uint8Array,
  after: Uint8Array,
): IoctlResult {
  const covered = new Uint8Array(SEEN).fill(1, 0, 4);
  for (const { offset, bytes } of command.members) covered.fill(1, offset, offset + bytes);
  let changed = 0;
  for (let i = 4; i < after.length; i++) {
    if ((i >= SEEN || covered[i] === 0) && after[i] !== before[i]) changed++;
  }
  if (memory.available(argument) > before.length) {
    for (const byte of memory.take(argument + BigInt(before.length), AFTER)) if (byte !== 0) changed++;
  }
  return changed > 0 ? { tail_chg: changed } : {};
}

/** Entries of an IOVA array that were written. */
function ranges(memory: CaseMemory, array: bigint, image: Uint8Array): IoctlResult {
  const bytes = memory.take(array, ARRAY_BYTES);
  const written: string[] = [];
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    if (bytes.subarray(at, at + 16).every((byte, i) => byte === image[at + i])) continue;
    written.push(
      `${at / 16}:${littleEndian(bytes, at, 8).toString(16)}-${littleEndian(bytes, at + 8, 8).toString(16)}`,
    );
  }
  return written.length > 0 ? { ranges: written } : {};
}
