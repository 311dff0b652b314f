/** The recorded cxl devices: mem0 with its parameters, mem1, over the product's driver and loopback. */

import { cxlFwctl } from '../../src/drivers/cxl/driver.ts';
import { CxlLoopback, type CxlLoopbackParameters } from '../../src/firmware/cxl/loopback.ts';
import { LOOPBACK_MODELS, type LoopbackModel } from '../../src/firmware/cxl/loopback-models.ts';
import type { DoorGuard } from '../../src/fwctl/dialect.ts';
import type { FwctlOps } from '../../src/fwctl/ops.ts';
import { systemClock } from '../../src/host/machine/clock.ts';
import type { DriverMock, MockDevice } from './mock.ts';

const SHORT = ['error', 'rest', 'nothing'] as const;

/** What a case file may set, of one device's parameters. */
const PARAMETERS: Readonly<Record<string, (parameters: CxlLoopbackParameters, value: number) => void>> = {
  cxl_rc(parameters, value) {
    parameters.returnCode = value;
  },
  cxl_err(parameters, value) {
    parameters.undelivered = value !== 0;
  },
  cxl_at(parameters, value) {
    parameters.at = value;
  },
  cxl_short(parameters, value) {
    parameters.short = SHORT[value] ?? 'error';
  },
  fw_delay_ms(parameters, value) {
    parameters.delayMs = value;
  },
};

export function cxlMock(): DriverMock {
  const made: CxlLoopback[] = [];
  const parametersOf = (model: LoopbackModel): CxlLoopbackParameters => ({
    ...new CxlLoopback(model).parameters,
  });
  const device = (slot: string, opens: MockDevice['opens'], name: string) => {
    const model = LOOPBACK_MODELS.find((one) => one.name === name) as LoopbackModel;
    const parameters = parametersOf(model);
    const probe = (guards: readonly DoorGuard[] = []): FwctlOps<unknown> => {
      const loopback = new CxlLoopback(model, systemClock, parameters);
      made.push(loopback);
      const ops = cxlFwctl(loopback, guards) as FwctlOps<unknown>;
      const { fwRpc } = ops;
      // the parameter cxl_at counts the commands of one call
      return Object.assign(Object.create(ops), {
        fwRpc(...call: Parameters<typeof fwRpc>) {
          loopback.begin();
          return ops.fwRpc(...call);
        },
      });
    };
    return { slot, opens, abi: 'linux-7.3', probe, parameters } as const;
  };
  const mem0 = device('0000:00:0a.0', 'DRVX_DEV0', 'cxl-loopback');
  const devices = [mem0, device('0000:00:0b.0', 'DRVX_DEV1', 'cxl-loopback-ro')];
  return {
    driver: 'cxl',
    devices,
    set(parameter, value) {
      const number = Number(value);
      if (parameter === 'cxl_cap') {
        mem0.parameters.featuresCapability = number;
        return;
      }
      const put = PARAMETERS[parameter];
      if (put === undefined) throw new Error(`there is no parameter ${parameter}`);
      for (const { parameters } of devices) put(parameters, number);
    },
    commands: () => made.reduce((sum, { commands }) => sum + commands, 0),
  };
}
