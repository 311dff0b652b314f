/* <fwctl/cxl.h>: FWCTL_RPC of a CXL memory device: a head, then a mailbox command's payload. See fwctl.h beside it. */
#ifndef FWCTL_EMU_FWCTL_CXL_H
#define FWCTL_EMU_FWCTL_CXL_H

#include <cxl/features.h>
#include <linux/types.h>

/* op_size: bytes of the payload behind the head. */
struct fwctl_rpc_cxl_hdr {
	__u32 opcode;
	__u32 flags;
	__u32 op_size;
	__u32 reserved1;
};

struct fwctl_rpc_cxl {
	union {
		struct fwctl_rpc_cxl_hdr hdr;
		struct {
			__u32 opcode;
			__u32 flags;
			__u32 op_size;
			__u32 reserved1;
		};
	};
	union {
		struct cxl_mbox_get_sup_feats_in get_sup_feats_in;
		struct cxl_mbox_get_feat_in get_feat_in;
		struct cxl_mbox_set_feat_in set_feat_in;
	};
};

/* size: bytes of the payload; retval: the mailbox's return code, 0 for success. */
struct fwctl_rpc_cxl_out_hdr {
	__u32 size;
	__u32 retval;
};

struct fwctl_rpc_cxl_out {
	union {
		struct fwctl_rpc_cxl_out_hdr hdr;
		struct {
			__u32 size;
			__u32 retval;
		};
	};
	union {
		struct cxl_mbox_get_sup_feats_out get_sup_feats_out;
		__u8 payload[8];
	};
};

#endif
