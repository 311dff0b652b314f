/* Open device files of callers by notification. What a caller gets is a listening socket with one connection, which we
 * keep: its end tells of the last close, and the socket's own errnos are nearest to those of fwctl's files. */
#include "notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A descriptor may have become another's meanwhile, by dup2(2) alone without a word to us: it is looked at again after
 * so long, ns. */
enum { TRUSTED_NS = 50 * 1000 };

static struct pair *pair_of(struct notify *notify, int32_t tid, int descriptor)
{
	return &notify->pairs[((uint32_t)tid * 31 + (uint32_t)descriptor) % PAIRS];
}

void remember_pair(struct notify *notify, int32_t tid, int descriptor, uint32_t file)
{
	*pair_of(notify, tid, descriptor) = (struct pair){ .tid = tid, .descriptor = descriptor, .file = file };
}

static bool file_of_socket(const struct notify *notify, uint64_t socket, uint64_t *file)
{
	for (uint32_t i = 0; i < notify->file_count; i++)
		if (notify->files[i].ours >= 0 && notify->files[i].socket == socket) {
			*file = i;
			return true;
		}
	return false;
}

enum found find_descriptor(struct notify *notify, int32_t tid, int descriptor, uint64_t now, uint64_t *value)
{
	struct pair *pair = pair_of(notify, tid, descriptor);
	bool known = pair->file < notify->file_count && pair->tid == tid && pair->descriptor == descriptor && notify->files[pair->file].ours >= 0;
	if (known && now && !notify->verify && now - pair->used_ns < TRUSTED_NS) {
		pair->used_ns = now;
		*value = pair->file;
		return FOUND_FILE;
	}
	char path[64];
	struct stat found;
	snprintf(path, sizeof path, "/proc/%" PRId32 "/fd/%d", tid, descriptor);
	if (descriptor < 0 || stat(path, &found) < 0)
		return FOUND_NOTHING;
	if (S_ISSOCK(found.st_mode)) {
		if (known && notify->files[pair->file].socket == found.st_ino)
			*value = pair->file;
		else if (!file_of_socket(notify, found.st_ino, value))
			return FOUND_NOTHING;
		*pair = (struct pair){ tid, descriptor, (uint32_t)*value, now };
		return FOUND_FILE;
	}
	*value = found.st_ino;
	return found.st_dev == notify->places ? FOUND_PLACE : FOUND_NOTHING;
}

/* A listening socket and a connection to it, which is never accepted. */
static int make_sockets(int *ours, uint64_t *inode)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length = sizeof address;
	struct stat found;
	int theirs = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	*ours = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* an address of two bytes: the kernel chooses one that no other socket has (unix(7), autobind) */
	if (theirs >= 0 && *ours >= 0 && bind(theirs, (struct sockaddr *)&address, sizeof(sa_family_t)) == 0 && listen(theirs, 1) == 0 &&
	    getsockname(theirs, (struct sockaddr *)&address, &length) == 0 &&
	    connect(*ours, (struct sockaddr *)&address, length) == 0 && fstat(theirs, &found) == 0) {
		*inode = found.st_ino;
		return theirs;
	}
	int error = errno;
	if (theirs >= 0)
		close(theirs);
	if (*ours >= 0)
		close(*ours);
	return -error;
}

static int64_t free_slot(struct notify *notify)
{
	for (uint32_t i = 0; i < notify->file_count; i++)
		if (notify->files[i].ours < 0)
			return i;
	if (notify->file_count == notify->file_capacity) {
		uint32_t capacity = notify->file_capacity ? notify->file_capacity * 2 : 16;
		struct open_file *files = realloc(notify->files, capacity * sizeof *files);
		if (!files)
			return -ENOMEM;
		notify->files = files;
		notify->file_capacity = capacity;
	}
	return notify->file_count++;
}

int make_file(struct notify *notify, uint64_t handle, uint32_t node, uint32_t *file)
{
	int ours;
	uint64_t inode;
	int64_t slot = free_slot(notify);
	if (slot < 0)
		return (int)slot;
	notify->files[slot] = (struct open_file){ .ours = -1 };
	int theirs = make_sockets(&ours, &inode);
	if (theirs < 0)
		return theirs;
	struct epoll_event event = { .events = EPOLLRDHUP | EPOLLHUP, .data.u32 = (uint32_t)slot };
	notify->files[slot] = (struct open_file){ .ours = ours, .socket = inode, .handle = handle, .node = node };
	epoll_ctl(notify->epoll, EPOLL_CTL_ADD, ours, &event);
	*file = (uint32_t)slot;
	return theirs;
}

void end_file(struct notify *notify, uint32_t file)
{
	close(notify->files[file].ours);
	notify->files[file].ours = -1;
}
