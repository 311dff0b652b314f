/**
 * RESOURCE_DUMP (PRM; mlx5_core diag/rsc_dump.c): a dump is read in windows. A request without more_dump starts one;
 * one with it goes on where the last reply ended, repeating its device_opaque, seq_num and arguments. A reply's seq_num
 * is the request's plus 1, modulo 16. The dump is taken as a whole at the start, of one moment; device_opaque is its
 * number and how far it has been read. A driver writes the register (op_mod 0) and has the window put into its memory,
 * mstflint reads it: both do the same, and nothing of it is kept.
 */
import { RESOURCE_DUMP } from '../../../abi/mlx5/registers/resource-dump.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';
import { type DumpArguments, errorSegment } from './segments.ts';
import { DUMP_ERROR, dumpStream } from './stream.ts';

const SEQUENCES = 16;
const WINDOW_AT = 48;
const WINDOW_BYTES = 208;
const NOTHING = new Uint8Array(0);

const field = (name: string) => RESOURCE_DUMP.word(name);
const moreDump = field('more_dump');
const inlineDump = field('inline_dump');
const seqNum = field('seq_num');
const mkey = field('mkey');
const size = field('size');
const segmentType = field('segment_type');
const vhcaId = field('vhca_id');
const index1 = field('index1');
const index2 = field('index2');
const numOfObj1 = field('num_of_obj1');
const numOfObj2 = field('num_of_obj2');

/** Where a dump's window goes. */
interface Place {
  readonly room: number;
  /** False: nobody is there. */
  put(window: Uint8Array): boolean;
}

export function readResourceDump(exchange: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const { input, output } = exchange;
  if (inlineDump.get(input, 0) === 1) return dump(exchange, inline(output));
  // To the driver's memory by mkey: a user of fwctl has none. Without a buffer nothing is asked for.
  if (mkey.get(input, 0) !== 0 || size.get(input, 0) !== 0) return dump(exchange, toMemory(exchange));
  moreDump.put(output, 0, 0);
  return undefined;
}

function inline(output: DataView): Place {
  const put = (window: Uint8Array) => {
    for (let i = 0; i < WINDOW_BYTES; i++) output.setUint8(WINDOW_AT + i, window[i] ?? 0);
    return true;
  };
  return { room: WINDOW_BYTES, put };
}

function toMemory({ device: { hca }, input }: RegisterExchange<Mlx5Device>): Place {
  const key = mkey.get(input, 0);
  const address = Number(RESOURCE_DUMP.get(input, 'address'));
  const put = (window: Uint8Array) => hca.bus !== undefined && hca.keys.write(hca.bus, key, address, window);
  return { room: size.get(input, 0), put };
}

function dump({ device, input, output }: RegisterExchange<Mlx5Device>, place: Place): Refusal | undefined {
  // Whether somebody is there is found out before a dump is begun.
  if (!place.put(NOTHING)) return REFUSAL.MKEY_UNKNOWN;
  const asked = argumentsOf(input);
  const sequence = seqNum.get(input, 0);
  const isNext = moreDump.get(input, 0) === 1;
  const opaque = RESOURCE_DUMP.get(input, 'device_opaque') as bigint;
  const id = isNext ? Number(opaque >> 32n) : device.dumps.start(asked, dumpStream(device, asked), sequence);
  const dump = device.dumps.get(id);
  seqNum.put(output, 0, (sequence + 1) % SEQUENCES);
  const continues =
    dump !== undefined &&
    dump.sequence === sequence &&
    (!isNext || (Number(opaque & 0xffffffffn) === dump.read && same(dump.asked, asked)));
  if (!continues) {
    if (dump !== undefined) device.dumps.end(id);
    return putWindow(output, errorSegment(DUMP_ERROR.SEQUENCE).subarray(0, place.room), false, place);
  }
  const window = dump.stream.subarray(dump.read, dump.read + place.room);
  dump.read += window.length;
  dump.sequence = (sequence + 1) % SEQUENCES;
  const more = dump.read < dump.stream.length;
  if (!more) device.dumps.end(id);
  RESOURCE_DUMP.set(output, 'device_opaque', more ? (BigInt(id) << 32n) | BigInt(dump.read) : 0n);
  return putWindow(output, window, more, place);
}

function putWindow(output: DataView, window: Uint8Array, more: boolean, place: Place): Refusal | undefined {
  moreDump.put(output, 0, more ? 1 : 0);
  size.put(output, 0, window.length);
  return place.put(window) ? undefined : REFUSAL.MKEY_UNKNOWN;
}

function argumentsOf(input: DataView): DumpArguments {
  return {
    segmentType: segmentType.get(input, 0),
    vhcaId: vhcaId.get(input, 0),
    index1: index1.get(input, 0),
    index2: index2.get(input, 0),
    numOfObj1: numOfObj1.get(input, 0),
    numOfObj2: numOfObj2.get(input, 0),
  };
}

function same(a: DumpArguments, b: DumpArguments): boolean {
  return (
    a.segmentType === b.segmentType &&
    a.vhcaId === b.vhcaId &&
    a.index1 === b.index1 &&
    a.index2 === b.index2 &&
    a.numOfObj1 === b.numOfObj1 &&
    a.numOfObj2 === b.numOfObj2
  );
}
