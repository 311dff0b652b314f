/** MTMP, temperature: one instance a sensor; MTCAP says how many there are. */
import { MTCAP } from '../../../abi/mlx5/registers/mtcap.ts';
import { MTMP } from '../../../abi/mlx5/registers/mtmp.ts';
import type { Mlx5Device } from '../device.ts';

const sensorIndex = MTMP.word('sensor_index');

/** Sensors are numbered from 0 to MTCAP's internal_sensor_count. */
export function bySensor(input: DataView, device: Mlx5Device): number | undefined {
  const sensor = sensorIndex.get(input, 0);
  const sensors = Number(device.profile.registers[MTCAP.name]?.internal_sensor_count ?? 0);
  return sensor < sensors ? sensor : undefined;
}
