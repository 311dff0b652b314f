/**
 * What a driver creates for itself while it loads (mlx5_core uar.c, pd.c, eq.c, mr.c; lib/vxlan.c): UARs, protection
 * domains, event queues, memory keys, UDP ports that are VXLAN's. Which limits are looked at, and the statuses, is
 * unverified.
 */
import type { MessageBuffer } from '../../../abi/message-buffer.ts';
import { EQE_BYTES } from '../../../abi/mlx5/events.ts';
import { HCA_COMMANDS, PAS_AT } from '../../../abi/mlx5/hca-commands.ts';
import { requestHeader } from '../../../abi/mlx5/headers.ts';
import { QUERY_EQ } from '../../../abi/mlx5/objects/eq.ts';
import type { ObjectTypeName } from '../../../abi/mlx5/objects/types.ts';
import type { Refusal } from '../command-table.ts';
import type { Mlx5Device } from '../device.ts';
import { EventQueue } from '../hca/event-queue.ts';
import type { Hca } from '../hca/hca.ts';
import { VECTORS } from '../hca/limits.ts';
import type { Numbers } from '../hca/numbers.ts';
import { REFUSAL } from '../syndromes.ts';
import { addressesOf } from './bring-up.ts';

type Exec = (request: MessageBuffer, reply: MessageBuffer, device: Mlx5Device) => Refusal | undefined;

/** What stands in the address of a page below 4096. */
const PAS_FLAGS = 0xfffn;

function allocating(name: 'ALLOC_UAR' | 'ALLOC_PD', field: string, numbers: (hca: Hca) => Numbers): Exec {
  const out = HCA_COMMANDS[name].reply;
  return (_request, reply, { hca }) => {
    const number = numbers(hca).take();
    if (number === undefined) return REFUSAL.NO_NUMBER;
    out.word(field).put(reply.view, 0, number);
    hca.settlePages();
    return undefined;
  };
}

function freeing(name: 'DEALLOC_UAR' | 'DEALLOC_PD', field: string, numbers: (hca: Hca) => Numbers): Exec {
  const input = HCA_COMMANDS[name].request;
  return ({ view }, _reply, { hca }) => {
    if (!numbers(hca).free(input.word(field).get(view, 0))) return REFUSAL.OBJECT_UNKNOWN;
    hca.settlePages();
    return undefined;
  };
}

export const execAllocUar = allocating('ALLOC_UAR', 'uar', ({ uars }) => uars);
export const execDeallocUar = freeing('DEALLOC_UAR', 'uar', ({ uars }) => uars);
export const execAllocPd = allocating('ALLOC_PD', 'pd', ({ pds }) => pds);
export const execDeallocPd = freeing('DEALLOC_PD', 'pd', ({ pds }) => pds);

const vxlanPort = HCA_COMMANDS.ADD_VXLAN_UDP_DPORT.request.word('vxlan_udp_port');

/** A port that is there already stays. */
export const execAddVxlanPort: Exec = ({ view }, _reply, { hca }) => {
  hca.vxlanPorts.add(vxlanPort.get(view, 0));
  return undefined;
};

export const execDeleteVxlanPort: Exec = ({ view }, _reply, { hca }) =>
  hca.vxlanPorts.delete(vxlanPort.get(view, 0)) ? undefined : REFUSAL.OBJECT_UNKNOWN;

const eqContext = (name: string) => QUERY_EQ.reply.word(`eq_context_entry.${name}`);
const eqNumber = HCA_COMMANDS.CREATE_EQ.reply.word('eq_number');
const destroyedEq = HCA_COMMANDS.DESTROY_EQ.request.word('eq_number');

export const execCreateEq: Exec = (request, reply, device) => {
  const { hca, caps } = device;
  const { view } = request;
  const logSize = eqContext('log_eq_size').get(view, 0);
  const sound =
    logSize <= caps.general('log_max_eq_sz') &&
    eqContext('intr').get(view, 0) < VECTORS &&
    hca.uars.has(eqContext('uar_page').get(view, 0));
  if (!sound) return REFUSAL.EQ_CONTEXT;
  const pageBytes = 2 ** (12 + eqContext('log_page_size').get(view, 0));
  const pages = addressesOf(request, PAS_AT.createEq, Math.ceil((2 ** logSize * EQE_BYTES) / pageBytes), PAS_FLAGS);
  if (pages === undefined) return REFUSAL.REQUEST_TOO_SHORT;
  const id = freeId(device, 'EQ', 0, 2 ** caps.general('log_max_eq'));
  if (id === undefined) return REFUSAL.NO_NUMBER;
  hca.queues.set(id, new EventQueue(createObject(device, 'EQ', id, request), pages));
  eqNumber.put(reply.view, 0, id);
  hca.settlePages();
  return undefined;
};

export const execDestroyEq: Exec = ({ view }, _reply, { hca, objects }) => {
  const id = destroyedEq.get(view, 0);
  if (!hca.queues.delete(id)) return REFUSAL.OBJECT_UNKNOWN;
  objects.remove('EQ', id);
  hca.settlePages();
  return undefined;
};

const mkeyIndex = HCA_COMMANDS.CREATE_MKEY.reply.word('mkey_index');
const destroyedMkey = HCA_COMMANDS.DESTROY_MKEY.request.word('mkey_index');
const listed = HCA_COMMANDS.CREATE_MKEY.request.word('memory_key_mkey_entry.translations_octword_size');
/** How much of the list stands in the request. */
const actual = HCA_COMMANDS.CREATE_MKEY.request.word('translations_octword_actual_size');
const ADDRESSES_PER_OCTWORD = 2;

export const execCreateMkey: Exec = (request, reply, device) => {
  const count = actual.get(request.view, 0);
  if (count > listed.get(request.view, 0)) return REFUSAL.REQUEST_TOO_SHORT;
  const pages = addressesOf(request, PAS_AT.createMkey, count * ADDRESSES_PER_OCTWORD, PAS_FLAGS);
  if (pages === undefined) return REFUSAL.REQUEST_TOO_SHORT;
  const id = freeId(device, 'MKEY', 1, 2 ** device.caps.general('log_max_mkey'));
  if (id === undefined) return REFUSAL.NO_NUMBER;
  device.hca.keys.add(id, createObject(device, 'MKEY', id, request), pages);
  mkeyIndex.put(reply.view, 0, id);
  device.hca.settlePages();
  return undefined;
};

export const execDestroyMkey: Exec = ({ view }, _reply, { hca, objects }) => {
  const id = destroyedMkey.get(view, 0);
  if (!hca.keys.remove(id)) return REFUSAL.OBJECT_UNKNOWN;
  objects.remove('MKEY', id);
  hca.settlePages();
  return undefined;
};

/** The driver's own. Its image is what its query answers: the request, whose context stands at the same place. */
function createObject({ objects }: Mlx5Device, type: ObjectTypeName, id: number, request: MessageBuffer): Uint8Array {
  const { image } = objects.add(type, id, {});
  image.set(request.bytes.subarray(requestHeader.bytes, Math.min(request.length, image.length)), requestHeader.bytes);
  return image;
}

function freeId({ objects }: Mlx5Device, type: ObjectTypeName, first: number, end: number): number | undefined {
  for (let id = first; id < end; id++) if (objects.get(type, id) === undefined) return id;
  return undefined;
}
