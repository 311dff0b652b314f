/**
 * What nova-core's fwctl clients say: struct fwctl_rpc_nova_core (include/uapi/fwctl/nova-core.h of NVIDIA's branch)
 * and the GMC API behind it, as the public client vgpu-mgmt writes it (alokk-nv/vgpu-tools e8ce11b: nvrm.h, nv_vgpu.h,
 * nv_add_vgpu_type.c). Little-endian, naturally aligned; u32 unless told. None of it is in a kernel release.
 */

/** Request and reply alike. */
export const rpcHeader = { commandId: 0, reserved: 4, bytes: 8 } as const;

/** GSP_GMC_MAX_RESPONSE_SIZE of nova-core's fwctl.rs: longest payload of a reply, bytes. */
export const MAX_RESPONSE = 16384;

export interface GmcCommand {
  readonly id: number;
  /** Without GMCAPI_CMD_. */
  readonly name: string;
  /** Payload bytes below which the firmware has not got what it reads. */
  readonly least: number;
}

/** A VF: domain in bits 63 to 32, bus in 15 to 8, device and function in 7 to 0. */
const DBDF_BYTES = 8;

/** Payload of ADD_VGPU_TYPE; one record of `NVA081_CTRL_VGPU_INFO` stands behind it. */
export const addVgpuType = {
  /** 128 bytes of text. */
  gspBuildVersion: 0,
  /** u8. Not 0: the types that were there are forgotten. */
  discard: 128,
  count: 132,
  record: 136,
} as const;

/** Payload of ASSIGN_VGPU_TYPE. */
export const assignVgpuType = { dbdf: 0, vgpuTypeId: 8, swizzId: 12, placementId: 16, bytes: 24 } as const;

/** Reply's payload of QUERY_ASSIGNED_VF_VGPU_TYPE: 0 is none. */
export const assignedVgpuType = { vgpuTypeId: 0, swizzId: 4, placementId: 8, bytes: 12 } as const;

export const GMC_COMMANDS = {
  ADD_VGPU_TYPE: command(0x00020001, addVgpuType.record),
  QUERY_SUPPORTED_VGPU_TYPES: command(0x00020002, 0),
  QUERY_CREATABLE_VGPU_TYPES: command(0x00020003, 0),
  ASSIGN_VGPU_TYPE: command(0x00020004, assignVgpuType.bytes),
  DEASSIGN_VGPU_TYPE: command(0x00020005, DBDF_BYTES),
  QUERY_VGPU_PROPERTIES: command(0x00020006, 4),
  QUERY_ASSIGNED_VF_VGPU_TYPE: command(0x00020007, DBDF_BYTES),
} as const;

export type GmcCommandName = keyof typeof GMC_COMMANDS;

export const GMC_COMMAND_ROWS: readonly GmcCommand[] = Object.entries(GMC_COMMANDS).map(([name, row]) => ({
  name,
  ...row,
}));

/** Undefined: there is no such command. */
export function gmcCommand(id: number): GmcCommand | undefined {
  return GMC_COMMAND_ROWS.find((row) => row.id === id);
}

export function gmcCommandName(id: number): string {
  return gmcCommand(id)?.name ?? `0x${id.toString(16).padStart(8, '0')}`;
}

function command(id: number, least: number) {
  return { id, least };
}
