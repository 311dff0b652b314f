/** MLCR, management LED: burns beacon_duration seconds (0: off, 0xffff: endless), beacon_remain left (mlxsw reg.h). */
import { MLCR } from '../../../abi/mlx5/registers/mlcr.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';

const duration = MLCR.word('beacon_duration');
const remain = MLCR.word('beacon_remain');
const ENDLESS = 0xffff;

export function readMlcr({ device, output, instance: port }: RegisterExchange<Mlx5Device>): undefined {
  const asked = duration.get(output, 0);
  const since = device.beacons.get(port);
  const passed = since === undefined ? asked : Math.floor((device.clock.monotonicNs() - since) / 1e9);
  remain.put(output, 0, asked === ENDLESS ? ENDLESS : Math.max(0, asked - passed));
  return undefined;
}

export function writeMlcr({ device, input, output, instance: port }: RegisterExchange<Mlx5Device>): undefined {
  device.beacons.set(port, device.clock.monotonicNs());
  remain.put(output, 0, duration.get(input, 0));
  return undefined;
}
