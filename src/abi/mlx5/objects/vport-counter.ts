/**
 * QUERY_VPORT_COUNTER (0x770): struct mlx5_ifc_query_vport_counter_in_bits and _out_bits of mlx5_ifc.h.
 * Data table.
 */
import { layout } from '../../bits.ts';
import type { CommandLayout } from '../commands.ts';

export const QUERY_VPORT_COUNTER: CommandLayout = {
  request: layout('query_vport_counter_in', 32, [
    ['other_vport', 64, 1],
    ['port_num', 76, 4],
    ['vport_number', 80, 16],
    ['clear', 192, 1],
  ]),
  reply: layout('query_vport_counter_out', 528, [
    ['received_errors.packets', 128, 64],
    ['received_errors.octets', 192, 64],
    ['transmit_errors.packets', 256, 64],
    ['transmit_errors.octets', 320, 64],
    ['received_ib_unicast.packets', 384, 64],
    ['received_ib_unicast.octets', 448, 64],
    ['transmitted_ib_unicast.packets', 512, 64],
    ['transmitted_ib_unicast.octets', 576, 64],
    ['received_ib_multicast.packets', 640, 64],
    ['received_ib_multicast.octets', 704, 64],
    ['transmitted_ib_multicast.packets', 768, 64],
    ['transmitted_ib_multicast.octets', 832, 64],
    ['received_eth_broadcast.packets', 896, 64],
    ['received_eth_broadcast.octets', 960, 64],
    ['transmitted_eth_broadcast.packets', 1024, 64],
    ['transmitted_eth_broadcast.octets', 1088, 64],
    ['received_eth_unicast.packets', 1152, 64],
    ['received_eth_unicast.octets', 1216, 64],
    ['transmitted_eth_unicast.packets', 1280, 64],
    ['transmitted_eth_unicast.octets', 1344, 64],
    ['received_eth_multicast.packets', 1408, 64],
    ['received_eth_multicast.octets', 1472, 64],
    ['transmitted_eth_multicast.packets', 1536, 64],
    ['transmitted_eth_multicast.octets', 1600, 64],
  ]),
};
