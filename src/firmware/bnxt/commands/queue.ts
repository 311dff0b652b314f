/**
 * Requests of queues, RSS, tunnels and scheduling. Structures: include/linux/bnxt/hsi.h. Eight CoS queues, ETS over the
 * first two, each priority on queue 0 but 3, which is lossless on 1: invented, as a DCB host leaves a card.
 */
import { type CommandTable, type Fields, INVALID_PARAMS, invented, ofState } from '../command.ts';

const QUEUES = 8;
/** BW_VALUE_UNIT_PERCENT1_100: hundredths of a percent. */
const PERCENT = 0x2000_0000;
const SP = 0;
const ETS = 1;
const DSCP_ENTRIES = 64;
/** A DSCP's entry: dscp, mask, priority (struct hwrm_dscp2pri_entry), a byte each. */
const DSCP_BYTES = 3;

const COS_IDS = Array.from({ length: QUEUES }, (_, n) => n);
const ETS_SHARES = [50, 50];

export const QUEUE_COMMANDS: CommandTable = {
  QUEUE_PRI2COS_QCFG: invented({ pri3_cos_queue_id: 1 }),
  QUEUE_COS2BW_QCFG: invented(Object.assign({}, ...COS_IDS.map(bandwidth))),
  QUEUE_DSCP2PRI_QCFG: ofState((_device, call) => {
    const bytes = call.buffer(0);
    const entries = Math.min(DSCP_ENTRIES, Math.floor(bytes.length / DSCP_BYTES));
    for (let dscp = 0; dscp < entries; dscp++) bytes.set([dscp, 0x3f, dscp >> 3], dscp * DSCP_BYTES);
    return { entry_cnt: entries, default_pri: 0 };
  }),
  // all of hash_type's IPv4 and IPv6; a key that Toeplitz's own paper has
  VNIC_RSS_QCFG: invented({
    hash_type: 0x3f,
    ...Object.fromEntries(rssKey().map((word, n) => [`hash_key[${n}]`, word])),
    hash_mode_flags: 1,
  }),
  TUNNEL_DST_PORT_QUERY: {
    values: 'invented',
    execute(_device, call) {
      const port = TUNNEL_PORTS[call.get('tunnel_type')];
      // network order
      return port === undefined ? INVALID_PARAMS : { tunnel_dst_port_id: 0xffff, tunnel_dst_port_val: swapped(port) };
    },
  },
  SCH_GRP_CFG: invented(),
  SCH_GRP_QCFG: invented({ num_fids: 0 }),
  CFA_ADV_FLOW_MGNT_QCAPS: invented({ flags: 0x1 }),
};

/** VXLAN, GENEVE, VXLAN_GPE by TUNNEL_DST_PORT_QUERY_REQ_TUNNEL_TYPE_*. */
const TUNNEL_PORTS: Readonly<Record<number, number>> = { 1: 4789, 5: 6081, 9: 4789, 16: 4790 };

function swapped(port: number): number {
  return ((port & 0xff) << 8) | (port >> 8);
}

function bandwidth(n: number): Fields {
  const share = ETS_SHARES[n] ?? 0;
  const own = n === 0 ? 'queue_id0' : `queue_id${n}`;
  return {
    [own]: n,
    [`${own}_min_bw`]: PERCENT,
    [`${own}_max_bw`]: PERCENT + 10_000,
    [`${own}_tsa_assign`]: share > 0 ? ETS : SP,
    [`${own}_pri_lvl`]: share > 0 ? 0 : n,
    [`${own}_bw_weight`]: share,
  };
}

function rssKey(): number[] {
  const key = '6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa';
  return (key.match(/.{8}/g) ?? []).map((word) => swapped32(Number.parseInt(word, 16)));
}

function swapped32(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >> 8) & 0xff00) | (word >>> 24)) >>> 0;
}
