/** The emulated mlx5 firmware: a Mailbox made from a device profile. */
import type { Clock } from '../../abi/clock.ts';
import type { MessageBuffer } from '../../abi/message-buffer.ts';
import type { Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import type { Mailbox } from '../mailbox.ts';
import { RegisterStore } from '../register-table.ts';
import { MLX5_COMMANDS } from './commands.ts';
import type { Mlx5Device } from './device.ts';
import { HcaCaps } from './hca-caps.ts';
import { MLX5_REGISTERS } from './registers.ts';
import { UctxTable } from './uctx.ts';

export interface FirmwareOptions {
  readonly clock: Clock;
}

export class Mlx5Firmware implements Mailbox {
  private readonly device: Mlx5Device;

  constructor(profile: Mlx5DeviceProfile, { clock }: FirmwareOptions) {
    const caps = new HcaCaps(profile);
    const uctxs = new UctxTable(caps.maxUctx);
    this.device = {
      profile,
      clock,
      startedNs: clock.monotonicNs(),
      caps,
      uctxs,
      registerTable: MLX5_REGISTERS,
      registers: new RegisterStore(MLX5_REGISTERS.maxBytes),
      uidExists: (uid) => uctxs.has(uid),
    };
  }

  /** User contexts that are open now. */
  get openUctxs(): number {
    return this.device.uctxs.size;
  }

  /** Answers at once, always. */
  exec(request: MessageBuffer, reply: MessageBuffer): undefined {
    MLX5_COMMANDS.exec(request, reply, this.device);
    return undefined;
  }
}

/** A device fresh from power-up. */
export function createMlx5Firmware(profile: Mlx5DeviceProfile, options: FirmwareOptions): Mlx5Firmware {
  return new Mlx5Firmware(profile, options);
}
