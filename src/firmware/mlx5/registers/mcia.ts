/**
 * MCIA, a module's memory over I2C: `size` bytes from `device_address` of `page_number`; from 80h on the selected
 * page's, as on the real bus (PRM; SFF-8636; CMIS). A module that has not the selected page falls back to page 00h
 * (CMIS, page selection), which is what a reader gets. A write of such a page, and of a byte that a host may not write,
 * is refused (unverified: that it is the command and not the register's status that says so).
 */
import { MCIA } from '../../../abi/mlx5/registers/mcia.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { type EepromWrites, eepromByte, eepromPlace, hasPage, isWritable } from '../port/eeprom.ts';
import { pluggedModule } from '../port/link.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

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
/** MCIA status: nothing is plugged; the module did not answer on that address. */
const NOT_PRESENT = 3;
const I2C_ERROR = 9;

interface Range {
  readonly page: number;
  readonly from: number;
  readonly count: number;
}

/** Unverified: that address 0 and size 0 (mlx5ctl) mean the module's own address and the default size. */
function rangeOf(input: DataView): Range | undefined {
  const from = address.get(input, 0);
  const count = size.get(input, 0) === 0 ? DEFAULT_BYTES : size.get(input, 0);
  return count > DATA_BYTES || from + count > 256 ? undefined : { page: page.get(input, 0), from, count };
}

/** What the register's status says; 0: the module answers. */
function busStatus(device: Mlx5Device, input: DataView, module: number): number {
  if (pluggedModule(device, module + 1) === undefined) return NOT_PRESENT;
  const bus = i2cAddress.get(input, 0);
  return bus === MODULE_I2C || bus === 0 ? 0 : I2C_ERROR;
}

/** What has been written into this very module: another one that is plugged has its own memory. */
function writesInto(device: Mlx5Device, number: number): EepromWrites | undefined {
  const module = pluggedModule(device, number + 1);
  if (module === undefined) return undefined;
  const known = device.eeproms.get(number);
  if (known?.module === module) return known;
  const fresh = { module, bytes: new Map<number, number>() };
  device.eeproms.set(number, fresh);
  return fresh;
}

export function readMcia({
  device,
  input,
  output,
  instance: number,
}: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const range = rangeOf(input);
  if (range === undefined) return REFUSAL.REGISTER_VALUE;
  for (let i = 0; i < DATA_BYTES; i++) output.setUint8(DATA + i, 0);
  const wrong = busStatus(device, input, number);
  status.put(output, 0, wrong);
  const writes = writesInto(device, number);
  if (wrong !== 0 || writes === undefined) return undefined;
  const shown = hasPage(writes.module, range.page) ? range.page : 0;
  for (let i = 0; i < range.count; i++) {
    const at = range.from + i;
    output.setUint8(DATA + i, writes.bytes.get(eepromPlace(shown, at)) ?? eepromByte(writes.module, shown, at) ?? 0);
  }
  return undefined;
}

/** Bytes that a host may not write stay as they are, as on the bus; a write without any other is refused. */
export function writeMcia({ device, input, instance: number }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const range = rangeOf(input);
  if (range === undefined) return REFUSAL.REGISTER_VALUE;
  const writes = writesInto(device, number);
  if (busStatus(device, input, number) !== 0 || writes === undefined) return REFUSAL.MODULE_BUS;
  const places = Array.from({ length: range.count }, (_, i) => range.from + i);
  if (places.some((at) => eepromByte(writes.module, range.page, at) === undefined)) return REFUSAL.MODULE_PAGE;
  const open = places.filter((at) => isWritable(writes.module, range.page, at));
  if (open.length === 0) return REFUSAL.MODULE_READ_ONLY;
  for (const at of open) {
    writes.bytes.set(eepromPlace(range.page, at), input.getUint8(DATA + at - range.from));
  }
  return undefined;
}
