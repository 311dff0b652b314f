/**
 * An NVIDIA GPU with nova-core's fwctl device. The GPU is the one that vgpu-mgmt's tests name (tests/README.md of
 * alokk-nv/vgpu-tools 2be3609: "Blackwell Pro 6000", 10de:2bb5, type 1519); names, sizes and the other ids of the types
 * are invented, in the shape in which NVIDIA's vGPU documentation lists such types.
 */
import type { NovaDeviceProfile, NovaValues } from '../../abi/nova/device-profile.ts';

const GIB = 1n << 30n;
const MIB = 1n << 20n;

export const NOVA_EXAMPLE: NovaDeviceProfile = {
  name: 'nova-example',
  title: 'NVIDIA GPU with nova-core: an example, whose vGPU types are invented',
  values: {
    device_type: 5,
    pci_device_id: 0x2bb5,
    pci_subsystem_vendor_id: 0x10de,
    pci_subsystem_id: 0x204e,
    pci_revision: 0xa1,
    // a 3D controller
    pci_class: 0x030200,
    types: {
      1519: vgpuType('EXAMPLE 6000-8Q', 'Quadro', 8n, 12),
      1520: vgpuType('EXAMPLE 6000-16Q', 'Quadro', 16n, 6),
      1521: vgpuType('EXAMPLE 6000-24Q', 'Quadro', 24n, 4),
      1522: vgpuType('EXAMPLE 6000-48C', 'Compute', 48n, 2),
      1523: vgpuType('EXAMPLE 6000-96C', 'Compute', 96n, 1),
    },
  },
};

function vgpuType(name: string, vgpuClass: string, gib: bigint, instances: number): NovaValues['types'][string] {
  const shown = vgpuClass === 'Quadro';
  return {
    name,
    vgpu_class: vgpuClass,
    max_instance: instances,
    ecc: 1,
    max_fps: 60,
    num_heads: shown ? 4 : 1,
    max_res_x: shown ? 7680 : 4096,
    max_res_y: shown ? 4320 : 2160,
    dev_id: 0x2bb5,
    subsystem_id: 0x204e,
    bar1_length: 256n,
    profile_size: gib * GIB,
    fb_length: gib * GIB - 512n * MIB,
    gsp_heap_size: 48n * MIB,
    fb_reservation: 512n * MIB,
  };
}
