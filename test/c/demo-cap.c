/* QUERY_HCA_CAP, GENERAL, current: fields decoded here, from the reply's bytes alone. Exit 0: all as expected. */
#include "fwctl-client.h"

/* cmd_hca_cap: offset in bits from its start, width in bits. */
static const struct {
	const char *name;
	unsigned int offset, bits;
} fields[] = {
	{ "vhca_id", 48, 16 },
	{ "log_max_qp_sz", 136, 8 },
	{ "log_max_qp", 155, 5 },
	{ "log_max_srq", 171, 5 },
	{ "log_max_cq_sz", 200, 8 },
	{ "log_max_cq", 219, 5 },
	{ "log_max_mkey", 234, 6 },
	{ "log_max_eq", 252, 4 },
	{ "port_type", 438, 2 },
	{ "num_ports", 440, 8 },
	{ "eth_net_offloads", 540, 1 },
	{ "log_pg_sz", 600, 8 },
	{ "uctx_cap", 1696, 32 },
};

int main(int argc, char **argv)
{
	static uint8_t reply[MLX5_CAP_REPLY];
	const uint8_t *cap = reply + MLX5_HEADER;
	int fd = fwctl_open(fwctl_device(argc, argv));
	int error;
	size_t i;

	memset(reply, 0xa5, sizeof(reply));
	error = mlx5_query_cap(fd, SCOPE_CONFIGURATION, 0, reply);
	if (!expect(error == 0, "QUERY_HCA_CAP GENERAL in scope CONFIGURATION: %s", errno_name(error)))
		return 1;
	if (!expect(mlx5_status(reply) == 0, "firmware status 0x%02x, syndrome 0x%x", mlx5_status(reply),
		    mlx5_syndrome(reply)))
		return 1;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		printf("            %-18s %u\n", fields[i].name, mlx5_field(cap, fields[i].offset, fields[i].bits));
	expect(mlx5_field(cap, 155, 5) > 0, "log_max_qp is not 0");
	expect(mlx5_field(cap, 440, 8) >= 1, "at least one port");
	expect(reply[sizeof(reply) - 1] == 0, "the reply fills all %zu bytes that were asked for", sizeof(reply));
	return failures() != 0;
}
