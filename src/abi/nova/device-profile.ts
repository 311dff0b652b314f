/** The shape of a nova-core device's description. In abi/ because devices/ and firmware/ may not meet. */
import { ascii, record, type ShapedProfile, table, type ValueOf, whole, wide } from '../profile-shape.ts';
import type { VgpuType } from './vgpu-type.ts';

const powerUp = { powerUp: true } as const;
const U32 = 0xffffffff;
/** Bytes of a text in the properties, its NUL included (NVGMC_MGMT_GMCAPI_VGPU_STRING_BUFFER_SIZE). */
const TEXT = 64;

export const NOVA_SHAPE = record({
  /** enum fwctl_device_type: in no release; NVIDIA's branch has 5, which two other branches claim too. */
  device_type: whole(U32, powerUp),
  /** pci.ids: NVIDIA is 10de. */
  pci_device_id: whole(0xffff, powerUp),
  pci_subsystem_vendor_id: whole(0xffff, powerUp),
  pci_subsystem_id: whole(0xffff, powerUp),
  pci_revision: whole(0xff, powerUp),
  /** Base class first. */
  pci_class: whole(0xffffff, powerUp),
  /** Those that the firmware knows, before anybody uploads any; the members are VgpuType's. */
  types: table(
    { id: whole(U32, { least: 1 }) },
    record({
      name: ascii(TEXT - 1),
      vgpu_class: ascii(TEXT - 1, { unlessTold: '' }),
      max_instance: whole(U32, { unlessTold: 1 }),
      ecc: whole(1, { unlessTold: 0 }),
      max_fps: whole(U32, { unlessTold: 0 }),
      num_heads: whole(U32, { unlessTold: 0 }),
      max_res_x: whole(U32, { unlessTold: 0 }),
      max_res_y: whole(U32, { unlessTold: 0 }),
      dev_id: whole(0xffff, { unlessTold: 0 }),
      subsystem_id: whole(0xffff, { unlessTold: 0 }),
      bar1_length: wide({ unlessTold: 0n }),
      profile_size: wide({ unlessTold: 0n }),
      fb_length: wide({ unlessTold: 0n }),
      gsp_heap_size: wide({ unlessTold: 0n }),
      fb_reservation: wide({ unlessTold: 0n }),
    }),
  ),
});

export type NovaValues = ValueOf<typeof NOVA_SHAPE>;
export type NovaDeviceProfile = ShapedProfile<NovaValues>;

/** As the firmware has them. */
export function typesOf({ types }: NovaValues): VgpuType[] {
  return Object.entries(types).map(([id, row]) => ({ id: Number(id), ...row }));
}

/** The same the other way round. */
export function typeValues(types: Iterable<VgpuType>): NovaValues['types'] {
  return Object.fromEntries([...types].map(({ id, ...row }) => [id, row]));
}
