/**
 * The module's memory on the I2C bus, by SFF-8636: a QSFP28 with a 100GBASE-SR4 transceiver. The lower page and page
 * 00h (identity of the profile, check codes as the specification adds them up), page 02h for the user, others zero. The
 * lower page's controls and page 02h can be written; measured values (temperature, voltage) are invented.
 */
import type { BnxtValues } from '../../abi/bnxt/profile-shape.ts';

export const MODULE_I2C = 0xa0;
const PAGE = 128;
const USER_PAGE = 2;
/** Controls of the lower page (86 to 98), and of the rest what the host may write: 100 to 127. */
const WRITABLE = { from: 86, to: 128 };

const AT = {
  identifier: 0,
  revision: 1,
  status: 2,
  temperature: 22,
  voltage: 26,
  rxPower: 34,
  txBias: 42,
  txPower: 50,
  upperIdentifier: 128,
  vendor: 148,
  oui: 165,
  partNumber: 168,
  vendorRevision: 184,
  wavelength: 186,
  checkBase: 191,
  linkCodes: 192,
  serialNumber: 196,
  date: 212,
  checkExtended: 223,
} as const;

const QSFP28 = 0x11;
const REVISION_2_8 = 0x08;
const LC_CONNECTOR = 0x0c;
const IS_100GBASE_SR4 = 0x02;

export class ModuleMemory {
  /** What was written: the lower page and the user's. */
  private readonly lower = new Map<number, number>();
  private readonly user = new Uint8Array(PAGE).fill(0xff);

  reset(): void {
    this.lower.clear();
  }

  /** One byte at an address of 0 to 255, the upper half on that page. */
  read({ module, om_temp }: BnxtValues, page: number, at: number): number {
    if (at >= PAGE && page === USER_PAGE) return this.user[at - PAGE] ?? 0;
    if (at >= PAGE && page !== 0) return 0;
    return this.lower.get(at) ?? memoryOf(module, om_temp)[at] ?? 0;
  }

  /** False: that byte cannot be written. */
  write(page: number, at: number, value: number): boolean {
    if (at >= PAGE && page === USER_PAGE) this.user[at - PAGE] = value;
    else if (at >= WRITABLE.from && at < WRITABLE.to) this.lower.set(at, value);
    else return false;
    return true;
  }
}

function memoryOf(module: BnxtValues['module'], celsius: number): Uint8Array {
  const bytes = new Uint8Array(2 * PAGE);
  const put = (at: number, ...values: number[]) => bytes.set(values, at);
  const word = (at: number, value: number) => put(at, value >> 8, value & 0xff);
  const text = (at: number, length: number, value: string) =>
    bytes.set(
      [...value.padEnd(length)].map((character) => character.charCodeAt(0)),
      at,
    );
  put(AT.identifier, QSFP28, REVISION_2_8);
  // 1/256 degrees, 100 uV; each lane's power in 0.1 uW, bias in 2 uA
  word(AT.temperature, celsius << 8);
  word(AT.voltage, 33_000);
  for (let lane = 0; lane < 4; lane++) {
    word(AT.rxPower + 2 * lane, 8000);
    word(AT.txBias + 2 * lane, 3500);
    word(AT.txPower + 2 * lane, 9000);
  }
  put(AT.upperIdentifier, QSFP28, 0, LC_CONNECTOR, 0x80);
  put(140, 0xff);
  text(AT.vendor, 16, module.vendor);
  text(AT.partNumber, 16, module.part_number);
  text(AT.vendorRevision, 2, module.revision);
  // 850 nm in 0.05 nm
  word(AT.wavelength, 17_000);
  put(AT.linkCodes, IS_100GBASE_SR4);
  text(AT.serialNumber, 16, module.serial_number);
  text(AT.date, 8, module.date);
  put(AT.checkBase, sum(bytes, AT.upperIdentifier, AT.checkBase));
  put(AT.checkExtended, sum(bytes, AT.linkCodes, AT.checkExtended));
  return bytes;
}

/** SFF-8636 check codes: the low byte of the sum. */
function sum(bytes: Uint8Array, from: number, to: number): number {
  return bytes.subarray(from, to).reduce((total, byte) => (total + byte) & 0xff, 0);
}
