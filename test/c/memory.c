/*
 * A client whose memory is odd, late, or never there: what an ioctl on it answers, and whether others are served.
 *
 *   memory DEVICE CASE...     each CASE of the table below; all: `memory DEVICE all`
 *   memory DEVICE race        takes its page away between look and copy, until it is killed; its userfaultfd is its own
 *   memory DEVICE race-held   the same, and another process holds the userfaultfd too
 *   memory DEVICE stuck       waits for ever in an RPC for a page that nobody brings; says "stuck" before
 *
 * Prints a line `ok CASE`, `skip CASE: why` or `WRONG CASE: why` each. Exit: 1 if one is wrong. What is right was asked
 * of this machine's own read(2) and write(2), where they can tell.
 */
#include "fwctl-client.h"
#include <linux/fuse.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { PAGE = 4096, REPLY = 256, PATIENCE_MS = 5000 };
/* What an RPC of zeroes answers: its opcode 0 is not among the allowed ones. */
#define NO_COMMAND (-EBADMSG)

static const char *device;
static const char *why;

#define EXPECT(value, wanted)                                                                                          \
	do {                                                                                                           \
		int got = (value);                                                                                     \
		if (got != (wanted)) {                                                                                 \
			static char text[256];                                                                         \
			snprintf(text, sizeof(text), "line %d: %s is %d (%s), not %d", __LINE__, #value, got,          \
				 strerror(got < 0 ? -got : 0), (wanted));                                              \
			why = text;                                                                                    \
			return 1;                                                                                      \
		}                                                                                                      \
	} while (0)
#define SKIP(reason) return why = (reason), 77

/* QUERY_HCA_CAP: answers at any length of the reply. */
static void command(void *in)
{
	memset(in, 0, MLX5_HEADER);
	mlx5_put16(in, MLX5_QUERY_HCA_CAP);
}

static uint8_t *map(size_t pages, int protection)
{
	uint8_t *at = mmap(NULL, pages * PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		exit(2);
	return at;
}

static int rpc(int fd, const void *in, void *out)
{
	return fwctl_rpc(fd, SCOPE_CONFIGURATION, in, MLX5_HEADER, out, REPLY);
}

/* 0, or the errno of a client that begins now; ETIMEDOUT: it was not answered. */
static int another(void)
{
	int status;
	pid_t child = fork();

	if (!child) {
		struct fwctl_info_mlx5 data;
		int fd = open(device, O_RDWR);

		_exit(fd < 0 ? errno : -fwctl_info(fd, NULL, &data));
	}
	for (int i = 0; i < PATIENCE_MS / 10; i++) {
		if (waitpid(child, &status, WNOHANG) == child)
			return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
		usleep(10000);
	}
	kill(child, SIGKILL);
	return -ETIMEDOUT;
}

/* The thread that waits in an RPC. */
struct waiter {
	pthread_t thread;
	int fd;
	const void *in;
	void *out;
	volatile int result, done;
};

static void *wait_in_rpc(void *data)
{
	struct waiter *w = data;

	w->result = rpc(w->fd, w->in, w->out);
	w->done = 1;
	return NULL;
}

static void begin(struct waiter *w, const void *in, void *out)
{
	*w = (struct waiter){ .fd = fwctl_open(device), .in = in, .out = out };
	pthread_create(&w->thread, NULL, wait_in_rpc, w);
}

static int finish(struct waiter *w)
{
	for (int i = 0; i < PATIENCE_MS / 10 && !w->done; i++)
		usleep(10000);
	if (!w->done)
		return -ETIMEDOUT;
	pthread_join(w->thread, NULL);
	close(w->fd);
	return w->result;
}

static int userfaultfd(void *at, size_t length, int mode)
{
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	struct uffdio_api api = { .api = UFFD_API, .features = mode == UFFDIO_REGISTER_MODE_WP ? UFFD_FEATURE_PAGEFAULT_FLAG_WP : 0 };
	struct uffdio_register range = { .range = { (uintptr_t)at, length }, .mode = mode };

	if (fd >= 0 && (ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range))) {
		close(fd);
		return -1;
	}
	return fd;
}

