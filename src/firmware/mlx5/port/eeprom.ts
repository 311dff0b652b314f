/**
 * A module's memory map by its description (abi/mlx5/modules.ts): SFF-8636 pages 00h and, with monitors, 03h; CMIS
 * pages 00h, 01h, 02h, 10h, 11h. Bytes that are not written down there are 0.
 */
import { MODULE_VENDOR, type Module, type Monitor } from '../../../abi/mlx5/modules.ts';

/** Bytes that somebody has written, by page * 256 + address (the lower half by address alone), into one module. */
export interface EepromWrites {
  readonly module: Module;
  readonly bytes: Map<number, number>;
}

const LOWER_BYTES = 128;
const PAGE_BYTES = 256;

/** Pages that the upper half may show: flat memory, as copper's, has page 00h alone. */
function pagesOf({ management, monitors }: Module): readonly number[] {
  if (monitors === undefined) return [0];
  return management === 'CMIS' ? [0, 1, 2, 0x10, 0x11] : [0, 3];
}

export function hasPage(module: Module, page: number): boolean {
  return pagesOf(module).includes(page);
}

/** One byte as the bus sees it; undefined: the module has no such page. */
export function eepromByte(module: Module, page: number, at: number): number | undefined {
  if (at < LOWER_BYTES) return image(module).get(0)?.[at] ?? 0;
  return image(module).get(page)?.[at];
}

/** Where a byte's value is kept. */
export function eepromPlace(page: number, at: number): number {
  return at < LOWER_BYTES ? at : page * PAGE_BYTES + at;
}

/** Bytes that a host may write: controls, masks, password, page select; of CMIS the data path's page 10h too. */
export function isWritable({ management }: Module, page: number, at: number): boolean {
  if (management === 'SFF-8636') return at >= 86 && at < LOWER_BYTES;
  return (at >= 26 && at < 41) || (at >= 64 && at < 85) || (at >= 118 && at < LOWER_BYTES) || page === 0x10;
}

const images = new WeakMap<Module, ReadonlyMap<number, Uint8Array>>();

function image(module: Module): ReadonlyMap<number, Uint8Array> {
  let pages = images.get(module);
  if (pages === undefined) {
    const made = new Map(pagesOf(module).map((page) => [page, new Uint8Array(PAGE_BYTES)]));
    if (module.management === 'SFF-8636') fillSff8636(module, made);
    else fillCmis(module, made);
    pages = made;
    images.set(module, pages);
  }
  return pages;
}

type Pages = ReadonlyMap<number, Uint8Array>;

function put(pages: Pages, page: number, at: number, values: readonly number[]): void {
  pages.get(page)?.set(values, at);
}

function text(value: string, length: number): number[] {
  return [...value.padEnd(length)].map((character) => character.charCodeAt(0));
}

function word(value: number): number[] {
  return [(value >> 8) & 0xff, value & 0xff];
}

/** High alarm, low alarm, high warning, low warning; the warnings a sixteenth of the range inside (invented). */
function thresholds({ high, low }: Monitor): number[] {
  const margin = Math.floor((high - low) / 16);
  return [high, low, high - margin, low + margin].flatMap(word);
}

/** SFF-8636 check codes: the low byte of the sum. */
function sum(bytes: Uint8Array | undefined, from: number, to: number): number {
  return (bytes ?? new Uint8Array()).subarray(from, to).reduce((total, byte) => (total + byte) & 0xff, 0);
}

