/**
 * PTYS, port type and speed. A port has one set of speeds that it advertises, told in two masks: the extended one is
 * kept, the older one follows from it (where a port has no extended speeds it is the other way round). Sources: PRM,
 * register PTYS; mlx5_core en/port.c.
 */
import { PTYS } from '../../../abi/mlx5/registers/ptys.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { extended, linkOf, older, pluggedModule, portSpeeds } from '../port/link.ts';
import { bestMode, extendedSpeeds, legacySpeed, legacySpeeds } from '../port/link-modes.ts';
import type { RegisterExchange } from '../register-table.ts';
import { REFUSAL } from '../syndromes.ts';

const forced = PTYS.word('an_disable_admin');
const canForce = PTYS.word('an_disable_cap');
const transmitAllowed = PTYS.word('transmit_allowed');
const txReadyEvent = PTYS.word('tx_ready_e');
const changeTxReady = PTYS.word('ee_tx_ready');
const negotiation = PTYS.word('an_status');
const connector = PTYS.word('connector_type');
const dataRate = PTYS.word('data_rate_oper');
const maxRate = PTYS.word('max_port_rate');
const laneRate = PTYS.word('lane_rate_oper');

const AN = { unavailable: 0, completed: 1, notPerformedUp: 3, notPerformedDown: 4 } as const;
const CONNECTOR = { none: 1, fibre: 6, directAttach: 7 } as const;

/** Admin 0 in one of the two masks leaves that mask to the other one; both 0: the port advertises what it did. */
export function writePtys({ input, output }: RegisterExchange<Mlx5Device>): Refusal | undefined {
  const hasExtended = extended.capability.get(output, 0) !== 0;
  for (const { capability, admin } of [extended, older]) {
    if ((admin.get(input, 0) & ~capability.get(output, 0)) !== 0) return REFUSAL.REGISTER_VALUE;
  }
  if (forced.get(input, 0) === 1 && canForce.get(output, 0) === 0) return REFUSAL.REGISTER_VALUE;
  const kept = hasExtended ? extended : older;
  if (kept.admin.get(input, 0) === 0) {
    const other = hasExtended ? extendedSpeeds(older.admin.get(input, 0)) : 0;
    const asked = (other & kept.capability.get(output, 0)) >>> 0;
    kept.admin.put(input, 0, asked === 0 ? kept.admin.get(output, 0) : asked);
  }
  if (changeTxReady.get(input, 0) === 0) {
    for (const field of [txReadyEvent, transmitAllowed]) field.put(input, 0, field.get(output, 0));
  }
  return undefined;
}

export function computePtys({ device, output, instance: port }: RegisterExchange<Mlx5Device>): void {
  const { mode } = linkOf(device, port);
  const { able, asked } = portSpeeds(device, port);
  const module = pluggedModule(device, port);
  const medium = module?.medium ?? 'copper';
  const hasExtended = extended.capability.get(output, 0) !== 0;
  const olderCapability = older.capability.get(output, 0);
  if (hasExtended) older.admin.put(output, 0, legacySpeeds(asked) & olderCapability);
  extended.oper.put(output, 0, mode === undefined || !hasExtended ? 0 : 1 << mode.bit);
  older.oper.put(output, 0, mode === undefined ? 0 : legacySpeed(mode, medium, olderCapability));
  const isForced = forced.get(output, 0) === 1;
  negotiation.put(
    output,
    0,
    mode === undefined
      ? isForced
        ? AN.notPerformedDown
        : AN.unavailable
      : isForced
        ? AN.notPerformedUp
        : AN.completed,
  );
  connector.put(
    output,
    0,
    module === undefined ? CONNECTOR.none : medium === 'copper' ? CONNECTOR.directAttach : CONNECTOR.fibre,
  );
  dataRate.put(output, 0, (mode?.gbps ?? 0) * 10);
  maxRate.put(output, 0, fastest(able));
  laneRate.put(output, 0, Math.floor((mode?.lane.mbps ?? 0) / 10));
}

/** Gb/s. */
function fastest(speeds: number): number {
  return bestMode(speeds)?.gbps ?? 0;
}
