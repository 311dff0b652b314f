/*
 * A client with the faults that `fwctl-emu sweep` is to find, one by one:
 *	sweep-client MODE	good, hides, loops, crashes, retries
 * It opens the device, asks FWCTL_INFO, and reads the registers NODE_DESC and RESOURCE_DUMP (the menu, inline).
 */
#include "fwctl-client.h"

enum { DUMP = 256, SIZE_AT = MLX5_HEADER + 36, DATA_AT = MLX5_HEADER + 48 };

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

static int read_register(int fd, uint16_t id, uint8_t *reply, uint32_t bytes)
{
	uint8_t request[MLX5_HEADER + DUMP] = { 0x08, 0x05, 0, 0, 0, 0, 0, 1, 0, 0, id >> 8, id & 0xff };
	int error;

	if (id == 0xc000) {
		request[MLX5_HEADER] = 0x40;
		request[MLX5_HEADER + 2] = request[MLX5_HEADER + 3] = 0xff;
	}
	error = fwctl_rpc(fd, SCOPE_DEBUG_READ_ONLY, request, MLX5_HEADER + bytes, reply, MLX5_HEADER + bytes);
	return error ? error : reply[0] ? -EREMOTEIO : 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "good";
	int hides = !strcmp(mode, "hides"), retries = !strcmp(mode, "retries"), error;
	uint8_t reply[MLX5_HEADER + DUMP], copy[DUMP];
	struct fwctl_info_mlx5 data;
	uint32_t size, left;
	int fd = fwctl_open(fwctl_device(1, argv));

	error = fwctl_info(fd, NULL, &data);
	if (error)
		return 1;
	error = read_register(fd, MLX5_NODE_DESC, reply, 64);
	if (error && retries)
		error = read_register(fd, MLX5_NODE_DESC, reply, 64);
	if (error && !hides) {
		fprintf(stderr, "NODE_DESC: %d\n", error);
		return 1;
	}
	error = read_register(fd, 0xc000, reply, DUMP);
	if (error) {
		fprintf(stderr, "RESOURCE_DUMP: %d\n", error);
		return 1;
	}
	size = be32(reply + SIZE_AT);
	if (strcmp(mode, "crashes") && size > DUMP - 48)
		return 1;
	memcpy(copy, reply + DATA_AT, size);
	for (left = size; left >= 4 && !strcmp(mode, "loops");) {
		uint32_t segment = (be32(copy) >> 16) * 4;

		left -= segment < left ? segment : left;
	}
	printf("%u bytes, %02x\n", size, size ? copy[size - 1] : 0);
	return 0;
}
