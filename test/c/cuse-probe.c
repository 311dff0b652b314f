/*
 * Whether this machine's /dev/cuse really works, without anything of the emulator: a child opens the character device
 * that this program serves on the raw protocol (linux/fuse.h), and makes one ioctl on it.
 * Exit status: 0 it works, 77 there is no /dev/cuse (or no permission), 1 it is there and does not work.
 */
#include "fwctl-client.h"
#include <linux/fuse.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

enum { ANSWER = 42 };

static const char device[] = "/dev/fwctl/probe0";
static const char devname[] = "DEVNAME=fwctl!probe0";

static union {
	struct fuse_in_header head;
	char bytes[FUSE_MIN_READ_BUFFER + 4096];
} request;

static int fail(const char *what)
{
	fprintf(stderr, "cuse-probe: %s: %s\n", what, strerror(errno));
	return 1;
}

static int answer(int cuse, const void *data, size_t length, const void *more, size_t more_length)
{
	struct fuse_out_header head = { .len = sizeof(head) + length + more_length, .unique = request.head.unique };
	struct iovec parts[] = { { &head, sizeof(head) }, { (void *)data, length }, { (void *)more, more_length } };

	return writev(cuse, parts, 3) < 0 ? fail("reply") : 0;
}

static int client(void)
{
	struct stat node;
	int fd = open(device, O_RDWR), got;

	if (fd < 0)
		return fail(device);
	if (fstat(fd, &node) < 0 || !S_ISCHR(node.st_mode))
		return fail("not a character device");
	got = ioctl(fd, FWCTL_INFO, 0);
	printf("ioctl on %s: %d\n", device, got);
	return got == ANSWER ? 0 : fail("ioctl");
}

static int serve(int cuse)
{
	struct cuse_init_out init = { .major = FUSE_KERNEL_VERSION, .minor = 31, .flags = CUSE_UNRESTRICTED_IOCTL,
				      .max_read = 4096, .max_write = 4096 };
	struct fuse_open_out opened = { .fh = 1 };
	struct fuse_ioctl_out result = { .result = ANSWER };
	pid_t child = 0;
	int status;

	for (;;) {
		if (read(cuse, &request, sizeof(request)) < 0)
			return fail("read");
		switch (request.head.opcode) {
		case CUSE_INIT:
			if (answer(cuse, &init, sizeof(init), devname, sizeof(devname)))
				return 1;
			child = fork();
			if (child == 0) {
				close(cuse);
				_exit(fflush(NULL) || client() || fflush(NULL));
			}
			break;
		case FUSE_OPEN:
			answer(cuse, &opened, sizeof(opened), NULL, 0);
			break;
		case FUSE_IOCTL:
			answer(cuse, &result, sizeof(result), NULL, 0);
			break;
		case FUSE_RELEASE:
			answer(cuse, NULL, 0, NULL, 0);
			return waitpid(child, &status, 0) == child && status == 0 ? 0 : 1;
		}
	}
}

int main(void)
{
	int cuse = open("/dev/cuse", O_RDWR | O_CLOEXEC);

	alarm(20);
	if (cuse < 0) {
		fail("/dev/cuse");
		return 77;
	}
	return serve(cuse);
}
