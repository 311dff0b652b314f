/*
 * Copies between a client's memory and a shared area, for a server that cannot wait where a page of the client may be
 * long in coming (userfaultfd, a file of another FUSE server): one of these waits for one caller, and can be killed
 * alone. It holds no descriptor of the server's but the two that it is given, so that one which cannot even be killed
 * (a page asked of a server that hangs) keeps nothing of the server's open.
 *
 * fd 0: a SOCK_SEQPACKET socket, struct copy_job in, struct copy_result out; its end ends this process.
 * fd 1: the area, COPY_AREA bytes. Started by native/copies.c.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "copier.h"
#include "client-maps.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static bool reads(const struct copy_job *job)
{
	return job->kind == COPY_READ || job->kind == COPY_TAIL;
}

static int64_t copy(const struct copy_job *job, uint8_t *local, uint64_t done, uint64_t length)
{
	struct iovec ours = { local, length }, theirs = { (void *)(uintptr_t)(job->address + done), length };
	ssize_t n = reads(job) ? process_vm_readv(job->tid, &ours, 1, &theirs, 1, 0) :
				 process_vm_writev(job->tid, &ours, 1, &theirs, 1, 0);
	return n >= 0 ? n : errno == EFAULT ? 0 : -errno;
}

/* By /proc/TID/mem, which heeds no protection: for what the mappings permit alone. */
static int64_t force(const struct copy_job *job, uint8_t *local, uint64_t done, uint64_t length)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%" PRId32 "/mem", job->tid);
	int mem = open(path, O_RDWR | O_CLOEXEC);
	if (mem < 0)
		return 0;
	off_t at = (off_t)(job->address + done);
	ssize_t n = reads(job) ? pread(mem, local, length, at) : pwrite(mem, local, length, at);
	close(mem);
	return n < 0 ? 0 : n;
}

static bool is_zero(const uint8_t *bytes, uint64_t length)
{
	return !length || (!bytes[0] && !memcmp(bytes, bytes + 1, length - 1));
}

static void carry_out(const struct copy_job *job, uint8_t *area, struct copy_result *result)
{
	uint64_t done = 0, page = sysconf(_SC_PAGESIZE);
	if (job->kind == COPY_CLEAR)
		memset(area, 0, job->length < COPY_AREA ? job->length : COPY_AREA);
	while (done < job->length) {
		/* what is cleared comes from one area of zeroes, again and again */
		uint64_t left = job->length - done, part = job->kind == COPY_CLEAR && left > COPY_AREA ? COPY_AREA : left;
		if (job->kind == COPY_TAIL && part > page - (job->address + done) % page)
			part = page - (job->address + done) % page;
		uint8_t *local = area + (job->kind == COPY_CLEAR ? 0 : done);
		int64_t n = copy(job, local, done, part);
		if (n < 0) {
			result->error = (int32_t)-n;
			break;
		}
		done += n;
		if ((uint64_t)n == part) {
			if (job->kind == COPY_TAIL && !is_zero(local, part))
				break;
			continue;
		}
		int64_t room = mapped_bytes(job->tid, job->address + done, part - n, !reads(job));
		if (room <= 0)
			break;
		n = force(job, local + n, done, room);
		if (n == 0) {
			result->unreachable = 1;
			break;
		}
		done += n;
	}
	result->copied = done;
}

int main(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	if (chdir("/") < 0)
		return 1;
	if (syscall(SYS_close_range, 3, ~0u, 0) < 0) /* Linux 5.9 */
		for (int fd = 3; fd < 1024; fd++)
			close(fd);
	uint8_t *area = mmap(NULL, COPY_AREA, PROT_READ | PROT_WRITE, MAP_SHARED, 1, 0);
	if (area == MAP_FAILED)
		return 1;
	struct copy_job job;
	while (recv(0, &job, sizeof job, 0) == sizeof job) {
		struct copy_result result = { 0 };
		carry_out(&job, area, &result);
		if (send(0, &result, sizeof result, 0) != sizeof result)
			return 1;
	}
	return 0;
}
