/*
 * How long a program takes to start, for `make bench`. Prints nanoseconds from fork to the event, as one number.
 *
 *	bench-start exit COMMAND [ARG...]	   to the command's exit, which must be 0
 *	bench-start open PATH COMMAND [ARG...]	   to the first open of PATH that succeeds; then it gets SIGTERM
 *	bench-start until COMMAND [ARG...]	   to the moment that the command prints: nanoseconds of CLOCK_MONOTONIC
 *	bench-start now PATH			   opens PATH and prints that moment: what `until` starts in a view
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

static int wait_print(pid_t child, int from, uint64_t start)
{
	char text[64] = "";
	ssize_t n = read(from, text, sizeof(text) - 1);
	int status;

	if (waitpid(child, &status, 0) != child || status != 0 || n <= 0) {
		fprintf(stderr, "bench-start: the command failed\n");
		return 1;
	}
	printf("%llu\n", (unsigned long long)(strtoull(text, NULL, 10) - start));
	return 0;
}

static int print_now(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		perror(path);
		return 1;
	}
	printf("%llu\n", (unsigned long long)now());
	return 0;
}

int main(int argc, char **argv)
{
	int out[2] = { -1, -1 };
	int to_open = argc > 3 && strcmp(argv[1], "open") == 0;
	uint64_t start;
	pid_t child;

	if (argc == 3 && strcmp(argv[1], "now") == 0)
		return print_now(argv[2]);
	if (argc > 2 && strcmp(argv[1], "until") == 0) {
		if (pipe(out) < 0)
			return 1;
	} else if (!to_open && (argc < 3 || strcmp(argv[1], "exit") != 0)) {
		fprintf(stderr, "usage: bench-start exit COMMAND... | open PATH COMMAND... | until COMMAND... | now PATH\n");
		return 2;
	}
	start = now();
	child = fork();
	if (child < 0)
		return 1;
	if (child == 0) {
		dup2(out[1] < 0 ? STDERR_FILENO : out[1], STDOUT_FILENO); /* our output is the number alone */
		execvp(argv[to_open ? 3 : 2], argv + (to_open ? 3 : 2));
		_exit(127);
	}
	if (out[0] >= 0) {
		close(out[1]);
		return wait_print(child, out[0], start);
	}
	return to_open ? wait_open(child, argv[2], start) : wait_exit(child, start);
}
