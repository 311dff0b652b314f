/*
 * One client of the stress run: makes COUNT RPCs whatever happens to the device, and knows a right answer from a wrong
 * one.
 *	stress-client DEVICE COUNT [REOPEN]
 * REOPEN: after so many RPCs it closes the device and opens it again; 0, the default: only where it was unplugged.
 * Injected faults it expects: errno EIO, status BAD_PARAM with syndrome 0x5eeb5, an unplugged device (it opens it
 * again). Everything else is wrong. Prints its counts; status 0: no wrong answer; killed by SIGALRM: a call that did
 * not come back within a minute.
 */
#include "fwctl-client.h"

enum { LIMIT_S = 60, REQUESTS = 3, MOST_REPLY = MLX5_CAP_REPLY };

static const struct request {
	uint8_t bytes[MLX5_HEADER + 64];
	uint32_t in_len, out_len, scope;
} requests[REQUESTS] = {
	{ { 1, 0, 0, 0, 0, 0, 0, 1 }, MLX5_HEADER, 272, SCOPE_CONFIGURATION },
	{ { 1, 0, 0, 0, 0, 0, 0, 0 }, MLX5_HEADER, MLX5_CAP_REPLY, SCOPE_CONFIGURATION },
	{ { 0x08, 0x05, 0, 0, 0, 0, 0, 1, 0, 0, 0x60, 0x01 }, MLX5_HEADER + 64, MLX5_HEADER + 64, SCOPE_DEBUG_READ_ONLY },
};

/* What an open may find while the device is unplugged; over CUSE one that is under way then ends with its
 * connection. */
static int unplugged(int error)
{
	return error == ENOENT || error == ENODEV || error == ENXIO || error == ECONNABORTED || error == ENOTCONN;
}

static uint8_t right[REQUESTS][MOST_REPLY];
static int known[REQUESTS];

int main(int argc, char **argv)
{
	const char *device = fwctl_device(argc, argv);
	long count = argc > 2 ? atol(argv[2]) : 1000, reopen = argc > 3 ? atol(argv[3]) : 0, i, good = 0, errors = 0, refused = 0, gone = 0, wrong = 0, opens = 0;
	static uint8_t reply[MOST_REPLY];
	int fd = -1;

	for (i = 0; i < count; i++) {
		const struct request *request = &requests[i % REQUESTS];
		int error;

		alarm(LIMIT_S);
		if (fd >= 0 && reopen && i % reopen == 0) {
			close(fd);
			fd = -1;
		}
		while (fd < 0) {
			fd = open(device, O_RDWR | O_CLOEXEC);
			if (fd >= 0)
				opens++;
			else if (!unplugged(errno) && errno != EIO) {
				fprintf(stderr, "open: %s\n", strerror(errno));
				wrong++;
				break;
			} else
				usleep(500);
		}
		memset(reply, 0xa5, request->out_len);
		error = fwctl_rpc(fd, request->scope, request->bytes, request->in_len, reply, request->out_len);
		if (error == -ENODEV) {
			gone++;
			close(fd);
			fd = -1;
		} else if (error == -EIO)
			errors++;
		else if (error) {
			fprintf(stderr, "rpc: %s\n", strerror(-error));
			wrong++;
		} else if (reply[0]) {
			static const uint8_t injected[8] = { 3, 0, 0, 0, 0, 5, 0xee, 0xb5 };

			if (memcmp(reply, injected, sizeof(injected)))
				wrong++;
			refused++;
		} else {
			if (!known[i % REQUESTS]) {
				memcpy(right[i % REQUESTS], reply, request->out_len);
				known[i % REQUESTS] = 1;
			}
			if (memcmp(right[i % REQUESTS], reply, request->out_len)) {
				fprintf(stderr, "reply %ld differs\n", i);
				wrong++;
			}
			good++;
		}
		if (wrong > 10)
			break;
	}
	printf("{\"rpcs\":%ld,\"good\":%ld,\"eio\":%ld,\"refused\":%ld,\"gone\":%ld,\"opens\":%ld,\"wrong\":%ld}\n", i, good, errors, refused,
	       gone, opens, wrong);
	return wrong != 0;
}
