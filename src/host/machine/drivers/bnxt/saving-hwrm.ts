/** The firmware of a bnxt function whose state is kept: saved after each request that may have changed it. */
import { requestHeader } from '../../../../abi/bnxt/hwrm.ts';
import type { MessageBuffer } from '../../../../abi/message-buffer.ts';
import type { BnxtFirmware } from '../../../../firmware/bnxt/firmware.ts';
import type { Hwrm, HwrmBuffer } from '../../../../firmware/bnxt/hwrm.ts';
import type { KeptFirmware } from '../../kept-state.ts';

export class SavingHwrm implements Hwrm {
  readonly stopped = false;
  private readonly firmware: BnxtFirmware;
  private readonly kept: KeptFirmware;

  constructor(firmware: BnxtFirmware, kept: KeptFirmware) {
    this.firmware = firmware;
    this.kept = kept;
  }

  exec(request: MessageBuffer, response: MessageBuffer, buffers: readonly HwrmBuffer[]): undefined {
    this.firmware.exec(request, response, buffers);
    if (this.firmware.keeps(request.view.getUint16(requestHeader.reqType, true))) this.kept.save();
  }
}
