/**
 * The objects after power-up: a running driver's with two netdevs (the uplink's and the first VF's representor) and an
 * RDMA user's. All references name objects that exist. Ids start at 1 for each type; channels' completion queues at
 * 1124 and up, so that CQ 1135 is that of mlx5ctl's README. Real devices number SQs, RQs, DCTs together with QPs.
 */
import type { Mlx5DeviceProfile } from '../../abi/mlx5/device-profile.ts';
import { ObjectStore } from './objects.ts';
import { addChannels } from './world/channels.ts';
import { addEventQueues } from './world/event-queues.ts';
import { addKeys } from './world/keys.ts';
import { addPorts } from './world/ports.ts';
import { addRdma } from './world/rdma.ts';
import { addSteering } from './world/steering.ts';

/** `nowNs`: the device's clock at power-up; `driver`: what mlx5_core itself creates is there too. */
export function createWorld(profile: Mlx5DeviceProfile, nowNs: number, driver = true): ObjectStore {
  return new ObjectStore((objects) => addWorld(objects, profile, nowNs, driver));
}

function addWorld(objects: ObjectStore, profile: Mlx5DeviceProfile, nowNs: number, driver: boolean): void {
  addEventQueues(objects, profile.world, driver);
  addKeys(objects, profile);
  const netdevs = addChannels(objects, profile.world);
  addPorts(objects, profile, nowNs);
  addSteering(objects, netdevs, nowNs);
  addRdma(objects, profile);
}
