/** A device that is played from a recording: a driver for the fwctl core, without a firmware. */
import type { Dialect } from '../../../fwctl/dialect.ts';
import type { FwctlOps, FwctlRpc } from '../../../fwctl/ops.ts';
import { FRAME } from '../../../kernel/call.ts';
import { Errno } from '../../../kernel/errno.ts';
import type { DeviceSpec } from '../../config/device-spec.ts';
import { IOMMU_MODE } from '../../config/iommufd-spec.ts';
import { fromHex, type PointedBytes, type RecordedFunction, type RecordedNode } from './format.ts';
import type { Player } from './player.ts';

/** A context carries nothing: which file asked is not looked at. */
type ReplayUctx = Readonly<Record<string, never>>;

/** `missed` hears of each call that the recording does not answer; the client gets ENODATA. */
export function replayFwctl(
  { device, type, info_op }: RecordedFunction,
  dialect: Dialect,
  player: Player,
  missed: (miss: string) => void,
): FwctlOps<ReplayUctx> {
  const refuse = (miss: string): never => refuseMiss(miss, missed);
  const ops: FwctlOps<ReplayUctx> = {
    deviceType: type,
    openUctx() {
      const found = player.open(device);
      if ('miss' in found) return refuse(found.miss);
      throwRecorded(found.exchange.errno);
      return {};
    },
    closeUctx() {},
    fwRpc(_uctx, rpc) {
      const { scope, request, reply } = rpc;
      const pointers = dialect.pointers(request);
      const asked = { scope, outLength: reply.length, bytes: request.bytes.subarray(0, request.length), pointers };
      const found = player.rpc(device, asked, (...where) => readPointed(rpc, ...where));
      if ('miss' in found) return refuse(found.miss);
      const { errno, out = '', answered = reply.length, written = [] } = found.exchange;
      queueWrites(rpc, written);
      // what a driver wrote before it refused has been written; the rest is the core's to write
      if (errno !== undefined && written.length > 0) rpc.call.commit();
      throwRecorded(errno);
      reply.bytes.set(fromHex(out, Math.min(answered, reply.length)));
      return answered;
    },
  };
  if (info_op === false) return ops;
  return {
    ...ops,
    info(_uctx, data) {
      const found = player.info(device);
      if ('miss' in found) return refuse(found.miss);
      const { errno, data: hex = '', data_len: length = 0 } = found.exchange;
      throwRecorded(errno);
      data.bytes.set(fromHex(hex, length));
      return length;
    },
  };
}

function readPointed({ call }: FwctlRpc, pointer: number, skip: number, length: number): Uint8Array {
  const copied = call.copyFromUser(FRAME.in + pointer, skip, FRAME.buffers, length);
  return call.bytes.subarray(FRAME.buffers, FRAME.buffers + copied);
}

function queueWrites({ call }: FwctlRpc, written: readonly PointedBytes[]): void {
  let at: number = FRAME.buffers;
  for (const [pointer, skip, hex] of written) {
    const bytes = Buffer.from(hex, 'hex');
    call.bytes.set(bytes, at);
    call.copyToUser(FRAME.in + pointer, skip, at, bytes.length);
    at += bytes.length;
  }
}

/** Throws ENODATA. */
export function refuseMiss(miss: string, missed: (miss: string) => void): never {
  missed(miss);
  throw new Errno('ENODATA', `the recording does not answer this: ${miss}`, 'record again, or replay with --match');
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
