/**
 * Why the emulated firmware refused, from request and reply alone: which member or length it was, what would have
 * passed. A syndrome that is not ours (a fault's, a recording's, custom firmware's) is told as its status alone.
 */

import { capType } from '../../../abi/mlx5/cap-types.ts';
import { COMMAND_LIMITS, type CommandLimits } from '../../../abi/mlx5/command-limits.ts';
import { describeRequest } from '../../../abi/mlx5/describe.ts';
import { COUNTER_ID_BYTES, PARAMS_BYTES, SET_DIAGNOSTIC_PARAMS } from '../../../abi/mlx5/diagnostic.ts';
import { accessRegister, REGISTER_READ, requestHeader } from '../../../abi/mlx5/headers.ts';
import { OPCODE, OPCODES } from '../../../abi/mlx5/opcodes.ts';
import { registerLayout } from '../../../abi/mlx5/registers/layouts.ts';
import { registerById } from '../../../abi/mlx5/registers.ts';
import { STATUSES } from '../../../abi/mlx5/status.ts';
import { SYNDROME, type SyndromeRow } from '../../../abi/mlx5/syndromes.ts';
import type { ExplainedRefusal, RefusalCode } from '../../../fwctl/dialect.ts';
import { otherOrder } from '../../../fwctl/other-order.ts';

const ROWS: readonly SyndromeRow[] = Object.values(SYNDROME);
const bySyndrome: ReadonlyMap<number, SyndromeRow> = new Map(ROWS.map((row) => [row.syndrome, row]));
const limitsOf: ReadonlyMap<number, CommandLimits> = new Map(COMMAND_LIMITS.map((row) => [row.opcode, row]));
const opcodes: ReadonlyMap<number, string> = new Map(OPCODES.map(({ opcode, name }) => [opcode, name]));

/** A refused call. */
interface Asked {
  readonly view: DataView;
  readonly opcode: number;
  readonly opMod: number;
  readonly outLength: number;
}

type Found = Pick<ExplainedRefusal, 'part' | 'fix'>;

/** What a register's own rules ask for; in the PRM's words, and no more than its emulation does. */
const REGISTER_FIXES: Readonly<Record<string, string>> = {
  PAOS: 'write admin_status 1 (up), 2 (down) or 3 (up once)',
  PMTU: 'write an admin_mtu of at most the max_mtu that a read gives',
  PTYS: 'write only bits of the capability that a read gives',
  MCIA: 'ask for at most 48 bytes of one page of 256',
  MCDA: 'send at most the bytes of a part that MCQI gives',
  MNVDA: 'write the length of the TLV that a read gives',
  MTUTC: 'write an operation of the PRM, with nsec below 1000000000',
};

const FIND: Readonly<Partial<Record<keyof typeof SYNDROME, (asked: Asked) => Found>>> = {
  UNKNOWN_OPCODE: ({ opcode }) => ({
    part: `opcode ${opcodes.get(opcode) ?? hex(opcode)}`,
    fix: meantOpcode(opcode) ?? 'send a command that is emulated: fwctl-emu scopes --driver mlx5',
  }),
  REQUEST_TOO_SHORT(asked) {
    const least = leastIn(asked);
    return { part: `in_len ${asked.view.byteLength}, needs at least ${least}`, fix: `set fwctl_rpc.in_len = ${least}` };
  },
  REPLY_TOO_SHORT({ opcode, outLength }) {
    const least = limitsOf.get(opcode)?.minOut ?? 0;
    return { part: `asked ${outLength}, needs at least ${least}`, fix: `set fwctl_rpc.out_len = ${least}` };
  },
  OP_MOD({ opcode, opMod }) {
    const [from = 0, to = 0] = limitsOf.get(opcode)?.opMod ?? [];
    const name = opcodes.get(opcode) ?? hex(opcode);
    return {
      part: `op_mod ${hex(opMod)}`,
      fix: `${name} takes ${from === to ? hex(from) : `${hex(from)} to ${hex(to)}`}`,
    };
  },
  UNKNOWN_UID: ({ view }) => ({ part: `uid ${hex(view.getUint16(requestHeader.uid))}` }),
  CAP_TYPE({ opMod }) {
    const type = opMod >> 1;
    const known = capType(type)?.name;
    return { part: `op_mod ${hex(opMod)}, which is type ${hex(type)}${known === undefined ? '' : ` ${known}`}` };
  },
  OTHER_FUNCTION: (asked) => ({ part: fields(asked, ['function_id', 'other_function', 'vhca_id']) }),
  OBJECT_UNKNOWN: (asked) => ({ part: fields(asked) }),
  UCTX_UNKNOWN: (asked) => ({ part: fields(asked) }),
  UCTX_CAPS: (asked) => ({ part: fields(asked) }),
  REGISTER_UNKNOWN({ view }) {
    const id = view.getUint16(accessRegister.registerId);
    const meant = otherOrder('register_id', id, 2, 'big-endian', (number) => registerById(number)?.name);
    return { part: `register_id ${registerWord(view)}`, ...(meant && { fix: meant }) };
  },
  REGISTER_READ_ONLY: ({ view }) => ({
    part: `register_id ${registerWord(view)}`,
    fix: `read it: op_mod ${REGISTER_READ}`,
  }),
  REGISTER_SELECTOR(asked) {
    const layout = registerLayout(asked.view.getUint16(accessRegister.registerId));
    const selecting = [...(layout?.fields.values() ?? [])].filter(({ access }) => access === 'INDEX');
    return {
      part: `${registerWord(asked.view)} ${
        fields(
          asked,
          selecting.map(({ path }) => path),
        ) ?? ''
      }`.trimEnd(),
    };
  },
  REGISTER_VALUE(asked) {
    const id = asked.view.getUint16(accessRegister.registerId);
    const fix = REGISTER_FIXES[registerById(id)?.name ?? ''];
    const part = `${registerWord(asked.view)} ${fields(asked) ?? ''}`.trimEnd();
    return { part, ...(fix !== undefined && { fix }) };
  },
  REGISTER_NO_DATA: ({ view }) => {
    const least = accessRegister.data + (registerLayout(view.getUint16(accessRegister.registerId))?.bytes ?? 4);
    return {
      part: `in_len ${view.byteLength}`,
      fix: `send the register behind the ${accessRegister.data} bytes: ${least} in all`,
    };
  },
  NV_UNKNOWN: (asked) => ({ part: `${registerWord(asked.view)} ${fields(asked) ?? ''}`.trimEnd() }),
  UPDATE_STATE: (asked) => ({ part: `${registerWord(asked.view)} ${fields(asked) ?? ''}`.trimEnd() }),
};

