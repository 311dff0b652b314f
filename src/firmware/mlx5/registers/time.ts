/** MRTC, MTUTC: the device's time (PRM; mlx5_core health.c mlx5_health_log_ts_update, lib/clock.c mlx5_set_mtutc). */
import { MRTC } from '../../../abi/mlx5/registers/mrtc.ts';
import { MTUTC } from '../../../abi/mlx5/registers/mtutc.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

const SECOND = 1_000_000_000n;

export function readMrtc({ device: { time }, output }: RegisterExchange<Mlx5Device>): undefined {
  MRTC.assign(output, { time_synced: time.synced, time: time.realTimeUs });
  return undefined;
}

export function writeMrtc({ device: { time }, input }: RegisterExchange<Mlx5Device>): undefined {
  time.setRealTime(BigInt(MRTC.get(input, 'time') as bigint));
  return undefined;
}

/** MTUTC operations: enum MLX5_MTUTC_OPERATION_*. */
const OPERATION = { SET_TIME_IMMEDIATE: 1, ADJUST_TIME: 2, ADJUST_FREQ_UTC: 3 } as const;
/** freq_adj_units: 0 parts per billion, 1 parts per million in 2^-16. */
const SCALED_PPM = 1;

/** The fields of the time are those of a write; unverified: that hardware fills them in a read. */
export function readMtutc({ device: { time }, output }: RegisterExchange<Mlx5Device>): undefined {
  const now = time.utcNs;
  MTUTC.assign(output, { utc_sec: (now / SECOND) & 0xffffffffn, utc_nsec: now % SECOND });
  return undefined;
}

export function writeMtutc(exchange: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const { device, input, output } = exchange;
  const { time } = device;
  const get = (field: string) => Number(MTUTC.get(input, field));
  const operation = get('operation');
  const adjustment = get('freq_adjustment') | 0;
  if (operation === OPERATION.SET_TIME_IMMEDIATE) {
    const nsec = get('utc_nsec');
    if (nsec >= 1e9) return REFUSAL.REGISTER_VALUE;
    time.setUtc(BigInt(get('utc_sec')) * SECOND + BigInt(nsec));
  } else if (operation === OPERATION.ADJUST_TIME) time.shiftUtc(BigInt(get('time_adjustment') | 0));
  else if (operation === OPERATION.ADJUST_FREQ_UTC) {
    time.setFrequency(get('freq_adj_units') === SCALED_PPM ? (adjustment * 1000) / 65536 : adjustment);
    return readMtutc(exchange);
  } else return REFUSAL.REGISTER_VALUE;
  // Only ADJUST_FREQ_UTC changes the stored adjustment.
  for (const field of ['freq_adjustment', 'freq_adj_units']) MTUTC.set(input, field, Number(MTUTC.get(output, field)));
  return readMtutc(exchange);
}
