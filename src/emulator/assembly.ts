/** The one place where a machine is put together: its devices, and what stands around them, in order. */
import type { AbiProfile } from '../abi/profiles.ts';
import { Faults } from '../host/interceptors/faults/faults.ts';
import { FaultPlan } from '../host/interceptors/faults/plan.ts';
import { systemClock } from '../host/machine/clock.ts';
import type { DriverRow } from '../host/machine/driver-row.ts';
import { Host, type HostOptions } from '../host/machine/host.ts';
import type { Interceptor } from '../host/machine/interceptor.ts';

export interface AssemblyOptions
  extends Pick<HostOptions, 'lockdown' | 'states' | 'prepared' | 'instead' | 'forGuest' | 'warn'> {
  readonly abi: AbiProfile;
  readonly drivers: readonly DriverRow[];
  /** Outside of the faults, the first innermost: who records sees what faults have done, who counts and traces both. */
  readonly around: readonly Interceptor[];
}

export interface Assembled {
  readonly host: Host;
  /** None at first. */
  readonly faults: FaultPlan;
}

/** Devices are not plugged yet. */
export function assemble({ around, ...options }: AssemblyOptions): Assembled {
  const faults = new FaultPlan();
  const interceptors = [new Faults(faults, systemClock), ...around];
  return { host: new Host({ ...options, clock: systemClock, interceptors }), faults };
}
