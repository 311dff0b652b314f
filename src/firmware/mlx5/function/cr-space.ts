/**
 * What of the chip's own address spaces is emulated: who the chip is, the semaphores, and the tools' own command
 * interface, which leads to the registers. Numbers of spaces: pci_vsc.h of mlx5_core, address_space_t of mstflint.
 */
import type { Mailbox } from '../mailbox.ts';
import { ToolCommands } from './tool-commands.ts';
import type { AddressSpaces } from './vendor-capability.ts';

const SPACE = { EXTENDED_COMMANDS: 0x1, CONFIGURATION: 0x2, COMMANDS: 0x3, SCAN: 0x7, SEMAPHORE: 0xa } as const;

/** HW_ID of mstflint: hw_dev_id in 15:0, revision in 19:16. The one address that identifies every chip. */
const HARDWARE_ID = 0xf0014;
/** STAT_CFG_NOT_DONE of ConnectX-6 and later: bit 31 is 0 when the firmware has started. */
const NOT_STARTED = 0xb5f04;
/** Of the space that a driver's crash dump goes through; invented: a chip's is larger, with more in it. */
const SCAN_BYTES = 0x10_0000;

export interface ChipIdentity {
  readonly hw_dev_id: number;
  readonly hw_revision: number;
}

export class CrSpace implements AddressSpaces {
  private readonly identity: () => ChipIdentity;
  private readonly commands: ToolCommands | undefined;
  /** Semaphores that are held, by address. */
  private readonly held = new Map<number, number>();

  /** Who the chip is at the moment of a read. Without a firmware there is no command interface. */
  constructor(identity: () => ChipIdentity, firmware?: Mailbox) {
    this.identity = identity;
    this.commands = firmware && new ToolCommands(firmware);
  }

  size(space: number): number | undefined {
    if (space === SPACE.SCAN) return SCAN_BYTES;
    if (space === SPACE.COMMANDS && this.commands === undefined) return undefined;
    return Object.values<number>(SPACE).includes(space) ? 0 : undefined;
  }

  read(space: number, address: number): number | undefined {
    if (space === SPACE.SEMAPHORE) return this.held.get(address) ?? 0;
    if (space === SPACE.COMMANDS) return this.commands?.read(address);
    if (space === SPACE.CONFIGURATION) return this.register(address);
    if (space !== SPACE.SCAN || address >= SCAN_BYTES) return undefined;
    return this.register(address) ?? 0;
  }

  private register(address: number): number | undefined {
    if (address === NOT_STARTED) return 0;
    if (address !== HARDWARE_ID) return undefined;
    const { hw_dev_id, hw_revision } = this.identity();
    return hw_dev_id | ((hw_revision & 0xf) << 16);
  }

  /** A semaphore is taken by whoever writes first, and let go by 0. */
  write(space: number, address: number, value: number): boolean {
    if (space === SPACE.COMMANDS) return this.commands?.write(address, value) === true;
    if (space !== SPACE.SEMAPHORE) return false;
    if (value === 0) this.held.delete(address);
    else if (!this.held.has(address)) this.held.set(address, value);
    return true;
  }

  /** A scan goes on to what is there, and then to the end. */
  next(space: number, address: number): number {
    if (space !== SPACE.SCAN) return address;
    return address < HARDWARE_ID ? HARDWARE_ID : SCAN_BYTES;
  }
}
