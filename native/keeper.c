/*
 * What answers trapped calls when the daemon has gone, killed too, and processes of its command live on: without a
 * listener each of their open(2) and stat(2) would fail with ENOSYS. Calls that the daemon owed an answer get
 * ECONNABORTED, later ioctls on open devices ENOTCONN, as of a FUSE connection that has ended; all others go on.
 *
 * Usage: keeper [DIRECTORY]    removed in the end, with all that is in it: the listings of a view without mounts
 *
 * Started by native/notify-session.c, with the descriptors of keeper.h. Ends with the last process that is trapped.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "keeper.h"
#include "trapped.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void respond(uint64_t id, int32_t error)
{
	struct seccomp_notif_resp response = { .id = id, .error = error };
	if (!error)
		response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	ioctl(KEEPER_LISTENER, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

/* An open device is a socket to who has it. */
static bool is_socket(uint32_t tid, int descriptor)
{
	char path[64];
	struct stat found;
	snprintf(path, sizeof path, "/proc/%" PRIu32 "/fd/%d", tid, descriptor);
	return stat(path, &found) == 0 && S_ISSOCK(found.st_mode);
}

static int remove_one(const char *path, const struct stat *found, int type, struct FTW *where)
{
	(void)found;
	(void)where;
	if (type == FTW_DP)
		rmdir(path);
	else
		unlink(path);
	return 0;
}

int main(int argc, char **argv)
{
	char byte;
	if (chdir("/") < 0 || syscall(SYS_close_range, KEEPER_CALLS + 1, ~0u, 0) < 0)
		return 1;
	const uint64_t *calls = mmap(NULL, MOST_CALLS * sizeof *calls, PROT_READ, MAP_SHARED, KEEPER_CALLS, 0);
	while (read(KEEPER_PIPE, &byte, 1) < 0 && errno == EINTR)
		;
	for (int i = 0; calls != MAP_FAILED && i < MOST_CALLS; i++)
		if (calls[i])
			respond(calls[i], -ECONNABORTED);
	struct pollfd wait = { .fd = KEEPER_LISTENER, .events = POLLIN };
	while (poll(&wait, 1, -1) >= 0 || errno == EINTR) {
		struct seccomp_notif call = { 0 };
		if (!(wait.revents & POLLIN) && wait.revents & (POLLHUP | POLLERR | POLLNVAL))
			break;
		if (!(wait.revents & POLLIN) || ioctl(KEEPER_LISTENER, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
			continue;
		const struct trapped *row = trapped_row(call.data.nr);
		bool device = row && row->call == CALL_IOCTL && is_socket(call.pid, (int)call.data.args[0]);
		respond(call.id, device ? -ENOTCONN : 0);
	}
	if (argc > 1)
		nftw(argv[1], remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
