/* Reading, writing, splicing, waiting: every way but ioctl in which data could go. */
#include "calls.h"
#include <linux/aio_abi.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sendfile.h>

static char bytes[8192] __attribute__((aligned(4096)));
#define KERNEL ((void *)0xffff888000000000ULL)

static void vectors(int fd)
{
	static const int flags[] = { 0, 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x100, 0x40000000 };
	struct iovec one = { bytes, 16 }, bad = { KERNEL, 16 }, two[2] = { one, one };
	for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++)
		for (int at = -1; at <= 0; at++) {
			R(named("preadv2 at %d, flags %#x", at, flags[i]), preadv2(fd, &one, 1, at, flags[i]));
			R(named("pwritev2 at %d, flags %#x", at, flags[i]), pwritev2(fd, &one, 1, at, flags[i]));
		}
	R("readv none", readv(fd, NULL, 0));
	R("writev none", writev(fd, NULL, 0));
	R("readv two", readv(fd, two, 2));
	R("writev two", writev(fd, two, 2));
	R("readv kernel pointer", readv(fd, &bad, 1));
	R("writev kernel pointer", writev(fd, &bad, 1));
	R("readv of 1025", readv(fd, &one, 1025));
	R("write kernel pointer", write(fd, KERNEL, 16));
	R("write NULL", write(fd, NULL, 16));
	R("read 4 GiB", read(fd, bytes, 1L << 32));
	R("pread below 0", pread(fd, bytes, 16, -1));
	R("pread at 2^62", pread(fd, bytes, 16, 1L << 62));
	R("pwrite", pwrite(fd, bytes, 16, 0));
	R("preadv", preadv(fd, &one, 1, 0));
	R("pwritev", pwritev(fd, &one, 1, 0));
}

static void by_modes(void)
{
	static const struct { const char *name; int flags; } modes[] = {
		{ "O_RDONLY", O_RDONLY }, { "O_WRONLY", O_WRONLY }, { "3", 3 }, { "O_PATH", O_PATH },
		{ "O_RDWR|O_APPEND", O_RDWR | O_APPEND }, { "O_RDWR|O_NONBLOCK", O_RDWR | O_NONBLOCK },
	};
	for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++) {
		int fd = opened(modes[i].flags);
		R(named("read of %s", modes[i].name), read(fd, bytes, 16));
		R(named("write of %s", modes[i].name), write(fd, bytes, 16));
		R(named("pread of %s", modes[i].name), pread(fd, bytes, 16, 0));
		R(named("pwrite of %s", modes[i].name), pwrite(fd, bytes, 16, 0));
		R(named("fsync of %s", modes[i].name), fsync(fd));
		R(named("fallocate of %s", modes[i].name), fallocate(fd, 0, 0, 1));
		close(fd);
	}
}

static void pipes(int fd)
{
	int pipe_[2], other[2], file = open("/proc/self/exe", O_RDONLY), null = open("/dev/null", O_RDWR);
	struct iovec one = { bytes, 16 };
	loff_t at = 0;
	if (pipe(pipe_) || pipe(other) || write(other[1], bytes, 64) != 64) return;
	R("splice from", splice(fd, NULL, pipe_[1], NULL, 16, SPLICE_F_NONBLOCK));
	R("splice from at an offset", splice(fd, &at, pipe_[1], NULL, 16, SPLICE_F_NONBLOCK));
	R("splice to", splice(other[0], NULL, fd, NULL, 16, SPLICE_F_NONBLOCK));
	R("splice to at an offset", splice(other[0], NULL, fd, &at, 16, SPLICE_F_NONBLOCK));
	R("splice to null", splice(fd, NULL, null, NULL, 16, 0));
	R("tee from", tee(fd, pipe_[1], 16, SPLICE_F_NONBLOCK));
	R("tee to", tee(other[0], fd, 16, SPLICE_F_NONBLOCK));
	R("vmsplice", vmsplice(fd, &one, 1, SPLICE_F_NONBLOCK));
	R("sendfile from, to a pipe", sendfile(pipe_[1], fd, NULL, 16));
	R("sendfile from, to null", sendfile(null, fd, NULL, 16));
	R("sendfile from, at an offset", sendfile(null, fd, &at, 16));
	R("sendfile to", sendfile(fd, file, NULL, 16));
	R("copy_file_range from", copy_file_range(fd, NULL, null, NULL, 16, 0));
	R("copy_file_range from, to itself", copy_file_range(fd, NULL, fd, NULL, 16, 0));
	R("copy_file_range to", copy_file_range(file, NULL, fd, NULL, 16, 0));
	R("copy_file_range to O_RDONLY", copy_file_range(file, NULL, opened(O_RDONLY), NULL, 16, 0));
	R("copy_file_range with flags", copy_file_range(file, NULL, fd, NULL, 16, 1));
}

