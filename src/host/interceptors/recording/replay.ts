/** A device that is played from a recording: a driver for the fwctl core, without a firmware. */
import type { Dialect } from '../../../fwctl/dialect.ts';
import type { FwctlOps } from '../../../fwctl/ops.ts';
import { type Call, FRAME, POINTER_BYTES, type UserPointer } from '../../../kernel/call.ts';
import { Errno } from '../../../kernel/errno.ts';
import type { DeviceSpec } from '../../config/device-spec.ts';
import { IOMMU_MODE } from '../../config/iommufd-spec.ts';
import { fromHex, type RecordedFunction, type RecordedNode } from './format.ts';
import type { Answered, Player } from './player.ts';

/** A context carries nothing: which file asked is not looked at. */
type ReplayUctx = Readonly<Record<string, never>>;

/** `missed` hears of each call that the recording does not answer; the client gets ENODATA. */
export function replayFwctl(
  { device, type, info_op }: RecordedFunction,
  dialect: Dialect,
  player: Player,
  missed: (miss: string) => void,
): FwctlOps<ReplayUctx> {
  const ops: FwctlOps<ReplayUctx> = {
    deviceType: type,
    openUctx() {
      throwRecorded(answered(player.open(device), missed).errno);
      return {};
    },
    closeUctx() {},
    fwRpc(_uctx, { scope, request, reply, call }) {
      const pointers = dialect.buffers(request).map(({ at }) => at);
      const asked = { scope, outLength: reply.length, bytes: request.bytes.subarray(0, request.length), pointers };
      const found = player.rpc(device, asked, (pointer, skip, length) => {
        const copied = call.copyFromUser(FRAME.in + pointer, skip, FRAME.buffers, length);
        return call.bytes.subarray(FRAME.buffers, FRAME.buffers + copied);
      });
      const exchange = answered(found, missed);
      const { errno, out = '', echoed = [], answered: length = reply.length, written = [] } = exchange;
      let place: number = FRAME.buffers;
      for (const [pointer, skip, hex] of written) place = queueWrite(call, place, FRAME.in + pointer, skip, hex);
      // what a driver wrote before it refused has been written; the rest is the core's to write
      if (errno !== undefined && written.length > 0) call.commit();
      throwRecorded(errno);
      reply.bytes.set(fromHex(out, Math.min(length, reply.length)));
      for (const at of echoed) reply.bytes.set(request.bytes.subarray(at, at + POINTER_BYTES), at);
      return length;
    },
  };
  if (info_op === false) return ops;
  return {
    ...ops,
    info(_uctx, data) {
      const { errno, data: hex = '', data_len: length = 0 } = answered(player.info(device), missed);
      throwRecorded(errno);
      data.bytes.set(fromHex(hex, length));
      return length;
    },
  };
}

/** Copies recorded bytes to the frame at `at`, and queues them; where in the frame they end. */
export function queueWrite(call: Call, at: number, pointer: UserPointer, skip: number, hex: string): number {
  const bytes = Buffer.from(hex, 'hex');
  call.bytes.set(bytes, at);
  call.copyToUser(pointer, skip, at, bytes.length);
  return at + bytes.length;
}

/** The recorded call. Throws ENODATA at a miss. */
export function answered<Exchange>(found: Answered<Exchange>, missed: (miss: string) => void): Exchange {
  if ('exchange' in found) return found.exchange;
  missed(found.miss);
  throw new Errno(
    'ENODATA',
    `the recording does not answer this: ${found.miss}`,
    'record again, or replay with --match',
  );
}

export function throwRecorded(errno: Errno['name'] | undefined): void {
  if (errno !== undefined) throw new Errno(errno, 'so it was recorded');
}

/** What to plug the device as. `like`: mode and owner of the node. */
export function replaySpec({ driver, profile, pci }: RecordedFunction, like: DeviceSpec): DeviceSpec {
  return { ...like, driver, profile, pci, overrides: {} };
}

/** The same of iommufd, whose nodes are one device. */
export function replayIommufd({ driver, abi, thp }: RecordedNode): DeviceSpec {
  return { driver, profile: driver, mode: IOMMU_MODE, uid: 0, gid: 0, overrides: {}, keys: { abi, thp } };
}
