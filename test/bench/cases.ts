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

/** A buffer whose address stands in the request. */
interface PointedBuffer {
  readonly way: 'read' | 'write';
  /** Offset of the address in the request. */
  readonly at: number;
  readonly bytes: number;
}

/** A case of a driver's own device; the reference beside it copies the same buffers. */
export interface DriverCase extends Case {
  /** SPEC of `--device`: a device with loopback firmware. */
  readonly device: string;
  readonly buffers: readonly PointedBuffer[];
}

/** Little-endian. */
const hex = (...parts: readonly (readonly [value: number, bytes: number])[]) =>
  parts
    .map(([value, bytes]) =>
      Buffer.from(Uint8Array.from({ length: bytes }, (_, i) => value / 256 ** i)).toString('hex'),
    )
    .join('');
const HWRM = (type: number, bytes: number) => hex([type, 2], [0xffff, 2], [0, 2], [0xffff, 2], [0, bytes - 8]);
/** op 0x10001 of endpoint 1, 64 bytes of payload each way. */
const PDS_RPC = hex([0x10001, 4], [1, 4], [0, 4], [64, 4], [0, 8], [0, 12], [64, 4], [0, 8]);
/** Opcode 0x501, op_size 21: the vendor's feature ff..ff, from 0 on, 4 bytes. */
const CXL_GET = `${hex([0x501, 4], [0, 4], [21, 4], [0, 4])}${'ff'.repeat(16)}${hex([0, 2], [4, 2], [0, 1])}`;

/** One of a driver: its request in hex, its scope, the bytes that it asks for. */
function driverCase(
  driver: 'pds' | 'bnxt' | 'cxl',
  name: string,
  title: string,
  [request, scope, out]: readonly [string, number, number],
  buffers: readonly PointedBuffer[] = [],
): DriverCase {
  const pointed = buffers.flatMap(({ at, bytes }) => ['--buffer', `${at}:${bytes}`]);
  const client = ['--op', 'rpc', '--hex', request, '--scope', String(scope), '--out', String(out), ...pointed];
  return { name: `${driver}-${name}`, title: `${driver} ${title}`, device: `${driver}-loopback`, client, buffers };
}

export const DRIVER_CASES: readonly DriverCase[] = [
  driverCase('bnxt', 'ver-get', 'VER_GET, 24 B in, 176 B out', [HWRM(0, 24), 1, 176]),
  driverCase(
    'bnxt',
    'qstats',
    'PORT_QSTATS, 408 and 528 B written',
    [HWRM(0x23, 40), 1, 40],
    [
      { way: 'write', at: 24, bytes: 408 },
      { way: 'write', at: 32, bytes: 528 },
    ],
  ),
  driverCase('cxl', 'get-feature', 'GET_FEATURE, 37 B in, 20 B out', [CXL_GET, 0, 20]),
  driverCase(
    'pds',
    'rpc',
    'RPC, 64 B read, 64 B written',
    [PDS_RPC, 0, 48],
    [
      { way: 'read', at: 16, bytes: 64 },
      { way: 'write', at: 40, bytes: 64 },
    ],
  ),
];
