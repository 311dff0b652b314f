/* <fwctl/pds.h>: FWCTL_INFO and FWCTL_RPC of an AMD Pensando device. See fwctl.h beside it. */
#ifndef FWCTL_EMU_FWCTL_PDS_H
#define FWCTL_EMU_FWCTL_PDS_H

#include <linux/types.h>

/* Numbers of bits in uctx_caps. */
enum pds_fwctl_capabilities {
	PDS_FWCTL_QUERY_CAP = 0,
	PDS_FWCTL_SEND_CAP = 1,
};

struct fwctl_info_pds {
	__u32 uctx_caps;
};

/* An RPC, request and reply alike; the payloads stand at addresses of their own. */
struct fwctl_rpc_pds {
	struct {
		/* Bits 15:0 the operation, 23:16 its version. */
		__u32 op;
		__u32 ep;
		__u32 rsvd;
		__u32 len;
		__aligned_u64 payload;
	} in;
	struct {
		/* The operation's own error; 0: none. */
		__u32 retval;
		__u32 rsvd[2];
		__u32 len;
		__aligned_u64 payload;
	} out;
};

#endif
