/**
 * The PCI function of a ConnectX: capabilities and their places are as lspci prints those of a ConnectX-6 Dx in public
 * text, and so are BAR 0, MSI-X and the ROM; what a VF has, and the subsystem's id of other boards, is invented.
 */
import type { Mlx5DeviceProfile } from '../../../abi/mlx5/device-profile.ts';
import type { PciLink, VirtualFunctions } from '../../../abi/pci/capabilities.ts';
import type { PciIdentity, PciShape } from '../../../abi/pci/function.ts';
import type { VitalProductData } from '../../../abi/pci/vpd.ts';
import { BAR_BYTES, VECTORS } from '../hca/limits.ts';
import type { Mailbox } from '../mailbox.ts';
import { serialNumber } from '../registers/board.ts';
import { CrSpace } from './cr-space.ts';
import { vendorCapability } from './vendor-capability.ts';

/** pci.ids: Mellanox; an Ethernet controller. */
const MELLANOX = 0x15b3;
const ETHERNET = 0x020000;
/** By PCI device id: the board's of a ConnectX-6 Dx is seen, the others' are invented. */
const SUBSYSTEM: ReadonlyMap<number, number> = new Map([
  [0x101d, 0x0016],
  [0x1021, 0x0041],
  [0xa2dc, 0x0009],
]);
/** Of every chip from ConnectX-6 on: `mlx5Gen Virtual Function`. */
const VF_DEVICE = 0x101e;

const MIB = 1 << 20;
/** One more than NUM_PF_MSIX, as the driver's own vector is not counted there. */
const MSIX = { vectors: VECTORS, forVfs: 1024, bar: 0, table: 0x2000, pending: 0x3000 } as const;
const VFS_UNLESS_TOLD = 8;

const GENERATIONS: readonly (readonly [bit: number, generation: number])[] = [
  [1 << 5, 5],
  [1 << 4, 4],
  [1 << 2, 3],
  [1 << 1, 2],
  [1 << 0, 1],
];

export function mlx5Identity({ identity }: Mlx5DeviceProfile): PciIdentity {
  return {
    vendor: MELLANOX,
    device: identity.pci_device_id,
    subsystemVendor: MELLANOX,
    subsystemDevice: SUBSYSTEM.get(identity.pci_device_id) ?? 0,
    revision: identity.hw_revision & 0xff,
    classCode: ETHERNET,
  };
}

/** `firmware`: what the tools' command interface leads to; undefined: there is no such interface. */
export function mlx5Shape(profile: Mlx5DeviceProfile, firmware?: Mailbox): PciShape {
  const spaces = new CrSpace(() => profile.identity, firmware);
  const link = linkOf(profile);
  return {
    identity: mlx5Identity(profile),
    bars: [{ index: 0, bytes: BAR_BYTES, wide: true, prefetchable: true }],
    rom: MIB,
    link,
    msix: { ...MSIX, used: Math.min(MSIX.vectors, profile.world.channels + 1) },
    vpd: vpdOf(profile, link),
    vfs: virtualFunctions(profile),
    vendor: (at) => vendorCapability(at, spaces),
  };
}

/** As MPEIN has it. */
function linkOf({ registers }: Mlx5DeviceProfile): PciLink {
  const { link_speed_active: speeds = 0, link_width_active: width = 0 } = registers.MPEIN ?? {};
  const [, speed = 1] = GENERATIONS.find(([bit]) => (Number(speeds) & bit) !== 0) ?? [];
  return { speed, width: Number(width) || 1 };
}

function virtualFunctions({ registers, world }: Mlx5DeviceProfile): VirtualFunctions {
  const total = Math.max(Number(registers.MPEIN?.num_of_vfs ?? VFS_UNLESS_TOLD), world.vfs);
  return { total, deviceId: VF_DEVICE, offset: 2, stride: 1, barBytes: 2 * MIB };
}

/** The keywords of a ConnectX; V3's UUID and the engineering change are invented. */
function vpdOf({ identity }: Mlx5DeviceProfile, { speed, width }: PciLink): VitalProductData {
  const [part = '', change = ''] = identity.model_name.split('_');
  const serial = serialNumber(identity);
  const uuid = `${identity.base_mac}${identity.psid}`.toLowerCase().replace(/[^0-9a-f]/g, '');
  return {
    name: identity.model_description,
    keywords: [
      ['PN', part],
      ['EC', change],
      ['V2', part],
      ['SN', serial],
      ['V3', uuid.padEnd(32, '0').slice(0, 32)],
      ['VA', `MLX:MN=MLNX:CSKU=V2:UUID=V3:PCI=V0:MODL=${part.split('-')[0]?.replace(/^MCX/, 'CX')}`],
      ['V0', `PCIeGen${speed} x${width}`],
      ['VU', `${serial}MLNXS0D0F0`],
    ],
  };
}
