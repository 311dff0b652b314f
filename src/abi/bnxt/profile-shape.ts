/**
 * Data table. What a NetXtreme's device profile says. Names are those of include/linux/bnxt/hsi.h where it has one;
 * which answers they are in, firmware/bnxt/commands says.
 */
import { ascii, bytes, record, type ShapedProfile, table, text, type ValueOf, whole } from '../profile-shape.ts';
import { ERROR_CODE } from './hwrm.ts';
import { DIR_TYPES } from './nvm.ts';
import { REQUESTS } from './requests.ts';

const u8 = whole(0xff);
const u16 = whole(0xffff);
const u32 = whole(0xffffffff);
const version = text(/^\d{1,3}\.\d{1,5}\.\d{1,5}\.\d{1,5}$/, 'MAJOR.MINOR.BUILD.PATCH, as in 230.0.153.0');
const index = text(/^\d{0,5}$/, 'an index of 16 bits', { unlessTold: '' });
const atStart = { powerUp: true } as const;

/** Units of 100 Mb/s, as link_speed has them. */
export const LINK_SPEEDS = { '1G': 10, '10G': 100, '25G': 250, '40G': 400, '50G': 500, '100G': 1000, '200G': 2000 };

/** An image is kept as hex in a state; no part of a real one is larger. */
const MAX_ITEM = 4 * 1024 * 1024;
/** What is behind a response's header, at most. */
const MAX_ANSWER = 4096;

export const BNXT_SHAPE = record({
  chip_num: u16,
  chip_rev: u8,
  chip_metal: u8,
  chip_bond_id: u8,
  hwrm_intf: version,
  hwrm_fw: version,
  mgmt_fw: version,
  netctrl_fw: version,
  roce_fw: version,
  /** active_pkg_name, and pkg_name of the NVM. */
  package: ascii(16),
  mac: text(/^[0-9a-f]{12}$/, '12 hex digits, lower case'),
  serial: text(/^[0-9a-f]{16}$/, '16 hex digits, lower case'),
  /** Of the PCI function. */
  pci: record({
    device: whole(0xffff, atStart),
    subsystem_vendor: whole(0xffff, atStart),
    subsystem_device: whole(0xffff, atStart),
    revision: whole(0xff, atStart),
  }),
  /** Degrees Celsius. */
  temp: u8,
  phy_temp: u8,
  om_temp: u8,
  threshold: record({ warn: u8, critical: u8, fatal: u8, shutdown: u8 }),
  link: record({
    state: whole(2, { names: { no_link: 0, signal: 1, link: 2 } }),
    speed: whole(0xffff, { names: LINK_SPEEDS }),
    pause: whole(3, { names: { none: 0, tx: 1, rx: 2 }, flags: true }),
    fec: whole(2, { names: { none: 0, clause74: 1, clause91: 2 } }),
    media: whole(3, { names: { unknown: 0, tp: 1, dac: 2, fibre: 3 } }),
    phy_type: u8,
    down_reason: whole(0x3f, {
      names: {
        none: 0,
        remote_fault: 1,
        otp_speed_violation: 2,
        cable_removed: 4,
        module_fault: 8,
        bmc_request: 16,
        tx_laser_disabled: 32,
      },
      flags: true,
    }),
  }),
  module: record({
    status: whole(0xff, {
      names: {
        none: 0,
        disable_tx: 1,
        warning: 2,
        power_down: 3,
        not_inserted: 4,
        current_fault: 5,
        overheated: 6,
        not_applicable: 0xff,
      },
    }),
    vendor: ascii(16),
    part_number: ascii(16),
    revision: ascii(2),
    serial_number: ascii(16),
    date: text(/^\d{6}$/, 'YYMMDD'),
  }),
  /** What goes over the link while it is up: a second's frames, and bytes of each. */
  traffic: record({ rx_frames: u32, tx_frames: u32, frame_bytes: whole(16383, { least: 64 }) }),
  limits: record({
    rsscos_ctx: u16,
    cmpl_rings: u16,
    tx_rings: u16,
    rx_rings: u16,
    l2_ctxs: u16,
    vnics: u16,
    vfs: u16,
    stat_ctx: u16,
    mcast_filters: u32,
    hw_ring_grps: u16,
    sp_tx_rings: u16,
    msix: u16,
    mtu: u16,
  }),
  nvm: record(
    {
      manufacturer_id: u16,
      device_id: u16,
      sector_size: whole(65536, { least: 256, ...atStart }),
      size: whole(16 * 1024 * 1024, { least: 65536, ...atStart }),
      /** Its content: of a file, or here, or as many bytes of 0xff as `length` says. */
      entries: table(
        { type: whole(0xffff, { names: DIR_TYPES, hex: true }), ordinal: whole(0xffff, { unlessTold: 0 }) },
        record({
          file: text(/./, 'the path of a file', { path: true, unlessTold: '' }),
          data: bytes(MAX_ITEM, { unlessTold: '' }),
          text: text(/^[\s\S]{0,65536}$/, 'text', { unlessTold: '' }),
          length: whole(MAX_ITEM, { unlessTold: 0 }),
          ext: whole(0xffff, { unlessTold: 0 }),
          attr: whole(0xffff, { unlessTold: 0 }),
        }),
        atStart,
      ),
      /** By option_num, and index_0 to index_3 where it has any. */
      variables: table({ option: u16, index_0: index, index_1: index, index_2: index, index_3: index }, bytes(256)),
    },
    { rows: 'entries' },
  ),
  coredump: table(
    { component: u16, segment: u16 },
    record({
      length: whole(MAX_ITEM, { unlessTold: 0 }),
      data: bytes(MAX_ITEM, { unlessTold: '' }),
      version: whole(0xffff, { unlessTold: 0x0100 }),
    }),
    atStart,
  ),
  /** Answers in place of the firmware's own: what is behind the header but `valid`, or a refusal. */
  hwrm: table(
    {
      request: whole(0xffff, { names: Object.fromEntries(REQUESTS.map(({ name, type }) => [name, type])), hex: true }),
    },
    record({
      bytes: bytes(MAX_ANSWER, { unlessTold: '' }),
      status: whole(0xffff, { names: ERROR_CODE, unlessTold: 0 }),
    }),
  ),
});

export type BnxtValues = ValueOf<typeof BNXT_SHAPE>;
export type BnxtProfile = ShapedProfile<BnxtValues>;
