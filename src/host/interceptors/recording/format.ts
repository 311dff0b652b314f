/**
 * A recording: JSON lines, one a device, open, FWCTL_INFO, FWCTL_RPC, ioctl of iommufd or close, in the order in which
 * the calls were made. Times are left out, and comments (`about`, `fields`) are for people: the same run gives the same
 * file, fit for review and git. Payloads are hexadecimal, without zero bytes at the end: the length tells.
 */
import { ERRNO, type ErrnoName } from '../../../abi/errno.ts';
import { MAX_RPC_LEN } from '../../../abi/fwctl.ts';
import { isHex } from '../../../abi/hex.ts';
import { type IommufdAbiName, iommufdAbi } from '../../../abi/iommufd-profiles.ts';
import { isIoctlName } from './ioctl-request.ts';

export const RECORDING_VERSION = 1;

export interface RecordingHead {
  readonly fwctl_emu_recording: typeof RECORDING_VERSION;
  /** Names of the fields whose bytes are zero here and say nothing. */
  readonly masked: readonly string[];
}

/** A fwctl device. */
export interface RecordedFunction {
  /** `fwctl0`. */
  readonly device: string;
  /** enum fwctl_device_type. */
  readonly type: number;
  /** Row of the driver table. */
  readonly driver: string;
  readonly profile: string;
  readonly pci: string;
  /** Its driver has no info op: the core itself answers FWCTL_INFO, which is not recorded. */
  readonly info_op?: false;
}

/** A node of iommufd. */
export interface RecordedNode {
  readonly device: 'iommu' | 'vfio';
  readonly driver: 'iommufd';
  readonly abi: IommufdAbiName;
  readonly thp: boolean;
}

export type RecordedDevice = RecordedFunction | RecordedNode;

/** `file` numbers a device's opens from 1. With `errno` the call failed, and has nothing else to say. */
export interface RecordedOpen {
  readonly open: string;
  readonly file: number;
  readonly comm: string;
  /** It was made before the recording began; the line stands before the file's first call in it. */
  readonly already?: true;
  readonly errno?: ErrnoName;
}

export interface RecordedInfo {
  readonly info: string;
  readonly file: number;
  /** The driver's data. */
  readonly data?: string;
  readonly data_len?: number;
  readonly errno?: ErrnoName;
}

export interface RecordedRpc {
  readonly rpc: string;
  readonly file: number;
  readonly scope: number;
  readonly about?: string;
  readonly in: string;
  readonly in_len: number;
  /** As the client asked. */
  readonly out_len: number;
  /** What was read and written at the addresses in the request. */
  readonly read?: readonly PointedBytes[];
  readonly written?: readonly PointedBytes[];
  readonly out?: string;
  /** Where the reply has the request's own address, which is zero in `out` too. */
  readonly echoed?: readonly number[];
  /** The length that the driver answered, where it is another than asked for. */
  readonly answered?: number;
  readonly errno?: ErrnoName;
  /** The reply's fields that are not zero. */
  readonly fields?: Readonly<Record<string, number | string>>;
}

/**
 * Bytes at an address that stands in a request: the address's offset there, how far behind the address, hexadecimal.
 * The address itself means nothing in another run, and is zero in `in`.
 */
export type PointedBytes = readonly [pointer: number, offset: number, hex: string];

/** Bytes written to the caller, hexadecimal, and how far behind the address. */
export type RecordedWrite = readonly [offset: number, hex: string];

/** An ioctl of iommufd that passed the checks of number, size and structure (recording/ioctl-request.ts). */
export interface RecordedIoctl {
  readonly ioctl: string;
  readonly file: number;
  /** The uAPI name. */
  readonly name: string;
  readonly about?: string;
  readonly in: string;
  readonly in_len: number;
  /** What was read where the structure points to. */
  readonly data?: string;
  readonly data_len?: number;
  /** What was written to the structure, and where it points to; in this order. Also beside an errno. */
  readonly out?: readonly RecordedWrite[];
  readonly data_out?: readonly RecordedWrite[];
  /** The return value, where it is not 0. */
  readonly value?: number;
  readonly errno?: ErrnoName;
}

export interface RecordedClose {
  readonly close: string;
  readonly file: number;
}

export type RecordedExchange = RecordedOpen | RecordedInfo | RecordedRpc | RecordedIoctl | RecordedClose;

export interface Recording {
  readonly masked: readonly string[];
  readonly devices: readonly RecordedDevice[];
  /** With their lines in the file, from 1. */
  readonly exchanges: readonly { readonly line: number; readonly exchange: RecordedExchange }[];
}

/** Without the zero bytes at the end. */
export function toHex(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('hex');
}

/** `length` bytes, zero where the text has ended. */
export function fromHex(text: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(Buffer.from(text, 'hex').subarray(0, length));
  return bytes;
}

