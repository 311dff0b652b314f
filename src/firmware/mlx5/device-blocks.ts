/** The parts of a device's state that single registers and commands are about, and how they stand at power-up. */
import type { Clock } from '../../abi/clock.ts';
import type { Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import { DeviceTime } from './device-time.ts';
import { DiagnosticCounters } from './diagnostic-counters.ts';
import { FirmwareUpdate } from './firmware-update.ts';
import { NvConfig } from './nv/nv-config.ts';
import type { CongestionControl } from './port/congestion.ts';
import type { EepromWrites } from './port/eeprom.ts';
import type { Link } from './port/link-modes.ts';
import { PortTraffic } from './port-traffic.ts';
import { ResourceDumps } from './resource-dump/dumps.ts';

export interface DeviceBlocks {
  /** PPCNT's. */
  readonly traffic: PortTraffic;
  /** MRTC's and MTUTC's. */
  readonly time: DeviceTime;
  /** RESOURCE_DUMP's. */
  readonly dumps: ResourceDumps;
  readonly diagnostics: DiagnosticCounters;
  /** MCC's, MCDA's and MIRC's. */
  readonly update: FirmwareUpdate;
  /** MNVDA's and its neighbours'. */
  readonly nv: NvConfig;
  /** What the ports' links do, by port, as long as it stands (port/link.ts). */
  readonly links: Map<number, Link>;
  /** PPCC's, by port. */
  readonly congestion: Map<number, CongestionControl>;
  /** MCIA: what has been written into a module's memory, by module. */
  readonly eeproms: Map<number, EepromWrites>;
  /** MLCR: since when (monotonicNs) a port's beacon burns. */
  readonly beacons: Map<number, number>;
  /** MPCNT: the clock at the last clear. */
  pcieCountersFromNs: number;
}

/** As of power-up, `startedNs` of the clock, whenever they are made. `startsAs`: a port's line then. */
export function createBlocks(
  profile: Mlx5DeviceProfile,
  clock: Clock,
  startedNs: number,
  startsAs: (port: number) => number | undefined,
): DeviceBlocks {
  const general = (field: string) => Number(profile.caps.GENERAL?.[field] ?? 0);
  const debug = (field: string) => Number(profile.caps.DEBUG?.[field] ?? 0);
  const nv = new NvConfig(profile);
  return {
    traffic: new PortTraffic(clock, startsAs, startedNs),
    time: new DeviceTime(clock, startedNs),
    dumps: new ResourceDumps(),
    diagnostics: new DiagnosticCounters(
      clock,
      {
        logMaxSamples: debug('log_max_samples'),
        logMinSamplePeriod: debug('log_min_sample_period'),
        single: debug('single') === 1,
        repetitive: debug('repetitive') === 1,
        counters: general('num_of_diagnostic_counters'),
        frequencyKhz: general('device_frequency_khz') || 1_000_000,
      },
      startedNs,
    ),
    update: new FirmwareUpdate(profile.identity, nv),
    nv,
    links: new Map(),
    congestion: new Map(),
    eeproms: new Map(),
    beacons: new Map(),
    pcieCountersFromNs: startedNs,
  };
}
