/** What /proc/devices and /proc/misc say in a view: the machine's own lines, and those of its devices. */
import { hostProcDevices, hostProcMisc, procDevicesWith, procMiscWith } from './host-facts.ts';
import { liveDirectories, type ViewDevice } from './view-device.ts';

export function procDevicesText(devices: readonly ViewDevice[]): string {
  const nodes = devices.flatMap((device) => device.nodes);
  const majors = liveDirectories(devices).flatMap((name) => nodes.find((node) => node.class === name) ?? []);
  return majors.reduce((text, node) => procDevicesWith(text, node.major, node.class), hostProcDevices());
}

export function procMiscText(devices: readonly ViewDevice[]): string {
  const misc = devices.flatMap(({ nodes }) => nodes.filter((node) => node.class === 'misc'));
  return procMiscWith(hostProcMisc(), misc);
}
