/** The HWRM channel with a guard before it: bnxt_send_msg(), which fails to deliver, or delivers a refusal. */
import { requestHeader, responseHeader } from '../../../abi/bnxt/hwrm.ts';
import type { Held } from '../../../abi/held.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import type { Hwrm, HwrmBuffer } from '../../../firmware/bnxt/hwrm.ts';
import type { DoorGuard } from '../../../fwctl/dialect.ts';

export class GuardedHwrm implements Hwrm {
  private readonly inner: Hwrm;
  private readonly guard: DoorGuard;

  constructor(inner: Hwrm, guard: DoorGuard) {
    this.inner = inner;
    this.guard = guard;
  }

  get stopped(): boolean {
    return this.inner.stopped;
  }

  exec(
    request: MessageBuffer,
    response: MessageBuffer,
    buffers: readonly HwrmBuffer[],
    timeoutMs: number,
  ): undefined | Held<undefined> {
    const { inner, guard } = this;
    if (!guard.active) return inner.exec(request, response, buffers, timeoutMs);
    let executed = false;
    const answer = guard.pass(request, response, () => {
      executed = true;
      return inner.exec(request, response, buffers, timeoutMs);
    });
    // a refusal that the guard has made knows no request, and a client may look whose it is
    if (!executed && response.view.getUint16(responseHeader.respLen, true) !== 0)
      response.view.setUint16(responseHeader.reqType, request.view.getUint16(requestHeader.reqType, true), true);
    return answer;
  }
}
