/** The 16-byte headers of every mlx5 command (mlx5_ifc.h: mlx5_ifc_mbox_{in,out}_bits) in bytes; big-endian. */

/** Request: opcode u16, uid u16, reserved u16, op_mod u16, 8 bytes of the command's own. */
export const requestHeader = { opcode: 0, uid: 2, opMod: 6, own: 8, bytes: 16 } as const;

/** Reply: status u8, 24 bits reserved, syndrome u32, 8 bytes of the command's own. */
export const replyHeader = { status: 0, syndrome: 4, own: 8, bytes: 16 } as const;

/** CREATE_UCTX request (mlx5_ifc_create_uctx_in_bits): caps u32 at 16; reply: uid u16 at 10. */
export const createUctx = { caps: 16, inBytes: 64, outUid: 10, outBytes: 16 } as const;

/** DESTROY_UCTX request (mlx5_ifc_destroy_uctx_in_bits): the uid stands at 10, not in the header's place. */
export const destroyUctx = { uid: 10, inBytes: 16, outBytes: 16 } as const;

/** QUERY_HCA_CAP (mlx5_ifc_query_hca_cap_{in,out}_bits): the capability structure follows the reply's header. */
export const queryHcaCap = { inBytes: 16, data: 16, maxBytes: 4096, outBytes: 4112 } as const;

/** ACCESS_REG (mlx5_ifc_access_register_{in,out}_bits): register_id u16 at 10, argument u32 at 12; data both ways. */
export const accessRegister = { registerId: 10, argument: 12, data: 16 } as const;

/** ACCESS_REG op_mod (MLX5_ACCESS_REGISTER_IN_OP_MOD_*). */
export const REGISTER_WRITE = 0;
export const REGISTER_READ = 1;

/** cmd_hca_cap.uctx_cap and CREATE_UCTX caps (enum MLX5_UCTX_CAP_*; TOOLS_RESOURCES: drivers/fwctl/mlx5/main.c). */
export const UCTX_CAP = { RAW_TX: 1, INTERNAL_DEV_RES: 2, TOOLS_RESOURCES: 4 } as const;

/** op_mod of QUERY_HCA_CAP for a capability type. */
export function hcaCapOpMod(type: number, mode: 'current' | 'max'): number {
  return (type << 1) | (mode === 'current' ? 1 : 0);
}