function fillSff8636(module: Module, pages: Pages): void {
  const { identifier, monitors, compliance, lanes } = module;
  // Identifier, revision 2.8, data ready; bit 2: flat memory.
  put(pages, 0, 0, [identifier, 0x08, monitors === undefined ? 0x04 : 0x00]);
  if (monitors !== undefined) {
    put(pages, 0, 22, word(monitors.temperature.value));
    put(pages, 0, 26, word(monitors.voltage.value));
    for (let lane = 0; lane < lanes; lane++) {
      put(pages, 0, 34 + 2 * lane, word(monitors.rxPower.value));
      put(pages, 0, 42 + 2 * lane, word(monitors.bias.value));
      put(pages, 0, 50 + 2 * lane, word(monitors.txPower.value));
    }
    put(pages, 3, 128, thresholds(monitors.temperature));
    put(pages, 3, 144, thresholds(monitors.voltage));
    put(pages, 3, 176, thresholds(monitors.rxPower));
    put(pages, 3, 184, thresholds(monitors.bias));
    put(pages, 3, 192, thresholds(monitors.txPower));
  }
  put(pages, 0, 128, [identifier, 0x00, module.connector, compliance[0]]);
  // 25.5 Gb/s or more: see byte 222, in 250 Mb/s.
  put(pages, 0, 140, [0xff]);
  put(pages, 0, 146, [module.lengthM, module.technology]);
  put(pages, 0, 148, text(MODULE_VENDOR.name, 16));
  put(pages, 0, 165, MODULE_VENDOR.oui);
  put(pages, 0, 168, text(module.partNumber, 16));
  put(pages, 0, 184, text(module.revision, 2));
  if (module.attenuationDb !== undefined) put(pages, 0, 186, module.attenuationDb);
  else put(pages, 0, 186, word((module.wavelengthNm ?? 0) * 20));
  put(pages, 0, 192, [compliance[1]]);
  put(pages, 0, 196, text(module.serialNumber, 16));
  put(pages, 0, 212, text(module.date, 8));
  // Temperature, voltage, powers: average receive power, transmit power.
  if (monitors !== undefined) put(pages, 0, 220, [0x3c]);
  put(pages, 0, 222, [103]);
  put(pages, 0, 191, [sum(pages.get(0), 128, 191)]);
  put(pages, 0, 223, [sum(pages.get(0), 192, 223)]);
}

function fillCmis(module: Module, pages: Pages): void {
  const { identifier, monitors, compliance, lanes, lengthM } = module;
  // Identifier, CMIS 5.0, bit 7: flat memory; module state ready (3).
  put(pages, 0, 0, [identifier, 0x50, monitors === undefined ? 0x80 : 0x00, 0x06]);
  // Media type: 1 multi-mode optics, 3 passive copper. First application: host and media interface, lanes of both.
  put(pages, 0, 85, [module.medium === 'optics' ? 1 : 3, compliance[1], compliance[0], lanes * 0x11, 1]);
  put(pages, 0, 128, [identifier]);
  put(pages, 0, 129, text(MODULE_VENDOR.name, 16));
  put(pages, 0, 145, MODULE_VENDOR.oui);
  put(pages, 0, 148, text(module.partNumber, 16));
  put(pages, 0, 164, text(module.revision, 2));
  put(pages, 0, 166, text(module.serialNumber, 16));
  put(pages, 0, 182, text(module.date, 8));
  put(pages, 0, 200, [(module.powerClass - 1) << 5, module.maxPower, cmisLength(lengthM), module.connector]);
  if (module.attenuationDb !== undefined) put(pages, 0, 204, module.attenuationDb);
  put(pages, 0, 212, [module.technology]);
  put(pages, 0, 222, [sum(pages.get(0), 128, 222)]);
  if (monitors === undefined) return;
  put(pages, 0, 14, word(monitors.temperature.value));
  put(pages, 0, 16, word(monitors.voltage.value));
  put(pages, 1, 138, word((module.wavelengthNm ?? 0) * 20));
  // Page 01h 159, 160: temperature and voltage; powers and bias of each lane.
  put(pages, 1, 159, [0x03, 0x07]);
  put(pages, 1, 255, [sum(pages.get(1), 130, 255)]);
  put(pages, 2, 128, thresholds(monitors.temperature));
  put(pages, 2, 136, thresholds(monitors.voltage));
  put(pages, 2, 176, thresholds(monitors.txPower));
  put(pages, 2, 184, thresholds(monitors.bias));
  put(pages, 2, 192, thresholds(monitors.rxPower));
  put(pages, 2, 255, [sum(pages.get(2), 128, 255)]);
  for (let lane = 0; lane < lanes; lane++) {
    put(pages, 0x11, 154 + 2 * lane, word(monitors.txPower.value));
    put(pages, 0x11, 170 + 2 * lane, word(monitors.bias.value));
    put(pages, 0x11, 186 + 2 * lane, word(monitors.rxPower.value));
  }
  // Data path activated (4), two lanes a byte.
  for (let pair = 0; pair < lanes / 2; pair++) put(pages, 0x11, 128 + pair, [0x44]);
}

/** CMIS page 00h byte 202: bits 7:6 multiplier (1: 1 m), 5:0 length. */
export function cmisLength(metres: number): number {
  return metres === 0 ? 0 : (1 << 6) | metres;
}