static void bring(int uffd, void *at, const void *page)
{
	struct uffdio_copy copy = { .dst = (uintptr_t)at, .src = (uintptr_t)page, .len = PAGE };

	ioctl(uffd, UFFDIO_COPY, &copy);
}

/* Whether a fault is waited for, after so long at the most. */
static bool faults(int uffd)
{
	struct pollfd p = { uffd, POLLIN, 0 };
	struct uffd_msg message;

	return poll(&p, 1, PATIENCE_MS) == 1 && read(uffd, &message, sizeof(message)) == sizeof(message);
}

static int write_only(void)
{
	int fd = fwctl_open(device), pipes[2];
	uint8_t *m = map(2, PROT_WRITE), in[MLX5_HEADER], out[REPLY];
	struct fwctl_rpc *cmd = (void *)(m + PAGE);

	command(m);
	command(in);
	if (pipe(pipes) || write(pipes[1], m, 1) != 1)
		SKIP("this kernel reads no PROT_WRITE memory");
	EXPECT(rpc(fd, m, out), 0);
	EXPECT(rpc(fd, in, m), 0);
	*cmd = (struct fwctl_rpc){ .size = sizeof(*cmd), .in_len = MLX5_HEADER, .out_len = REPLY, .in = (uintptr_t)in, .out = (uintptr_t)out };
	EXPECT(ioctl(fd, FWCTL_RPC, cmd) ? -errno : 0, 0);
	return 0;
}

static int protections(void)
{
	int fd = fwctl_open(device), pipes[2];
	uint8_t *m = map(2, PROT_READ | PROT_WRITE), in[MLX5_HEADER], out[REPLY];

	command(m);
	command(in);
	memset(m + PAGE, 7, PAGE);
	mprotect(m, PAGE, PROT_READ);
	EXPECT(rpc(fd, m, out), 0);
	EXPECT(rpc(fd, in, m), -EFAULT);
	mprotect(m, PAGE, PROT_NONE);
	/* user-mode Linux reads it */
	if (!pipe(pipes) && write(pipes[1], m, 1) != 1)
		EXPECT(rpc(fd, m, out), -EFAULT);
	EXPECT(rpc(fd, in, m), -EFAULT);
	/* up to the fault all is written */
	EXPECT(rpc(fd, in, m + PAGE - 64), -EFAULT);
	mprotect(m, PAGE, PROT_READ | PROT_WRITE);
	mprotect(m + PAGE, PAGE, PROT_NONE);
	memset(m + PAGE - 64, 7, 64);
	EXPECT(rpc(fd, in, m + PAGE - 64), -EFAULT);
	EXPECT(m[PAGE - 64] != 7, 1);
	munmap(m, PAGE);
	EXPECT(rpc(fd, m, out), -EFAULT);
	EXPECT(rpc(fd, in, m), -EFAULT);
	EXPECT(rpc(fd, in, out), 0);
	return 0;
}

static int untouched(void)
{
	int fd = fwctl_open(device);
	uint8_t *m = map(64, PROT_READ | PROT_WRITE), in[MLX5_HEADER], out[REPLY];
	volatile uint8_t zero = m[PAGE];

	(void)zero;
	command(in);
	EXPECT(rpc(fd, m, out), NO_COMMAND);
	EXPECT(rpc(fd, m + PAGE, out), NO_COMMAND);
	EXPECT(rpc(fd, in, m + PAGE), 0);
	EXPECT(fwctl_rpc(fd, SCOPE_CONFIGURATION, in, MLX5_HEADER, m + 2 * PAGE - 8, MLX5_CAP_REPLY), 0);
	EXPECT(fwctl_rpc(fd, SCOPE_CONFIGURATION, in, MLX5_HEADER, m + 4 * PAGE, 24 * PAGE), 0);
	EXPECT(ioctl(fd, FWCTL_RPC, m + 63 * PAGE) ? -errno : 0, -EINVAL);
	return 0;
}

