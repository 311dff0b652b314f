/*
 * <fwctl/fwctl.h> for systems whose kernel headers have none (Linux has it from 6.15 on). Written from the interface:
 * names, numbers and layouts are those of the kernel's; a program that includes this builds with the kernel's too.
 */
#ifndef FWCTL_EMU_FWCTL_FWCTL_H
#define FWCTL_EMU_FWCTL_FWCTL_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define FWCTL_TYPE 0x9a

/* All ioctls are _IO: neither direction nor size is in the number, and the size is the structure's first member. */
enum {
	FWCTL_CMD_BASE = 0,
	FWCTL_CMD_INFO = 0,
	FWCTL_CMD_RPC = 1,
};

enum fwctl_device_type {
	FWCTL_DEVICE_TYPE_ERROR = 0,
	FWCTL_DEVICE_TYPE_MLX5 = 1,
	FWCTL_DEVICE_TYPE_CXL = 2,
	FWCTL_DEVICE_TYPE_BNXT = 3,
	FWCTL_DEVICE_TYPE_PDS = 4,
};

/*
 * FWCTL_INFO: what the device is. Set size to sizeof, flags to 0; out_device_data is the address of device_data_len
 * bytes (0: none), which get the driver's own structure, with zeros behind it. device_data_len becomes its length.
 */
struct fwctl_info {
	__u32 size;
	__u32 flags;
	__u32 out_device_type;
	__u32 device_data_len;
	__aligned_u64 out_device_data;
};
#define FWCTL_INFO _IO(FWCTL_TYPE, FWCTL_CMD_INFO)

/* What an RPC may do; the driver asks for at least the one that its command needs. */
enum fwctl_rpc_scope {
	/* Change or read the device's own configuration. */
	FWCTL_RPC_CONFIGURATION = 0,
	/* Read what helps to debug. */
	FWCTL_RPC_DEBUG_READ_ONLY = 1,
	/* Change it too; taints the kernel. */
	FWCTL_RPC_DEBUG_WRITE = 2,
	/* Everything; taints, and needs CAP_SYS_RAWIO. */
	FWCTL_RPC_DEBUG_WRITE_FULL = 3,
};

/*
 * FWCTL_RPC: in_len bytes at `in` to the firmware, at most out_len bytes of its reply to `out`; both of at most 2 MiB.
 * out_len becomes the reply's whole length. An errno says that it was not delivered; the firmware's own status is in the
 * reply of a call that returns 0.
 */
struct fwctl_rpc {
	__u32 size;
	__u32 scope;
	__u32 in_len;
	__u32 out_len;
	__aligned_u64 in;
	__aligned_u64 out;
};
#define FWCTL_RPC _IO(FWCTL_TYPE, FWCTL_CMD_RPC)

#endif
