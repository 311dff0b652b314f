/**
 * A firmware's non-volatile state as it is kept: taken over at power-up, and saved when the device is unplugged; with a
 * durable store also whenever its driver says that a command may have changed it, for a daemon may be killed.
 */
import { FirmwareStateError, type StatefulFirmware } from '../../abi/device-state.ts';
import type { StateStore } from './state-store.ts';

export class KeptFirmware {
  private readonly firmware: StatefulFirmware;
  private readonly pci: string;
  private readonly store: StateStore;
  private readonly failed: (message: string) => void;
  /** As the store has it, JSON. */
  private saved: string;
  /** Why it could not be saved last; undefined: it could. */
  private failure: string | undefined;

  /**
   * Restores at once. Throws StateFileError for a damaged file, Error for a state of another kind of device: the device
   * must not run then, or it would replace what somebody may want back. `fresh`: the state of one that nobody has
   * changed. `failed` is told when it cannot be saved later, and when it can again.
   */
  constructor(
    firmware: StatefulFirmware,
    fresh: unknown,
    pci: string,
    store: StateStore,
    failed: (message: string) => void,
  ) {
    const stored = store.load(pci);
    if (stored !== undefined) restore(firmware, stored, store.nameOf(pci));
    this.firmware = firmware;
    this.pci = pci;
    this.store = store;
    this.failed = failed;
    // A device without a stored state has nothing of its own yet, and is not asked: most of thousands never change.
    this.saved = JSON.stringify(stored === undefined ? fresh : firmware.saveState());
  }

  /** Saves what has changed, or could not be saved before. Does not throw: `failed` is told, once of each reason. */
  save(): void {
    const state = this.firmware.saveState();
    const text = JSON.stringify(state);
    if (text === this.saved) return;
    try {
      this.store.save(this.pci, state);
      this.saved = text;
      if (this.failure !== undefined) this.failed(`${this.store.nameOf(this.pci)}: the state is saved again`);
      this.failure = undefined;
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.failure) this.failed(message);
      this.failure = message;
    }
  }
}

function restore(firmware: StatefulFirmware, state: unknown, name: string): void {
  try {
    firmware.restoreState(state);
  } catch (error) {
    if (!(error instanceof FirmwareStateError)) throw error;
    throw new Error(`${name}: the saved state is not for this device (${error.message}); move it away to start anew`);
  }
}