static int shared(void)
{
	int fd = fwctl_open(device);
	uint8_t *m = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), in[MLX5_HEADER];

	command(m);
	command(in);
	EXPECT(rpc(fd, m, m + PAGE), 0);
	EXPECT(rpc(fd, in, m + PAGE - 8), 0);
	return 0;
}

/* What no other process can be given: over FUSE, which $BY_FUSE says, it is EFAULT. */
static int another_process_cannot(uint8_t *at, int wanted, bool writable)
{
	int fd = fwctl_open(device), pipes[2], answer = getenv("BY_FUSE") ? -EFAULT : wanted;
	uint8_t in[MLX5_HEADER], out[REPLY];

	command(in);
	if (pipe(pipes) || write(pipes[1], at, MLX5_HEADER) != MLX5_HEADER)
		SKIP("this kernel cannot read it either");
	EXPECT(rpc(fd, at, out), answer);
	if (writable)
		EXPECT(rpc(fd, in, at), answer);
	return 0;
}

static int secret(void)
{
	int fd = syscall(447 /* memfd_secret */, 0);
	uint8_t *m;

	if (fd < 0 || ftruncate(fd, PAGE))
		SKIP("no memfd_secret");
	m = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (m == MAP_FAILED)
		SKIP("no memory of memfd_secret");
	command(m);
	return another_process_cannot(m, 0, true);
}

/* VM_PFNMAP: the kernel's own page of the time of day. */
static int pfnmap(void)
{
	char line[256];
	unsigned long at = 0;
	FILE *maps = fopen("/proc/self/maps", "r");

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[vvar]"))
			at = strtoul(line, NULL, 16);
	if (!at)
		SKIP("no [vvar]");
	return another_process_cannot((uint8_t *)at, NO_COMMAND, false);
}

/* A page of an attribute of the view: asked of the very process that reads it. */
static int own_page(void)
{
	static uint8_t out[REPLY];
	int fd = fwctl_open(device), file = open("/sys/class/fwctl/fwctl0/uevent", O_RDONLY);
	uint8_t *m;

	if (file < 0 || !getenv("BY_FUSE"))
		SKIP("no view");
	EXPECT(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, 0) == MAP_FAILED ? -errno : 0, -ENODEV);
	m = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 0);
	if (m == MAP_FAILED)
		return 0;
	EXPECT(rpc(fd, m, out), NO_COMMAND);
	return 0;
}

static int fork_and_exec(void)
{
	int fd = fwctl_open(device), status;
	static uint8_t in[MLX5_HEADER], out[REPLY];

	command(in);
	EXPECT(rpc(fd, in, out), 0);
	for (int i = 0; i < 20; i++) {
		pid_t child = fork();

		if (!child) {
			if (i % 2 == 0)
				_exit(rpc(fd, in, out) ? 1 : 0);
			dup2(fd, 99);
			if (rpc(fd, in, out))
				_exit(1);
			execl("/proc/self/exe", "memory", device, "after-exec", (char *)NULL);
			_exit(2);
		}
		waitpid(child, &status, 0);
		EXPECT(status, 0);
		EXPECT(rpc(fd, in, out), 0);
	}
	return 0;
}

static int after_exec(void)
{
	static uint8_t in[MLX5_HEADER], out[REPLY];

	command(in);
	EXPECT(rpc(99, in, out), 0);
	return 0;
}

