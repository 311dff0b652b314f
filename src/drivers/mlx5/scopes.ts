/**
 * Which command may be sent in which scope: mlx5ctl_validate_rpc() of drivers/fwctl/mlx5/main.c, as data. Compiled to
 * one byte an opcode, so that an RPC takes one look-up; why a command was refused is worked out only then.
 */
import { SCOPE } from '../../abi/fwctl.ts';
import { ABI_PROFILES, type AbiName, type AbiProfile } from '../../abi/profiles.ts';
import type { ScopeTableRow } from '../../fwctl/dialect.ts';
import { Errno } from '../../kernel/errno.ts';
import { SCOPE_TABLE, type ScopeRow } from './scope-table.ts';

/** mlx5ctl_validate_rpc() compares a scope: `upward` = `scope >= needed`, `downward` = `scope <= allowed`. */
export const SCOPE_RULE: Readonly<Record<AbiName, 'upward' | 'downward'>> = {
  v2: 'downward',
  'linux-6.15': 'upward',
  'linux-6.18': 'upward',
  'linux-7.1': 'upward',
  'linux-7.3': 'upward',
};

const SCOPES = Object.values(SCOPE);
const SCOPE_NAMES = Object.keys(SCOPE);

const rowByOpcode: ReadonlyMap<number, ScopeRow> = new Map(SCOPE_TABLE.map((row) => [row.opcode, row]));

const UNKNOWN_OPCODE = new Errno(
  'EBADMSG',
  'no kernel lets this opcode through fwctl',
  'send a command of the mlx5 driver list: fwctl-emu scopes --driver mlx5',
);
const NOT_IN_PROFILE = new Map<AbiName, Errno>(
  ABI_PROFILES.map((abi) => [
    abi.name,
    new Errno('EBADMSG', `the opcode is not let through by ${abi.title}`, 'use an ABI profile that has it'),
  ]),
);
const NEEDS_SCOPE = SCOPES.map(
  (scope) =>
    new Errno('EBADMSG', `the opcode needs scope ${SCOPE_NAMES[scope]} (${scope})`, `use scope ${scope} or above`),
);
const READ_NEEDS_SCOPE = new Errno(
  'EBADMSG',
  'reading a register (op_mod other than 0) needs scope FWCTL_RPC_DEBUG_READ_ONLY (1)',
  'use scope 1 or above',
);
const CONFIGURATION_ONLY = new Errno(
  'EBADMSG',
  'the v2 series lets this opcode through in scope FWCTL_RPC_CONFIGURATION (0) alone',
  'use scope 0',
);
/** v2 refuses scopes 2 and 3 altogether, in its driver, after the core has tainted the kernel. */
export const V2_NO_WRITE_SCOPE = new Errno(
  'EOPNOTSUPP',
  'the mlx5 driver of the v2 series has no scope above FWCTL_RPC_DEBUG_READ_ONLY (1)',
  'use scope 0 or 1, or an ABI profile of Linux 6.15 or later',
);

/** Whether the kernel of this profile has the row at all. */
function inProfile(abi: AbiProfile, row: ScopeRow): boolean {
  if (SCOPE_RULE[abi.name] === 'downward') return row.v2 !== undefined;
  return row.since === undefined || profileIndex(abi.name) >= profileIndex(row.since);
}

function profileIndex(name: AbiName): number {
  return ABI_PROFILES.findIndex((abi) => abi.name === name);
}

function rowAllows(abi: AbiProfile, row: ScopeRow, opMod: number, scope: number): boolean {
  if (!inProfile(abi, row)) return false;
  if (SCOPE_RULE[abi.name] === 'downward') return row.v2 !== undefined && scope <= row.v2;
  return scope >= (opMod !== 0 && row.readNeeds !== undefined ? row.readNeeds : row.needs);
}

/** The scopes, ascending, in which this profile's driver lets the command through; empty: none. For traces and help. */
export function scopesAllowing(abi: AbiProfile, opcode: number, opMod: number): number[] {
  const row = rowByOpcode.get(opcode);
  return row === undefined ? [] : SCOPES.filter((scope) => rowAllows(abi, row, opMod, scope));
}

/** The profile's rows; one that reads need another scope for is two. */
export function scopeTable(abi: AbiProfile): ScopeTableRow[] {
  return SCOPE_TABLE.filter((row) => inProfile(abi, row)).flatMap(({ opcode: number, name }) => {
    const [write, read] = [scopesAllowing(abi, number, 0), scopesAllowing(abi, number, 1)];
    if (write.join() === read.join()) return [{ number, name, scopes: write }];
    return [
      { number, name, when: 'op_mod 0 (write)', scopes: write },
      { number, name, when: 'op_mod other than 0 (read)', scopes: read },
    ];
  });
}

/** What `compileScopes` has made: 64 KiB that all devices share. */
const compiled = new WeakMap<AbiProfile, Uint8Array>();

/** One byte an opcode: bit n allows scope n with op_mod 0, bit 4 + n with any other op_mod. Not to be changed. */
export function compileScopes(abi: AbiProfile): Uint8Array {
  const known = compiled.get(abi);
  if (known !== undefined) return known;
  const masks = new Uint8Array(0x10000);
  compiled.set(abi, masks);
  for (const { opcode } of SCOPE_TABLE) {
    let mask = 0;
    for (const scope of scopesAllowing(abi, opcode, 0)) mask |= 1 << scope;
    for (const scope of scopesAllowing(abi, opcode, 1)) mask |= 0x10 << scope;
    masks[opcode] = mask;
  }
  return masks;
}

/** The rule that refuses a command which `compileScopes` does not allow. */
export function scopeRefusal(abi: AbiProfile, opcode: number, opMod: number): Errno {
  const row = rowByOpcode.get(opcode);
  if (row === undefined) return UNKNOWN_OPCODE;
  if (!inProfile(abi, row)) return NOT_IN_PROFILE.get(abi.name) ?? UNKNOWN_OPCODE;
  if (SCOPE_RULE[abi.name] === 'downward') return CONFIGURATION_ONLY;
  if (opMod !== 0 && row.readNeeds !== undefined) return READ_NEEDS_SCOPE;
  return NEEDS_SCOPE[row.needs] ?? UNKNOWN_OPCODE;
}
