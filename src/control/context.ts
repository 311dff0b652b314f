/** What the methods work on: one running emulator. Made by the command line, which knows all of it. */
import type { Socket } from 'node:net';
import type { DeviceSpec } from '../host/config/device-spec.ts';
import type { FaultPlan } from '../host/interceptors/faults/plan.ts';
import type { RecordHub } from '../host/interceptors/recording/record-hub.ts';
import type { Stats } from '../host/interceptors/stats/stats.ts';
import type { TraceHub } from '../host/interceptors/trace/trace-hub.ts';
import type { DriverRow } from '../host/machine/driver-row.ts';
import type { Host } from '../host/machine/host.ts';
import type { AllMessages } from '../host/machine/load-messages.ts';
import type { ChangedValues } from './changed-values.ts';
import type { SpecReader } from './spec-reader.ts';
import type { Turns } from './turns.ts';

export interface ControlContext {
  readonly host: Host;
  readonly stats: Stats;
  readonly trace: TraceHub;
  readonly record: RecordHub;
  readonly faults: FaultPlan;
  /** The names of all drivers' messages, by driver. */
  readonly messages: () => Promise<AllMessages>;
  /** Of this program, from package.json. */
  readonly version: string;
  /** The verb that it runs as. */
  readonly verb: 'run' | 'serve';
  /** The devices of the start, which `reset` plugs again. */
  readonly configured: readonly DeviceSpec[];
  readonly specs: SpecReader;
  /** What was set on devices that run. */
  readonly changed: ChangedValues;
  readonly drivers: readonly DriverRow[];
  /** Of requests that plug. */
  readonly turns: Turns;
  /** The user that opened a connection; -errno where that cannot be told. */
  readonly peerUid: (socket: Socket) => number;
  /** Further things that `reset` puts back to what they were at the start (faults); each may add its own. */
  readonly onReset: (() => void)[];
}
