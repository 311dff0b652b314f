/** The driver's data of FWCTL_INFO, offsets in bytes. */

/** struct fwctl_info_mlx5 (uapi/fwctl/mlx5.h): le32 uid, le32 uctx_caps; 8 bytes. */
export const fwctlInfoMlx5 = { uid: 0, uctxCaps: 4, bytes: 8 } as const;
