/* A connection by seccomp user notification: what its files share. notify.c receives and answers, notify-files.c knows
 * which descriptor is which open file, notify-paths.c which path is ours. */
#ifndef FWCTL_EMU_NOTIFY_H
#define FWCTL_EMU_NOTIFY_H

#include "addon.h"
#include "keeper.h"
#include "trapped.h"

#include <limits.h>
#include <linux/fuse.h>
#include <linux/seccomp.h>
#include <sys/types.h>

enum { PAIRS = 1024, PATH_BYTES = 2 * PATH_MAX, MOST_CHANGED = 64 };
/* In the epoll set, beside the numbers of open files. */
#define NOTIFY_LISTENER UINT32_MAX
#define NOTIFY_LATE (UINT32_MAX - 1)

/* An open device file: our end of the connection that its listening socket holds; -1: it is free. `socket` is that
 * one's inode. */
struct open_file {
	int ours;
	uint64_t socket, handle;
	/* Of the node that it is of, as JavaScript numbers them. */
	uint32_t node;
};

/* A thread's descriptor, and which open file it was when it was last used. */
struct pair {
	int32_t tid;
	int descriptor;
	uint32_t file;
	uint64_t used_ns;
};

/* A call that was received and is not answered yet. */
struct taken {
	uint64_t id;
	uint64_t arguments[6];
	const struct trapped *row;
	int32_t tid;
	/* Of an open. */
	uint32_t flags;
	/* An ioctl on a placeholder, whose file is opened first; and that has been done. */
	bool opening, opened;
};

/* The working directory of a process that has entered one which is ours: the kernel's own stays where it was. */
struct directory {
	pid_t process;
	/* As the machine sees it, when that was, in ticks of the boot clock; empty path: it has left again. */
	char real[PATH_MAX], path[PATH_MAX];
	uint64_t since;
};

struct notify {
	struct notify *next;
	int listener, epoll, late;
	enum trap_mode mode;
	/* Each descriptor is looked at for each ioctl. */
	bool verify;
	/* The file system of placeholders, or of listings. */
	dev_t places;
	struct open_file *files;
	uint32_t file_count, file_capacity;
	struct pair pairs[PAIRS];
	struct taken calls[MOST_CALLS];
	uint32_t call_count;
	/* Of the last one received. */
	uint32_t current;
	/* Ids of those that are not answered, MOST_CALLS, in memory that the keeper has too (keeper.c). */
	uint64_t *ids;
	/* Our end of the keeper's pipe, which tells it that we have gone; -1: it was not started. */
	int keeper;
	/* Files whose last descriptor was closed. */
	uint32_t gone[MOST_CHANGED], gone_count;
	/* Directory of listings, as a path of this process's; empty: there is none. */
	char shadow[PATH_MAX];
	/* Paths that are ours with all below them, or, after "=", alone; each ended by NUL, then an empty one. */
	char *prefixes;
	struct directory *directories;
	uint32_t directory_count;
	/* Calls that a signal took back before they were received; of the last that was. */
	uint32_t interrupted;
	uint64_t last_id;
	/* Ioctls whose placeholder has been opened, and that have not been served since. */
	uint32_t opens_late;
	struct seccomp_notif received;
};

/* The connection whose epoll set `fd` is, or NULL. */
static inline struct notify *notify_of(const struct addon *addon, int fd)
{
	struct notify *notify = addon->notifies;
	while (notify && notify->epoll != fd)
		notify = notify->next;
	return notify;
}

/* One request into the request buffer, in the form of FUSE: its bytes, or -errno. */
int64_t notify_read(struct addon *addon, struct notify *notify);
/* The handle of a file whose last descriptor was closed, which is forgotten; -1: there is none. */
int64_t notify_released(struct notify *notify);
/* The answer in the reply buffer: 0. */
int64_t notify_reply(const struct addon *addon, struct notify *notify);
/* Whether the caller of a frame's ioctl is still there to be written to. */
bool notify_waits(const struct frame *frame);
void notify_close(struct notify *notify);

/* notify-answers.c: the answer itself, after which there is no such call any more; and CONTINUE. */
void respond(struct notify *notify, struct taken *call, int64_t value, int32_t error, uint32_t flags);
void let_go_on(struct notify *notify, struct taken *call);
/* O_* of a thread's descriptor. */
uint32_t descriptor_flags(int32_t tid, int descriptor);
/* To where the call wants its answer. */
bool write_caller(const struct addon *addon, const struct taken *call, const void *bytes, size_t length);

/* notify-files.c */
enum found { FOUND_NOTHING, FOUND_FILE, FOUND_PLACE, FOUND_PATH };
/* What a thread's descriptor is; `value`: index of the open file, or the placeholder's inode. `now`: 0: it is looked
 * at, however soon after the last time. */
enum found find_descriptor(struct notify *notify, int32_t tid, int descriptor, uint64_t now, uint64_t *value);
/* Opens a file: the listening socket for the caller, or -errno. */
int make_file(struct notify *notify, uint64_t handle, uint32_t node, uint32_t *file);
void remember_pair(struct notify *notify, int32_t tid, int descriptor, uint32_t file);
/* Its last descriptor was closed. */
void end_file(struct notify *notify, uint32_t file);

/* notify-paths.c */
/* What a call's path leads to: FOUND_NOTHING: it is none of ours. `path` gets what it is called, absolute; `detached`:
 * the caller's kernel would look for it somewhere else; `itself`: it named a descriptor (/proc/self/fd). */
enum found find_path(struct addon *addon, struct notify *notify, const struct taken *call, char *path, uint64_t *value, bool *detached,
		     bool *itself);
/* Where a thread's descriptor leads, or its working directory (AT_FDCWD); where that is into the directory of listings,
 * what it is a listing of, and true. */
bool read_place(const struct notify *notify, int32_t tid, int descriptor, char *to);
/* Reads memory of a caller's: bytes, or -errno. */
int64_t read_caller(struct addon *addon, int32_t tid, uint64_t from, void *to, size_t length);
/* The process has entered the directory, of ours; NULL: it has left them. */
void enter_directory(struct notify *notify, int32_t tid, const char *path);
/* Where the caller is, if that is in a directory of ours; NULL: the kernel knows. */
const char *directory_of(struct notify *notify, int32_t tid, char *space);

/* Beyond FUSE's own; and what else a request says of its path. */
enum { OPCODE_CALL = 0x1000, DETACHED = 0x100, ITSELF = 0x200 };
struct call_request {
	uint32_t flags; /* O_*, AT_*, or the mode of access(2) and chmod(2); where FUSE has an open's */
	uint32_t call;	/* enum trapped_call */
	uint32_t found; /* enum found, DETACHED, ITSELF */
	uint32_t room;
	uint64_t value; /* FOUND_FILE: the node's number; FOUND_PLACE: inode */
	char path[];
};

enum answer { ANSWER_CONTINUE, ANSWER_VALUE, ANSWER_DESCRIPTOR, ANSWER_DEVICE, ANSWER_ATTRIBUTES, ANSWER_STAT_OF, ANSWER_BYTES, ANSWER_ENTER };

struct call_answer {
	int64_t value;
	uint32_t kind; /* enum answer; of ANSWER_DEVICE, from bit 8 on, the node's number */
	uint32_t extra;
	char bytes[];
};

#endif
