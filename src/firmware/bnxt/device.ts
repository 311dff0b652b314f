/** What an emulated NetXtreme is made of. */
import type { BnxtValues } from '../../abi/bnxt/profile-shape.ts';
import type { Clock } from '../../abi/clock.ts';
import { Coredump } from './coredump.ts';
import { ModuleMemory } from './module-memory.ts';
import { NvmDirectory, type NvmItem } from './nvm-directory.ts';
import { NvmVariables } from './nvm-variables.ts';
import { PortTraffic } from './port-traffic.ts';

/** FW_RESET_REQ_SELFRST_STATUS_* and those of FW_QSTATUS: what waits to be reset, and why. */
export const SELFRST = { NONE: 0, ASAP: 1, PCIERST: 2, IMMEDIATE: 3 } as const;
/** FW_QSTATUS_RESP_NVM_OPTION_ACTION_STATUS_*. */
export const NVMOPT_ACTION = { NONE: 0, HOTRESET: 1 } as const;

export class BnxtDevice {
  values: BnxtValues;
  readonly clock: Clock;
  nvm: NvmDirectory;
  readonly variables: NvmVariables;
  readonly traffic: PortTraffic;
  readonly module: ModuleMemory;
  readonly coredump: Coredump;
  /** Whether somebody has changed the NVM's items. */
  nvmChanged = false;
  /** SELFRST that is still to come. */
  pendingReset: number = SELFRST.NONE;
  /** NVMOPT_ACTION that a variable which was set is waiting for. */
  nvmAction: number = NVMOPT_ACTION.NONE;
  /** MDIO registers that were written, by address. */
  readonly mdio = new Map<string, number>();
  /** FW_SET_STRUCTURED_DATA's structures, by id and subtype. */
  readonly structures = new Map<string, Uint8Array>();

  /** Throws RangeError when the items do not fit into the profile's NVM. */
  constructor(values: BnxtValues, items: readonly NvmItem[], clock: Clock) {
    this.values = values;
    this.clock = clock;
    this.nvm = new NvmDirectory({ size: values.nvm.size, sectorSize: values.nvm.sector_size }, items);
    this.variables = new NvmVariables(values.nvm.variables);
    this.traffic = new PortTraffic(clock);
    this.module = new ModuleMemory();
    this.coredump = new Coredump(values.coredump);
  }

  /** A reset of the chip: what is not kept begins anew. */
  reset(): void {
    this.pendingReset = SELFRST.NONE;
    this.nvmAction = NVMOPT_ACTION.NONE;
    this.mdio.clear();
    this.structures.clear();
    this.module.reset();
    this.coredump.reset();
    this.traffic.clear();
  }
}
