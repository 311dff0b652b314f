/** The toy driver's row: what is handed to the program beside its own drivers. */
import { fwctlDriver } from '../../src/host/machine/driver-row.ts';
import { onlyName } from '../../src/host/profiles/profile-kind.ts';
import { TOY_DIALECT } from './dialect.ts';
import { ToyFwctl } from './driver.ts';
import { TOY_TYPE } from './words.ts';

/** Invented, as everything here. */
export const TOY_VENDOR = 0x7079;

export const TOY_DRIVER = fwctlDriver<Readonly<Record<string, never>>>({
  subsystem: 'fwctl',
  name: 'toy',
  deviceType: TOY_TYPE,
  since: undefined,
  keys: {},
  profiles: onlyName('toy', 'doubles and inverts'),
  dialect: TOY_DIALECT,
  parents: ({ pci }) => [
    {
      bus: 'pci',
      name: pci,
      driver: 'toy_core',
      holds: true,
      identity: {
        vendor: TOY_VENDOR,
        device: 1,
        subsystemVendor: 0,
        subsystemDevice: 0,
        revision: 0,
        classCode: 0xff0000,
      },
    },
  ],
  probe: (_spec, _keys, { guards }) => ({ ops: new ToyFwctl(guards()) }),
});
