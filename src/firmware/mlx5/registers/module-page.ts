/**
 * PDDR's module page from a module's description (PRM, pddr_module_info). Values as mstlink reads them: cable_type 2
 * optical module, 3 passive copper, 4 unplugged; cable_vendor 1 Mellanox; lengths in metres, CMIS's with a multiplier.
 */
import type { FieldInput } from '../../../abi/bits.ts';
import { MODULE_VENDOR, type Module, type Monitor } from '../../../abi/mlx5/modules.ts';
import { cmisLength } from '../port/eeprom.ts';

const at = 'page_data.pddr_module_info';
const TYPE = { optical: 2, passive: 3, unplugged: 4 } as const;
const MELLANOX = 1;
/** cable_identifier by SFF-8024 identifier: QSFP28, OSFP, QSFP with CMIS. */
const IDENTIFIERS: Readonly<Record<number, number>> = { 17: 0, 25: 8, 30: 7 };
/** CMIS module state and data path state: ready, activated. */
const READY = 3;
const ACTIVATED = 4;
/** Temperature, voltage, powers, bias. */
const ALL_MONITORS = 0b11111;
const LANES = 8;

export const UNPLUGGED_PAGE: Readonly<Record<string, FieldInput>> = { [`${at}.cable_type`]: TYPE.unplugged };

/** `microwatts`: optical powers in microwatts; else in whole dBm, signed. */
export function modulePage(module: Module, microwatts: boolean): Record<string, FieldInput> {
  const { management, medium, monitors, attenuationDb, lengthM } = module;
  const cmis = management === 'CMIS';
  const page: Record<string, FieldInput> = {
    cable_technology: module.technology,
    ethernet_compliance_code: module.compliance[0],
    ext_ethernet_compliance_code: module.compliance[1],
    cable_type: medium === 'copper' ? TYPE.passive : TYPE.optical,
    cable_vendor: MELLANOX,
    cable_length: cmis ? cmisLength(lengthM) : lengthM,
    cable_identifier: IDENTIFIERS[module.identifier] ?? 0,
    cable_power_class: module.powerClass,
    max_power: cmis ? module.maxPower : 0,
    vendor_name: MODULE_VENDOR.name.padEnd(16),
    vendor_pn: module.partNumber.padEnd(16),
    vendor_rev: (module.revision.charCodeAt(0) << 8) | module.revision.charCodeAt(1),
    vendor_sn: module.serialNumber.padEnd(16),
    vendor_oui: MODULE_VENDOR.oui.reduce((oui: number, byte) => (oui << 8) | byte, 0),
    connector_type: module.connector,
    memory_map_rev: cmis ? 0x50 : 0x08,
    date_code: dateCode(module.date),
    wavelength: module.wavelengthNm ?? 0,
    module_st: cmis ? READY : 0,
  };
  if (cmis && monitors !== undefined) {
    for (let lane = 0; lane < module.lanes; lane++) page[`dp_st_lane[${lane}]`] = ACTIVATED;
    page.active_set_host_compliance_code = module.compliance[1];
    page.active_set_media_compliance_code = module.compliance[0];
  }
  if (attenuationDb !== undefined) {
    ['5g', '7g', '12g', '25g'].forEach((rate, i) => {
      page[`cable_attenuation_${rate}`] = attenuationDb[i] ?? 0;
    });
  }
  if (monitors !== undefined) Object.assign(page, monitored(module, microwatts));
  return Object.fromEntries(Object.entries(page).map(([field, value]) => [`${at}.${field}`, value]));
}

function monitored({ monitors, lanes }: Module, microwatts: boolean): Record<string, FieldInput> {
  if (monitors === undefined) return {};
  const { temperature, voltage, bias, txPower, rxPower } = monitors;
  const power = (tenthMicrowatts: number) => (microwatts ? Math.round(tenthMicrowatts / 10) : dbm(tenthMicrowatts));
  const page: Record<string, FieldInput> = {
    temperature: temperature.value & 0xffff,
    voltage: voltage.value,
    monitor_cap_mask: ALL_MONITORS,
    rx_power_type: 1,
    ...limits('temperature', temperature, (value) => value & 0xffff),
    ...limits('voltage', voltage, (value) => value),
    ...limits('rx_power', rxPower, power),
    ...limits('tx_power', txPower, power),
    ...limits('tx_bias', bias, (value) => value),
  };
  for (let lane = 0; lane < Math.min(lanes, LANES); lane++) {
    page[`rx_power_lane${lane}`] = power(rxPower.value);
    page[`tx_power_lane${lane}`] = power(txPower.value);
    page[`tx_bias_lane${lane}`] = bias.value;
  }
  return page;
}

function limits(name: string, { high, low }: Monitor, told: (value: number) => number): Record<string, FieldInput> {
  return { [`${name}_high_th`]: told(high), [`${name}_low_th`]: told(low) };
}

/** Whole dBm in 16 bits, two's complement, of tenths of a microwatt. */
function dbm(tenthMicrowatts: number): number {
  return Math.round(10 * Math.log10(tenthMicrowatts / 10_000)) & 0xffff;
}

/** ASCII: year, month, day, lot. */
function dateCode(yymmdd: string): bigint {
  return [...yymmdd.padEnd(8)].reduce((code, character) => (code << 8n) | BigInt(character.charCodeAt(0)), 0n);
}
