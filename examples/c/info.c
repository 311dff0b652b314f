/* The least that a fwctl client does: cc -Iextras/include -o info examples/c/info.c && fwctl-emu run -- ./info */
#include <fcntl.h>
#include <fwctl/fwctl.h>
#include <fwctl/mlx5.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>

int main(int argc, char **argv)
{
	int fd = open(argc > 1 ? argv[1] : "/dev/fwctl/fwctl0", O_RDWR);
	struct fwctl_info_mlx5 mlx5;
	struct fwctl_info info = { .size = sizeof(info), .device_data_len = sizeof(mlx5), .out_device_data = (uintptr_t)&mlx5 };
	/* QUERY_HCA_CAP of the general capabilities as they are: opcode 0x0100, op_mod 1, big-endian */
	unsigned char in[16] = { 0x01, 0x00, [7] = 1 }, out[16 + 256] = { 0 };
	struct fwctl_rpc rpc = { .size = sizeof(rpc), .scope = FWCTL_RPC_CONFIGURATION, .in_len = sizeof(in),
				 .out_len = sizeof(out), .in = (uintptr_t)in, .out = (uintptr_t)out };

	if (fd < 0 || ioctl(fd, FWCTL_INFO, &info) < 0 || ioctl(fd, FWCTL_RPC, &rpc) < 0) {
		perror("fwctl");
		return 1;
	}
	printf("type %u, uid %u, status 0x%x, log_max_qp %u\n", info.out_device_type, mlx5.uid, out[0], out[16 + 19] & 31);
	return out[0] != 0;
}
