/** What a running recording does with each call of a driver: carried out as it is, noted with how it ended. */
import type { Held } from '../../../abi/held.ts';
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import type { FwctlRpc } from '../../../fwctl/ops.ts';
import type { Call } from '../../../kernel/call.ts';
import { toHex } from './format.ts';
import { PointedCall } from './pointed-call.ts';
import type { RecordedUctx, TappedDevice } from './recorded.ts';
import { RecordedFiles } from './recorded-files.ts';

export class CallRecorder extends RecordedFiles {
  info(device: TappedDevice, uctx: RecordedUctx, data: MessageBuffer, call: Call): number | Held<number> {
    const { place, ops } = device;
    const execute = () => ops.info?.(uctx.inner, data, call) ?? 0;
    if (!this.takes(device, uctx)) return execute();
    const asked = { info: place.name, file: uctx.file };
    return this.call(execute, (result) =>
      'errno' in result
        ? { ...asked, errno: result.errno }
        : { ...asked, data: toHex(data.bytes.subarray(0, result.value)), data_len: result.value },
    );
  }

  rpc(device: TappedDevice, uctx: RecordedUctx, rpc: FwctlRpc): number | Held<number> {
    const { place, ops } = device;
    if (!this.takes(device, uctx)) return ops.fwRpc(uctx.inner, rpc);
    const { scope, request, reply } = rpc;
    const { file } = uctx;
    const pointers = place.dialect?.buffers(request).map(({ at }) => at) ?? [];
    // Copied now: the driver writes its own bytes into it.
    const asked = { request: request.bytes.slice(0, request.length), scope, outLength: reply.length, pointers };
    const pointed = pointers.length === 0 ? undefined : new PointedCall(rpc.call, pointers);
    return this.call(
      () => ops.fwRpc(uctx.inner, pointed === undefined ? rpc : { ...rpc, call: pointed }),
      (result) => {
        const outcome =
          'errno' in result
            ? result.errno
            : { reply: reply.bytes.slice(0, Math.min(result.value, asked.outLength)), length: result.value };
        const read = pointed?.read ?? [];
        const written = pointed?.written('errno' in result) ?? [];
        return this.recorder.rpc(place, file, { ...asked, outcome, read, written });
      },
    );
  }
}
