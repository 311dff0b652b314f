/** What the messages and ioctls of all drivers mean: loaded when somebody asks for the first time. */
import type { Messages } from '../../fwctl/dialect.ts';
import type { DescribedIoctl } from '../../kernel/ioctl-members.ts';
import type { DeviceSpec } from '../config/device-spec.ts';
import { type DriverRow, fwctlRows } from './driver-row.ts';

/** By driver. */
export type AllMessages = ReadonlyMap<string, Messages>;

/** By driver, of those whose ioctls are commands: how the events of such an ioctl are written, by ioctl word. */
export type AllIoctls = ReadonlyMap<string, (spec: DeviceSpec) => ReadonlyMap<number, DescribedIoctl>>;

export async function loadMessages(drivers: readonly DriverRow[]): Promise<AllMessages> {
  const messages = await Promise.all(fwctlRows(drivers).map(({ dialect }) => dialect.load()));
  return new Map(messages.map((one) => [one.driver, one]));
}

export async function loadIoctls(drivers: readonly DriverRow[]): Promise<AllIoctls> {
  const rows = drivers.flatMap((row) => (row.subsystem === 'misc' ? [row] : []));
  return new Map(await Promise.all(rows.map(async (row) => [row.name, await row.describe()] as const)));
}
