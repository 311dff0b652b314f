/** The emulated machine of a verb: host and trace, made from the settings. */

import { systemClock } from '../host/clock.ts';
import { Host } from '../host/host.ts';
import type { DeviceSpec } from '../host/host-device.ts';
import type { PayloadDecoder } from '../host/interceptors/trace-payload.ts';
import type { TraceFieldsOption } from '../host/trace-text.ts';
import type { Log, Settings } from './parts.ts';

export interface Machine {
  readonly host: Host;
  /** Writes out what is left of the trace, and ends it. */
  close(): void;
}

export interface TraceChoice {
  /** Undefined: none; empty: stderr; otherwise a file. */
  readonly path: string | undefined;
  /** Which fields of replies are written below a line of text. */
  readonly fields: TraceFieldsOption;
}

/** Devices are not plugged yet. */
export async function createMachine(settings: Settings, trace: TraceChoice, log: Log): Promise<Machine> {
  const options = { abi: settings.abi, clock: systemClock };
  if (trace.path === undefined) return { host: new Host(options), close: () => {} };
  // The trace decodes every register and command, which costs start-up: only who asks for it pays.
  const [{ openTraceOutput }, { traceFileOps, traceKmsg }, { mlx5Decoder }, { WallTime }] = await Promise.all([
    import('../host/interceptors/trace-output.ts'),
    import('../host/interceptors/trace.ts'),
    import('../host/interceptors/trace-mlx5.ts'),
    import('../host/interceptors/trace-time.ts'),
  ]);
  const decoders: Partial<Record<DeviceSpec['driver'], PayloadDecoder>> = { mlx5: mlx5Decoder };
  const { listener, detail, close } = openTraceOutput({
    path: trace.path === '' ? undefined : trace.path,
    fields: trace.fields,
    env: process.env,
    failed: (message) => log.warn(message),
  });
  const wall = new WallTime(systemClock);
  const host = new Host({
    ...options,
    intercept(fileOps, device, spec) {
      const decoder = decoders[spec.driver];
      return traceFileOps(fileOps, { device, ...options, sink: listener, detail, wall, ...(decoder && { decoder }) });
    },
  });
  host.kmsg.listen(traceKmsg(systemClock, listener, wall));
  return { host, close };
}
