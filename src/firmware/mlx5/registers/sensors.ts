/**
 * MVCAP and MVCR, voltages; MDIR, the device's own number; PRTL, latencies; VHCA_ICM_CTRL, a function's memory. What
 * they tell is invented but for their units (PRM).
 */
import type { FieldInput } from '../../../abi/bits.ts';
import { MVCAP } from '../../../abi/mlx5/registers/mvcap.ts';
import { MVCR } from '../../../abi/mlx5/registers/mvcr.ts';
import { PRTL } from '../../../abi/mlx5/registers/prtl.ts';
import { VHCA_ICM_CTRL } from '../../../abi/mlx5/registers/vhca-icm-ctrl.ts';
import type { Mlx5Device } from '../device.ts';
import { linkOf, pluggedModule } from '../port/link.ts';
import type { RegisterExchange } from '../register-table.ts';

/** [name, hundredths of a volt, hundredths of an ampere] */
const VOLTAGES: readonly (readonly [string, number, number])[] = [
  ['vdd_core', 82, 1950],
  ['vdd_io', 180, 120],
];

const sensor = MVCR.word('sensor_index');

export function byVoltage(input: DataView): number | undefined {
  const index = sensor.get(input, 0);
  return index < VOLTAGES.length ? index : undefined;
}

/** A map of the sensors that there are; types 1 and 2 are those of higher numbers, of which there is none. */
export function computeMvcap({ output }: RegisterExchange<Mlx5Device>): void {
  const first = MVCAP.get(output, 'sensor_map_type') === 0;
  MVCAP.set(output, 'sensor_map.lo', first ? 2 ** VOLTAGES.length - 1 : 0);
}

export function computeMvcr({ output, instance }: RegisterExchange<Mlx5Device>): void {
  const [name = '', volts = 0, amperes = 0] = VOLTAGES[instance] ?? [];
  const text = new DataView(new ArrayBuffer(8));
  [...name].forEach((character, i) => {
    text.setUint8(i, character.charCodeAt(0));
  });
  MVCR.assign(output, {
    volt_cap: 1,
    curr_cap: 1,
    pwr_cap: 1,
    voltage_sensor_value: volts,
    current_sensor_value: amperes,
    // Tenths of a watt.
    power_sensor_value: Math.round((volts * amperes) / 1000),
    'sensor_name.hi': text.getUint32(0),
    'sensor_name.lo': text.getUint32(4),
  });
}

/** Made from the MAC: each device of a machine has another one. */
export function deviceNumber({ profile: { identity } }: Mlx5Device): Record<string, FieldInput> {
  const mac = BigInt(`0x${identity.base_mac}`);
  return {
    'device_id[0]': identity.hw_dev_id,
    'device_id[1]': Number(mac >> 32n),
    'device_id[2]': Number(mac & 0xffff_ffffn),
  };
}

/** Nanoseconds; a chip that does not measure (rtt_support 0) tells 0. */
export function computePrtl({ device, output, instance: port }: RegisterExchange<Mlx5Device>): void {
  if (PRTL.get(output, 'rtt_support') === 0) return;
  const module = pluggedModule(device, port);
  const up = linkOf(device, port).down === undefined;
  PRTL.assign(output, {
    latency_res: 1,
    latency_accuracy: 5,
    local_phy_latency: 118,
    local_mod_dp_latency: module?.medium === 'optics' ? 92 : 0,
    round_trip_latency: up ? 604 + 2 * (module?.lengthM ?? 0) * 5 : 0,
  });
}

const vhca = VHCA_ICM_CTRL.word('vhca_id');
const vhcaIsGiven = VHCA_ICM_CTRL.word('vhca_id_valid');

/** The own function or, by vhca_id_valid, the one of that number. */
export function byVhca(input: DataView, device: Mlx5Device): number | undefined {
  const own = device.caps.general('vhca_id');
  if (vhcaIsGiven.get(input, 0) === 0) return 0;
  const asked = vhca.get(input, 0);
  if (asked === own) return 0;
  return asked !== 0 && device.caps.hasFunction(asked) ? asked : undefined;
}

const icmNow = VHCA_ICM_CTRL.word('cur_alloc_icm');
const icmMost = VHCA_ICM_CTRL.word('max_reached_alloc_icm');
/** Pages of 4 KB: of the physical function (as a driver of these caps gives, real-kernel: 2600), of a VF. */
const ICM_PAGES = { own: 2600, virtual: 640 } as const;

export function computeVhcaIcm({ device: { hca }, output, instance }: RegisterExchange<Mlx5Device>): void {
  const own = hca.bus === undefined ? ICM_PAGES.own : hca.pages.count;
  const now = instance === 0 ? own : ICM_PAGES.virtual;
  icmNow.put(output, 0, now);
  icmMost.put(output, 0, Math.max(now, icmMost.get(output, 0)));
}
