/* io_uring(7): every operation on a file. */
#include "calls.h"
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/epoll.h>

static int ring;
static struct io_uring_sqe *entries;
static struct io_uring_cqe *results;
static unsigned *tail, *head, *results_tail, mask, results_mask, *array;
static char bytes[4096] __attribute__((aligned(4096)));

/* A ring, or -1 with errno. */
static int begin(void)
{
	struct io_uring_params p = { 0 };
	ring = syscall(SYS_io_uring_setup, 8, &p);
	if (ring < 0) return -1;
	char *queue = mmap(0, p.sq_off.array + p.sq_entries * 4, 3, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
	char *done = mmap(0, p.cq_off.cqes + p.cq_entries * 16, 3, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_CQ_RING);
	entries = mmap(0, p.sq_entries * sizeof *entries, 3, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
	tail = (void *)(queue + p.sq_off.tail);
	mask = *(unsigned *)(queue + p.sq_off.ring_mask);
	array = (void *)(queue + p.sq_off.array);
	head = (void *)(done + p.cq_off.head);
	results_tail = (void *)(done + p.cq_off.tail);
	results_mask = *(unsigned *)(done + p.cq_off.ring_mask);
	results = (void *)(done + p.cq_off.cqes);
	return 0;
}

/* One operation's result; ETIME: it has none, a poll within a second, another within twenty. Late ones are dropped. */
static int one(struct io_uring_sqe entry)
{
	static uint64_t last;
	struct timespec time = { entry.opcode == IORING_OP_POLL_ADD ? 1 : 20, 0 };
	struct io_uring_getevents_arg wait = { .ts = (uintptr_t)&time };
	unsigned at = *tail;
	entry.user_data = ++last;
	entries[at & mask] = entry;
	array[at & mask] = at & mask;
	__atomic_store_n(tail, at + 1, __ATOMIC_RELEASE);
	for (unsigned given = 1;; given = 0) {
		syscall(SYS_io_uring_enter, ring, given, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &wait, sizeof wait);
		unsigned first = *head;
		if (first == __atomic_load_n(results_tail, __ATOMIC_ACQUIRE)) return -ETIME;
		struct io_uring_cqe result = results[first & results_mask];
		__atomic_store_n(head, first + 1, __ATOMIC_RELEASE);
		if (result.user_data == last) return result.res;
	}
}

static void ask(const char *op, struct io_uring_sqe entry)
{
	int result = one(entry);
	errno = -result;
	say(op, result < 0 ? -1 : result);
	entry.flags |= IOSQE_ASYNC;
	result = one(entry);
	errno = -result;
	say(named("%s, IOSQE_ASYNC", op), result < 0 ? -1 : result);
}

#define OP(name, ...) ask(#name, (struct io_uring_sqe){ .opcode = IORING_OP_##name, .fd = fd, __VA_ARGS__ })
#define LATER(name, number, ...) ask(name, (struct io_uring_sqe){ .opcode = number, .fd = fd, __VA_ARGS__ })

static void of_files(int fd)
{
	struct iovec vector = { bytes, 16 };
	uint64_t at = (uintptr_t)bytes, vectors = (uintptr_t)&vector;
	int pipes[2];
	if (pipe(pipes)) return;
	OP(READ, .addr = at, .len = 16, .off = -1);
	LATER("READ at 0", IORING_OP_READ, .addr = at, .len = 16);
	LATER("READ of 0 bytes", IORING_OP_READ, .addr = at, .off = -1);
	OP(READV, .addr = vectors, .len = 1, .off = -1);
	LATER("READ RWF_NOWAIT", IORING_OP_READ, .addr = at, .len = 16, .off = -1, .rw_flags = 8);
	OP(WRITE, .addr = at, .len = 16, .off = -1);
	LATER("WRITE at 0", IORING_OP_WRITE, .addr = at, .len = 16);
	OP(WRITEV, .addr = vectors, .len = 1, .off = -1);
	LATER("READ_MULTISHOT", 49, .off = -1, .flags = IOSQE_BUFFER_SELECT);
	syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &vector, 1);
	OP(READ_FIXED, .addr = at, .len = 16, .off = -1);
	OP(WRITE_FIXED, .addr = at, .len = 16, .off = -1);
	OP(FSYNC, .len = 0);
	OP(SYNC_FILE_RANGE, .len = 0);
	OP(FALLOCATE, .addr = 4096);
	OP(FADVISE, .len = 0);
	LATER("FTRUNCATE", 55, .off = 0);
	ask("SPLICE from", (struct io_uring_sqe){ .opcode = IORING_OP_SPLICE, .fd = pipes[1], .splice_fd_in = fd, .off = -1, .splice_off_in = -1, .len = 16 });
	ask("TEE from", (struct io_uring_sqe){ .opcode = IORING_OP_TEE, .fd = pipes[1], .splice_fd_in = fd, .len = 16 });
	if (write(pipes[1], bytes, 64) == 64)
		ask("SPLICE to", (struct io_uring_sqe){ .opcode = IORING_OP_SPLICE, .fd = fd, .splice_fd_in = pipes[0], .off = -1, .splice_off_in = -1, .len = 16 });
}

static void of_others(int fd)
{
	uint64_t at = (uintptr_t)bytes;
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0), dir = open(folder, O_PATH | O_DIRECTORY);
	OP(POLL_ADD, .poll32_events = POLLIN | POLLOUT);
	LATER("POLL_ADD POLLPRI", IORING_OP_POLL_ADD, .poll32_events = POLLPRI);
	ask("EPOLL_CTL", (struct io_uring_sqe){ .opcode = IORING_OP_EPOLL_CTL, .fd = epoll, .len = EPOLL_CTL_ADD, .off = fd, .addr = (uintptr_t)&event });
	LATER("URING_CMD", IORING_OP_URING_CMD, .cmd_op = 0x9a00);
	OP(RECV, .addr = at, .len = 16);
	OP(SEND, .addr = at, .len = 16);
	OP(ACCEPT, .len = 0);
	OP(SHUTDOWN, .len = 0);
	ask("STATX", (struct io_uring_sqe){ .opcode = IORING_OP_STATX, .fd = fd, .addr = (uintptr_t)"", .len = 0x7ff, .off = at, .statx_flags = AT_EMPTY_PATH });
	LATER("FGETXATTR", IORING_OP_FGETXATTR, .addr = (uintptr_t)"user.a", .addr2 = at, .len = 16);
	LATER("FSETXATTR", IORING_OP_FSETXATTR, .addr = (uintptr_t)"user.a", .addr2 = at, .len = 1);
	struct open_how how = { .flags = O_RDWR };
	int got = one((struct io_uring_sqe){ .opcode = IORING_OP_OPENAT2, .fd = dir, .addr = (uintptr_t)"fwctl0", .len = sizeof how, .off = (uintptr_t)&how });
	R("OPENAT2", got < 0 ? (errno = -got, -1) : 0);
	ask("OPENAT", (struct io_uring_sqe){ .opcode = IORING_OP_OPENAT, .fd = dir, .addr = (uintptr_t)"none", .open_flags = O_RDWR });
	int result = one((struct io_uring_sqe){ .opcode = IORING_OP_CLOSE, .fd = got });
	R("CLOSE", result < 0 ? (errno = -result, -1) : 0);
	syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &fd, 1);
	ask("READ of a fixed file", (struct io_uring_sqe){ .opcode = IORING_OP_READ, .flags = IOSQE_FIXED_FILE, .addr = at, .len = 16, .off = -1 });
}

void uring(void)
{
	int fd = opened(O_RDWR);
	if (begin()) {
		say("io_uring_setup", -1);
		return;
	}
	of_files(fd);
	of_others(fd);
}
