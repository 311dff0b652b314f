/** Memory keys: reserved ones (QUERY_SPECIAL_CONTEXTS), the driver's, the RDMA user's. Index: a key's upper 24 bits. */
import type { Mlx5DeviceProfile } from '../../../abi/mlx5/device-profile.ts';
import type { ObjectStore } from '../objects.ts';
import { PD, RDMA_PD } from './numbers.ts';

/** mkc.access_mode_1_0 (mlx5_ifc.h): physical addresses, or a translation table. */
const PHYSICAL = 0;
const TRANSLATED = 1;
/** Of every QP. */
const ANY_QP = 0xff_ffff;

const field = (name: string) => `memory_key_mkey_entry.${name}`;

export function addKeys(objects: ObjectStore, { special_contexts }: Mlx5DeviceProfile): void {
  const taken = new Set<number>();
  const add = (index: number, values: Readonly<Record<string, number | bigint>>) => {
    taken.add(index);
    const named = Object.entries(values).map(([name, value]) => [field(name), value]);
    objects.add('MKEY', index, { [field('qpn')]: ANY_QP, ...Object.fromEntries(named) });
  };
  for (const name of ['dump_fill_mkey', 'null_mkey', 'terminate_scatter_list_mkey', 'repeated_mkey']) {
    const key = Number(special_contexts[name] ?? 0);
    if (key >>> 8 !== 0 && !taken.has(key >>> 8)) add(key >>> 8, { mkey_7_0: key & 0xff, length64: 1, lr: 1, lw: 1 });
  }
  const free = () => {
    let index = 1;
    while (taken.has(index)) index++;
    return index;
  };
  // All of the memory, for the netdevs' own buffers; then a megabyte that a user has registered for remote access.
  add(free(), { access_mode_1_0: PHYSICAL, pd: PD, mkey_7_0: 0x42, length64: 1, lr: 1, lw: 1 });
  add(free(), {
    access_mode_1_0: TRANSLATED,
    pd: RDMA_PD,
    mkey_7_0: 0x43,
    lr: 1,
    lw: 1,
    rr: 1,
    rw: 1,
    umr_en: 1,
    start_addr: 0x7f00_0000_0000n,
    len: 1n << 20n,
    translations_octword_size: 128,
    log_page_size: 12,
  });
}
