/**
 * PDDR, port diagnostics: one page a read (PRM, register PDDR), of an Ethernet port; all of it from the link and the
 * module (port/link.ts, module-page.ts). Pages without values of ours are 0.
 */
import type { FieldInput } from '../../../abi/bits.ts';
import { PDDR } from '../../../abi/mlx5/registers/pddr.ts';
import { PTYS } from '../../../abi/mlx5/registers/ptys.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { cableSpeeds, linkOf, loopbackOf, pluggedModule, portSpeeds } from '../port/link.ts';
import type { Link } from '../port/link-modes.ts';
import type { Down } from '../port-traffic.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';
import { modulePage, UNPLUGGED_PAGE } from './module-page.ts';

const pageSelect = PDDR.word('page_select');
const powersInMicrowatts = PDDR.word('module_info_ext');
const forced = PTYS.word('an_disable_admin');
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

/** proto_active: Ethernet. neg_mode_active: forced, negotiated by clause 73. */
const ETHERNET = 4;
const NEGOTIATION = { forced: 0, clause73: 2 } as const;
/** phy_mngr_fsm_state: disabled, polling, active. eth_an_fsm_state: enable, ability detect, AN good. */
const PHY = { disabled: 0, polling: 2, active: 3 } as const;
const AN = { enable: 0, detect: 2, good: 6 } as const;
/** FECs of 25 Gb/s a lane: none, firecode, RS; of 100G none and RS. */
const FEC_SUPPORT = { eth_25g_50g_fec_support: 0b111, eth_100g_fec_support: 0b101 } as const;

interface Reason {
  /**
   * Monitor opcode and message of the troubleshooting page (mstflint prints both; codes above 1023 are the module's).
   */
  readonly opcode: number;
  readonly message: string;
  /** Reason code of the link down page (mstflint: _pddrLinkDownE2EReasonOpcode). */
  readonly reason: number;
}

const REASONS: Readonly<Record<Down, Reason>> = {
  closed: { opcode: 1, message: 'The port is closed by command', reason: 22 },
  testing: { opcode: 1, message: 'The port is closed by command', reason: 22 },
  unplugged: { opcode: 1024, message: 'Cable is unplugged', reason: 23 },
  'module-disabled': { opcode: 1034, message: 'Module was disabled by command', reason: 22 },
  'module-failed': { opcode: 1027, message: 'Bad or unsupported module EEPROM', reason: 24 },
  'no-partner': { opcode: 2, message: 'Negotiation failure: no partner detected', reason: 1 },
};
const FINE = { opcode: 0, message: 'No issue was observed' } as const;
/** A link that came up again at another speed went down at the host's word. */
const RESTARTED = 22;
/** down_blame: the own side, the other one. */
const BLAME = { local: 1, remote: 2 } as const;

export function readPddr({ input }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  return pages.has(pageSelect.get(input, 0)) ? undefined : REFUSAL.REGISTER_SELECTOR;
}

export function computePddr({ device, input, output, instance: port }: RegisterExchange<Mlx5Device>): void {
  const page = pageSelect.get(input, 0);
  const link = linkOf(device, port);
  if (page === PAGE.operational) PDDR.assign(output, operational(device, port, link));
  if (page === PAGE.troubleshooting) {
    const { opcode, message } = link.down === undefined ? FINE : REASONS[link.down];
    PDDR.assign(output, {
      'page_data.pddr_troubleshooting_page.status_opcode.pddr_monitor_opcode.monitor_opcode': opcode,
      'page_data.pddr_troubleshooting_page.status_message': message,
    });
  }
  if (page === PAGE.module) {
    const module = pluggedModule(device, port);
    const values = module && modulePage(module, powersInMicrowatts.get(input, 0) === 1);
    PDDR.assign(output, values ?? UNPLUGGED_PAGE);
  }
  if (page === PAGE.linkDown) PDDR.assign(output, linkDown(device, port));
  if (page === PAGE.linkUp) {
    PDDR.assign(output, {
      'page_data.pddr_link_up_info_page.time_to_link_up': link.down === undefined ? LINK_UP_MS : 0,
    });
  }
}

/** Invented. */
const LINK_UP_MS = 1840;

function operational(device: Mlx5Device, port: number, { down, mode, fec }: Link): Record<string, FieldInput> {
  const at = 'page_data.pddr_operation_info_page';
  const { asked } = portSpeeds(device, port);
  const closed = down === 'closed' || down === 'testing';
  const isForced = forced.get(device.registerTable.imageOf(device, PTYS, port), 0) === 1;
  const speeds = asked >>> 0;
  return {
    [`${at}.proto_active`]: ETHERNET,
    [`${at}.neg_mode_active`]: isForced ? NEGOTIATION.forced : NEGOTIATION.clause73,
    [`${at}.phy_mngr_fsm_state`]: closed ? PHY.disabled : down === undefined ? PHY.active : PHY.polling,
    [`${at}.eth_an_fsm_state`]: down === undefined ? AN.good : closed || isForced ? AN.enable : AN.detect,
    [`${at}.phy_manager_link_enabled.pddr_phy_manager_link_enabled_eth.phy_manager_link_eth_enabled`]: speeds,
    [`${at}.core_to_phy_link_enabled.pddr_c2p_link_enabled_eth.core_to_phy_link_eth_enabled`]: speeds,
    [`${at}.cable_proto_cap.pddr_cable_cap_eth.cable_ext_eth_proto_cap`]: cableSpeeds(device, port),
    [`${at}.link_active.pddr_link_active_eth.link_eth_active`]: mode === undefined ? 0 : 1 << mode.bit,
    [`${at}.loopback_mode`]: closed ? 0 : loopbackOf(device, port),
    [`${at}.fec_mode_active`]: fec,
    [`${at}.eth_25g_50g_fec_support`]: FEC_SUPPORT.eth_25g_50g_fec_support,
    [`${at}.eth_100g_fec_support`]: FEC_SUPPORT.eth_100g_fec_support,
  };
}

function linkDown({ traffic }: Mlx5Device, port: number): Record<string, FieldInput> {
  const last = traffic.lastDown(port);
  if (last === undefined) return {};
  const at = 'page_data.pddr_link_down_info_page';
  const reason = last === 'restarted' ? RESTARTED : REASONS[last].reason;
  return {
    [`${at}.down_blame`]: last === 'no-partner' ? BLAME.remote : BLAME.local,
    [`${at}.local_reason_opcode`]: reason,
    [`${at}.e2e_reason_opcode`]: reason,
  };
}
