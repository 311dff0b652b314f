/** The auxiliary devices that a PCI driver makes for its fwctl driver and others: drivers/base/auxiliary.c. */
import type { SysfsParent } from './host-device.ts';

type Auxiliary = Extract<SysfsParent, { bus: 'auxiliary' }>;

/** `core.fwctl.N`, bound to `module.module`: KBUILD_MODNAME and the auxiliary driver's name. */
export function auxiliaryParent(core: string, module: string, number: number): Auxiliary {
  return auxiliaryDevice(core, 'fwctl', `${module}.${module}`, number);
}

/** `core.what.N`. */
export function auxiliaryDevice(core: string, what: string, driver: string, number: number): Auxiliary {
  return {
    bus: 'auxiliary',
    name: `${core}.${what}.${number}`,
    driver,
    holds: false,
    modalias: `auxiliary:${core}.${what}`,
  };
}
