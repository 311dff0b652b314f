/*
 * Who may ask for FWCTL_RPC_DEBUG_WRITE_FULL: CAP_SYS_RAWIO of the calling thread, at the time of the call, in the
 * initial user namespace of what the emulator serves.
 *   credentials [DEVICE]
 * One line for each caller, `NAME: RESULT`, for scope 3 and, where it tells more, scope 2. Exit 0 whatever they are:
 * the test compares. A caller that this machine does not let be is `NAME: cannot be had (ERRNO)`.
 */
#include "fwctl-client.h"
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static int descriptor;
static pthread_barrier_t step;

/* Of the calling thread alone: capset(2) is not glibc's, which would change all threads. */
static void rawio(int on)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	if (syscall(SYS_capget, &header, data))
		return;
	if (on)
		data[0].effective |= 1u << CAP_SYS_RAWIO;
	else
		data[0].effective &= ~(1u << CAP_SYS_RAWIO);
	if (syscall(SYS_capset, &header, data))
		perror("capset");
}

static void ask(const char *who, int fd, uint32_t scope)
{
	static _Thread_local uint8_t reply[MLX5_CAP_REPLY];
	int result = mlx5_query_cap(fd, scope, 0, reply);
	printf("%s, scope %u: %s\n", who, scope, result < 0 ? errno_name(errno) : "OK");
	fflush(stdout);
}

/* Without, then with, while its leader is the other way round. */
static void *other_thread(void *unused)
{
	(void)unused;
	rawio(0);
	pthread_barrier_wait(&step);
	ask("thread without, leader with", descriptor, SCOPE_DEBUG_WRITE_FULL);
	pthread_barrier_wait(&step);
	pthread_barrier_wait(&step); /* the leader has given it up */
	rawio(1);
	ask("thread with, leader without", descriptor, SCOPE_DEBUG_WRITE_FULL);
	pthread_barrier_wait(&step);
	return NULL;
}

static void threads(void)
{
	pthread_t thread;
	pthread_barrier_init(&step, NULL, 2);
	pthread_create(&thread, NULL, other_thread, NULL);
	pthread_barrier_wait(&step);
	pthread_barrier_wait(&step);
	ask("leader with, thread without", descriptor, SCOPE_DEBUG_WRITE_FULL);
	rawio(0);
	pthread_barrier_wait(&step);
	pthread_barrier_wait(&step);
	ask("leader without, thread with", descriptor, SCOPE_DEBUG_WRITE_FULL);
	rawio(1);
	pthread_join(thread, NULL);
}

/* A child that gets the descriptor over a socket, has none of its own, and lives as `who` says. */
static void passed(const char *who, int (*change)(void))
{
	int pair[2];
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		exit(1);
	pid_t child = fork();
	if (!child) {
		int fd;
		close(descriptor);
		if (recvmsg(pair[1], &message, 0) != 1)
			_exit(1);
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
		if (change()) {
			printf("%s: cannot be had (%s)\n", who, errno_name(errno));
			_exit(0);
		}
		ask(who, fd, SCOPE_DEBUG_WRITE);
		ask(who, fd, SCOPE_DEBUG_WRITE_FULL);
		_exit(0);
	}
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
	sendmsg(pair[0], &message, 0);
	waitpid(child, NULL, 0);
	close(pair[0]);
	close(pair[1]);
}

static int nothing(void)
{
	return 0;
}

static int without(void)
{
	rawio(0);
	return 0;
}

static int own_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	descriptor = fwctl_open(fwctl_device(argc, argv));
	threads();
	passed("passed to a child", nothing);
	passed("passed to a child without", without);
	passed("passed to a child in its own user namespace", own_namespace);
	return 0;
}
