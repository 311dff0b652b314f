/** The recorded bnxt devices: 7.3's driver, and 7.2's (linux-7.1 here), each over a loopback firmware. */
import { type ErrnoName, errnoName } from '../../src/abi/errno.ts';
import { type AbiName, abiProfile } from '../../src/abi/profiles.ts';
import { GuardedHwrm } from '../../src/drivers/bnxt/dialect/door.ts';
import { bnxtFwctl } from '../../src/drivers/bnxt/driver.ts';
import { type Hwrm, Undelivered } from '../../src/firmware/bnxt/hwrm.ts';
import { Loopback, type LoopbackOptions } from '../../src/firmware/bnxt/loopback.ts';
import type { FwctlOps } from '../../src/fwctl/ops.ts';
import { systemClock } from '../../src/host/machine/clock.ts';
import type { DriverMock, MockDevice } from './mock.ts';

export function bnxtMock(): DriverMock {
  let commands = 0;
  let errno = 0;
  const deliver = () => {
    commands++;
    if (errno !== 0) throw new Undelivered(errnoName(errno) as ErrnoName);
  };
  const first = new Loopback({ deliver }, systemClock);
  const both = [first, new Loopback({ deliver }, systemClock)];
  const setBoth = (changed: Partial<LoopbackOptions>) => {
    for (const { options } of both) Object.assign(options, changed);
  };
  const device = (slot: string, opens: MockDevice['opens'], abiName: AbiName, firmware: Hwrm): MockDevice => ({
    slot,
    opens,
    abi: abiName,
    probe(guards = []) {
      const abi = abiProfile(abiName);
      if (abi === undefined) throw new Error(`no profile ${abiName}`);
      const door = guards.reduce((inner: Hwrm, guard) => new GuardedHwrm(inner, guard), firmware);
      return bnxtFwctl(door, abi) as FwctlOps<unknown>;
    },
  });
  const parameters: Readonly<Record<string, (value: number) => void>> = {
    bnxt_rlen: (value) => setBoth({ responseBytes: value }),
    bnxt_code: (value) => setBoth({ errorCode: value }),
    bnxt_err: (value) => {
      errno = -value;
    },
    bnxt_stopped: (value) => {
      first.options.stopped = value !== 0;
    },
    fw_delay_ms: (value) => setBoth({ delayMs: value }),
  };
  return {
    driver: 'bnxt',
    devices: [
      device('0000:00:0e.0', 'DRVX_DEV0', 'linux-7.3', first),
      device('0000:00:0f.0', 'DRVX_DEV1', 'linux-7.1', both[1] as Loopback),
    ],
    set(parameter, value) {
      const set = parameters[parameter];
      if (set === undefined) throw new Error(`no parameter ${parameter}`);
      set(Number(value));
    },
    commands: () => commands,
  };
}
