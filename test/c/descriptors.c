/*
 * What a client does with descriptors and signals around ioctls, each part by a name of its own: prints "ok PART" or
 * what is wrong, exit 1. For transports whose identity of an open file is not the kernel's own (src/transport/notify).
 *
 *   descriptors PART        reuse dup2 cloexec threads-close fork vfork reopen readonly timer
 *   descriptors inherited N       says how an ioctl on descriptor N ends
 *   descriptors timer FLAGS N     N RPCs under a 1 kHz timer; FLAGS: restart or none
 * Built static too.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/wait.h>
#include "fwctl-client.h"

static const char *const path = "/dev/fwctl/fwctl0";

static int fail(const char *part, const char *what)
{
	printf("wrong %s: %s (%s)\n", part, what, strerror(errno));
	return 1;
}

static uint32_t uid_of(int fd)
{
	struct fwctl_info_mlx5 data = { 0 };
	struct fwctl_info info = { .size = sizeof info, .device_data_len = sizeof data, .out_device_data = (uintptr_t)&data };
	return ioctl(fd, FWCTL_INFO, &info) ? 0 : data.uid;
}

static int reuse(void)
{
	for (int i = 0; i < 1000; i++) {
		int fd = open(path, O_RDWR);
		uint32_t uid = uid_of(fd);
		close(fd);
		int other = open("/dev/null", O_RDWR);
		errno = 0;
		if (!uid || other != fd || uid_of(other) || errno != ENOTTY)
			return fail("reuse", "a number that became another file's");
		close(other);
	}
	return 0;
}

/* Another open file under a number that was used just before, while the first is open elsewhere too. */
static int dup2_over(void)
{
	int a = open(path, O_RDWR), b = open(path, O_RDWR), keep = dup(a);
	uint32_t first = uid_of(a), second = uid_of(b);
	if (first == second || uid_of(keep) != first || dup2(b, a) != a)
		return fail("dup2", "two open files");
	/* within 50 us of its last ioctl a number is taken for what it was, unless --verify-descriptors */
	if (!getenv("VERIFIED"))
		usleep(1000);
	if (uid_of(a) != second)
		return fail("dup2", "the number is still the other file's");
	return 0;
}

static int cloexec(void)
{
	int kept = open(path, O_RDWR), closed = open(path, O_RDWR | O_CLOEXEC), readable = open(path, O_RDONLY | O_CLOEXEC);
	if (!uid_of(readable)) /* where that makes a device of a placeholder, the flag stays */
		return fail("cloexec", "a device that was opened for reading");
	if (fcntl(kept, F_GETFD) != 0 || fcntl(closed, F_GETFD) != FD_CLOEXEC || fcntl(readable, F_GETFD) != FD_CLOEXEC)
		return fail("cloexec", "flags of descriptors");
	return 0;
}

static void *many_calls(void *fd)
{
	for (int i = 0; i < 2000; i++)
		uid_of((int)(intptr_t)fd);
	return NULL;
}

/* One thread's calls on a number that another closes and opens again. */
static int threads_close(void)
{
	for (int i = 0; i < 20; i++) {
		int fd = open(path, O_RDWR);
		pthread_t thread;
		pthread_create(&thread, NULL, many_calls, (void *)(intptr_t)fd);
		usleep(500);
		close(fd);
		int again = open(path, O_RDWR);
		uint32_t uid = uid_of(again);
		pthread_join(thread, NULL);
		if (!uid || again != fd)
			return fail("threads-close", "a call on the new file");
		close(again);
	}
	return 0;
}

static int forked(int with_vfork)
{
	int fd = open(path, O_RDWR), status;
	uint32_t uid = uid_of(fd);
	pid_t child = with_vfork ? vfork() : fork();
	if (child == 0)
		_exit(uid_of(fd) == uid ? 0 : 1);
	close(fd);
	if (waitpid(child, &status, 0) != child || status)
		return fail("fork", "the child's copy");
	return 0;
}

static int reopened(void)
{
	char again[64];
	int fd = open(path, O_RDWR);
	snprintf(again, sizeof again, "/proc/self/fd/%d", fd);
	int second = open(again, O_RDWR);
	if (second < 0 || uid_of(second) == uid_of(fd) || !uid_of(second))
		return fail("reopen", "by /proc/self/fd");
	if (open("/proc/0/fd/0", O_RDWR) >= 0 || errno != ENOENT)
		return fail("reopen", "a process that cannot be");
	int closed = open(path, O_RDWR), kept = dup(closed);
	close(closed);
	int other = open("/dev/null", O_RDWR);
	snprintf(again, sizeof again, "/dev/fd/%d", other);
	int third = open(again, O_RDWR);
	errno = 0;
	if (other != closed || third < 0 || uid_of(third) || errno != ENOTTY || !uid_of(kept))
		return fail("reopen", "a number that became another file's");
	return 0;
}

static int read_only(void)
{
	int fd = open(path, O_RDONLY);
	struct stat found;
	if (fd < 0 || !uid_of(fd) || uid_of(fd) != uid_of(fd))
		return fail("readonly", "an ioctl");
	if (fstat(fd, &found) || !S_ISCHR(found.st_mode) || major(found.st_rdev) == 0)
		return fail("readonly", "fstat says no character device");
	return 0;
}

static volatile int signals;

static void on_signal(int number)
{
	(void)number;
	signals++;
}

/* How often EINTR came, and that nothing was executed twice: the firmware's counter is the caller's to compare. */
static int timer(const char *flags, int calls)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = strcmp(flags, "restart") ? 0 : SA_RESTART };
	struct itimerval every = { { 0, 1000 }, { 0, 1000 } };
	int fd = open(path, O_RDWR), interrupted = 0, other = 0, done = 0;
	uint32_t in[4] = { htobe32(0x10a << 16) }, out[4]; /* QUERY_ISSI */
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	while (done < calls) {
		struct fwctl_rpc rpc = {
			.size = sizeof rpc, .scope = SCOPE_DEBUG_READ_ONLY, .in_len = sizeof in, .out_len = sizeof out,
			.in = (uintptr_t)in, .out = (uintptr_t)out,
		};
		if (!ioctl(fd, FWCTL_RPC, &rpc))
			done++;
		else if (errno == EINTR)
			interrupted++;
		else if (other++ > 10)
			return fail("timer", "an RPC");
	}
	printf("timer: %d calls, %d signals, %d EINTR\n", done, signals, interrupted);
	return other || (!strcmp(flags, "restart") && interrupted);
}

static int inherited(int fd)
{
	errno = 0;
	uid_of(fd);
	printf("inherited: %s\n", strerror(errno));
	return 0;
}

int main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "";
	if (!strcmp(part, "inherited") && argc > 2)
		return inherited(atoi(argv[2]));
	int result = !strcmp(part, "reuse") ? reuse() :
		     !strcmp(part, "dup2") ? dup2_over() :
		     !strcmp(part, "cloexec") ? cloexec() :
		     !strcmp(part, "threads-close") ? threads_close() :
		     !strcmp(part, "fork") ? forked(0) :
		     !strcmp(part, "vfork") ? forked(1) :
		     !strcmp(part, "reopen") ? reopened() :
		     !strcmp(part, "readonly") ? read_only() :
		     !strcmp(part, "timer") && argc > 3 ? timer(argv[2], atoi(argv[3])) :
						     2;
	if (!result)
		printf("ok %s\n", part);
	return result;
}
