/*
 * One request of any driver, again and again, while its device comes and goes.
 *
 *	steady-client DEVICE MS SCOPE OUT REQUEST [AT:BYTES|- [MOVING:BYTES]]
 *
 * REQUEST is in hex; at AT of it stands the address of a buffer of BYTES. A call may end with ENODEV, whereupon the
 * device is opened again, as soon as it is there; everything else that differs from the first answer (device type,
 * reply, buffer) is wrong, but for the reply's BYTES at MOVING. Ends after MS milliseconds with {"rpcs","good","gone",
 * "opens","wrong","longest_ms","type","answer"}: the longest call, with the FWCTL_INFO before it; the first one's bytes
 * and its buffer's, in hex. Status 0: nothing
 * was wrong; killed by SIGALRM: a call that did not come back within a minute.
 */
#include "fwctl-client.h"
#include <time.h>

enum { LIMIT_S = 60, MOST = 4096, MOST_WRONG = 10, PAUSE_US = 500 };

struct answer {
	uint32_t type;
	uint8_t reply[MOST], buffer[MOST];
};

struct request {
	uint8_t bytes[MOST], buffer[MOST];
	uint32_t scope, in_len, out_len, buffer_len, moving, moving_len;
};

static uint64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000ull + time.tv_nsec / 1000000;
}

/* What an open may find while the device is unplugged; over CUSE one that is under way then ends with its
 * connection. */
static int unplugged(int error)
{
	return error == ENOENT || error == ENODEV || error == ENXIO || error == ECONNABORTED || error == ENOTCONN;
}

/* 0 or a negative errno. */
static int ask(int fd, struct request *request, struct answer *answer)
{
	struct fwctl_info info = { .size = sizeof(info) };
	int error;

	memset(answer, 0xa5, sizeof(*answer));
	memset(request->buffer, 0, sizeof(request->buffer));
	if (ioctl(fd, FWCTL_INFO, &info) < 0)
		return -errno;
	answer->type = info.out_device_type;
	error = fwctl_rpc(fd, request->scope, request->bytes, request->in_len, answer->reply, request->out_len);
	memcpy(answer->buffer, request->buffer, sizeof(request->buffer));
	memset(answer->reply + request->moving, 0, request->moving_len);
	return error;
}

static void print_hex(const uint8_t *bytes, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++)
		printf("%02x", bytes[i]);
}

static void read_request(struct request *request, char **argv)
{
	const char *text = argv[5];
	unsigned int byte, at;

	request->scope = strtoul(argv[3], NULL, 0);
	request->out_len = strtoul(argv[4], NULL, 0);
	for (; request->in_len < MOST && sscanf(text, "%2x", &byte) == 1 && text[1]; text += 2)
		request->bytes[request->in_len++] = byte;
	if (argv[6] && sscanf(argv[6], "%u:%u", &at, &request->buffer_len) == 2 && at <= MOST - 8) {
		uint64_t address = (uintptr_t)request->buffer;

		memcpy(request->bytes + at, &address, sizeof(address));
	}
	if (argv[6] && argv[7])
		sscanf(argv[7], "%u:%u", &request->moving, &request->moving_len);
	if (*text || request->moving > MOST || request->moving_len > MOST - request->moving || request->out_len > MOST || request->buffer_len > MOST) {
		fprintf(stderr, "steady-client: that is too much, or not in hex\n");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static struct request request;
	static struct answer first, answer;
	long good = 0, gone = 0, wrong = 0, opens = 0;
	uint64_t end, begun, longest = 0;
	int fd = -1, error;

	if (argc < 6) {
		fprintf(stderr, "usage: steady-client DEVICE MS SCOPE OUT REQUEST [AT:BYTES|- [MOVING:BYTES]]\n");
		return 2;
	}
	read_request(&request, argv);
	for (end = now_ms() + strtoul(argv[2], NULL, 0); now_ms() < end && wrong < MOST_WRONG;) {
		alarm(LIMIT_S);
		if (fd < 0) {
			fd = open(argv[1], O_RDWR | O_CLOEXEC);
			if (fd < 0 && !unplugged(errno)) {
				fprintf(stderr, "%s: open: %s\n", argv[1], strerror(errno));
				wrong++;
			}
			opens += fd >= 0;
			if (fd < 0) {
				usleep(PAUSE_US);
				continue;
			}
		}
		begun = now_ms();
		error = ask(fd, &request, &answer);
		if (now_ms() - begun > longest)
			longest = now_ms() - begun;
		if (error == -ENODEV) {
			gone++;
			close(fd);
			fd = -1;
		} else if (error) {
			fprintf(stderr, "%s: rpc: %s\n", argv[1], strerror(-error));
			wrong++;
		} else if (good == 0 && wrong == 0) {
			first = answer;
			good++;
		} else if (memcmp(&first, &answer, sizeof(answer))) {
			fprintf(stderr, "%s: another answer, of device type %u\n", argv[1], answer.type);
			wrong++;
		} else
			good++;
	}
	printf("{\"rpcs\":%ld,\"good\":%ld,\"gone\":%ld,\"opens\":%ld,\"wrong\":%ld,\"longest_ms\":%llu,\"type\":%u,\"answer\":\"",
	       good + gone + wrong, good, gone, opens, wrong, (unsigned long long)longest, first.type);
	print_hex(first.reply, request.out_len);
	print_hex(first.buffer, request.buffer_len);
	printf("\"}\n");
	return wrong != 0;
}
