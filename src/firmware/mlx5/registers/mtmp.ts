/**
 * MTMP, temperature: one instance a sensor; MTCAP says how many. The reading swings half a degree (invented) about the
 * profile's, the mean (units of 0.125 degrees Celsius); max_temperature is the swing's peak or the profile's.
 */
import { MTCAP } from '../../../abi/mlx5/registers/mtcap.ts';
import { MTMP } from '../../../abi/mlx5/registers/mtmp.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';

const sensorIndex = MTMP.word('sensor_index');
const temperature = MTMP.word('temperature');
const maxTemperature = MTMP.word('max_temperature');

const SWING = 4;
const PERIOD_NS = 600e9;

/** Sensors are numbered from 0 to MTCAP's internal_sensor_count. */
export function bySensor(input: DataView, device: Mlx5Device): number | undefined {
  const sensor = sensorIndex.get(input, 0);
  const sensors = Number(device.profile.registers[MTCAP.name]?.internal_sensor_count ?? 0);
  return sensor < sensors ? sensor : undefined;
}

export function readMtmp({ device, output }: RegisterExchange<Mlx5Device>): undefined {
  const mean = temperature.get(output, 0);
  const phase = ((device.clock.monotonicNs() - device.startedNs) / PERIOD_NS) * 2 * Math.PI;
  const now = Math.max(0, mean + Math.round(SWING * Math.sin(phase)));
  temperature.put(output, 0, now);
  maxTemperature.put(output, 0, Math.max(now, maxTemperature.get(output, 0)));
  return undefined;
}
