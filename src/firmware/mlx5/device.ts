/** One emulated device's state: what command handlers work on. */
import type { Clock } from '../../abi/clock.ts';
import type { Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import type { UidOwner } from './command-table.ts';
import type { DeviceBlocks } from './device-blocks.ts';
import type { Hca } from './hca/hca.ts';
import type { HcaCaps } from './hca-caps.ts';
import type { ObjectStore } from './objects.ts';
import type { RegisterStore, RegisterTable } from './register-table.ts';
import type { UctxTable } from './uctx.ts';

export interface Mlx5Device extends UidOwner, DeviceBlocks {
  /** Replaced as a whole by an operator's change of it (live-values.ts), and never changed in place. */
  profile: Mlx5DeviceProfile;
  readonly clock: Clock;
  /** `clock.monotonicNs()` at power-up. */
  readonly startedNs: number;
  readonly uctxs: UctxTable;
  readonly caps: HcaCaps;
  readonly objects: ObjectStore;
  readonly registerTable: RegisterTable<Mlx5Device>;
  readonly registers: RegisterStore;
  /** How far its driver has brought the function up, and what that has given it. */
  readonly hca: Hca;
  /** TEARDOWN_HCA: what the driver created is gone. */
  tearDown(): void;
  /** A reset of the function, not of the card: as after power-up, but for ports, registers and what is kept. */
  resetFunction(): void;
  /** The device starts anew, once the command under way is answered: as if its driver were unbound and bound again. */
  requestRestart(): void;
}
