/** A device that is played from a recording: a driver for the fwctl core, without a firmware. */
import type { FwctlOps } from '../../../fwctl/ops.ts';
import { Errno } from '../../../kernel/errno.ts';
import type { DeviceSpec } from '../../machine/host-device.ts';
import { IOMMU_MODE } from '../../machine/drivers/iommufd.ts';
import { fromHex, type RecordedFunction, type RecordedNode } from './format.ts';
import type { Player } from './player.ts';

/** A context carries nothing: which file asked is not looked at. */
type ReplayUctx = Readonly<Record<string, never>>;

/** `missed` hears of each call that the recording does not answer; the client gets ENODATA. */
export function replayFwctl(
  { device, type }: RecordedFunction,
  player: Player,
  missed: (miss: string) => void,
): FwctlOps<ReplayUctx> {
  const refuse = (miss: string): never => refuseMiss(miss, missed);
  return {
    deviceType: type,
    openUctx() {
      const found = player.open(device);
      if ('miss' in found) return refuse(found.miss);
      throwRecorded(found.exchange.errno);
      return {};
    },
    closeUctx() {},
    info(_uctx, data) {
      const found = player.info(device);
      if ('miss' in found) return refuse(found.miss);
      const { errno, data: hex = '', data_len: length = 0 } = found.exchange;
      throwRecorded(errno);
      data.bytes.set(fromHex(hex, length));
      return length;
    },
    fwRpc(_uctx, scope, request, reply) {
      const found = player.rpc(device, scope, request.bytes.subarray(0, request.length), reply.length);
      if ('miss' in found) return refuse(found.miss);
      const { errno, out = '', answered = reply.length } = found.exchange;
      throwRecorded(errno);
      reply.bytes.set(fromHex(out, Math.min(answered, reply.length)));
      return answered;
    },
  };
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
  return { driver, profile: driver, mode: IOMMU_MODE, uid: 0, gid: 0, overrides: {}, iommufd: { abi, thp } };
}
