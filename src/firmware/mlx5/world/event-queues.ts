/** Event queues: three of the driver's own and one a channel (mlx5_core eq.c: mlx5_eq_table_create). */
import type { DeviceWorld } from '../../../abi/mlx5/device-profile.ts';
import { EQ_STATE, EVENT } from '../../../abi/mlx5/events.ts';
import type { ObjectStore } from '../objects.ts';
import { ASYNC_EQ, COMMAND_EQ, FIRST_COMPLETION_EQ, PAGES_EQ, UAR_PAGE } from './numbers.ts';

/** QP, SRQ and CQ events and errors, port change, port module, temperature, general, internal error. */
const ASYNC_EVENTS = [0x01, 0x02, 0x03, 0x04, 0x05, 0x07, 0x08, 0x09, 0x10, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x22];

/** `drivers`: those of the driver too, which a driver of the function's own creates for itself. */
export function addEventQueues(objects: ObjectStore, { channels }: DeviceWorld, drivers: boolean): void {
  const add = (id: number, log_eq_size: number, intr: number, events: readonly number[]) =>
    objects.add('EQ', id, {
      'eq_context_entry.st': EQ_STATE.armed,
      'eq_context_entry.log_eq_size': log_eq_size,
      'eq_context_entry.uar_page': UAR_PAGE,
      'eq_context_entry.intr': intr,
      event_bitmask: events.reduce((mask, event) => mask | (1n << BigInt(event)), 0n),
    });
  if (drivers) {
    add(COMMAND_EQ, 5, 0, [EVENT.command]);
    add(ASYNC_EQ, 12, 0, ASYNC_EVENTS);
    add(PAGES_EQ, 5, 0, [EVENT.pageRequest]);
  }
  for (let channel = 0; channel < channels; channel++) add(FIRST_COMPLETION_EQ + channel, 10, 1 + channel, []);
}