/** Throws an Error, `FILE:LINE: what is wrong`, at the first line that is not as it must be. */
export function parseRecording(text: string, file: string): Recording {
  const devices: RecordedDevice[] = [];
  const exchanges: Recording['exchanges'][number][] = [];
  let masked: readonly string[] | undefined;
  for (const [index, source] of text.split('\n').entries()) {
    if (source.trim() === '') continue;
    const line = index + 1;
    const refuse = (why: string): never => {
      throw new Error(`${file}:${line}: ${why}`);
    };
    const row = jsonObject(source) ?? refuse('this is no JSON object; is it a recording of fwctl-emu?');
    if (masked === undefined) {
      masked =
        headOf(row) ??
        refuse(
          `the first line is not {"fwctl_emu_recording":${RECORDING_VERSION},...}; is it a recording of fwctl-emu?`,
        );
    } else if (typeof row.device === 'string') {
      const node = row.device === 'iommu' || row.device === 'vfio';
      if (!node && !/^fwctl\d{1,4}$/.test(row.device)) refuse(`"${row.device}" is no device name`);
      const wrong = wrongIn(row, node ? NODE_KEYS : DEVICE_KEYS);
      if (wrong !== undefined) refuse(wrong);
      devices.push(row as unknown as RecordedDevice);
    } else {
      const wrong = wrongExchange(row, devices);
      if (wrong !== undefined) refuse(wrong);
      exchanges.push({ line, exchange: row as unknown as RecordedExchange });
    }
  }
  if (masked === undefined) throw new Error(`${file}: it is empty; record again`);
  return { masked, devices, exchanges };
}

type Row = Record<string, unknown>;
type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isBytes: Check = (value) => typeof value === 'string' && isHex(value);
const isCount: Check = (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffffff;
const isLength: Check = (value) => isCount(value) && (value as number) <= MAX_RPC_LEN;
const isErrno: Check = (value) => typeof value === 'string' && Object.hasOwn(ERRNO, value);
/** Arrays of 4 million IOVA ranges: more than anybody has. */
const MAX_DATA = 64 * 1024 * 1024;
/** Both kinds together are queued in one frame, which has room for 29 (FRAME.queue); no ioctl makes more than a few. */
const MOST_WRITES = 14;
/** All of them together must fit into a frame. */
const areWrites: Check = (value) => {
  if (!Array.isArray(value) || value.length > MOST_WRITES) return false;
  const sound = value.every((write) => Array.isArray(write) && isLength(write[0]) && isBytes(write[1]));
  return sound && value.reduce((sum, [, hex]) => sum + hex.length / 2, 0) <= MAX_RPC_LEN / 2;
};
/** Room for them in a frame (FRAME.buffers). */
const MAX_POINTED = 256 * 1024;
const arePointed: Check = (value) => {
  if (!Array.isArray(value)) return false;
  const sound = value.every(
    (one) => Array.isArray(one) && isLength(one[0]) && isLength(one[1]) && isBytes(one[2]) && one.length === 3,
  );
  return sound && value.reduce((sum, [, , hex]) => sum + hex.length / 2, 0) <= MAX_POINTED;
};
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const DEVICE_KEYS: Readonly<Record<string, Check>> = {
  type: isCount,
  driver: (value) => typeof value === 'string' && value !== 'iommufd',
  profile: isText,
  pci: (value) => typeof value === 'string' && /^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/.test(value),
  info_op: (value) => value === undefined || value === false,
};
const NODE_KEYS: Readonly<Record<string, Check>> = {
  driver: (value) => value === 'iommufd',
  abi: (value) => typeof value === 'string' && iommufdAbi(value) !== undefined,
  thp: (value) => typeof value === 'boolean',
};
const EXCHANGE_KEYS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  open: { file: isCount, comm: isText, already: optional((value) => value === true), errno: optional(isErrno) },
  info: { file: isCount, data: optional(isBytes), data_len: optional(isLength), errno: optional(isErrno) },
  rpc: {
    file: isCount,
    scope: isCount,
    in: isBytes,
    in_len: isLength,
    out_len: isLength,
    read: optional(arePointed),
    written: optional(arePointed),
    out: optional(isBytes),
    echoed: optional((value) => Array.isArray(value) && value.every(isLength)),
    answered: optional(isCount),
    errno: optional(isErrno),
  },
  ioctl: {
    file: isCount,
    name: (value) => typeof value === 'string' && isIoctlName(value),
    in: isBytes,
    in_len: isLength,
    data: optional(isBytes),
    data_len: optional((value) => isCount(value) && (value as number) <= MAX_DATA),
    out: optional(areWrites),
    data_out: optional(areWrites),
    value: optional(isCount),
    errno: optional(isErrno),
  },
  close: { file: isCount },
};

function jsonObject(source: string): Row | undefined {
  try {
    const value: unknown = JSON.parse(source);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : undefined;
  } catch {
    return undefined;
  }
}

function headOf(row: Row): readonly string[] | undefined {
  const { fwctl_emu_recording: version, masked } = row;
  if (version !== RECORDING_VERSION || !Array.isArray(masked)) return undefined;
  return masked.every((name) => typeof name === 'string') ? masked : undefined;
}

function wrongExchange(row: Row, devices: readonly RecordedDevice[]): string | undefined {
  const kind = Object.keys(EXCHANGE_KEYS).find((key) => typeof row[key] === 'string');
  if (kind === undefined) return `none of ${Object.keys(EXCHANGE_KEYS).join(', ')} stands here`;
  if (!devices.some(({ device }) => device === row[kind]))
    return `there is no line {"device":"${row[kind]}",...} above`;
  return wrongIn(row, EXCHANGE_KEYS[kind] ?? {});
}

function wrongIn(row: Row, keys: Readonly<Record<string, Check>>): string | undefined {
  const wrong = Object.entries(keys).find(([key, check]) => !check(row[key]));
  return wrong === undefined ? undefined : `"${wrong[0]}" is missing or wrong`;
}
