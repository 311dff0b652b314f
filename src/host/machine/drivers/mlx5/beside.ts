/**
 * What mlx5_core and mlx5_ib make of a function beside fwctl: a netdev, an RDMA device, and their auxiliary devices
 * (mlx5_core's dev.c, mlx5_ib's main.c).
 */
import type { Mlx5DeviceProfile } from '../../../../abi/mlx5/device-profile.ts';
import type { Mlx5Firmware } from '../../../../firmware/mlx5/firmware.ts';
import type { PortFacts } from '../../../../firmware/mlx5/function/port-facts.ts';
import { auxiliaryDevice } from '../../auxiliary-parent.ts';
import type { Beside, SysfsAttribute } from '../../host-device.ts';
import { netdev, udevName } from '../../netdev.ts';
import { rdmaDevice } from '../../rdma-device.ts';

/** phys_port_name of a function whose port is its own. */
const PORT = 'p0';
/** Interface numbers that no machine comes to. */
const FIRST_IFINDEX = 0x1000_0000;
/** MLX5_CAP_ROCE(roce_address_table_size) as profiles have it, where one has none. */
const GIDS = 256;
/** Of a device behind which there is no emulated firmware: the board's link. */
const UNKNOWN: PortFacts = { up: true, disabled: false, gbps: 100, lanes: 4, mtu: 1500 };

/** The DMA pool of mlx5_core's command mailboxes, 576 bytes aligned to 1024 (cmd.c); the counts are invented. */
export const POOLS: SysfsAttribute = {
  path: 'pools',
  mode: 0o444,
  content: `poolinfo - 0.1\n${'mlx5_cmd'.padEnd(16)} ${'0'.padStart(4)} ${'4'.padStart(4)} ${'1024'.padStart(4)} ${'1'.padStart(2)}\n`,
};

/** `firmware`: undefined: nothing emulated is behind the device. `number`: of the function. */
export function besideMlx5(
  profile: Mlx5DeviceProfile,
  firmware: Mlx5Firmware | undefined,
  pci: string,
  number: number,
): Beside {
  const { identity } = profile;
  const link = () => {
    const facts = firmware?.portFacts() ?? UNKNOWN;
    return { ...facts, mbps: facts.gbps * 1000 };
  };
  const mac = identity.base_mac.toLowerCase();
  const name = udevName(pci, PORT);
  return {
    classes: [
      netdev({ name, ifindex: FIRST_IFINDEX + number, mac, port: PORT, queues: profile.world.channels, link }),
      rdmaDevice({
        name: `mlx5_${number}`,
        boardId: identity.psid,
        hcaType: `MT${identity.pci_device_id}`,
        hardwareRevision: identity.hw_revision.toString(16),
        nodeDescription: String(profile.registers.NODE_DESC?.node_description ?? ''),
        guid: BigInt(`0x${mac.slice(0, 6)}0300${mac.slice(6)}`),
        mac,
        netdev: name,
        gids: GIDS,
        firmwareVersion: () => version((firmware?.liveValues().profile ?? profile).identity.fw_version),
        link,
      }),
    ],
    auxiliary: [
      auxiliaryDevice('mlx5_core', 'eth', 'mlx5_core.eth', number),
      auxiliaryDevice('mlx5_core', 'rdma', 'mlx5_ib.rdma', number),
    ],
  };
}

/** `22.43.1014`; the last part has four digits. */
function version(text: string): string {
  const [major, minor, sub = ''] = text.split('.');
  return `${major}.${minor}.${sub.padStart(4, '0')}`;
}
