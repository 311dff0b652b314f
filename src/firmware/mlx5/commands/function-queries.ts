/**
 * The commands of abi/mlx5/function-queries.ts, and queries of kinds of objects of which the world has none: general
 * objects, modify-header contexts, match samples. An Ethernet function's InfiniBand vport has no LID and one P_Key, the
 * default one (unverified: a real one may refuse the three commands).
 */
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import {
  MODIFY_CONG_STATUS,
  QUERY_DRIVER_VERSION,
  QUERY_HCA_VPORT_CONTEXT,
  QUERY_HCA_VPORT_GID,
  QUERY_HCA_VPORT_PKEY,
  QUERY_RATE_LIMIT,
  QUERY_VHCA_STATE,
  QUERY_VUID,
} from '../../../abi/mlx5/function-queries.ts';
import { objectId, objectType } from '../../../abi/mlx5/objects/types.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { OWN_PORT } from '../port-traffic.ts';
import { serialNumber } from '../registers/board.ts';
import { REFUSAL } from '../syndromes.ts';
import { PF_VPORT } from '../world/numbers.ts';
import { guidOf, macOf } from '../world/ports.ts';

type Exec = (request: MessageBuffer, reply: MessageBuffer, device: Mlx5Device) => Refusal | undefined;

/** port_physical_state: link up, polling. port_state and vport_state: active, down (InfiniBand's numbers). */
const PHYSICAL = { polling: 2, up: 5 } as const;
const PORT = { down: 1, active: 4 } as const;
const DEFAULT_PKEY = 0xffff;
/** GIDs and P_Keys stand behind the reply's 16 bytes. */
const FIRST_ENTRY = 16;

const otherVport = QUERY_HCA_VPORT_CONTEXT.request.word('other_vport');
const vportNumber = QUERY_HCA_VPORT_CONTEXT.request.word('vport_number');

/** The own vport or, with other_vport, that one; undefined: there is none. The three requests begin alike. */
function vportOf({ view }: MessageBuffer, device: Mlx5Device): number | undefined {
  const vport = otherVport.get(view, 0) === 0 ? PF_VPORT : vportNumber.get(view, 0);
  return device.objects.get('NIC_VPORT_CONTEXT', vport) === undefined ? undefined : vport;
}

export const execQueryHcaVportContext: Exec = (request, reply, device) => {
  const vport = vportOf(request, device);
  if (vport === undefined) return REFUSAL.OBJECT_UNKNOWN;
  const up = device.traffic.isUp(OWN_PORT);
  const guid = guidOf(macOf(device.profile, vport));
  QUERY_HCA_VPORT_CONTEXT.reply.assign(reply.view, {
    'hca_vport_context.port_physical_state': up ? PHYSICAL.up : PHYSICAL.polling,
    'hca_vport_context.port_state': up ? PORT.active : PORT.down,
    'hca_vport_context.vport_state': up ? PORT.active : PORT.down,
    'hca_vport_context.system_image_guid': guidOf(macOf(device.profile, PF_VPORT)),
    'hca_vport_context.port_guid': guid,
    'hca_vport_context.node_guid': guid,
  });
  return undefined;
};

const gidIndex = QUERY_HCA_VPORT_GID.request.word('gid_index');

/** The link-local prefix and the port's GUID, as InfiniBand's default GID. */
export const execQueryHcaVportGid: Exec = (request, reply, device) => {
  const vport = vportOf(request, device);
  if (vport === undefined) return REFUSAL.OBJECT_UNKNOWN;
  if (gidIndex.get(request.view, 0) !== 0) return REFUSAL.OBJECT_UNKNOWN;
  QUERY_HCA_VPORT_GID.reply.assign(reply.view, { gids_num: 1 });
  reply.view.setUint16(FIRST_ENTRY, 0xfe80);
  reply.view.setBigUint64(FIRST_ENTRY + 8, guidOf(macOf(device.profile, vport)));
  return undefined;
};

