/**
 * The GSP firmware as far as a fwctl client sees it: which vGPU types it knows, and which virtual function has which.
 * Its rules are those that vgpu-mgmt's documentation tells (fwctl/README.md of alokk-nv/vgpu-tools e8ce11b); which
 * NV_STATUS says which refusal is invented: a client sees EIO for all of them.
 */
import {
  addVgpuType,
  assignedVgpuType,
  assignVgpuType,
  type GmcCommandName,
  gmcCommand,
} from '../../abi/nova/gmcapi.ts';
import { NV_STATUS } from '../../abi/nova/nv-status.ts';
import { decodeRecord, encodeProperties, type VgpuType } from '../../abi/nova/vgpu-type.ts';
import type { GmcQueue, GmcResponse } from './mailbox.ts';

/** NVA081_MAX_VGPU_TYPES_PER_PGPU as the client has it: the slots of a list. */
export const MAX_TYPES = 64;
const DONE: GmcResponse = { status: 0, length: 0 };

interface Assigned {
  readonly type: number;
  readonly swizzId: number;
  readonly placementId: number;
}

type Execute = (payload: DataView, response: DataView) => GmcResponse;

export class Gsp implements GmcQueue {
  /** By id, in the order in which they came. */
  readonly types = new Map<number, VgpuType>();
  /** By the virtual function's domain, bus, device and function. */
  private readonly assigned = new Map<bigint, Assigned>();
  private readonly commands: Readonly<Record<GmcCommandName, Execute>> = {
    ADD_VGPU_TYPE: (payload) => this.add(payload),
    QUERY_SUPPORTED_VGPU_TYPES: (_payload, response) => list([...this.types.keys()], response),
    QUERY_CREATABLE_VGPU_TYPES: (_payload, response) => list(this.creatable(), response),
    ASSIGN_VGPU_TYPE: (payload) => this.assign(payload),
    DEASSIGN_VGPU_TYPE: (payload) =>
      this.assigned.delete(payload.getBigUint64(0, true)) ? DONE : refused('OBJECT_NOT_FOUND'),
    QUERY_VGPU_PROPERTIES: (payload, response) => this.properties(payload.getUint32(0, true), response),
    QUERY_ASSIGNED_VF_VGPU_TYPE: (payload, response) => this.queryAssigned(payload.getBigUint64(0, true), response),
  };

  constructor(types: readonly VgpuType[]) {
    for (const type of types) this.types.set(type.id, type);
  }

  /** A type as an operator wants it from now on, or a new one. False: a list has no slot for one more. */
  know(type: VgpuType): boolean {
    if (!this.types.has(type.id) && this.types.size === MAX_TYPES) return false;
    this.types.set(type.id, type);
    return true;
  }

  send(commandId: number, payload: DataView, response: Uint8Array): GmcResponse {
    const row = gmcCommand(commandId);
    if (row === undefined) return refused('NOT_SUPPORTED');
    if (payload.byteLength < row.least) return refused('INVALID_PARAM_STRUCT');
    const view = new DataView(response.buffer, response.byteOffset, response.byteLength);
    return this.commands[row.name as GmcCommandName](payload, view);
  }

  /** With one bound, the plan is locked to that type: the client's documentation has "typically narrows to {X}". */
  private creatable(): number[] {
    const [first] = this.assigned.values();
    return first === undefined ? [...this.types.keys()] : [first.type];
  }

  /** One record a round. Types that a virtual function has are not taken away from it. */
  private add(payload: DataView): GmcResponse {
    const type = decodeRecord(
      new DataView(payload.buffer, payload.byteOffset + addVgpuType.record, payload.byteLength - addVgpuType.record),
    );
    if (type === undefined || payload.getUint32(addVgpuType.count, true) !== 1) return refused('INVALID_PARAM_STRUCT');
    if (type.id === 0) return refused('INVALID_ARGUMENT');
    const discard = payload.getUint8(addVgpuType.discard) !== 0;
    if (discard && this.assigned.size > 0) return refused('STATE_IN_USE');
    if (!discard && !this.types.has(type.id) && this.types.size === MAX_TYPES) return refused('INSUFFICIENT_RESOURCES');
    if (discard) this.types.clear();
    this.types.set(type.id, type);
    return DONE;
  }

  private assign(payload: DataView): GmcResponse {
    const dbdf = payload.getBigUint64(assignVgpuType.dbdf, true);
    const type = payload.getUint32(assignVgpuType.vgpuTypeId, true);
    const known = this.types.get(type);
    if (known === undefined) return refused('OBJECT_NOT_FOUND');
    if (this.assigned.has(dbdf)) return refused('STATE_IN_USE');
    if (!this.creatable().includes(type)) return refused('INVALID_STATE');
    if (this.assigned.size >= known.max_instance) return refused('INSUFFICIENT_RESOURCES');
    this.assigned.set(dbdf, {
      type,
      swizzId: payload.getUint32(assignVgpuType.swizzId, true),
      placementId: payload.getUint16(assignVgpuType.placementId, true),
    });
    return DONE;
  }

  private properties(id: number, response: DataView): GmcResponse {
    const type = this.types.get(id);
    if (type === undefined) return refused('OBJECT_NOT_FOUND');
    const bytes = encodeProperties(type);
    new Uint8Array(response.buffer, response.byteOffset).set(bytes);
    return { status: 0, length: bytes.length };
  }

  private queryAssigned(dbdf: bigint, response: DataView): GmcResponse {
    const { type = 0, swizzId = 0, placementId = 0 } = this.assigned.get(dbdf) ?? {};
    response.setUint32(assignedVgpuType.vgpuTypeId, type, true);
    response.setUint32(assignedVgpuType.swizzId, swizzId, true);
    // u16, and two bytes behind it that are nobody's
    response.setUint32(assignedVgpuType.placementId, placementId, true);
    return { status: 0, length: assignedVgpuType.bytes };
  }
}

function list(ids: readonly number[], response: DataView): GmcResponse {
  for (const [i, id] of ids.entries()) response.setUint32(4 * i, id, true);
  return { status: 0, length: 4 * ids.length };
}

function refused(name: keyof typeof NV_STATUS): GmcResponse {
  return { status: NV_STATUS[name], length: 0 };
}
