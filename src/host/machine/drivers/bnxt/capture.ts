/**
 * A profile made by asking a device: what VER_GET, FUNC_QCAPS, TEMP_MONITOR_QUERY, PORT_PHY_QCFG and NVM_GET_DEV_INFO
 * tell. What no query without a buffer tells (the NVM's items and variables, the coredump) is empty, or the built-in
 * profile's where it has to be something.
 */
import { ERROR_CODE, requestHeader, responseHeader } from '../../../../abi/bnxt/hwrm.ts';
import { fieldsIn, readField } from '../../../../abi/bnxt/layout.ts';
import type { BnxtProfile } from '../../../../abi/bnxt/profile-shape.ts';
import { layoutsOf } from '../../../../abi/bnxt/request-layouts.ts';
import { REQUESTS } from '../../../../abi/bnxt/requests.ts';
import { BNXT57508 } from '../../../../devices/bnxt/bnxt57508.ts';
import type { Ask, CaptureNames } from '../../../profiles/profile-kind.ts';

export const captureBnxt = { ask: captureProfile, lacking };

type Told = Readonly<Record<string, number | bigint | Uint8Array>>;

/** The answer of a firmware that lacks the request. */
function lacking(replyBytes: number): Uint8Array {
  const reply = new Uint8Array(Math.max(replyBytes, responseHeader.bytes));
  new DataView(reply.buffer).setUint16(responseHeader.errorCode, ERROR_CODE.CMD_NOT_SUPPORTED, true);
  return reply.subarray(0, replyBytes);
}

async function captureProfile(ask: Ask, { name, title, device }: CaptureNames): Promise<BnxtProfile> {
  const version = await query(ask, 'VER_GET');
  if (version === undefined) throw new Error('VER_GET is refused: without it a device cannot be told apart');
  const base = BNXT57508.values;
  const caps = (await query(ask, 'FUNC_QCAPS')) ?? {};
  const heat = (await query(ask, 'TEMP_MONITOR_QUERY')) ?? {};
  const phy = (await query(ask, 'PORT_PHY_QCFG')) ?? {};
  const memory = (await query(ask, 'NVM_GET_DEV_INFO')) ?? {};
  const chip_num = number(version, 'chip_num');
  const limits = Object.fromEntries(
    Object.keys(base.limits).map((limit) => [limit, number(caps, `max_${limit}`, base.limits[limit as 'vfs'])]),
  ) as typeof base.limits;
  return {
    name,
    title: title ?? `chip 0x${chip_num.toString(16)}, captured from ${device}`,
    values: {
      ...base,
      chip_num,
      chip_rev: number(version, 'chip_rev'),
      chip_metal: number(version, 'chip_metal'),
      chip_bond_id: number(version, 'chip_bond_id'),
      hwrm_intf: words(version, 'hwrm_intf'),
      hwrm_fw: words(version, 'hwrm_fw'),
      mgmt_fw: words(version, 'mgmt_fw'),
      netctrl_fw: words(version, 'netctrl_fw'),
      roce_fw: words(version, 'roce_fw'),
      package: text(version, 'active_pkg_name'),
      mac: digits(caps, 'mac_address', 12),
      serial: digits(caps, 'device_serial_number', 16),
      pci: { ...base.pci, device: chip_num },
      temp: number(heat, 'temp', base.temp),
      phy_temp: number(heat, 'phy_temp', base.phy_temp),
      om_temp: number(heat, 'om_temp', base.om_temp),
      threshold: {
        warn: number(heat, 'warn_threshold', base.threshold.warn),
        critical: number(heat, 'critical_threshold', base.threshold.critical),
        fatal: number(heat, 'fatal_threshold', base.threshold.fatal),
        shutdown: number(heat, 'shutdown_threshold', base.threshold.shutdown),
      },
      link: {
        state: Math.min(number(phy, 'link', base.link.state), 2),
        speed: number(phy, 'link_speed') || base.link.speed,
        pause: number(phy, 'auto_pause', base.link.pause) & 3,
        fec: Math.min(number(phy, 'active_fec_signal_mode') >> 4, 2),
        media: Math.min(number(phy, 'media_type', base.link.media), 3),
        phy_type: number(phy, 'phy_type', base.link.phy_type),
        down_reason: number(phy, 'link_down_reason') & 0x3f,
      },
      module: {
        ...base.module,
        status: number(phy, 'module_status'),
        vendor: text(phy, 'phy_vendor_name'),
        part_number: text(phy, 'phy_vendor_partnumber'),
      },
      limits: { ...limits, mtu: base.limits.mtu, msix: number(caps, 'max_msix_vfs', base.limits.msix) },
      nvm: {
        manufacturer_id: number(memory, 'manufacturer_id', base.nvm.manufacturer_id),
        device_id: number(memory, 'device_id', base.nvm.device_id),
        sector_size: within(number(memory, 'sector_size'), 256, 65536, base.nvm.sector_size),
        size: within(number(memory, 'nvram_size'), 65536, 16 * 1024 * 1024, base.nvm.size),
        entries: {},
        variables: {},
      },
      coredump: {},
      hwrm: {},
    },
  };
}

/** Fields of the response; undefined: it was refused. */
async function query(ask: Ask, name: string): Promise<Told | undefined> {
  const type = REQUESTS.find((row) => row.name === name)?.type ?? 0;
  const { request, response } = layoutsOf(type);
  const message = new Uint8Array(request.bytes);
  const view = new DataView(message.buffer);
  view.setUint16(requestHeader.reqType, type, true);
  view.setUint16(requestHeader.cmplRing, 0xffff, true);
  view.setUint16(requestHeader.targetId, 0xffff, true);
  const reply = await ask(message, response.bytes);
  const answer = new DataView(reply.buffer, reply.byteOffset, reply.length);
  if (reply.length < responseHeader.bytes || answer.getUint16(responseHeader.errorCode, true) !== 0) return undefined;
  return Object.fromEntries([...fieldsIn(response, answer)].map((field) => [field.path, readField(field, answer)]));
}

function number(told: Told, name: string, otherwise = 0): number {
  const value = told[name];
  return value === undefined || value instanceof Uint8Array ? otherwise : Number(value);
}

function within(value: number, least: number, most: number, otherwise: number): number {
  return value >= least && value <= most ? value : otherwise;
}

function words(told: Told, prefix: string): string {
  return ['major', 'minor', 'build', 'patch']
    .map((part) => number(told, `${prefix}_${part}`) % 100_000)
    .join('.')
    .replace(/^(\d{3})\d+/, '$1');
}

function text(told: Told, name: string): string {
  const value = told[name];
  if (!(value instanceof Uint8Array)) return '';
  return String.fromCharCode(...value)
    .replace(/\0.*$/s, '')
    .replace(/[^ -~]/g, '?');
}

/** A number that stands in the message as bytes, the highest first. */
function digits(told: Told, name: string, length: number): string {
  const value = told[name];
  return (typeof value === 'bigint' || typeof value === 'number' ? value : 0n).toString(16).padStart(length, '0');
}
