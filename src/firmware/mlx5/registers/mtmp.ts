/**
 * MTMP, temperature: one instance a sensor; MTCAP says which. The reading swings half a degree (invented) about the
 * profile's, the mean (units of 0.125 degrees Celsius); max_temperature is the swing's peak or the profile's. Sensors
 * from 64 on are the modules' (mlx5_core hwmon.c: 64 + the module of PMLP); one without monitors reads 0.
 */
import type { FieldInput } from '../../../abi/bits.ts';
import { MTCAP } from '../../../abi/mlx5/registers/mtcap.ts';
import { MTMP } from '../../../abi/mlx5/registers/mtmp.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { pluggedModule } from '../port/link.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

const sensorIndex = MTMP.word('sensor_index');
const temperature = MTMP.word('temperature');
const maxTemperature = MTMP.word('max_temperature');
const reset = MTMP.word('mtr');
const writeEvents = MTMP.word('weme');
const writeShutdown = MTMP.word('sdme');
const measure = MTMP.word('mte');

const SWING = 4;
const PERIOD_NS = 600e9;
export const FIRST_MODULE_SENSOR = 64;
/** A module's 1/256 degrees in units of 0.125. */
const MODULE_UNITS = 32;

/** Sensors are numbered from 0 to MTCAP's internal_sensor_count; a module's from 64 on. */
export function bySensor(input: DataView, device: Mlx5Device): number | undefined {
  const sensor = sensorIndex.get(input, 0);
  const sensors = Number(device.profile.registers[MTCAP.name]?.internal_sensor_count ?? 0);
  const module = sensor - FIRST_MODULE_SENSOR;
  return sensor < sensors || (module >= 0 && module < device.profile.identity.num_ports) ? sensor : undefined;
}

const eventMode = MTMP.word('tee');
const shutdownMode = MTMP.word('sdee');
const kept = [...MTMP.fields.values()].filter(({ access }) => access === 'RW').map(({ path }) => MTMP.word(path));

/** `weme` sets the event mode alone, `sdme` the shut-down mode alone, not both; `mtr` starts the maximum anew. */
export function writeMtmp({ input, output }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const [events, shutdown] = [writeEvents.get(input, 0) === 1, writeShutdown.get(input, 0) === 1];
  if (events && shutdown) return REFUSAL.REGISTER_VALUE;
  const alone = events ? eventMode : shutdown ? shutdownMode : undefined;
  if (alone !== undefined) for (const field of kept) if (field !== alone) field.put(input, 0, field.get(output, 0));
  if (reset.get(input, 0) === 1) maxTemperature.put(output, 0, 0);
  return undefined;
}

export function computeMtmp({ device, output, instance: sensor }: RegisterExchange<Mlx5Device>): void {
  if (sensor >= FIRST_MODULE_SENSOR) {
    const module = sensor - FIRST_MODULE_SENSOR;
    MTMP.assign(output, moduleSensor(device, module, measure.get(output, 0)));
    if (!device.registerTable.isWritten(device, MTMP, sensor)) MTMP.assign(output, moduleLimits(device, module));
    return;
  }
  const mean = temperature.get(output, 0);
  const phase = ((device.clock.monotonicNs() - device.startedNs) / PERIOD_NS) * 2 * Math.PI;
  const now = Math.max(0, mean + Math.round(SWING * Math.sin(phase)));
  temperature.put(output, 0, now);
  maxTemperature.put(output, 0, Math.max(now, maxTemperature.get(output, 0)));
}

/** Named `module0` and so on. */
function moduleSensor(device: Mlx5Device, module: number, mte: number): Record<string, FieldInput> {
  const monitor = pluggedModule(device, module + 1)?.monitors?.temperature;
  const name = new DataView(new ArrayBuffer(8));
  [...`module${module}`].slice(0, 8).forEach((character, i) => {
    name.setUint8(i, character.charCodeAt(0));
  });
  return {
    temperature: eighths(monitor?.value ?? 0),
    max_temperature: mte === 0 ? 0 : eighths(monitor?.value ?? 0),
    sensor_name_hi: name.getUint32(0),
    sensor_name_lo: name.getUint32(4),
  };
}

/** The module's own alarms, until somebody sets others. */
function moduleLimits(device: Mlx5Device, module: number): Record<string, FieldInput> {
  const monitor = pluggedModule(device, module + 1)?.monitors?.temperature;
  return {
    temperature_threshold_hi: eighths(monitor?.high ?? 0),
    temperature_threshold_lo: eighths(monitor?.low ?? 0),
  };
}

function eighths(value: number): number {
  return Math.floor(value / MODULE_UNITS) & 0xffff;
}
