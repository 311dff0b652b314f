/** All methods of the control socket, in the order of the help. A new group is a file in methods/ and a line here. */
import type { Method } from './method.ts';
import { aboutMethods } from './methods/about.ts';
import { DEVICE_METHODS } from './methods/devices.ts';
import { FAULT_METHODS } from './methods/faults.ts';
import { MACHINE_METHODS } from './methods/machine.ts';
import { RECORD_METHODS } from './methods/record.ts';
import { STATS_METHODS } from './methods/stats.ts';
import { TRACE_METHODS } from './methods/trace.ts';
import { VALUE_METHODS } from './methods/values.ts';

export const METHODS: readonly Method[] = [
  ...DEVICE_METHODS,
  ...VALUE_METHODS,
  ...FAULT_METHODS,
  ...MACHINE_METHODS,
  ...TRACE_METHODS,
  ...RECORD_METHODS,
  ...STATS_METHODS,
  ...aboutMethods(() => METHODS),
];
