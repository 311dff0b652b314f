/**
 * What is measured: one row a case. The numbers of commands are those of the PRM (opcode, register_id).
 * `rpc-16` is the shortest RPC there is; 16 bytes are too few for QUERY_ISSI's answer of 112, and the firmware says so
 * (BAD_OUTP_LEN). `rpc-issi` has the room.
 */

export interface Case {
  readonly name: string;
  /** For the table. */
  readonly title: string;
  /** Options of test/c/bench-client.c, without --ms and --cpu. */
  readonly client: readonly string[];
}

// QUERY_ISSI, and ACCESS_REG (op_mod 1: read) of MGIR; both in the scope DEBUG_READ_ONLY.
const QUERY_ISSI = ['--op', 'rpc', '--opcode', '0x10a', '--scope', '1'];
const READ_MGIR = ['--op', 'rpc', '--opcode', '0x805', '--op-mod', '1', '--register', '0x9020', '--scope', '1'];

const payload = (bytes: number) => ['--in', String(bytes), '--out', String(bytes)];

/** The shortest RPC that succeeds: what growth is shown by. */
export const ISSI: Case = {
  name: 'rpc-issi',
  title: 'RPC 16 B in, 112 B out (QUERY_ISSI)',
  client: [...QUERY_ISSI, '--in', '16', '--out', '112'],
};

/** A register read with so many bytes both ways. */
export function registerRead(bytes: number): Case {
  return { name: `rpc-${bytes}`, title: `RPC ${bytes} B (ACCESS_REG MGIR)`, client: [...READ_MGIR, ...payload(bytes)] };
}

export const CASES: readonly Case[] = [
  { name: 'info', title: 'INFO', client: ['--op', 'info'] },
  { name: 'rpc-16', title: 'RPC 16 B (QUERY_ISSI)', client: [...QUERY_ISSI, ...payload(16)] },
  ISSI,
  { name: 'rpc-mgir', title: 'RPC 1040 B (ACCESS_REG MGIR)', client: [...READ_MGIR, ...payload(16 + 1024)] },
  { name: 'rpc-4k', title: 'RPC 4 KiB (ACCESS_REG MGIR)', client: [...READ_MGIR, ...payload(4096)] },
  { name: 'rpc-64k', title: 'RPC 64 KiB (ACCESS_REG MGIR)', client: [...READ_MGIR, ...payload(65536)] },
  { name: 'rpc-2m', title: 'RPC 2 MiB (ACCESS_REG MGIR)', client: [...READ_MGIR, ...payload(2 * 1024 * 1024)] },
  { name: 'open', title: 'open + close', client: ['--op', 'open'] },
];
