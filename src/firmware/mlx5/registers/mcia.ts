/**
 * MCIA, module EEPROM: a QSFP28 passive copper cable by SFF-8636 (lower page, page 00h; others 0), identity invented.
 * Reads `size` bytes from `device_address` of `page_number`; from 80h on the selected page's, as on the real bus.
 */
import { MCIA } from '../../../abi/mlx5/registers/mcia.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';
import { MODULE_IDENTITY } from './module-identity.ts';

const i2cAddress = MCIA.word('i2c_device_address');
const page = MCIA.word('page_number');
const address = MCIA.word('device_address');
const size = MCIA.word('size');
const status = MCIA.word('status');

const DATA = 16;
const DATA_BYTES = 128;
/** What a reader who says no size gets: the 12 dwords that older drivers have in the register. */
const DEFAULT_BYTES = 48;
const MODULE_I2C = 0x50;
/** MCIA status: the module did not answer on that address. */
const I2C_ERROR = 9;

/** Unverified: that address 0 and size 0 (mlx5ctl) mean the module's own address and the default size. */
export function readMcia({ input, output }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const from = address.get(input, 0);
  const count = size.get(input, 0) === 0 ? DEFAULT_BYTES : size.get(input, 0);
  if (count > DATA_BYTES || from + count > 256) return REFUSAL.REGISTER_VALUE;
  const bus = i2cAddress.get(input, 0);
  if (bus !== MODULE_I2C && bus !== 0) {
    status.put(output, 0, I2C_ERROR);
    return undefined;
  }
  const number = page.get(input, 0);
  for (let i = 0; i < count; i++) output.setUint8(DATA + i, byteAt(number, from + i));
  return undefined;
}

function byteAt(number: number, at: number): number {
  return at < 128 || number === 0 ? (EEPROM[at] ?? 0) : 0;
}

const EEPROM = build();

function build(): Uint8Array {
  const bytes = new Uint8Array(256);
  const put = (at: number, values: readonly number[]) => bytes.set(values, at);
  const text = (at: number, length: number, value: string) =>
    put(
      at,
      [...value.padEnd(length)].map((character) => character.charCodeAt(0)),
    );
  // Lower page: identifier QSFP28, revision SFF-8636 2.8; flat memory (no upper pages but 00h), data ready.
  put(0, [0x11, 0x08, 0x04]);
  // Upper page 00h: identifier, power class 1, connector "no separable", 100GBASE-CR4 (code at 192), 1 m of copper.
  put(128, [0x11, 0x00, 0x23, 0x80]);
  put(140, [0xff]);
  put(146, [1, 0xa0]);
  text(148, 16, MODULE_IDENTITY.vendor);
  put(165, [0x00, 0x02, 0xc9]);
  text(168, 16, MODULE_IDENTITY.partNumber);
  text(184, 2, MODULE_IDENTITY.revision);
  put(186, [0x02, 0x03, 0x04, 0x07]);
  put(192, [0x0b]);
  text(196, 16, MODULE_IDENTITY.serialNumber);
  text(212, 8, MODULE_IDENTITY.date);
  put(222, [103]);
  put(191, [sum(bytes, 128, 191)]);
  put(223, [sum(bytes, 192, 223)]);
  return bytes;
}

/** SFF-8636 check codes: the low byte of the sum. */
function sum(bytes: Uint8Array, from: number, to: number): number {
  return bytes.subarray(from, to).reduce((total, byte) => (total + byte) & 0xff, 0);
}
