/** What a driver's netdev and RDMA device tell of their port at this moment. */
import { PMTU } from '../../../abi/mlx5/registers/pmtu.ts';
import type { Mlx5Device } from '../device.ts';
import { linkOf } from '../port/link.ts';
import { OWN_PORT } from '../port-traffic.ts';

/** What Ethernet adds to the MTU (mlx5_core: ETH_HLEN, VLAN_HLEN, ETH_FCS_LEN). */
const HEADERS = 14 + 4 + 4;

const operMtu = PMTU.word('oper_mtu');

export interface PortFacts {
  readonly up: boolean;
  /** Closed by command. */
  readonly disabled: boolean;
  /** 0 while it is down. */
  readonly gbps: number;
  readonly lanes: number;
  readonly mtu: number;
}

export function portFacts(device: Mlx5Device): PortFacts {
  const { down, mode } = linkOf(device, OWN_PORT);
  const mtu = operMtu.get(device.registerTable.imageOf(device, PMTU, OWN_PORT), 0) - HEADERS;
  return {
    up: mode !== undefined,
    disabled: down === 'closed',
    gbps: mode?.gbps ?? 0,
    lanes: mode?.lanes ?? 1,
    mtu,
  };
}
