/* The watcher: ticks, what it takes for a stay in a client's memory, and the means by which it ends one. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "watcher.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Ticks of the thread's own, so that a machine or a process that stood still ages nothing. The bounds of one stay in a
 * client's memory: 0.5 s, then the client is killed; 0.6 s, then its userfaultfd is undone, as its threads cannot leave
 * before they are answered; 0.8 s, then those that others hold; 1.3 s, then the connections are given up. A disk that
 * is slow gets ten seconds more. */
enum { TICK_MS = 100, KILL = 5, UNDO_OTHERS = 8, GIVE_UP = 13, DISK = 100, IDLE = 20, TAKEN = 16, MOST_RANGES = 32, MOST_PAGES = 1024 };

struct watcher {
	pthread_t thread;
	pid_t watched;
	/* Odd: within. */
	_Atomic uint32_t stays;
	_Atomic uint32_t asleep, stop;
	/* Of the stay, and of no use to anybody but begin_stay(): the next one overwrites them. */
	int32_t tid;
	const struct iovec *remote;
	uint32_t count;
	void (*close_sessions)(void *);
	void *argument;
};

/* A stay, as it was when it was seen: the watched thread may leave, and enter another, while its end is worked at. */
struct stay {
	int32_t tid;
	uint32_t count;
	struct iovec remote[MOST_RANGES];
};

static void futex(_Atomic uint32_t *word, int operation, uint32_t value, const struct timespec *timeout)
{
	syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, timeout, NULL, 0);
}

static size_t read_text(const char *path, char *into, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, into, size - 1);
	if (fd >= 0)
		close(fd);
	into[n < 0 ? 0 : n] = 0;
	return strcspn(into, "\n");
}

/* False: it is over already. */
static bool begin_stay(const struct watcher *watcher, uint32_t stays, struct stay *into)
{
	const struct iovec *remote = watcher->remote;
	uint32_t count = watcher->count;
	into->tid = watcher->tid;
	into->count = remote && count <= MOST_RANGES ? count : 0;
	atomic_thread_fence(memory_order_acquire);
	if (watcher->stays != stays)
		return false;
	/* the watched thread's stack, which stays mapped; what stands there is the copy's as long as that lasts */
	if (into->count)
		memcpy(into->remote, remote, into->count * sizeof *remote);
	atomic_thread_fence(memory_order_acquire);
	return watcher->stays == stays;
}

static void client_name(const struct stay *stay, char *into, size_t size)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%" PRId32 "/comm", stay->tid);
	size_t length = read_text(path, into, size);
	into[length] = 0;
	for (char *c = into; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
}

/* Whether the watched thread is asleep, and whether for a disk. */
static bool sleeps(const struct watcher *watcher, bool *for_disk)
{
	static const char *const disk[] = { "folio_wait_bit", "wait_on_page_bit", "io_schedule", "swap_read", "blk_mq_get_tag" };
	char path[64], text[512];
	snprintf(path, sizeof path, "/proc/self/task/%d/stat", watcher->watched);
	read_text(path, text, sizeof text);
	const char *state = strrchr(text, ')');
	if (!state || state[1] != ' ' || state[2] != 'D')
		return false;
	snprintf(path, sizeof path, "/proc/self/task/%d/wchan", watcher->watched);
	read_text(path, text, sizeof text);
	*for_disk = false;
	for (size_t i = 0; i < sizeof disk / sizeof *disk; i++)
		*for_disk |= !strncmp(text, disk[i], strlen(disk[i]));
	return true;
}

static void kill_client(const struct stay *stay)
{
	char name[32];
	client_name(stay, name, sizeof name);
	dprintf(STDERR_FILENO,
		"fwctl-emu: process of thread %" PRId32 " (%s) is killed: it took away memory that was being copied, and nobody else was "
		"served for 0.5 s\n",
		stay->tid, name);
	kill(stay->tid, SIGKILL);
}

/* Takes the pages that are waited for out of a userfaultfd: they read as zeroes then. */
static void undo(const struct stay *stay, int userfaultfd)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	for (uint32_t i = 0; i < stay->count; i++) {
		uint64_t start = (uintptr_t)stay->remote[i].iov_base & ~(page - 1);
		uint64_t end = ((uintptr_t)stay->remote[i].iov_base + stay->remote[i].iov_len + page - 1) & ~(page - 1);
		/* no copy has more */
		for (uint32_t pages = 0; start < end && pages < MOST_PAGES; start += page, pages++) {
			struct uffdio_range range = { start, page };
			ioctl(userfaultfd, UFFDIO_UNREGISTER, &range);
		}
	}
}

/* A descriptor of another process as one of ours, or -1. */
static int take_descriptor(int32_t task, int fd)
{
	enum { THREAD = O_EXCL }; /* PIDFD_THREAD of Linux 6.9: any thread, as the first of its process may be gone */
	int pidfd = (int)syscall(SYS_pidfd_open, task, THREAD);
	if (pidfd < 0)
		pidfd = (int)syscall(SYS_pidfd_open, task, 0);
	int ours = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (pidfd >= 0)
		close(pidfd);
	return ours;
}

