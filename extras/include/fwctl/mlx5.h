/* <fwctl/mlx5.h>: what FWCTL_INFO tells of an mlx5 device. See fwctl.h beside it. */
#ifndef FWCTL_EMU_FWCTL_MLX5_H
#define FWCTL_EMU_FWCTL_MLX5_H

#include <linux/types.h>

struct fwctl_info_mlx5 {
	/* The open file's user context, which the driver puts into each command. */
	__u32 uid;
	/* What that context may do, as bits. */
	__u32 uctx_caps;
};

#endif