static int stack_below(void)
{
#if defined(__x86_64__)
	int fd = fwctl_open(device);
	uint8_t in[MLX5_HEADER];
	unsigned long low = 0;
	char line[256];
	FILE *maps = fopen("/proc/self/maps", "r");
	long result;

	command(in);
	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[stack]"))
			low = strtoul(line, NULL, 16);
	if (!low)
		SKIP("no [stack]");
	static struct fwctl_rpc cmd;

	cmd = (struct fwctl_rpc){ .size = sizeof(cmd), .in_len = MLX5_HEADER, .out_len = REPLY, .in = (uintptr_t)in, .out = low - 64 * PAGE };
	__asm__ volatile("syscall" : "=a"(result) : "a"(SYS_ioctl), "D"(fd), "S"(FWCTL_RPC), "d"(&cmd) : "rcx", "r11", "memory");
	EXPECT((int)result, 0);
	/* beyond any stack */
	cmd.out = low - (1ul << 32);
	__asm__ volatile("syscall" : "=a"(result) : "a"(SYS_ioctl), "D"(fd), "S"(FWCTL_RPC), "d"(&cmd) : "rcx", "r11", "memory");
	EXPECT((int)result, -EFAULT);
	return 0;
#else
	SKIP("x86-64 alone");
#endif
}

/* in, the structure and out, each late: the others are served meanwhile, and the call goes on with the page. */
static int missing(void)
{
	static uint8_t page[PAGE] __attribute__((aligned(PAGE))), in[MLX5_HEADER], out[REPLY];
	struct waiter w;

	command(in);
	for (int what = 0; what < 2; what++) {
		uint8_t *m = map(1, PROT_READ | PROT_WRITE);
		int uffd = userfaultfd(m, PAGE, UFFDIO_REGISTER_MODE_MISSING);

		if (uffd < 0)
			SKIP("no userfaultfd for this user");
		begin(&w, what == 0 ? m : in, what == 0 ? out : m);
		EXPECT(faults(uffd), true);
		EXPECT(another(), 0);
		EXPECT(w.done, 0);
		memset(page, 0, sizeof(page));
		if (what == 0)
			command(page);
		bring(uffd, m, page);
		EXPECT(finish(&w), 0);
		close(uffd);
	}
	return 0;
}

static int write_protected(void)
{
	static uint8_t in[MLX5_HEADER];
	uint8_t *m = map(1, PROT_READ | PROT_WRITE);
	struct waiter w;

	command(in);
	m[0] = 1;
	int uffd = userfaultfd(m, PAGE, UFFDIO_REGISTER_MODE_WP);
	struct uffdio_writeprotect protect = { .range = { (uintptr_t)m, PAGE }, .mode = UFFDIO_WRITEPROTECT_MODE_WP };

	if (uffd < 0 || ioctl(uffd, UFFDIO_WRITEPROTECT, &protect))
		SKIP("no write protection by userfaultfd");
	begin(&w, in, m);
	EXPECT(faults(uffd), true);
	EXPECT(another(), 0);
	EXPECT(w.done, 0);
	protect.mode = 0;
	ioctl(uffd, UFFDIO_WRITEPROTECT, &protect);
	EXPECT(finish(&w), 0);
	close(uffd);
	return 0;
}

static void *ask_info(void *data)
{
	struct waiter *w = data;

	w->result = ioctl(w->fd, FWCTL_INFO, w->in) ? -errno : 0;
	w->done = 1;
	return NULL;
}

/* A structure of 64 MiB, or of $ZEROS_MB, whose unknown part is zero: looked at while others are served. */
static int zeros(void)
{
	const char *megabytes = getenv("ZEROS_MB");
	const size_t length = (size_t)(megabytes ? atoi(megabytes) : 64) << 20;
	uint32_t *m = (void *)map(length / PAGE, PROT_READ | PROT_WRITE);
	struct waiter w = { .fd = fwctl_open(device), .in = m };
	int result;

	m[0] = length;
	pthread_create(&w.thread, NULL, ask_info, &w);
	do {
		EXPECT(another(), 0);
		result = finish(&w);
	} while (result == -ETIMEDOUT);
	EXPECT(result, 0);
	munmap(m, length);
	return 0;
}

