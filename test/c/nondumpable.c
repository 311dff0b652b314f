/*
 * A client that no unprivileged process may look into (PR_SET_DUMPABLE 0, as setuid programs and ssh-agent are).
 * The emulator reads its callers' memory, so this is the caller it could fail on.
 * Exit: 0 right answers, 1 wrong answers, 77 prctl refused.
 */
#include <sys/prctl.h>
#include "fwctl-client.h"

int main(int argc, char **argv)
{
	static uint8_t reply[MLX5_CAP_REPLY];
	const char *path = fwctl_device(argc, argv);
	struct fwctl_info_mlx5 info;
	uint32_t type = 0;
	int fd, error;

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return 77;
	fd = fwctl_open(path);
	error = fwctl_info(fd, &type, &info);
	expect(error == 0 && type == FWCTL_TYPE_MLX5 && info.uid != 0, "FWCTL_INFO: %s, type %u, uid %u", errno_name(error),
	       type, info.uid);
	error = mlx5_query_cap(fd, SCOPE_CONFIGURATION, 0, reply);
	expect(error == 0 && mlx5_status(reply) == 0, "QUERY_HCA_CAP: %s, status 0x%02x", errno_name(error),
	       mlx5_status(reply));
	expect(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0, "still not dumpable");
	return failures() != 0;
}
