/**
 * Requests of the port: its link, its module, its counters. Structures: include/linux/bnxt/hsi.h. Values: the profile's
 * and what requests have made of the device; none verified.
 */
import { ERROR_CODE } from '../../../abi/bnxt/hwrm.ts';
import type { BnxtValues } from '../../../abi/bnxt/profile-shape.ts';
import { type CommandTable, type Fields, INVALID_PARAMS, invented, ofState, Refused } from '../command.ts';
import { MODULE_I2C } from '../module-memory.ts';
import { pfcAdvanced, portStats, portStatsExt } from './statistics.ts';

const LINK_UP = 2;
const NOT_INSERTED = 4;
const PORTS = 2;
/** PORT_PHY_QCFG_RESP_SUPPORT_SPEEDS_*: 10, 25, 40, 50, 100 Gb/s; PAM4: 50, 100, 200 Gb/s. */
const SPEEDS = 0xf40;
const PAM4_SPEEDS = 0x7;
/** CLAUSE74 and CLAUSE91 SUPPORTED, AUTONEG_SUPPORTED, by FEC: which is enabled. */
const FEC_SUPPORTED = 0x2a;
const FEC_ENABLED = [0, 0x10, 0x40];
const AUTO_SPEED_MASK = 4;
const FULL = 1;
const EXTERNAL = 2;
const QSFP28 = 0x11;
const I2C_MOST = 64;
/** PORT_PHY_I2C_READ_REQ_ENABLES_PAGE_OFFSET. */
const PAGE_OFFSET = 1;
/** What an absent module answers. */
const NO_MODULE = new Refused(ERROR_CODE.ENTITY_NOT_PRESENT);
const NOT_STARTED = new Refused(ERROR_CODE.FAIL, 1);

export const PORT_COMMANDS: CommandTable = {
  PORT_PHY_QCFG: {
    values: 'profile',
    execute: (device, call) => (call.get('port_id') >= PORTS ? INVALID_PARAMS : phy(device.values)),
  },
  PORT_PHY_QCAPS: invented({
    port_cnt: PORTS,
    supported_speeds_force_mode: SPEEDS,
    supported_speeds_auto_mode: SPEEDS,
    supported_pam4_speeds_auto_mode: PAM4_SPEEDS,
    supported_pam4_speeds_force_mode: PAM4_SPEEDS,
    // BANK_ADDR_SUPPORTED, PFC_ADV_STATS_SUPPORTED
    flags2: 0x24,
    internal_port_cnt: 0,
  }),
  PORT_MAC_QCAPS: invented({ flags: 2 }),
  PORT_PHY_I2C_READ: ofState((device, call) => {
    const length = call.get('data_length');
    const from = (call.get('enables') & PAGE_OFFSET) === 0 ? 0 : call.get('page_offset');
    if (call.get('i2c_slave_addr') !== MODULE_I2C || device.values.module.status === NOT_INSERTED) return NO_MODULE;
    if (length === 0 || length > I2C_MOST || from + length > 256) return INVALID_PARAMS;
    const page = call.get('page_number');
    const words: Record<string, number> = {};
    for (let i = 0; i < length; i++) {
      const name = `data[${i >> 2}]`;
      words[name] = ((words[name] ?? 0) | (device.module.read(device.values, page, from + i) << (8 * (i & 3)))) >>> 0;
    }
    return words;
  }),
  PORT_PHY_I2C_WRITE: ofState((device, call) => {
    const length = call.get('data_length');
    const from = (call.get('enables') & PAGE_OFFSET) === 0 ? 0 : call.get('page_offset');
    if (call.get('i2c_slave_addr') !== MODULE_I2C || device.values.module.status === NOT_INSERTED) return NO_MODULE;
    if (length === 0 || length > I2C_MOST || from + length > 256) return INVALID_PARAMS;
    const page = call.get('page_number');
    for (let i = 0; i < length; i++) {
      const value = (call.get(`data[${i >> 2}]`) >>> (8 * (i & 3))) & 0xff;
      if (!device.module.write(page, from + i, value)) return new Refused(ERROR_CODE.RESOURCE_ACCESS_DENIED);
    }
    return {};
  }),
  PORT_PHY_MDIO_WRITE: ofState((device, call) => {
    device.mdio.set(mdioAddress(call), call.get('reg_data'));
    return {};
  }),
  PORT_PHY_MDIO_READ: ofState((device, call) => ({ reg_data: device.mdio.get(mdioAddress(call)) ?? 0 })),
  PORT_QSTATS: ofState(portStats),
  PORT_QSTATS_EXT: ofState(portStatsExt),
  PORT_QSTATS_EXT_PFC_ADV: ofState(pfcAdvanced),
  PORT_CLR_STATS: ofState((device, call) => {
    if (call.get('port_id') >= PORTS) return INVALID_PARAMS;
    device.traffic.clear();
    return {};
  }),
  // its ops: START 0, STOP 1, CLEAR 2, COUNTER 3; of codewords nobody counts any
  PORT_PHY_FDRSTAT: { values: 'invented', execute: (_device, call) => (call.get('ops') === 3 ? NOT_STARTED : {}) },
  PORT_PRBS_TEST: invented({ total_data_len: 0 }),
  PORT_DSC_DUMP: invented({ total_data_len: 0 }),
  // no events: the buffer stays zero
  PORT_EVENTS_LOG: invented(),
};

function mdioAddress(call: { get(path: string): number }): string {
  return `${call.get('port_id')}:${call.get('phy_addr')}:${call.get('dev_addr')}:${call.get('reg_addr')}`;
}

/** A link that is not up has no speed and no duplex. */
function phy({ link, module }: BnxtValues): Fields {
  const up = link.state === LINK_UP;
  return {
    link: link.state,
    active_fec_signal_mode: up ? link.fec << 4 : 0,
    link_speed: up ? link.speed : 0,
    duplex_cfg: FULL,
    duplex_state: up ? FULL : 0,
    pause: up ? link.pause : 0,
    support_speeds: SPEEDS,
    auto_mode: AUTO_SPEED_MASK,
    auto_pause: link.pause,
    auto_link_speed_mask: SPEEDS,
    module_status: module.status,
    phy_maj: 1,
    phy_type: link.phy_type,
    media_type: link.media,
    xcvr_pkg_type: EXTERNAL,
    link_partner_adv_speeds: up ? SPEEDS : 0,
    xcvr_identifier_type_tx_lpi_timer: module.status === NOT_INSERTED ? 0 : QSFP28 * 2 ** 24,
    fec_cfg: FEC_SUPPORTED | (FEC_ENABLED[link.fec] ?? 0),
    // SIGNAL_MODE_KNOWN
    option_flags: 2,
    phy_vendor_name: module.vendor,
    phy_vendor_partnumber: module.part_number,
    support_pam4_speeds: PAM4_SPEEDS,
    auto_pam4_link_speed_mask: PAM4_SPEEDS,
    link_down_reason: up ? 0 : link.down_reason,
    active_lanes: up ? 4 : 0,
  };
}