/* A structure at the end of a page, by its own size, before one that nobody brings; a tail that is refused before. */
static int touches_no_more(void)
{
	uint8_t *m = map(2, PROT_READ | PROT_WRITE);
	int uffd = userfaultfd(m + PAGE, PAGE, UFFDIO_REGISTER_MODE_MISSING), fd = fwctl_open(device);
	struct fwctl_info *info = (void *)(m + PAGE - 24);
	uint32_t *longer = (void *)(m + PAGE - 40);

	if (uffd < 0)
		SKIP("no userfaultfd for this user");
	*info = (struct fwctl_info){ .size = 24 };
	EXPECT(ioctl(fd, FWCTL_INFO, info) ? -errno : 0, 0);
	memset(longer, 0, 40);
	longer[0] = 2 * PAGE;
	longer[9] = 1;
	EXPECT(ioctl(fd, FWCTL_INFO, longer) ? -errno : 0, -E2BIG);
	longer[0] = 8;
	EXPECT(ioctl(fd, FWCTL_INFO, longer) ? -errno : 0, -EINVAL);
	close(uffd);
	return 0;
}

/* SIGKILL ends who waits for a page that never comes; unmapping it ends the wait. */
static int killed(void)
{
	uint8_t *m = map(1, PROT_READ | PROT_WRITE), out[REPLY];
	int uffd = userfaultfd(m, PAGE, UFFDIO_REGISTER_MODE_MISSING), status, i;

	if (uffd < 0)
		SKIP("no userfaultfd for this user");
	close(uffd);
	for (int holds = 0; holds < 2; holds++) {
		int pipes[2];
		char byte;
		pid_t child;

		if (pipe(pipes) || (child = fork()) < 0)
			SKIP("fork");
		if (!child) {
			int fd = fwctl_open(device), own = userfaultfd(m, PAGE, UFFDIO_REGISTER_MODE_MISSING);

			/* a second process that keeps the userfaultfd */
			if (holds && !fork()) {
				for (int stream = 0; stream < 3; stream++)
					close(stream);
				sleep(3);
				_exit(0);
			}
			if (own < 0 || write(pipes[1], "x", 1) != 1)
				_exit(2);
			_exit(rpc(fd, m, out));
		}
		EXPECT((int)read(pipes[0], &byte, 1), 1);
		usleep(200000);
		EXPECT(another(), 0);
		kill(child, SIGUSR1); /* its default ends it too, and is told first */
		kill(child, SIGKILL);
		for (i = 0; i < PATIENCE_MS / 10 && waitpid(child, &status, WNOHANG) == 0; i++)
			usleep(10000);
		EXPECT(i < PATIENCE_MS / 10, 1);
		EXPECT(another(), 0);
	}
	return 0;
}

static int unmapped(void)
{
	static uint8_t out[REPLY];
	uint8_t *m = map(1, PROT_READ | PROT_WRITE);
	int uffd = userfaultfd(m, PAGE, UFFDIO_REGISTER_MODE_MISSING);
	struct waiter w;

	if (uffd < 0)
		SKIP("no userfaultfd for this user");
	begin(&w, m, out);
	EXPECT(faults(uffd), true);
	munmap(m, PAGE);
	EXPECT(another(), 0);
	close(uffd);
	EXPECT(finish(&w), -EFAULT);
	return 0;
}

/* A file of a FUSE server that answers a READ when it is told to, by an error. The server is a process of its own, so
 * that the end of this one waits for nobody. */
