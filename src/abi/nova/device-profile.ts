/** The shape of a nova-core device's description. Data only; in abi/ because devices/ and firmware/ may not meet. */
import type { VgpuType } from './vgpu-type.ts';

export interface NovaIdentity {
  /** enum fwctl_device_type: in no release; NVIDIA's branch has 5, which two other branches claim too. */
  readonly device_type: number;
  /** pci.ids: NVIDIA is 10de; 16 bits each. */
  readonly pci_device_id: number;
  readonly pci_subsystem_vendor_id: number;
  readonly pci_subsystem_id: number;
  /** 8 bits. */
  readonly pci_revision: number;
  /** 24 bits, base class first. */
  readonly pci_class: number;
}

export interface NovaDeviceProfile {
  /** Name in the configuration. */
  readonly name: string;
  /** What it is, for lists. */
  readonly title: string;
  readonly identity: NovaIdentity;
  /** Types that the firmware knows before anybody uploads any. */
  readonly types: readonly VgpuType[];
}
