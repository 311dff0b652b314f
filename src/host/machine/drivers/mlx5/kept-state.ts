/** The firmware of an mlx5 function, whose non-volatile state only a register write can change. */
import type { Held } from '../../../../abi/held.ts';
import type { MessageBuffer } from '../../../../abi/message-buffer.ts';
import { REGISTER_WRITE, requestHeader } from '../../../../abi/mlx5/headers.ts';
import { OPCODE } from '../../../../abi/mlx5/opcodes.ts';
import type { Mlx5Firmware } from '../../../../firmware/mlx5/firmware.ts';
import type { Mailbox } from '../../../../firmware/mlx5/mailbox.ts';
import { STATE_VERSION } from '../../../../firmware/mlx5/state.ts';
import { KeptFirmware } from '../../kept-state.ts';
import type { StateStore } from '../../state-store.ts';

const FRESH = { version: STATE_VERSION, nv: {}, registers: {} };

export class KeptState extends KeptFirmware {
  /** The door to the firmware; saves as it goes. */
  readonly mailbox: Mailbox;
  /** What is behind it. */
  readonly emulated: Mlx5Firmware;

  /** Throws and tells as KeptFirmware does. */
  constructor(firmware: Mlx5Firmware, pci: string, store: StateStore, failed: (message: string) => void) {
    super(firmware, FRESH, pci, store, failed);
    this.emulated = firmware;
    this.mailbox = store.durable ? new SavingMailbox(firmware, this) : firmware;
  }
}

class SavingMailbox implements Mailbox {
  private readonly firmware: Mailbox;
  private readonly kept: KeptFirmware;

  constructor(firmware: Mailbox, kept: KeptFirmware) {
    this.firmware = firmware;
    this.kept = kept;
  }

  exec(request: MessageBuffer, reply: MessageBuffer): undefined | Held<undefined> {
    const answer = this.firmware.exec(request, reply);
    if (request.length < requestHeader.bytes || request.view.getUint16(requestHeader.opMod) !== REGISTER_WRITE) {
      return answer;
    }
    const opcode = request.view.getUint16(requestHeader.opcode);
    if (opcode === OPCODE.ACCESS_REG || opcode === OPCODE.ACCESS_REGISTER_USER) this.kept.save();
    return answer;
  }
}
