/**
 * Registers whose data are one of several structures in one place, by a selecting field of the request; who shows
 * fields shows that one's alone. Sources: PRM (PPCNT.grp, PDDR.page_select, MPCNT.grp, MCQI.info_type), from mstflint.
 */
import { type Layout, WordField } from '../../bits.ts';
import { MCQI } from './mcqi.ts';
import { MPCNT } from './mpcnt.ts';
import { PDDR } from './pddr.ts';
import { PPCNT } from './ppcnt.ts';

/** PPCNT.grp -> structure of counter_set. */
export const PPCNT_SETS = {
  0x00: 'eth_802_3_cntrs_grp_data_layout',
  0x01: 'eth_2863_cntrs_grp_data_layout',
  0x02: 'eth_2819_cntrs_grp_data_layout',
  0x03: 'eth_3635_cntrs_grp_data_layout',
  0x05: 'eth_extended_cntrs_grp_data_layout',
  0x06: 'eth_discard_cntrs_grp',
  0x10: 'eth_per_prio_grp_data_layout',
  0x11: 'eth_per_traffic_class_layout',
  0x12: 'phys_layer_cntrs',
  0x13: 'eth_per_traffic_class_cong_layout',
  0x16: 'phys_layer_stat_cntrs',
  0x20: 'IB_portcntrs_attribute_grp_data',
  0x21: 'IB_long_portcntrs_attribute_grp_data',
  0x22: 'ppcnt_plr_counters',
  0x23: 'ppcnt_rs_fec_histograms_counters',
} as const;

interface Variants {
  readonly layout: Layout;
  readonly selector: string;
  /** First part of the paths of the structures' fields. */
  readonly union: string;
  readonly names: Readonly<Record<number, string>>;
}

const rows: readonly Variants[] = [
  { layout: PPCNT, selector: 'grp', union: 'counter_set', names: PPCNT_SETS },
  {
    layout: MPCNT,
    selector: 'grp',
    union: 'counter_set',
    names: { 0: 'pcie_perf_counters', 3: 'pcie_physical_layer', 4: 'pcie_perf_counters2' },
  },
  {
    layout: PDDR,
    selector: 'page_select',
    union: 'page_data',
    names: {
      0x0: 'pddr_operation_info_page',
      0x1: 'pddr_troubleshooting_page',
      0x2: 'pddr_phy_info_page',
      0x3: 'pddr_module_info',
      0x6: 'pddr_link_down_info_page',
      0x8: 'pddr_link_up_info_page',
      0x9: 'module_latched_flag_info',
      0xb: 'pddr_link_partner_info',
      0xe: 'pddr_cpo_module_page',
    },
  },
  {
    layout: MCQI,
    selector: 'info_type',
    union: 'data',
    names: {
      0: 'mcqi_cap',
      1: 'mcqi_version',
      5: 'mcqi_activation_method',
      6: 'mcqi_linkx_properties',
      7: 'mcqi_clock_source_properties',
      9: 'mcqi_dpa_apps_info',
    },
  },
];

const byLayout = new Map(rows.map((row) => [row.layout, row]));

/**
 * Which fields of a register's image at `base` mean something: all but those of the structures that the selecting field
 * does not choose. For a layout without variants all; for an image too short to tell none of the structures'.
 */
export function shownFields(layout: Layout, view: DataView, base: number): (path: string) => boolean {
  const row = byLayout.get(layout);
  if (row === undefined) return () => true;
  const selector = layout.field(row.selector);
  const tells = selector instanceof WordField && base + selector.end <= view.byteLength;
  const name = tells ? row.names[selector.get(view, base)] : undefined;
  return (path) =>
    !path.startsWith(`${row.union}.`) || (name !== undefined && path.startsWith(`${row.union}.${name}.`));
}