static void serve_file(int fuse, int release)
{
	static uint8_t request[64 * 1024];
	uint64_t held = 0;

	for (;;) {
		struct fuse_in_header *in = (void *)request;
		struct {
			struct fuse_out_header header;
			union {
				struct fuse_init_out init;
				struct fuse_attr_out attr;
				struct fuse_open_out open;
			} body;
		} out;
		struct pollfd wait[2] = { { fuse, POLLIN, 0 }, { release, POLLIN, 0 } };
		size_t length = 0;

		memset(&out, 0, sizeof(out));
		poll(wait, 2, -1);
		if (wait[1].revents) {
			out.header = (struct fuse_out_header){ sizeof(out.header), -EIO, held };
			if (held && write(fuse, &out, out.header.len) < 0)
				_exit(1);
			_exit(0);
		}
		if (read(fuse, request, sizeof(request)) < (ssize_t)sizeof(*in))
			_exit(0);
		switch (in->opcode) {
		case FUSE_INIT:
			out.body.init = (struct fuse_init_out){ .major = 7, .minor = 31, .max_write = PAGE };
			length = sizeof(out.body.init);
			break;
		case FUSE_GETATTR:
			out.body.attr.attr = (struct fuse_attr){ .ino = 1, .size = PAGE, .mode = 0100644, .nlink = 1 };
			length = sizeof(out.body.attr);
			break;
		case FUSE_OPEN:
			length = sizeof(out.body.open);
			break;
		case FUSE_READ:
			held = in->unique;
			continue;
		case FUSE_FORGET:
		case FUSE_INTERRUPT:
			continue;
		default:
			out.header.error = in->opcode == FUSE_FLUSH || in->opcode == FUSE_RELEASE ? 0 : -ENOSYS;
		}
		out.header.unique = in->unique;
		out.header.len = sizeof(out.header) + length;
		if (write(fuse, &out, out.header.len) < 0 && errno == ENODEV)
			_exit(0);
	}
}

static int hung_file(void)
{
	static uint8_t out[REPLY];
	char path[] = "/tmp/memory-XXXXXX", options[128];
	int file = mkstemp(path), fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC), release[2], result;
	struct stat known;
	struct waiter w;
	uint8_t *m;
	pid_t server;

	snprintf(options, sizeof(options), "fd=%d,rootmode=100000,user_id=0,group_id=0", fuse);
	close(file);
	if (fuse < 0 || pipe(release) || mount("memory", path, "fuse", MS_NOSUID | MS_NODEV, options)) {
		unlink(path);
		SKIP("no FUSE mount for this user");
	}
	server = fork();
	if (!server)
		serve_file(fuse, release[0]);
	close(fuse);
	file = open(path, O_RDONLY);
	fstat(file, &known); /* its size, which a fault asks for */
	m = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 0);
	if (file < 0 || m == MAP_FAILED) {
		kill(server, SIGKILL);
		SKIP("the file cannot be mapped");
	}
	begin(&w, m, out);
	usleep(300000);
	result = another();
	if (!result && w.done)
		result = -EALREADY;
	if (write(release[1], "x", 1) != 1)
		return 2;
	if (!result)
		result = finish(&w);
	waitpid(server, NULL, 0);
	umount2(path, MNT_DETACH);
	unlink(path);
	EXPECT(result, -EFAULT);
	return 0;
}

static uint8_t *flipped;
static int flipping;
/* Calls of ordinary memory that were answered. */
static volatile unsigned long beats;

static void *beat(void *data)
{
	struct fwctl_info_mlx5 info;
	int fd = fwctl_open(device);

	(void)data;
	for (;; beats++)
		fwctl_info(fd, NULL, &info);
	return NULL;
}

static void *call_forever(void *data)
{
	static uint8_t out[REPLY];
	int fd = fwctl_open(device);

	(void)data;
	for (;;)
		rpc(fd, flipped, out);
	return NULL;
}

/* Drops its page and fills it again, over and over, while others call: a copy meets it missing sooner or later. Who
 * waits is not woken by the page; it is woken if anybody else is served meanwhile. */
