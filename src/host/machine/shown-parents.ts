/** A function with some of its surroundings left out. */
import type { Surrounding } from '../config/surroundings.ts';
import type { Beside, SysfsParent } from './host-device.ts';

const CLASS = { net: 'net', infiniband: 'rdma' } as const;
/** Of auxiliary devices, by the last part of their names before the number. */
const AUXILIARY: Readonly<Record<string, Surrounding>> = { eth: 'net', rdma: 'rdma' };

/** The parents as they are to be shown; the function itself stays with its header. */
export function shownParents(parents: readonly SysfsParent[], shown: readonly Surrounding[]): readonly SysfsParent[] {
  const has = (name: Surrounding | undefined) => name === undefined || shown.includes(name);
  return parents.map((parent) => {
    if (parent.bus !== 'pci') return parent;
    const { bus, name, driver, holds, identity, modules } = parent;
    return {
      ...{ bus, name, driver, holds, identity, shown: shown.join('+') },
      ...(has('pci') && { shape: () => parent.shape?.(), attributes: () => parent.attributes?.() ?? [] }),
      ...(has('modules') && modules && { modules }),
      beside: () => left(parent.beside?.(), has),
    };
  });
}

function left(beside: Beside | undefined, has: (name: Surrounding | undefined) => boolean): Beside {
  return {
    classes: (beside?.classes ?? []).filter((each) => has(CLASS[each.class])),
    auxiliary: (beside?.auxiliary ?? []).filter(({ name }) => has(AUXILIARY[name.split('.')[1] ?? ''])),
  };
}
