/*
 * A client of the toy driver of test/toy, whose messages are little-endian and carry an address:
 * toy-client DEVICE [BYTES [TIMES]] inverts a buffer of BYTES, TIMES times, and doubles a value; BYTES `nowhere`: of 8
 * that are not there.
 * One line each, `invert ok 8`, `invert status 7`, `invert EIO`; exit 1 when the buffer is not what the answer says.
 */
#include "fwctl-client.h"

enum toy_word { TOY_DOUBLE = 1, TOY_INVERT = 2 };

struct toy_request {
	uint32_t word;
	uint32_t buffer_bytes;
	uint64_t buffer;
	uint32_t value;
} __attribute__((packed));

struct toy_reply {
	uint32_t status;
	uint32_t value;
};

static void say(const char *what, int error, const struct toy_reply *reply)
{
	if (error)
		printf("%s %s\n", what, errno_name(error));
	else if (reply->status)
		printf("%s status %u\n", what, reply->status);
	else
		printf("%s ok %u\n", what, reply->value);
	fflush(stdout);
}

static void invert_nothing(int fd)
{
	struct toy_reply reply = { 0 };
	struct toy_request request = { .word = TOY_INVERT, .buffer_bytes = 8, .buffer = 8 };

	say("invert", fwctl_rpc(fd, SCOPE_CONFIGURATION, &request, sizeof(request), &reply, sizeof(reply)), &reply);
}

static void invert(int fd, uint32_t bytes)
{
	struct toy_reply reply = { 0 };
	uint8_t *buffer = malloc(bytes ? bytes : 1);
	struct toy_request request = { .word = TOY_INVERT, .buffer_bytes = bytes, .buffer = (uintptr_t)buffer, .value = 4 };
	int error;

	for (uint32_t at = 0; at < bytes; at++)
		buffer[at] = (uint8_t)at;
	error = fwctl_rpc(fd, SCOPE_CONFIGURATION, &request, sizeof(request), &reply, sizeof(reply));
	say("invert", error, &reply);
	for (uint32_t at = 0; at < bytes; at++) {
		int inverted = buffer[at] == (uint8_t)~at;

		if (inverted == (error == 0 && reply.status == 0) && (inverted || buffer[at] == (uint8_t)at))
			continue;
		printf("byte %u is 0x%02x\n", at, buffer[at]);
		exit(1);
	}
	free(buffer);
}

int main(int argc, char **argv)
{
	int fd = fwctl_open(fwctl_device(argc, argv));
	uint32_t bytes = argc > 2 ? (uint32_t)atoi(argv[2]) : 8;
	int times = argc > 3 ? atoi(argv[3]) : 1;
	struct toy_request twice = { .word = TOY_DOUBLE, .value = 21 };
	struct toy_reply reply = { 0 };
	struct fwctl_info_mlx5 none;
	uint32_t type = 0;

	fwctl_info(fd, &type, &none);
	printf("type 0x%x\n", type);
	if (argc > 2 && !strcmp(argv[2], "nowhere"))
		invert_nothing(fd);
	else
		for (int time = 0; time < times; time++)
			invert(fd, bytes);
	say("double", fwctl_rpc(fd, SCOPE_CONFIGURATION, &twice, sizeof(twice), &reply, sizeof(reply)), &reply);
	return 0;
}
