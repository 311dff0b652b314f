/**
 * A firmware whose non-volatile state is kept: taken over at power-up, and saved when it is unplugged; with a durable
 * store also after each register write that changed it, for a daemon may be killed.
 */
import type { Held } from '../../../../abi/held.ts';
import type { MessageBuffer } from '../../../../abi/message-buffer.ts';
import { REGISTER_WRITE, requestHeader } from '../../../../abi/mlx5/headers.ts';
import { OPCODE } from '../../../../abi/mlx5/opcodes.ts';
import type { Mlx5Firmware } from '../../../../firmware/mlx5/firmware.ts';
import type { Mailbox } from '../../../../firmware/mlx5/mailbox.ts';
import { FirmwareStateError, STATE_VERSION } from '../../../../firmware/mlx5/state.ts';
import type { StateStore } from '../../state-store.ts';

export class KeptState {
  /** The door to the firmware; saves as it goes. */
  readonly mailbox: Mailbox;
  private readonly firmware: Mlx5Firmware;
  private readonly pci: string;
  private readonly store: StateStore;
  private readonly failed: (message: string) => void;
  /** As the store has it, JSON. */
  private saved: string;

  /**
   * Restores at once. Throws StateFileError for a damaged file, Error for a state of another kind of device: the device
   * must not run then, or it would replace what somebody may want back. `failed` is told what could not be saved later.
   */
  constructor(firmware: Mlx5Firmware, pci: string, store: StateStore, failed: (message: string) => void) {
    const stored = store.load(pci);
    if (stored !== undefined) restore(firmware, stored, pci);
    this.mailbox = store.durable ? new SavingMailbox(firmware, this) : firmware;
    this.firmware = firmware;
    this.pci = pci;
    this.store = store;
    this.failed = failed;
    // A device without a stored state has nothing of its own yet, and is not asked: most of thousands never change.
    this.saved = stored === undefined ? FRESH : JSON.stringify(firmware.saveState());
  }

  /** Saves what has changed. Does not throw: `failed` is told. */
  save(): void {
    const state = this.firmware.saveState();
    const text = JSON.stringify(state);
    if (text === this.saved) return;
    try {
      this.store.save(this.pci, state);
      this.saved = text;
    } catch (error) {
      this.failed((error as Error).message);
    }
  }
}

const FRESH = JSON.stringify({ version: STATE_VERSION, nv: {}, registers: {} });

function restore(firmware: Mlx5Firmware, state: unknown, pci: string): void {
  try {
    firmware.restoreState(state);
  } catch (error) {
    if (!(error instanceof FirmwareStateError)) throw error;
    throw new Error(`${pci}: the saved state is not for this device (${error.message}); move it away to start anew`);
  }
}

/** Only a register write can change it. */
class SavingMailbox implements Mailbox {
  private readonly firmware: Mailbox;
  private readonly kept: KeptState;

  constructor(firmware: Mailbox, kept: KeptState) {
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
