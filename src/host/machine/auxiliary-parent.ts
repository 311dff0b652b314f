/** The auxiliary device that a PCI driver makes for its fwctl driver: drivers/base/auxiliary.c. */
import type { SysfsParent } from './host-device.ts';

/** `core.fwctl.N`, bound to `module.module`: KBUILD_MODNAME and the auxiliary driver's name. */
export function auxiliaryParent(core: string, module: string, number: number): SysfsParent {
  return {
    bus: 'auxiliary',
    name: `${core}.fwctl.${number}`,
    driver: `${module}.${module}`,
    holds: false,
    modalias: `auxiliary:${core}.fwctl`,
  };
}