export function explain(
  request: Uint8Array,
  requestLength: number,
  status: number,
  syndrome: number,
  outLength: number,
): ExplainedRefusal | undefined {
  const row = bySyndrome.get(syndrome);
  if (row === undefined || row.status !== status) return ofStatus(status, syndrome);
  const view = new DataView(request.buffer, request.byteOffset, requestLength);
  const found = attempt(() =>
    FIND[row.name as keyof typeof SYNDROME]?.({
      view,
      opcode: view.getUint16(requestHeader.opcode),
      opMod: view.getUint16(requestHeader.opMod),
      outLength,
    }),
  );
  const { part, fix = row.remedy } = found ?? {};
  return { name: row.name, rule: row.text, ...(part !== undefined && { part }), ...(fix !== undefined && { fix }) };
}

/** Without a syndrome that we know: what the status says. */
function ofStatus(status: number, syndrome: number): ExplainedRefusal | undefined {
  const known = STATUSES.find((row) => row.status === status);
  if (known === undefined) return undefined;
  const whose = syndrome === 0 ? '' : ', and the syndrome is not of the emulated firmware';
  return { name: known.name, rule: `${known.text}${whose}` };
}

export const REFUSAL_CODES: readonly RefusalCode[] = [
  ...STATUSES.filter(({ status }) => status !== 0).map(({ status, name, text }) => ({
    field: 'status',
    number: status,
    name,
    text,
  })),
  ...ROWS.map(({ syndrome, name, text, remedy, status }) => ({
    field: 'syndrome',
    number: syndrome,
    name,
    text,
    ...(remedy !== undefined && { remedy }),
    with: STATUSES.find((row) => row.status === status)?.name ?? hex(status),
  })),
];

/** For an opcode that is none, in the other order of bytes. */
export function meantOpcode(opcode: number): string | undefined {
  return otherOrder('opcode', opcode, 2, 'big-endian', (number) => opcodes.get(number));
}

/** Of SET_DIAGNOSTIC_PARAMS the counters count. */
function leastIn({ view, opcode }: Asked): number {
  const least = limitsOf.get(opcode)?.minIn ?? requestHeader.bytes;
  if (opcode !== OPCODE.SET_DIAGNOSTIC_PARAMS || view.byteLength < PARAMS_BYTES) return least;
  const { num_of_counters: count = 0 } = SET_DIAGNOSTIC_PARAMS.request.decode(view, 0);
  return PARAMS_BYTES + Number(count) * COUNTER_ID_BYTES;
}

/** `local_port=7 pnat=1`: the request's fields of these names, all where none are told; those that are 0 too. */
function fields({ view }: Asked, names?: readonly string[]): string | undefined {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const all = describeRequest(bytes, bytes.length)?.fields ?? [];
  const set = all.filter(({ name, nonZero }) => (names === undefined ? nonZero : names.includes(name)));
  // of many selecting fields those that are 0 are seldom the reason
  const shown = set.length > SHOWN ? set.filter(({ nonZero }) => nonZero) : set;
  const words = shown.slice(0, SHOWN).map(({ name, value }) => `${name}=${String(value).slice(0, 32)}`);
  return words.length === 0 ? undefined : `${words.join(' ')}${shown.length > SHOWN ? ' ...' : ''}`;
}

const SHOWN = 6;

/** `PAOS 0x5006`. */
function registerWord(view: DataView): string {
  const id = view.getUint16(accessRegister.registerId);
  const name = registerById(id)?.name;
  return name === undefined ? hex(id) : `${name} ${hex(id)}`;
}

function attempt<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined; // of a request that is too short
  }
}

function hex(number: number): string {
  return `0x${number.toString(16)}`;
}
