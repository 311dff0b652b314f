/** What stood below the recorded pds driver: one DSC, loopback firmware, its parameters. */
import { type ErrnoName, errnoName } from '../../src/abi/errno.ts';
import { pdsFwctl } from '../../src/drivers/pds/driver.ts';
import { Loopback } from '../../src/firmware/pds/loopback.ts';
import type { FwctlOps } from '../../src/fwctl/ops.ts';
import { systemClock } from '../../src/host/machine/clock.ts';
import { Errno } from '../../src/kernel/errno.ts';
import type { DriverMock } from './mock.ts';

export function pdsMock(): DriverMock {
  const parameters: Record<string, number> = {
    pds_err: 0,
    pds_query_err: 0,
    pds_status: 0,
    pds_rpc_err: 0,
    pds_fill: 1,
    fw_delay_ms: 0,
  };
  /** Errnos are negative, as in the kernel. */
  const fail = (name: string) => () => {
    const errno = -(parameters[name] as number);
    if (errno !== 0) throw new Errno(errnoName(errno) as ErrnoName, `the hook set ${name}`);
  };
  const firmware = new Loopback({ deliver: fail('pds_err'), deliverQuery: fail('pds_query_err') }, systemClock);
  return {
    driver: 'pds',
    devices: [
      {
        slot: '0000:00:10.0',
        opens: 'DRVX_DEV0',
        abi: 'linux-7.3',
        probe: (guards = []) => pdsFwctl(firmware, guards) as FwctlOps<unknown>,
      },
    ],
    set(parameter, value) {
      if (!Object.hasOwn(parameters, parameter)) throw new Error(`no parameter ${parameter}`);
      parameters[parameter] = Number(value);
      Object.assign(firmware.options, {
        status: parameters.pds_status,
        err: parameters.pds_rpc_err,
        fill: parameters.pds_fill !== 0,
        delayMs: parameters.fw_delay_ms,
      });
    },
    commands: () => firmware.rpcs,
  };
}
