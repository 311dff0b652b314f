/**
 * The symbolic ioctl cases: `ID key=value ...` lines and
 * `!hook words` lines. The format is that of test/golden/fwctl/cases.
 */
import { FWCTL_INFO, FWCTL_RPC, fwctlInfo, fwctlRpc } from '../../src/abi/fwctl.ts';

/** `ok`, `end:12`, ...: arenas.ts says where that is. */
export interface SymbolicPointer {
  readonly kind: string;
  readonly n: number;
}

export interface Case {
  readonly id: string;
  /** The line after the id. */
  readonly text: string;
  readonly ctx: string;
  readonly fd: string;
  /** As given to the system call, up to 64 bits. */
  readonly cmd: bigint;
  /** Which structure is laid out: fwctl_info or fwctl_rpc. */
  readonly as: 'I' | 'R';
  readonly arg: SymbolicPointer;
  /** `dptr` of INFO, `in` of RPC. */
  readonly first: SymbolicPointer;
  /** `out` of RPC. */
  readonly second: SymbolicPointer;
  readonly size: number;
  readonly flags: number;
  readonly odt: number;
  readonly dlen: number;
  readonly scope: number;
  readonly inLen: number;
  readonly outLen: number;
  readonly op: number;
  readonly mod: number;
  readonly uid: number;
  /** A byte set behind the structure: offset from the argument, value. */
  readonly nz: { readonly offset: number; readonly value: number } | undefined;
}

export type Line = { readonly hook: string } | Case;

const KEYS = new Set(
  'ctx fd cmd as arg size flags odt dlen dptr scope in_len out_len in out op mod uid nz d'.split(' '),
);

export function parseLine(line: string): Line {
  if (line.startsWith('!')) return { hook: line.slice(1) };
  const [id = '', ...tokens] = line.split(' ');
  const given = new Map(tokens.map((token) => token.split('=', 2) as [string, string]));
  for (const key of given.keys()) if (!KEYS.has(key)) throw new Error(`bad key ${key} in ${line}`);
  const number = (key: string, otherwise: number): number => Number(given.get(key) ?? otherwise);
  const pointer = (key: string): SymbolicPointer => {
    const [kind = '', n = '0'] = (given.get(key) ?? 'ok').split(':');
    return { kind, n: Number(n) };
  };
  const cmd = command(given.get('cmd') ?? 'INFO');
  const as = (given.get('as') ?? (BigInt.asUintN(32, cmd) === BigInt(FWCTL_RPC) ? 'R' : 'I')) as 'I' | 'R';
  const [nzOffset, nzValue = '1'] = (given.get('nz') ?? '').split(',');
  return {
    id,
    text: tokens.join(' '),
    ctx: given.get('ctx') ?? 'root',
    fd: given.get('fd') ?? 'A',
    cmd,
    as,
    arg: pointer('arg'),
    first: given.has('dptr') ? pointer('dptr') : pointer('in'),
    second: pointer('out'),
    size: number('size', as === 'R' ? fwctlRpc.bytes : fwctlInfo.bytes),
    flags: number('flags', 0),
    odt: number('odt', 0),
    dlen: number('dlen', 8),
    scope: number('scope', 0),
    inLen: number('in_len', 16),
    outLen: number('out_len', 16),
    op: number('op', 0x100),
    mod: number('mod', 0),
    uid: number('uid', 0xbeef),
    nz: nzOffset ? { offset: Number(nzOffset), value: Number(nzValue) } : undefined,
  };
}

function command(text: string): bigint {
  if (text === 'INFO') return BigInt(FWCTL_INFO);
  return text === 'RPC' ? BigInt(FWCTL_RPC) : BigInt(text);
}
