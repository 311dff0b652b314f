/*
 * One open file, reached in every way a descriptor travels: dup, fork, SCM_RIGHTS. The context, and with it the uid,
 * belongs to the open file and lives until its last descriptor is closed. Exit 0: all as expected.
 */
#include <sys/socket.h>
#include <sys/wait.h>
#include "fwctl-client.h"

static uint32_t uid_of(int fd)
{
	struct fwctl_info_mlx5 info;

	return fwctl_info(fd, NULL, &info) ? 0 : info.uid;
}

static int rpc_works(int fd)
{
	static uint8_t reply[MLX5_CAP_REPLY];

	return mlx5_query_cap(fd, SCOPE_CONFIGURATION, 0, reply) == 0 && mlx5_status(reply) == 0;
}

static int send_fd(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(socket, &message, 0) == 1 ? 0 : -errno;
}

static int receive_fd(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

/* Runs `child` in a child process; its result is the low byte that came back as exit status. */
static int in_child(int (*child)(int, uint32_t), int argument, uint32_t uid)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(child(argument, uid));
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return 255;
	return WEXITSTATUS(status);
}

static int forked(int fd, uint32_t uid)
{
	return !(uid_of(fd) == uid && rpc_works(fd));
}

static int passed(int socket, uint32_t uid)
{
	int fd = receive_fd(socket);

	return !(fd >= 0 && uid_of(fd) == uid && rpc_works(fd));
}

int main(int argc, char **argv)
{
	const char *path = fwctl_device(argc, argv);
	int fd = fwctl_open(path), other = fwctl_open(path), copy, pair[2];
	uint32_t uid = uid_of(fd);

	expect(uid != 0, "uid of the open file: %u", uid);
	expect(uid_of(other) != 0 && uid_of(other) != uid, "another open has another uid: %u", uid_of(other));
	copy = dup(fd);
	expect(uid_of(copy) == uid, "dup: the same uid");
	expect(in_child(forked, fd, uid) == 0, "fork: the same uid in the child, and its RPC works");

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0)
		return 1;
	expect(send_fd(pair[0], fd) == 0 && in_child(passed, pair[1], uid) == 0,
	       "SCM_RIGHTS: the same uid in the receiver, and its RPC works");

	close(fd);
	expect(uid_of(copy) == uid && rpc_works(copy), "one descriptor closed: the other still works, same uid");
	expect(send_fd(pair[0], copy) == 0, "send the last descriptor");
	close(copy);
	expect(in_child(passed, pair[1], uid) == 0, "a descriptor in flight alone keeps the context alive");
	return failures() != 0;
}
