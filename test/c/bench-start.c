/*
 * How long a program takes to start, for `make bench`. Prints nanoseconds from fork to the event, as one number.
 *
 *	bench-start exit COMMAND [ARG...]	   to the command's exit, which must be 0
 *	bench-start open PATH COMMAND [ARG...]	   to the first open of PATH that succeeds; then the command gets SIGTERM
 */
#include "fwctl-client.h"
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { PATIENCE_MS = 30000 };

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void pause_us(long us)
{
	struct timespec time = { .tv_nsec = us * 1000 };

	nanosleep(&time, NULL);
}

/* True when the child ended within the time; its status in *status. */
static int ended(pid_t child, int ms, int *status)
{
	for (uint64_t end = now() + ms * 1000000ull; now() < end; pause_us(1000))
		if (waitpid(child, status, WNOHANG) == child)
			return 1;
	return 0;
}

static void stop(pid_t child)
{
	int status;

	kill(child, SIGTERM);
	if (!ended(child, 5000, &status)) {
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
	}
}

static int wait_open(pid_t child, const char *path, uint64_t start)
{
	int fd, status;

	while ((fd = open(path, O_RDWR | O_CLOEXEC)) < 0) {
		if (waitpid(child, &status, WNOHANG) == child) {
			fprintf(stderr, "bench-start: the command ended before %s could be opened\n", path);
			return 1;
		}
		if (now() - start > PATIENCE_MS * 1000000ull) {
			fprintf(stderr, "bench-start: no %s after %d ms\n", path, PATIENCE_MS);
			stop(child);
			return 1;
		}
		pause_us(200);
	}
	printf("%llu\n", (unsigned long long)(now() - start));
	close(fd);
	stop(child);
	return 0;
}

static int wait_exit(pid_t child, uint64_t start)
{
	int status;

	if (waitpid(child, &status, 0) != child || status != 0) {
		fprintf(stderr, "bench-start: the command failed\n");
		return 1;
	}
	printf("%llu\n", (unsigned long long)(now() - start));
	return 0;
}

int main(int argc, char **argv)
{
	int to_open = argc > 3 && strcmp(argv[1], "open") == 0;
	uint64_t start;
	pid_t child;

	if (!to_open && (argc < 3 || strcmp(argv[1], "exit") != 0)) {
		fprintf(stderr, "usage: bench-start exit COMMAND... | open PATH COMMAND...\n");
		return 2;
	}
	start = now();
	child = fork();
	if (child < 0)
		return 1;
	if (child == 0) {
		dup2(STDERR_FILENO, STDOUT_FILENO); /* our output is the number alone */
		execvp(argv[to_open ? 3 : 2], argv + (to_open ? 3 : 2));
		_exit(127);
	}
	return to_open ? wait_open(child, argv[2], start) : wait_exit(child, start);
}
