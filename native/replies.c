/* While several threads call, short replies are kept until there is no further request, and handed over by one
 * io_submit(2): each write(2) by itself lets the caller that it wakes preempt this process, one call for several does
 * not. A lone reply is a write(2) as ever. Bounds: eight, 100 us, a long copy, and every return to the event loop
 * (session.c). A write to /dev/fuse is done when io_submit() returns: nothing here is asynchronous. */
#include "replies.h"

#include <errno.h>
#include <linux/fuse.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	OLDEST_NS = 100 * 1000,
	/* So many changes of the caller after a request that took longer: nobody is to wait for the next one. */
	PAUSE = 64,
	/* Copying as much takes some 10 us. */
	LONG_COPY = 64 * 1024,
};

uint64_t now_ns(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

void replies_seen(struct replies *replies, const struct fuse_in_header *request)
{
	if (request->opcode != FUSE_IOCTL || request->pid == replies->tid)
		return;
	if (replies->pause)
		replies->pause--;
	else if (replies->tid && !replies->several)
		replies->several = !replies->no_context;
	replies->tid = request->pid;
}

static int64_t write_now(int fd, const uint8_t *reply, uint32_t bytes)
{
	ssize_t n;
	do
		n = write(fd, reply, bytes);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* ENOENT: its request was aborted, nobody waits for it. What ends the connection, the next read tells. */
static void judge(struct replies *replies, const struct kept_reply *reply, int64_t error)
{
	if (error == -EINVAL)
		replies->refused = reply->opcode;
}

/* How many of the first were written. */
static uint32_t submit(struct replies *replies, uint32_t count)
{
	if (!replies->context && syscall(SYS_io_setup, KEPT_REPLIES, &replies->context) < 0) {
		replies->no_context = true;
		replies->several = false;
		return 0;
	}
	struct iocb blocks[KEPT_REPLIES] = { 0 }, *list[KEPT_REPLIES];
	struct io_event events[KEPT_REPLIES];
	for (uint32_t i = 0; i < count; i++) {
		const struct kept_reply *reply = &replies->kept[i];
		blocks[i] = (struct iocb){ .aio_data = i, .aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = reply->fd,
					   .aio_buf = (uintptr_t)reply->at, .aio_nbytes = reply->bytes };
		list[i] = &blocks[i];
	}
	long sent = syscall(SYS_io_submit, replies->context, (long)count, list);
	if (sent <= 0)
		return 0;
	for (long done = 0, n; done < sent; done += n) {
		n = syscall(SYS_io_getevents, replies->context, sent - done, sent - done, events, NULL);
		if (n < 0 && errno != EINTR)
			break;
		n = n < 0 ? 0 : n;
		for (long i = 0; i < n; i++)
			judge(replies, &replies->kept[events[i].data], events[i].res);
	}
	return sent;
}

bool replies_flush(struct replies *replies)
{
	uint32_t count = replies->count;
	replies->count = 0;
	for (uint32_t i = count > 1 ? submit(replies, count) : 0; i < count; i++) {
		const struct kept_reply *reply = &replies->kept[i];
		judge(replies, reply, write_now(reply->fd, reply->at, reply->bytes));
	}
	return count;
}

bool replies_idle(struct replies *replies)
{
	replies->several &= replies->count != 1; /* nobody else called meanwhile */
	return replies_flush(replies);
}

void replies_before_copy(struct replies *replies, const struct iovec *remote, uint32_t count)
{
	size_t bytes = 0;
	for (uint32_t i = 0; i < count && replies->count; i++)
		bytes += remote[i].iov_len;
	if (bytes >= LONG_COPY)
		replies_flush(replies);
}

int64_t replies_write(struct replies *replies, int fd, const uint8_t *reply, uint32_t bytes)
{
	replies_flush(replies);
	return write_now(fd, reply, bytes);
}

int64_t replies_send(struct replies *replies, int fd, const struct fuse_in_header *request, const uint8_t *reply, uint32_t bytes)
{
	if (!replies->several || bytes > KEPT_BYTES)
		return replies_write(replies, fd, reply, bytes);
	uint64_t now = now_ns();
	if (replies->count && now - replies->last > OLDEST_NS) { /* the request at hand took so long */
		replies->several = false;
		replies->pause = PAUSE;
	}
	replies->last = now;
	if (!replies->count)
		replies->since = now;
	struct kept_reply *kept = &replies->kept[replies->count++];
	kept->fd = fd;
	kept->opcode = request->opcode;
	kept->bytes = bytes;
	memcpy(kept->at, reply, bytes);
	if (replies->count == KEPT_REPLIES || now - replies->since > OLDEST_NS)
		replies_flush(replies);
	return 0;
}

uint32_t replies_refused(struct replies *replies)
{
	uint32_t opcode = replies->refused;
	replies->refused = 0;
	return opcode;
}

void replies_end(struct replies *replies)
{
	if (replies->context)
		syscall(SYS_io_destroy, replies->context);
}