static void *flip(void *data)
{
	struct uffdio_copy copy = { .dst = (uintptr_t)flipped, .src = (uintptr_t)data, .len = PAGE, .mode = UFFDIO_COPY_MODE_DONTWAKE };
	struct uffdio_range range = { (uintptr_t)flipped, PAGE };
	struct pollfd waiting = { flipping, POLLIN, 0 };
	struct uffd_msg message;

	for (unsigned turn = 0;; turn++) {
		unsigned long before = beats;
		int i;

		madvise(flipped, PAGE, MADV_DONTNEED);
		copy.copy = 0;
		ioctl(flipping, UFFDIO_COPY, &copy);
		for (volatile unsigned wait = 0; wait < 2000 + turn % 64 * 100; wait++)
			;
		if (poll(&waiting, 1, 0) != 1)
			continue;
		for (i = 0; i < 400 && beats <= before + 1; i++)
			usleep(1000);
		if (i == 400)
			for (;;)
				pause();
		while (read(flipping, &message, sizeof(message)) > 0)
			;
		ioctl(flipping, UFFDIO_WAKE, &range);
	}
	return NULL;
}

/* Nobody else is served any more: who serves has been caught. */
static int race(bool held)
{
	static uint8_t page[PAGE] __attribute__((aligned(PAGE)));
	pthread_t thread;

	flipped = map(1, PROT_READ | PROT_WRITE);
	flipping = userfaultfd(flipped, PAGE, UFFDIO_REGISTER_MODE_MISSING);
	if (flipping < 0)
		return 77;
	if (held && !fork()) {
		for (int fd = 0; fd < 3; fd++)
			close(fd);
		sleep(20);
		_exit(0);
	}
	command(page);
	pthread_create(&thread, NULL, flip, page);
	pthread_create(&thread, NULL, beat, NULL);
	for (int i = 0; i < 2; i++)
		pthread_create(&thread, NULL, call_forever, NULL);
	sleep(20);
	return 0;
}

static int stuck(void)
{
	static uint8_t out[REPLY];
	uint8_t *m = map(1, PROT_READ | PROT_WRITE);
	int fd = fwctl_open(device);

	if (userfaultfd(m, PAGE, UFFDIO_REGISTER_MODE_MISSING) < 0)
		return 77;
	puts("stuck");
	fflush(stdout);
	return -rpc(fd, m, out);
}

static const struct {
	const char *name;
	int (*run)(void);
} cases[] = {
	{ "write-only", write_only },
	{ "protections", protections },
	{ "untouched", untouched },
	{ "shared", shared },
	{ "secret", secret },
	{ "pfnmap", pfnmap },
	{ "own-page", own_page },
	{ "fork-and-exec", fork_and_exec },
	{ "stack-below", stack_below },
	{ "zeros", zeros },
	{ "missing", missing },
	{ "write-protected", write_protected },
	{ "touches-no-more", touches_no_more },
	{ "killed", killed },
	{ "unmapped", unmapped },
	{ "hung-file", hung_file },
};

int main(int argc, char **argv)
{
	int wrong = 0;

	if (argc < 3)
		return 2;
	device = argv[1];
	if (!strcmp(argv[2], "after-exec"))
		return after_exec();
	if (!strcmp(argv[2], "race") || !strcmp(argv[2], "race-held"))
		return race(argv[2][4] != 0);
	if (!strcmp(argv[2], "stuck"))
		return stuck();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int wanted = !strcmp(argv[2], "all"), result;

		for (int j = 2; j < argc; j++)
			wanted |= !strcmp(argv[j], cases[i].name);
		if (!wanted)
			continue;
		result = cases[i].run();
		if (result == 0)
			printf("ok %s\n", cases[i].name);
		else
			printf("%s %s: %s\n", result == 77 ? "skip" : "WRONG", cases[i].name, why);
		fflush(stdout);
		wrong |= result == 1;
	}
	return wrong;
}
