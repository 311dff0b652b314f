/**
 * What stood below each driver when it was recorded, as the runner needs it: devices with loopback firmware, and the
 * knobs that the cases turn (`!hook set PARAM VALUE` in a case file).
 */
import type { AbiName } from '../../src/abi/profiles.ts';
import type { DoorGuard } from '../../src/fwctl/dialect.ts';
import type { FwctlOps } from '../../src/fwctl/ops.ts';

export interface MockDevice {
  /** `0000:00:0e.0`, by which `!hook unbind DRIVER SLOT` names it. */
  readonly slot: string;
  /** The environment variable by which drvx finds it: DRVX_DEV0 or DRVX_DEV1. */
  readonly opens: 'DRVX_DEV0' | 'DRVX_DEV1';
  /** The emulated kernel whose rules it has. */
  readonly abi: AbiName;
  /** A new device, as plug and bind make one. `guards`: what is to stand at its door. */
  probe(guards?: readonly DoorGuard[]): FwctlOps<unknown>;
}

export interface DriverMock {
  /** Row of the driver table; `golden/NAME.jsonl` has its answers. */
  readonly driver: string;
  readonly devices: readonly MockDevice[];
  /** Throws an Error for a parameter that there is not. */
  set(parameter: string, value: string): void;
  /** Commands that have reached the firmware, of all devices: `fw_calls`. */
  commands(): number;
}
