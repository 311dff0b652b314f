/**
 * PDDR, port diagnostics: one page a read (PRM, register PDDR), of an Ethernet port whose state PAOS and PTYS tell.
 * Pages without values of ours are 0. The module is the one of mcia.ts.
 */
import type { FieldInput } from '../../../abi/bits.ts';
import { PAOS } from '../../../abi/mlx5/registers/paos.ts';
import { PDDR } from '../../../abi/mlx5/registers/pddr.ts';
import { PTYS } from '../../../abi/mlx5/registers/ptys.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';
import { MODULE_IDENTITY } from './module-identity.ts';

const pageSelect = PDDR.word('page_select');
const PAGE = {
  operational: 0,
  troubleshooting: 1,
  physical: 2,
  module: 3,
  linkDown: 6,
  linkUp: 8,
  latchedFlags: 9,
  partner: 0xb,
} as const;
const pages: ReadonlySet<number> = new Set(Object.values(PAGE));

/** proto_active: Ethernet. */
const ETHERNET = 4;
const UP = 1;
/** phy_mngr_fsm_state: disabled, active. eth_an_fsm_state: enable, AN good. */
const PHY = { disabled: 0, active: 3 } as const;
const AN = { enable: 0, good: 6 } as const;
/** FEC mode 2: standard RS-FEC (528,514). 100G knows no FEC (bit 0) and it (bit 2). */
const RS_528 = 2;
const FEC_100G = 0b101;
/** status_opcode: no issue observed; the port is closed by command. */
const OPCODE = { fine: 0, closed: 1 } as const;

export function readPddr({ device, input, output, instance: port }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const page = pageSelect.get(input, 0);
  if (!pages.has(page)) return REFUSAL.REGISTER_SELECTOR;
  const paos = device.registerTable.imageOf(device, PAOS, port);
  const ptys = device.registerTable.imageOf(device, PTYS, port);
  const up = PAOS.get(paos, 'oper_status') === UP;
  if (page === PAGE.operational) PDDR.assign(output, operational(ptys, up));
  if (page === PAGE.troubleshooting) {
    PDDR.assign(output, {
      'page_data.pddr_troubleshooting_page.status_opcode.pddr_monitor_opcode.monitor_opcode': up
        ? OPCODE.fine
        : OPCODE.closed,
      'page_data.pddr_troubleshooting_page.status_message': up
        ? 'No issue was observed'
        : 'The port is closed by command',
    });
  }
  if (page === PAGE.module) PDDR.assign(output, module());
  if (page === PAGE.linkUp) {
    PDDR.assign(output, { 'page_data.pddr_link_up_info_page.time_to_link_up': up ? LINK_UP_MS : 0 });
  }
  return undefined;
}

/** Invented. */
const LINK_UP_MS = 1840;

function operational(ptys: DataView, up: boolean): Record<string, FieldInput> {
  const speed = (field: string) => Number(PTYS.get(ptys, field));
  const at = 'page_data.pddr_operation_info_page';
  const admin = speed('ext_eth_proto_admin');
  return {
    [`${at}.proto_active`]: ETHERNET,
    [`${at}.neg_mode_active`]: UP,
    [`${at}.phy_mngr_fsm_state`]: up ? PHY.active : PHY.disabled,
    [`${at}.eth_an_fsm_state`]: up ? AN.good : AN.enable,
    [`${at}.phy_manager_link_enabled.pddr_phy_manager_link_enabled_eth.phy_manager_link_eth_enabled`]: admin,
    [`${at}.core_to_phy_link_enabled.pddr_c2p_link_enabled_eth.core_to_phy_link_eth_enabled`]: admin,
    [`${at}.cable_proto_cap.pddr_cable_cap_eth.cable_ext_eth_proto_cap`]: speed('ext_eth_proto_capability'),
    [`${at}.link_active.pddr_link_active_eth.link_eth_active`]: up ? speed('ext_eth_proto_oper') : 0,
    [`${at}.fec_mode_active`]: up ? RS_528 : 0,
    [`${at}.eth_100g_fec_support`]: FEC_100G,
  };
}

/**
 * Values as mstlink reads them: technology A0h copper, passive; type 3 passive copper; identifier 0 QSFP28; length in
 * metres. A passive cable has neither temperature nor voltage.
 */
function module(): Record<string, FieldInput> {
  const at = 'page_data.pddr_module_info';
  return {
    [`${at}.ext_ethernet_compliance_code`]: 0x0b,
    [`${at}.cable_technology`]: 0xa0,
    [`${at}.cable_type`]: 3,
    [`${at}.cable_length`]: 1,
    [`${at}.cable_identifier`]: 0,
    [`${at}.vendor_name`]: MODULE_IDENTITY.vendor.padEnd(16),
    [`${at}.vendor_pn`]: MODULE_IDENTITY.partNumber.padEnd(16),
    [`${at}.vendor_rev`]: 0x41332020,
    [`${at}.vendor_sn`]: MODULE_IDENTITY.serialNumber.padEnd(16),
  };
}
