/**
 * The initialisation segment at the beginning of BAR 0 (mlx5_ifc.h: initial_seg): what a driver reads before there is a
 * command, where it says where its commands are, and the health buffer. Dwords, big-endian; what is not named reads 0.
 */

import type { Clock } from '../../../abi/clock.ts';
import {
  CMDIF_REV,
  HEALTH,
  INIT_SEGMENT,
  LOG_ENTRIES,
  LOG_STRIDE,
  NIC_STATE,
} from '../../../abi/mlx5/command-interface.ts';
import type { DeviceIdentity } from '../../../abi/mlx5/device-profile.ts';
import type { Hca } from '../hca/hca.ts';

/** What a driver is told to wait at most, ms, where it does not ask DTOR: these two are what makes it ask. */
const INIT_TIMEOUT_MS = 60_000;
const COMMAND_TIMEOUT_MS = 2_000;
/** Bit 30 of `initializing`: NIC state 7 resets the function. */
const RESET_SUPPORTED = 0x4000_0000;
/** The health counter moves so often. */
const BEATS_PER_SECOND = 10;
const LOW_BITS = 0xfff;

export interface SegmentOwner {
  readonly clock: Clock;
  readonly startedNs: number;
  readonly hca: Hca;
  readonly profile: { readonly identity: DeviceIdentity };
}

/** Told what a driver writes. */
export interface SegmentEvents {
  /** The queue's address, and the function is to be used by it. */
  commandQueue(address: number): void;
  ring(slots: number): void;
  /** NIC state disabled (the driver leaves), or a reset that it asks for. */
  disabled(): void;
}

export class InitSegment {
  private readonly device: SegmentOwner;
  private readonly events: SegmentEvents;
  private high = 0;
  private nic: number = NIC_STATE.full;
  private stoppedAt = 0;

  constructor(device: SegmentOwner, events: SegmentEvents) {
    this.device = device;
    this.events = events;
  }

  /** As after power-up; `nic`: what a driver then reads of its state. */
  reset(nic: number = NIC_STATE.full): void {
    this.high = 0;
    this.nic = nic;
  }

  /** The dword at `offset`, a multiple of 4. */
  read(offset: number): number {
    const { health } = this.device.hca;
    const [major, minor, subMinor] = this.version();
    switch (offset) {
      case INIT_SEGMENT.fwRev:
        return ((minor << 16) | major) >>> 0;
      case INIT_SEGMENT.cmdifRev:
        return ((CMDIF_REV << 16) | subMinor) >>> 0;
      case INIT_SEGMENT.commandQueueHigh:
        return this.high;
      case INIT_SEGMENT.commandQueueLow:
        return (this.nic << 8) | (LOG_ENTRIES << 4) | LOG_STRIDE;
      case INIT_SEGMENT.initializing:
        return RESET_SUPPORTED;
      case INIT_SEGMENT.health + HEALTH.fwVersion:
        return ((major << 24) | (minor << 16) | subMinor) >>> 0;
      case INIT_SEGMENT.health + HEALTH.hwId:
        return this.device.profile.identity.hw_dev_id;
      case INIT_SEGMENT.health + HEALTH.rfrSeverity:
        return (((health.rfr << 7) | health.severity) << 24) >>> 0;
      case INIT_SEGMENT.health + (HEALTH.syndrome & ~3):
        return (health.synd << 16) | health.ext_synd;
      case INIT_SEGMENT.initTimeout:
        return INIT_TIMEOUT_MS;
      case INIT_SEGMENT.commandTimeout:
        return COMMAND_TIMEOUT_MS;
      case INIT_SEGMENT.timerHigh:
        return Math.floor(this.cycles() / 2 ** 32);
      case INIT_SEGMENT.timerLow:
        return this.cycles() % 2 ** 32;
      case INIT_SEGMENT.healthCounter:
        return this.beat();
      case INIT_SEGMENT.realTimeHigh:
        return Math.floor(this.device.clock.wallMs() / 1000) % 2 ** 32;
      case INIT_SEGMENT.realTimeLow:
        return (this.device.clock.wallMs() % 1000) * 1_000_000;
      default:
        return 0;
    }
  }

  write(offset: number, value: number): void {
    if (offset === INIT_SEGMENT.commandQueueHigh) this.high = value;
    else if (offset === INIT_SEGMENT.commandDoorbell) this.events.ring(value);
    else if (offset === INIT_SEGMENT.commandQueueLow) this.commandQueue(value);
  }

  private commandQueue(value: number): void {
    const nic = (value >>> 8) & 7;
    if (nic === NIC_STATE.full) {
      this.nic = nic;
      this.events.commandQueue(this.high * 2 ** 32 + ((value & ~LOW_BITS) >>> 0));
      return;
    }
    this.events.disabled();
    if (nic === NIC_STATE.swReset) this.device.hca.recover();
    this.reset(NIC_STATE.disabled);
  }

  private version(): [number, number, number] {
    const [major = 0, minor = 0, subMinor = 0] = this.device.profile.identity.fw_version.split('.').map(Number);
    return [major, minor, subMinor];
  }

  /** Nanoseconds since power-up: the device's clock of 1 GHz (device_frequency_khz). */
  private cycles(): number {
    return this.device.clock.monotonicNs() - this.device.startedNs;
  }

  private beat(): number {
    if (this.device.hca.health.stuck === 0)
      this.stoppedAt = Math.floor((this.cycles() / 1e9) * BEATS_PER_SECOND) & 0xff_ffff;
    return this.stoppedAt || 1;
  }
}
