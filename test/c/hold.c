/*
 * A client to be killed, interrupted or unplugged under. Says "ready PID UID" on stdout as soon as the device is open,
 * then
 *   hold DEVICE sleep SECONDS   keeps the device open, idle
 *   hold DEVICE stdin           keeps it open until end of file on stdin
 *   hold DEVICE rpc [COUNT]     runs COUNT RPCs one after the other (default 1, 0: for ever), waiting in each for as
 *                               long as the firmware takes; says "rpc N RESULT MILLISECONDS" after each
 * Exit: 0, the errno of the first call that failed, or 200 for wrong usage. SIGUSR1 is caught without SA_RESTART, so it
 * interrupts an RPC without killing the client.
 */
#include <signal.h>
#include <time.h>
#include "fwctl-client.h"

static void nothing(int signal)
{
	(void)signal;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int run_rpcs(int fd, long count)
{
	static uint8_t reply[MLX5_CAP_REPLY];
	long i;

	for (i = 1; count == 0 || i <= count; i++) {
		double start = now_ms();
		int error = mlx5_query_cap(fd, SCOPE_CONFIGURATION, 0, reply);

		printf("rpc %ld %s %.1f\n", i, errno_name(error), now_ms() - start);
		fflush(stdout);
		if (error)
			return -error;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = nothing };
	struct fwctl_info_mlx5 info;
	char byte;
	int fd, error;

	if (argc < 3) {
		fprintf(stderr, "usage: hold DEVICE sleep SECONDS | stdin | rpc [COUNT]\n");
		return 200;
	}
	sigaction(SIGUSR1, &action, NULL);
	fd = open(argv[1], O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		error = errno;
		fprintf(stderr, "open %s: %s\n", argv[1], strerror(error));
		return error;
	}
	error = fwctl_info(fd, NULL, &info);
	if (error) {
		fprintf(stderr, "FWCTL_INFO: %s\n", errno_name(error));
		return -error;
	}
	printf("ready %d %u\n", (int)getpid(), info.uid);
	fflush(stdout);

	if (!strcmp(argv[2], "sleep") && argc > 3) {
		sleep(strtoul(argv[3], NULL, 10));
		return 0;
	}
	if (!strcmp(argv[2], "stdin")) {
		while (read(STDIN_FILENO, &byte, 1) > 0)
			;
		return 0;
	}
	if (!strcmp(argv[2], "rpc"))
		return run_rpcs(fd, argc > 3 ? strtol(argv[3], NULL, 10) : 1);
	fprintf(stderr, "hold: unknown mode %s\n", argv[2]);
	return 200;
}
