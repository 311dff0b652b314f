/* The code under test of docs/testing-with-fwctl-emu.md: asks twice, so that "when=2" strikes it. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <fwctl/fwctl.h>
#include <stdint.h>
#include <sys/ioctl.h>

static int my_tool_query(void)
{
	unsigned char in[16] = { 0x01, 0x00, [7] = 1 }, out[16 + 256];
	struct fwctl_rpc rpc = { .size = sizeof(rpc), .in_len = sizeof(in), .in = (uintptr_t)in, .out = (uintptr_t)out };
	int fd = open("/dev/fwctl/fwctl0", O_RDWR), result = 0;

	for (int i = 0; i < 2 && result == 0; i++) {
		rpc.out_len = sizeof(out);
		result = ioctl(fd, FWCTL_RPC, &rpc) < 0 ? -errno : 0;
	}
	close(fd);
	return result;
}
