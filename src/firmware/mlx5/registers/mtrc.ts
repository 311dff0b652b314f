/** MTRC_CTRL: its timestamp is the free-running counter, ns at device_frequency 1 GHz (mlx5_core diag/fw_tracer.c). */
import { MTRC_CTRL } from '../../../abi/mlx5/registers/mtrc-ctrl.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';

export function readMtrcCtrl({ device, output }: RegisterExchange<Mlx5Device>): undefined {
  const ns = device.clock.monotonicNs() - device.startedNs;
  MTRC_CTRL.assign(output, {
    current_timestamp_52_32: Math.floor(ns / 2 ** 32) % 2 ** 21,
    current_timestamp_31_0: ns % 2 ** 32,
  });
  return undefined;
}
