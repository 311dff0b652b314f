/** A device of driver `raw` as a configuration writes it: short texts, and what they mean. */
import { ERRNO, type ErrnoName } from '../../../abi/errno.ts';
import { MAX_RPC_LEN } from '../../../abi/fwctl.ts';
import { isHex } from '../../../abi/hex.ts';
import { didYouMean } from '../../../abi/nearest-name.ts';
import { wholeNumber } from '../../../abi/number-text.ts';
import { answerBytes, echo, type RawOptions, type RawRpc, rawOptions, refuseRpc } from '../../../drivers/raw/driver.ts';

/** Its own keys; plain data, so that they can be told and kept. */
export interface RawKeys {
  /** enum fwctl_device_type, 32 bits. */
  readonly device_type: number;
  /** Device data of FWCTL_INFO in hex; undefined: the driver has no info op. */
  readonly info: string | undefined;
  /** `echo`, `hex:BYTES`, `errno:NAME` or `length:BYTES`. */
  readonly rpc: string;
  /** Of the PCI function: vendor and device id, 16 bits each, and the class, 24 bits, base class first. */
  readonly pci_vendor: number;
  readonly pci_device: number;
  readonly pci_class: number;
  /** Name of the PCI driver that is bound to the function, by which some clients find their devices. */
  readonly pci_driver: string;
}

/** Most bytes of device data: those of one frame's buffer. */
const MAX_INFO = 4096;
/** Bytes that `length:` answers with: every one differs from its neighbours, and none is missed in a dump. */
const pattern = (length: number) => Uint8Array.from({ length }, (_, i) => i * 5 + 1);

/** Each reader throws an Error that says what is wrong with the text and what to write. */
export function readDeviceType(text: string): number {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
  if (value <= 0xffffffff) return value;
  throw new Error(`device_type is a whole number of 32 bits, e.g. 0x7e, not "${text}"`);
}

export function readInfo(text: string): string | undefined {
  if (text === 'none') return undefined;
  const bytes = hexBytes(text);
  if (bytes === undefined) throw new Error(`info is device data in hex, e.g. 030a1118, or none, not "${text}"`);
  if (bytes.length > MAX_INFO) throw new Error(`info has ${bytes.length} bytes; at most ${MAX_INFO} are allowed`);
  return Buffer.from(bytes).toString('hex');
}

export function readRpc(text: string): string {
  compileRpc(text);
  return text;
}

/** Reader of a number of so many bits. */
export function hexNumber(key: string, bits: 16 | 24): (text: string) => number {
  return (text) => wholeNumber(key, text, 0, 2 ** bits - 1);
}

/** A name as sysfs has them. */
export function readDriverName(text: string): string {
  if (/^[\w.-]{1,64}$/.test(text)) return text;
  throw new Error(`pci_driver is a driver's name of letters, digits, _, . and -, e.g. ubase, not "${text}"`);
}

export function rawOptionsOf({ device_type: deviceType, info, rpc }: RawKeys): RawOptions {
  return rawOptions({ deviceType, info: info === undefined ? undefined : hexBytes(info), rpc: compileRpc(rpc) });
}

function compileRpc(text: string): RawRpc {
  const [, word, value] = /^(\w+)(?::(.*))?$/s.exec(text) ?? [];
  if (word === 'echo' && value === undefined) return echo;
  if (word === 'hex' && value !== undefined) {
    const bytes = hexBytes(value);
    if (bytes !== undefined && bytes.length <= MAX_RPC_LEN) return answerBytes(bytes);
    throw new Error(`"${value}" is not a reply in hex; write whole bytes, e.g. hex:00 00 00 01`);
  }
  if (word === 'errno' && value !== undefined) {
    if (Object.hasOwn(ERRNO, value)) return refuseRpc(value as ErrnoName);
    throw new Error(`there is no errno "${value}" here, e.g. errno:EIO${didYouMean(value, Object.keys(ERRNO))}`);
  }
  if (word === 'length' && value !== undefined) {
    if (/^\d+$/.test(value) && Number(value) <= MAX_RPC_LEN) return answerBytes(pattern(Number(value)));
    throw new Error(`length is a whole number up to ${MAX_RPC_LEN}, not "${value}"`);
  }
  throw new Error(`rpc is echo, hex:BYTES, errno:NAME or length:N, not "${text}"`);
}

/** Bytes from hex digits, with spaces, colons or 0x where people like them; undefined: it is no such text. */
function hexBytes(text: string): Uint8Array | undefined {
  const digits = text.replace(/^0x/i, '').replace(/[\s:]/g, '');
  if (!isHex(digits)) return undefined;
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}
