/** The recorder's place: between the fwctl core and a driver, where every exchange with the device passes and no refusal of the core. */
import type { Held } from '../../abi/held.ts';
import type { FwctlOps } from '../../fwctl/ops.ts';
import { Errno } from '../../kernel/errno.ts';
import type { FunctionSpec } from '../host-device.ts';
import { toHex } from '../recording/format.ts';
import type { Recorder } from '../recording/recorder.ts';
import { watch } from './trace-watch.ts';

interface RecordedUctx {
  readonly inner: unknown;
  readonly file: number;
}

/** The driver's ops, recorded. `name`: the device's, asked at its first call. */
export function recordOps(
  inner: FwctlOps<unknown>,
  recorder: Recorder,
  name: () => string,
  spec: FunctionSpec,
): FwctlOps<unknown> {
  let files = 0;
  const { info } = inner;
  const ops: FwctlOps<RecordedUctx> = {
    deviceType: inner.deviceType,
    openUctx(caller) {
      if (files === 0) recorder.device(name(), inner.deviceType, spec);
      const file = ++files;
      const place = recorder.place();
      const opened = { open: name(), file, comm: caller.comm() };
      return watch(
        () => inner.openUctx(caller),
        (uctx): RecordedUctx => ({ inner: uctx, file }),
        (_held, result) => place.end('error' in result ? { ...opened, errno: errnoOf(result.error) } : opened),
      ) as RecordedUctx | Held<RecordedUctx>;
    },
    closeUctx({ inner: uctx, file }) {
      const place = recorder.place();
      inner.closeUctx(uctx);
      place.end({ close: name(), file });
    },
    ...(info && {
      info({ inner: uctx, file }, data) {
        const place = recorder.place();
        const asked = { info: name(), file };
        try {
          const length = info.call(inner, uctx, data);
          place.end({ ...asked, data: toHex(data.bytes.subarray(0, length)), data_len: length });
          return length;
        } catch (error) {
          place.end({ ...asked, errno: errnoOf(error) });
          throw error;
        }
      },
    }),
    fwRpc({ inner: uctx, file }, scope, request, reply) {
      const place = recorder.place();
      // Copied now: the driver writes its uid into it.
      const asked = { request: request.bytes.slice(0, request.length), scope, outLength: reply.length };
      return watch<number, number>(
        () => inner.fwRpc(uctx, scope, request, reply),
        (length) => length,
        (_held, result) => {
          const outcome =
            'error' in result
              ? errnoOf(result.error)
              : { reply: reply.bytes.slice(0, Math.min(result.value, asked.outLength)), length: result.value };
          place.end(recorder.rpc(name(), file, { ...asked, outcome }));
        },
      );
    },
  };
  return ops as FwctlOps<unknown>;
}

/** What is no Errno is our own bug, and is answered EIO. */
function errnoOf(error: unknown): Errno['name'] {
  return error instanceof Errno ? error.name : 'EIO';
}
