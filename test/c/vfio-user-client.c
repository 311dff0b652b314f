/*
 * A vfio-user client without a machine: connects to the socket that its argument names, and does what its standard
 * input says, a line a thing, so that tests may send what QEMU would not. 1 MiB of memory and 64 eventfds are its own.
 *
 *     send HEX [memory|event|null|pipe]...   sends the bytes, descriptors of those kinds with them
 *     receive                                waits for one message: its bytes in hex, or "end"
 *     read OFFSET LENGTH                     of the memory, in hex
 *     write OFFSET HEX
 *     events                                 which eventfds have been raised since the last time
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MEMORY = 1 << 20, EVENTS = 64, LINE = 1 << 22, FDS = 32 };

static int events[EVENTS];
static unsigned next_event;

static void fail(const char *what)
{
	fprintf(stderr, "vfio-user-client: %s: %s\n", what, strerror(errno));
	exit(1);
}

static size_t unhex(const char *text, uint8_t *into)
{
	size_t count = 0;
	unsigned byte;
	for (; sscanf(text, "%2x", &byte) == 1; text += 2)
		into[count++] = byte;
	return count;
}

static void print_hex(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		printf("%02x", bytes[i]);
	printf("\n");
	fflush(stdout);
}

static int descriptor(const char *kind, int memory)
{
	int pipe_ends[2];
	if (!strcmp(kind, "memory"))
		return dup(memory);
	if (!strcmp(kind, "event"))
		return dup(events[next_event++ % EVENTS]);
	if (!strcmp(kind, "pipe"))
		return pipe(pipe_ends) ? -1 : pipe_ends[1];
	return open("/dev/null", O_RDWR);
}

static void send_message(int fd, const uint8_t *bytes, size_t count, int *fds, size_t fd_count)
{
	char control[CMSG_SPACE(FDS * sizeof(int))];
	struct iovec part = { (void *)bytes, count };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	if (fd_count) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
		memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
	}
	ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
	for (size_t done = sent < 0 ? count : (size_t)sent; done < count;) {
		ssize_t n = send(fd, bytes + done, count - done, MSG_NOSIGNAL);
		if (n <= 0)
			break;
		done += n;
	}
	for (size_t i = 0; i < fd_count; i++)
		close(fds[i]);
}

static size_t receive_all(int fd, uint8_t *into, size_t count)
{
	size_t have = 0;
	while (have < count) {
		ssize_t n = recv(fd, into + have, count - have, 0);
		if (n <= 0)
			break;
		have += n;
	}
	return have;
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path) {
		fprintf(stderr, "usage: vfio-user-client SOCKET\n");
		return 2;
	}
	strcpy(address.sun_path, argv[1]);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address))
		fail(argv[1]);
	int memory = memfd_create("guest", MFD_CLOEXEC);
	if (memory < 0 || ftruncate(memory, MEMORY))
		fail("memfd");
	uint8_t *ram = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (ram == MAP_FAILED)
		fail("mmap");
	for (int i = 0; i < EVENTS; i++)
		events[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	char *line = malloc(LINE);
	uint8_t *bytes = malloc(LINE);
	while (line && bytes && fgets(line, LINE, stdin)) {
		char *words = line, *word = strsep(&words, " \n");
		if (!strcmp(word, "send")) {
			size_t count = unhex(strsep(&words, " \n"), bytes), fd_count = 0;
			int fds[FDS];
			while (words && *words && fd_count < FDS)
				fds[fd_count++] = descriptor(strsep(&words, " \n"), memory);
			send_message(fd, bytes, count, fds, fd_count);
		} else if (!strcmp(word, "receive")) {
			uint32_t size;
			if (receive_all(fd, bytes, 16) < 16) {
				printf("end\n");
				fflush(stdout);
				continue;
			}
			memcpy(&size, bytes + 4, sizeof size);
			print_hex(bytes, 16 + receive_all(fd, bytes + 16, size - 16));
		} else if (!strcmp(word, "read") || !strcmp(word, "write")) {
			unsigned long offset = strtoul(strsep(&words, " \n"), NULL, 0);
			if (*word == 'r')
				print_hex(ram + offset, strtoul(words, NULL, 0));
			else
				unhex(words, ram + offset);
		} else if (!strcmp(word, "events")) {
			uint64_t count;
			for (int i = 0; i < EVENTS; i++)
				if (read(events[i], &count, sizeof count) == sizeof count)
					printf("%d ", i);
			printf("\n");
			fflush(stdout);
		}
	}
	return 0;
}
