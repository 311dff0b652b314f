/**
 * Capabilities DEV_EVENT: struct mlx5_ifc_device_event_cap_bits of mlx5_ifc.h: a bit an event type, the highest first.
 */
import { layout } from '../../bits.ts';

export const DEVICE_EVENT_CAP = layout('device_event_cap', 256, [
  ['user_affiliated_events[4]', 0, 64],
  ['user_unaffiliated_events[4]', 256, 64],
]);