static void space(int fd)
{
	static const int modes[] = { 0, 1, 2, 3, 8, 0x10, 0x20, 0x40, 0x80 };
	for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++)
		R(named("fallocate mode %#x", modes[i]), fallocate(fd, modes[i], 0, 4096));
	R("fallocate of nothing", fallocate(fd, 0, 0, 0));
	R("fallocate below 0", fallocate(fd, 0, -1, 1));
	for (int advice = 0; advice <= 6; advice++)
		R(named("posix_fadvise %d", advice), (errno = posix_fadvise(fd, 0, 0, advice)) ? -1 : 0);
	R("readahead", readahead(fd, 0, 4096));
	R("sync_file_range", sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE));
	R("sync_file_range below 0", sync_file_range(fd, -1, 0, 0));
	R("fdatasync", fdatasync(fd));
	R("fsync", fsync(fd));
	R("syncfs", syncfs(fd));
	R("cachestat", syscall(451, fd, &(uint64_t[2]){ 0, 4096 }, &(uint64_t[5]){ 0 }, 0));
}

static void waiting(int fd)
{
	struct pollfd poll_ = { fd, -1, 0 }, none = { opened(O_PATH), -1, 0 };
	struct timespec zero = { 0, 0 };
	int all = POLLIN | POLLPRI | POLLOUT | POLLRDHUP | POLLRDNORM | POLLRDBAND | POLLWRNORM | POLLWRBAND;
	poll_.events = none.events = all;
	R("ppoll", ppoll(&poll_, 1, &zero, NULL));
	tell("ppoll", "%#x", poll_.revents);
	R("ppoll of O_PATH", ppoll(&none, 1, &zero, NULL));
	tell("ppoll of O_PATH", "%#x", none.revents);
	fd_set set[3];
	for (int i = 0; i < 3; i++) {
		FD_ZERO(&set[i]);
		FD_SET(fd, &set[i]);
	}
	R("pselect", pselect(fd + 1, &set[0], &set[1], &set[2], &zero, NULL));
	tell("pselect", "%d %d %d", FD_ISSET(fd, &set[0]), FD_ISSET(fd, &set[1]), FD_ISSET(fd, &set[2]));
	int epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	R("epoll_ctl ADD", epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
	R("epoll_ctl MOD", epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event));
	R("epoll_wait", epoll_wait(epoll, &event, 1, 0));
	R("epoll_wait again", epoll_wait(epoll, &event, 1, 0));
	R("epoll_ctl DEL", epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event));
	event.events = EPOLLIN | EPOLLEXCLUSIVE;
	R("epoll_ctl ADD exclusive", epoll_ctl(epoll, EPOLL_CTL_ADD, opened(O_RDWR), &event));
	R("epoll_ctl ADD of O_PATH", epoll_ctl(epoll, EPOLL_CTL_ADD, none.fd, &event));
}

static void aio(int fd)
{
	static const struct { const char *name; int op; } ops[] = {
		{ "PREAD", IOCB_CMD_PREAD }, { "PWRITE", IOCB_CMD_PWRITE }, { "FSYNC", IOCB_CMD_FSYNC }, { "FDSYNC", IOCB_CMD_FDSYNC },
		{ "POLL", IOCB_CMD_POLL }, { "NOOP", IOCB_CMD_NOOP }, { "PREADV", IOCB_CMD_PREADV }, { "PWRITEV", IOCB_CMD_PWRITEV },
	};
	aio_context_t context = 0;
	struct iovec one = { bytes, 16 };
	if (syscall(SYS_io_setup, 4, &context)) {
		say("io_setup", -1);
		return;
	}
	for (unsigned i = 0; i < sizeof ops / sizeof *ops; i++) {
		int vector = ops[i].op >= IOCB_CMD_PREADV, wait = ops[i].op == IOCB_CMD_POLL, sync = ops[i].op == IOCB_CMD_FSYNC || ops[i].op == IOCB_CMD_FDSYNC;
		struct iocb block = { .aio_lio_opcode = ops[i].op, .aio_fildes = fd, .aio_buf = wait ? POLLIN : sync ? 0 : vector ? (uintptr_t)&one : (uintptr_t)bytes,
			.aio_nbytes = wait || sync ? 0 : vector ? 1 : 16 };
		struct iocb *list = &block;
		struct io_event event;
		struct timespec second = { 1, 0 };
		errno = 0;
		long n = syscall(SYS_io_submit, context, 1, &list);
		say(named("io_submit %s", ops[i].name), n);
		if (n == 1 && syscall(SYS_io_getevents, context, 1, 1, &event, &second) == 1)
			tell(named("io_getevents %s", ops[i].name), "%lld", (long long)event.res);
	}
}

void transfer(void)
{
	int fd = opened(O_RDWR);
	signal(SIGPIPE, SIG_IGN);
	vectors(fd);
	by_modes();
	pipes(fd);
	space(fd);
	waiting(fd);
	aio(fd);
}