const pkeyIndex = QUERY_HCA_VPORT_PKEY.request.word('pkey_index');

export const execQueryHcaVportPkey: Exec = (request, reply, device) => {
  if (vportOf(request, device) === undefined || pkeyIndex.get(request.view, 0) !== 0) return REFUSAL.OBJECT_UNKNOWN;
  reply.view.setUint32(FIRST_ENTRY, DEFAULT_PKEY);
  return undefined;
};

const vuidVhca = QUERY_VUID.request.word('vhca_id');

/** The function's unique text, made of the serial number and the function (invented; a real one's form is alike). */
export const execQueryVuid: Exec = (request, reply, device) => {
  const vhca = vuidVhca.get(request.view, 0);
  const own = device.caps.general('vhca_id');
  if (vhca !== own && !device.caps.hasFunction(vhca)) return REFUSAL.OTHER_FUNCTION;
  const serial = serialNumber(device.profile.identity);
  QUERY_VUID.reply.assign(reply.view, { num_of_entries: 1, vuid: `${serial}MLNXS0D0F${vhca}` });
  return undefined;
};

const stateFunction = QUERY_VHCA_STATE.request.word('function_id');
const vhcaState = QUERY_VHCA_STATE.reply.word('vhca_state_context.vhca_state');
/** enum mlx5_ifc_vhca_state: in use by a driver, active. */
const STATE = { active: 2, inUse: 3 } as const;

export const execQueryVhcaState: Exec = (request, reply, device) => {
  const id = stateFunction.get(request.view, 0);
  if (!device.caps.hasFunction(id)) return REFUSAL.OTHER_FUNCTION;
  vhcaState.put(reply.view, 0, id === 0 ? STATE.inUse : STATE.active);
  return undefined;
};

/** As the driver has said, or, over fwctl, as mlx5_core names itself (main.c: mlx5_set_driver_version). */
export const execQueryDriverVersion: Exec = (_request, reply, { hca }) => {
  const version = hca.bus === undefined ? 'Linux,mlx5_core,6.015.000000' : hca.driverVersion;
  QUERY_DRIVER_VERSION.reply.assign(reply.view, { driver_version: version });
  return undefined;
};

const rateIndex = QUERY_RATE_LIMIT.request.word('rate_limit_index');

/** Entries of the packet pacing table, none of them in use. */
export const execQueryRateLimit: Exec = (request, _reply, device) =>
  rateIndex.get(request.view, 0) < Number(device.profile.caps.QOS?.packet_pacing_rate_table_size ?? 0)
    ? undefined
    : REFUSAL.OBJECT_UNKNOWN;

/** Nothing is set: no SF partitions, no burst size, no delay before a drop. */
export const execNothingSet: Exec = () => undefined;

/** There is no object of this kind. */
export const execNoSuchObject: Exec = () => REFUSAL.OBJECT_UNKNOWN;

const status = objectType('CONG_STATUS').layout;
const modified = {
  priority: MODIFY_CONG_STATUS.request.word('priority'),
  protocol: MODIFY_CONG_STATUS.request.word('cong_protocol'),
  enable: MODIFY_CONG_STATUS.request.word('enable'),
  tag: MODIFY_CONG_STATUS.request.word('tag_enable'),
};

/** What QUERY_CONG_STATUS then says (mlx5_ib cong.c: mlx5_cmd_modify_cong_status). */
export const execModifyCongStatus: Exec = ({ view }, _reply, device) => {
  const id = objectId('CONG_STATUS', modified.priority.get(view, 0), modified.protocol.get(view, 0));
  const object = device.objects.get('CONG_STATUS', id);
  if (object === undefined) return REFUSAL.OBJECT_UNKNOWN;
  const image = new DataView(object.image.buffer);
  status.word('enable').put(image, 0, modified.enable.get(view, 0));
  status.word('tag_enable').put(image, 0, modified.tag.get(view, 0));
  return undefined;
};
