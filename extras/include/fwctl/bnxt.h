/* <fwctl/bnxt.h>: what FWCTL_INFO tells of a Broadcom NetXtreme; an RPC is the HWRM request itself. See fwctl.h. */
#ifndef FWCTL_EMU_FWCTL_BNXT_H
#define FWCTL_EMU_FWCTL_BNXT_H

#include <linux/types.h>

/* Numbers of bits in uctx_caps. */
enum fwctl_bnxt_commands {
	FWCTL_BNXT_INLINE_COMMANDS = 0,
	FWCTL_BNXT_QUERY_COMMANDS = 1,
	FWCTL_BNXT_SEND_COMMANDS = 2,
};

struct fwctl_info_bnxt {
	__u32 uctx_caps;
};

#endif