/* Takes the userfaultfds of a task, at most `room`; `waiting`: those that a fault waits for. */
static int take_userfaultfds(int32_t task, bool waiting, int *into, int room)
{
	char path[64], text[512];
	int count = 0;
	snprintf(path, sizeof path, "/proc/%" PRId32 "/fd", task);
	DIR *directory = opendir(path);
	struct dirent *entry;
	while (directory && count < room && (entry = readdir(directory))) {
		ssize_t n = readlinkat(dirfd(directory), entry->d_name, text, sizeof text - 1);
		text[n < 0 ? 0 : n] = 0;
		if (strcmp(text, "anon_inode:[userfaultfd]"))
			continue;
		/* linux: userfaultfd_show_fdinfo() */
		snprintf(path, sizeof path, "/proc/%" PRId32 "/fdinfo/%d", task, atoi(entry->d_name));
		read_text(path, text, sizeof text);
		const char *total = strstr(text, "total:");
		if (waiting && !(total && atoi(total + 6) > 0))
			continue;
		int fd = take_descriptor(task, atoi(entry->d_name));
		if (fd >= 0)
			into[count++] = fd;
	}
	if (directory)
		closedir(directory);
	return count;
}

/* Gives them back; `stays`: undone. */
static void release_userfaultfds(const struct stay *stay, bool stays, const int *fds, int count)
{
	for (int i = 0; i < count; i++) {
		if (stays)
			undo(stay, fds[i]);
		close(fds[i]);
	}
}

/* The client is dead, and somebody else holds the userfaultfd of its memory. */
static void undo_others(const struct stay *stay)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;
	int fds[TAKEN];
	while (directory && (entry = readdir(directory)))
		if (isdigit((unsigned char)entry->d_name[0]) && atoi(entry->d_name) != getpid())
			release_userfaultfds(stay, true, fds, take_userfaultfds(atoi(entry->d_name), true, fds, TAKEN));
	if (directory)
		closedir(directory);
}

/* All callers are let go with ECONNABORTED. Nothing else is known to end this sleep; SIGKILL may not, either. */
static void give_up(const struct watcher *watcher, const struct stay *stay)
{
	dprintf(STDERR_FILENO,
		"fwctl-emu: ends: memory of thread %" PRId32 ", which is waited for, does not come, though its process was killed; what "
		"serves that memory has to be ended\n",
		stay->tid);
	watcher->close_sessions(watcher->argument);
	kill(getpid(), SIGKILL);
}

static void *watch(void *data)
{
	struct watcher *watcher = data;
	const struct timespec tick = { 0, TICK_MS * 1000000L };
	uint32_t before = 0;
	int stayed = 0, for_disk = 0, idle = 0, taken = 0, fds[TAKEN];
	struct stay stay;
	while (!watcher->stop) {
		uint32_t now = watcher->stays;
		bool disk = false;
		idle = now == before && now % 2 == 0 ? idle + 1 : 0;
		bool stays = now == before && now % 2 && sleeps(watcher, &disk) && (stayed || begin_stay(watcher, now, &stay));
		if (!stays)
			stayed = for_disk = 0;
		else if (!disk || for_disk == DISK)
			stayed++;
		else
			for_disk++;
		if (taken) {
			release_userfaultfds(&stay, stays, fds, taken);
			taken = 0;
		} else if (stayed == KILL) {
			taken = take_userfaultfds(stay.tid, false, fds, TAKEN);
			kill_client(&stay);
		} else if (stayed >= UNDO_OTHERS && stayed < GIVE_UP)
			undo_others(&stay);
		else if (stayed == GIVE_UP)
			give_up(watcher, &stay);
		before = now;
		if (idle >= IDLE) {
			watcher->asleep = 1;
			if (watcher->stays == now && !watcher->stop)
				futex(&watcher->asleep, FUTEX_WAIT, 1, NULL);
			watcher->asleep = 0;
			idle = 0;
		}
		futex(&watcher->stop, FUTEX_WAIT, 0, &tick);
	}
	return NULL;
}

struct watcher *watcher_start(void (*close_sessions)(void *), void *argument)
{
	struct watcher *watcher = calloc(1, sizeof *watcher);
	if (!watcher)
		return NULL;
	watcher->watched = (pid_t)syscall(SYS_gettid);
	watcher->close_sessions = close_sessions;
	watcher->argument = argument;
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&watcher->thread, NULL, watch, watcher);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error) {
		free(watcher);
		return NULL;
	}
	pthread_setname_np(watcher->thread, "fwctl-watch");
	return watcher;
}

void watcher_stop(struct watcher *watcher)
{
	if (!watcher)
		return;
	watcher->stop = 1;
	watcher->asleep = 0;
	futex(&watcher->stop, FUTEX_WAKE, 1, NULL);
	futex(&watcher->asleep, FUTEX_WAKE, 1, NULL);
	pthread_join(watcher->thread, NULL);
	free(watcher);
}

void watcher_enter(struct watcher *watcher, int32_t tid, const struct iovec *remote, uint32_t count)
{
	if (!watcher)
		return;
	/* after the end of the stay before, for begin_stay() */
	atomic_thread_fence(memory_order_release);
	watcher->tid = tid;
	watcher->remote = remote;
	watcher->count = count;
	atomic_fetch_add(&watcher->stays, 1);
	if (watcher->asleep) {
		watcher->asleep = 0;
		futex(&watcher->asleep, FUTEX_WAKE, 1, NULL);
	}
}

void watcher_leave(struct watcher *watcher)
{
	if (watcher)
		atomic_fetch_add_explicit(&watcher->stays, 1, memory_order_release);
}
