/**
 * The faults of a machine at its devices' borders. A driver is asked at open, FWCTL_INFO and, where it has no door to a
 * firmware, FWCTL_RPC; the door where a command is delivered, which is where real commands fail. Of iommufd the
 * commands are struck. A plan without faults costs each of them one look.
 */
import type { Clock } from '../../../abi/clock.ts';
import type { DoorGuard } from '../../../fwctl/dialect.ts';
import type { FwctlOps } from '../../../fwctl/ops.ts';
import type { CommandOps } from '../../../kernel/commands.ts';
import type { Interceptor, Place } from '../../machine/interceptor.ts';
import { DeviceFaults } from './device-faults.ts';
import { faultyCommands } from './faults-commands.ts';
import { FaultOps } from './faults-ops.ts';
import type { FaultPlan } from './plan.ts';

export class Faults implements Interceptor {
  readonly plan: FaultPlan;
  private readonly clock: Clock;
  /** Those of a device's door, which its operations share. */
  private readonly doors = new WeakMap<Place, DeviceFaults>();

  constructor(plan: FaultPlan, clock: Clock) {
    this.plan = plan;
    this.clock = clock;
  }

  door(place: Place): DoorGuard {
    const faults = new DeviceFaults(this.plan, this.clock, place);
    this.doors.set(place, faults);
    return faults;
  }

  ops(inner: FwctlOps<unknown>, place: Place): FwctlOps<unknown> {
    const atDoor = this.doors.get(place);
    return new FaultOps(inner, atDoor ?? new DeviceFaults(this.plan, this.clock, place), atDoor !== undefined);
  }

  commands(inner: CommandOps, place: Place): CommandOps {
    return faultyCommands(inner, new DeviceFaults(this.plan, this.clock, place));
  }
}
