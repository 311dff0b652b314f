/** A memory device whose saved features are kept; with a durable store after each SET_FEATURE that changed them. */
import { CXL_OPCODE } from '../../../../abi/cxl/features.ts';
import type { CxlFirmware } from '../../../../firmware/cxl/firmware.ts';
import type { CxlMailbox } from '../../../../firmware/cxl/mailbox.ts';
import { FRESH_CXL_STATE } from '../../../../firmware/cxl/state.ts';
import { KeptFirmware } from '../../kept-state.ts';
import type { StateStore } from '../../state-store.ts';

export class KeptState extends KeptFirmware {
  /** The door to the firmware; saves as it goes. */
  readonly mailbox: CxlMailbox;

  /** Throws and tells as KeptFirmware does. */
  constructor(firmware: CxlFirmware, pci: string, store: StateStore, failed: (message: string) => void) {
    super(firmware, FRESH_CXL_STATE, pci, store, failed);
    this.mailbox = store.durable ? saving(firmware, this) : firmware;
  }
}

function saving(firmware: CxlFirmware, kept: KeptFirmware): CxlMailbox {
  return {
    payloadSize: firmware.payloadSize,
    features: firmware.features,
    get featuresCapability() {
      return firmware.featuresCapability;
    },
    exec(opcode, input, output) {
      const answer = firmware.exec(opcode, input, output);
      if (opcode === CXL_OPCODE.SET_FEATURE) kept.save();
      return answer;
    },
  };
}
