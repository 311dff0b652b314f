/*
 * Scopes 2 and 3: what needs CAP_SYS_RAWIO, and what taints the kernel. Exit 0: all as expected.
 * Needs a machine whose bit 19 of /proc/sys/kernel/tainted is still clear: a fresh `fwctl-emu run`.
 */
#include <linux/capability.h>
#include <sys/syscall.h>
#include "fwctl-client.h"

/* Gives CAP_SYS_RAWIO up, in all of this thread's sets. 0 or a negative errno. */
static int drop_rawio(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];

	if (syscall(SYS_capget, &header, sets) < 0)
		return -errno;
	sets[0].effective &= ~(1u << CAP_SYS_RAWIO);
	sets[0].permitted &= ~(1u << CAP_SYS_RAWIO);
	sets[0].inheritable &= ~(1u << CAP_SYS_RAWIO);
	return syscall(SYS_capset, &header, sets) < 0 ? -errno : 0;
}

int main(int argc, char **argv)
{
	static uint8_t reply[MLX5_CAP_REPLY];
	int fd = fwctl_open(fwctl_device(argc, argv));
	unsigned long before = read_tainted(), after;
	int error;

	if (!expect(before != ~0ul && !(before & TAINT_FWCTL), "/proc/sys/kernel/tainted is %ld before (expected: bit 19 clear)",
		    (long)before))
		return 1;

	error = drop_rawio();
	if (!expect(error == 0, "give up CAP_SYS_RAWIO: %s", errno_name(error)))
		return 1;
	error = mlx5_query_cap(fd, SCOPE_DEBUG_WRITE_FULL, 0, reply);
	expect(error == -EPERM, "scope DEBUG_WRITE_FULL without CAP_SYS_RAWIO: %s (expected EPERM)", errno_name(error));
	after = read_tainted();
	expect(after == before, "a refusal for want of the capability does not taint: still %ld", (long)after);

	error = mlx5_query_cap(fd, SCOPE_DEBUG_WRITE, 0, reply);
	expect(error == 0 && mlx5_status(reply) == 0, "scope DEBUG_WRITE needs no capability: %s", errno_name(error));
	after = read_tainted();
	expect(after == (before | TAINT_FWCTL), "/proc/sys/kernel/tainted is %ld after (expected %ld: bit 19, letter J)",
	       (long)after, (long)(before | TAINT_FWCTL));
	return failures() != 0;
}
