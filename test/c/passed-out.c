/*
 * A descriptor that leaves a view by SCM_RIGHTS: what each call on it answers outside, a line `CALL ERRNO` each.
 *
 *   passed-out listen SOCKET          receives one, asks, prints
 *   passed-out send SOCKET NODE       opens one, sends it, waits for the other to be done
 */
#define _GNU_SOURCE /* strerrorname_np() */
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include "fwctl-client.h"

static int pass(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	if (fd < 0)
		return recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1 ? *(int *)CMSG_DATA(header) : -1;
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	*(int *)CMSG_DATA(header) = fd;
	return sendmsg(socket, &message, 0) == 1 ? 0 : -1;
}

static void answer(const char *call, long result)
{
	printf("%s %s\n", call, result < 0 ? strerrorname_np(errno) : "OK");
}
#define ASK(name, call) answer(name, (long)(call))

static void ask(int fd)
{
	struct fwctl_info_mlx5 info;
	struct stat now;
	char byte, link[64];
	int error;

	error = fwctl_info(fd, NULL, &info);
	printf("FWCTL_INFO %s\n", error ? strerrorname_np(-error) : "OK");
	error = mlx5_query_cap(fd, SCOPE_CONFIGURATION, 0, (uint8_t[MLX5_CAP_REPLY]){ 0 });
	printf("FWCTL_RPC %s\n", error ? strerrorname_np(-error) : "OK");
	ASK("unknown ioctl", ioctl(fd, 0x9a7f, 0));
	ASK("fstat", fstat(fd, &now));
	ASK("read", read(fd, &byte, 1));
	ASK("write", write(fd, &byte, 1));
	ASK("lseek", lseek(fd, 0, SEEK_SET));
	ASK("poll", poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, 0));
	ASK("fsync", fsync(fd));
	ASK("ftruncate", ftruncate(fd, 0));
	ASK("fchmod", fchmod(fd, 0600));
	ASK("fgetxattr", fgetxattr(fd, "security.a", &byte, 1));
	ASK("F_GETFL", fcntl(fd, F_GETFL));
	ASK("dup", dup(fd));
	ASK("mmap", mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ASK("reopen", open(link, O_RDWR));
	ASK("close", close(fd));
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listens = argc == 3 && !strcmp(argv[1], "listen"), sends = argc == 4 && !strcmp(argv[1], "send");
	int own = socket(AF_UNIX, SOCK_STREAM, 0);
	char byte;

	if (!listens && !sends)
		return 2;
	strncpy(address.sun_path, argv[2], sizeof(address.sun_path) - 1);
	if (sends) {
		int fd = open(argv[3], O_RDWR);

		if (fd < 0 || connect(own, (struct sockaddr *)&address, sizeof(address)) || pass(own, fd)) {
			perror(argv[3]);
			return 1;
		}
		return read(own, &byte, 1) < 0;
	}
	if (bind(own, (struct sockaddr *)&address, sizeof(address)) || chmod(argv[2], 0666) || listen(own, 1)) {
		perror(argv[2]);
		return 1;
	}
	puts("listening");
	fflush(stdout);
	ask(pass(accept(own, NULL, NULL), -1));
	return 0;
}
