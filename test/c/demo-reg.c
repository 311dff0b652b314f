/* ACCESS_REG: two registers read in the right scope, and one refused in the wrong one. Exit 0: all as expected. */
#include "fwctl-client.h"

static void read_mgir(int fd)
{
	uint8_t reply[MLX5_HEADER + 160] = { 0 };
	const uint8_t *mgir = reply + MLX5_HEADER;
	int error = mlx5_read_register(fd, SCOPE_DEBUG_READ_ONLY, MLX5_MGIR, reply, 160);

	if (!expect(error == 0 && mlx5_status(reply) == 0, "read MGIR in scope DEBUG_READ_ONLY: %s, status 0x%02x",
		    errno_name(error), mlx5_status(reply)))
		return;
	printf("            %-18s 0x%x\n", "device_id", mlx5_field(mgir, 16, 16));
	printf("            %-18s 0x%x\n", "hw_dev_id", mlx5_field(mgir, 80, 16));
	printf("            %-18s %u.%u.%u\n", "firmware", mlx5_field(mgir, 544, 32), mlx5_field(mgir, 576, 32),
	       mlx5_field(mgir, 608, 32));
	printf("            %-18s %.16s\n", "psid", (const char *)mgir + 48);
	expect(mlx5_field(mgir, 80, 16) != 0, "hw_dev_id is not 0");
}

static void read_node_desc(int fd)
{
	uint8_t reply[MLX5_HEADER + 64] = { 0 };
	int error = mlx5_read_register(fd, SCOPE_DEBUG_READ_ONLY, MLX5_NODE_DESC, reply, 64);

	if (!expect(error == 0 && mlx5_status(reply) == 0, "read NODE_DESC: %s, status 0x%02x", errno_name(error),
		    mlx5_status(reply)))
		return;
	printf("            %-18s %.64s\n", "node_desc", (const char *)reply + MLX5_HEADER);
	expect(reply[MLX5_HEADER] != 0, "the description is not empty");
}

static void read_in_wrong_scope(int fd)
{
	uint8_t reply[MLX5_HEADER + 160];
	int error, untouched;

	memset(reply, 0xa5, sizeof(reply));
	error = mlx5_read_register(fd, SCOPE_CONFIGURATION, MLX5_MGIR, reply, 160);
	expect(error == -EBADMSG, "the same read in scope CONFIGURATION: %s (expected EBADMSG)", errno_name(error));
	untouched = reply[0] == 0xa5 && reply[sizeof(reply) - 1] == 0xa5;
	expect(untouched, "refused means not delivered: the reply buffer is untouched");
}

int main(int argc, char **argv)
{
	int fd = fwctl_open(fwctl_device(argc, argv));

	read_mgir(fd);
	read_node_desc(fd);
	read_in_wrong_scope(fd);
	return failures() != 0;
}
