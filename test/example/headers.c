/* extras/include: sizes and places of the structures, as test/c/fwctl-client.h and the drivers' tables have them. */
#include <cxl/features.h>
#include <fwctl/bnxt.h>
#include <fwctl/cxl.h>
#include <fwctl/fwctl.h>
#include <fwctl/mlx5.h>
#include <fwctl/pds.h>
#include <stddef.h>
#include <stdio.h>

#define SIZE(name) printf("%s %zu\n", #name, sizeof(struct name))
#define PLACE(name, member) printf("%s.%s %zu\n", #name, #member, offsetof(struct name, member))

int main(void)
{
	printf("FWCTL_INFO %u\nFWCTL_RPC %u\n", (unsigned)FWCTL_INFO, (unsigned)FWCTL_RPC);
	SIZE(fwctl_info);
	SIZE(fwctl_rpc);
	PLACE(fwctl_info, out_device_data);
	PLACE(fwctl_rpc, in);
	PLACE(fwctl_rpc, out);
	SIZE(fwctl_info_mlx5);
	SIZE(fwctl_info_bnxt);
	SIZE(fwctl_info_pds);
	SIZE(fwctl_rpc_pds);
	PLACE(fwctl_rpc_pds, in.payload);
	PLACE(fwctl_rpc_pds, out.retval);
	PLACE(fwctl_rpc_pds, out.payload);
	PLACE(fwctl_rpc_cxl, get_feat_in);
	PLACE(fwctl_rpc_cxl_out, payload);
	SIZE(fwctl_rpc_cxl_out);
	SIZE(cxl_feat_entry);
	SIZE(cxl_mbox_get_feat_in);
	SIZE(cxl_mbox_set_feat_in);
	return 0;
}
