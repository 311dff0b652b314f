/* Answers to calls by notification: what stands in the reply buffer is carried out in the caller (notify.h has the
 * forms). */
#include "notify.h"
#include "watcher.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static struct taken *call_of(struct notify *notify, uint64_t id)
{
	struct taken *call = &notify->calls[notify->current];
	if (notify->call_count && call->id == id)
		return call;
	for (call = notify->calls; call < notify->calls + notify->call_count; call++)
		if (call->id == id)
			return call;
	return NULL;
}

static void forget(struct notify *notify, struct taken *call)
{
	notify->ids[call - notify->calls] = 0;
	call->id = 0;
}

void respond(struct notify *notify, struct taken *call, int64_t value, int32_t error, uint32_t flags)
{
	struct seccomp_notif_resp response = { .id = call->id, .val = value, .error = error, .flags = flags };
	ioctl(notify->listener, SECCOMP_IOCTL_NOTIF_SEND, &response); /* ENOENT: it was killed meanwhile */
	forget(notify, call);
}

void let_go_on(struct notify *notify, struct taken *call)
{
	if (call->row && call->row->call == CALL_CHDIR)
		enter_directory(notify, call->tid, NULL);
	respond(notify, call, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

bool write_caller(const struct addon *addon, const struct taken *call, const void *bytes, size_t length)
{
	uint64_t to = call->arguments[call->row->buffer];
	struct iovec local = { (void *)bytes, length }, remote = { (void *)(uintptr_t)to, length };
	watcher_enter(addon->watcher, call->tid, &remote, 1);
	ssize_t n = process_vm_writev(call->tid, &local, 1, &remote, 1, 0);
	watcher_leave(addon->watcher);
	return n == (ssize_t)length;
}

uint32_t descriptor_flags(int32_t tid, int descriptor)
{
	char path[64], line[128];
	unsigned flags = 0;
	snprintf(path, sizeof path, "/proc/%" PRId32 "/fdinfo/%d", tid, descriptor);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "flags: %o", &flags) == 1)
			break;
	if (file)
		fclose(file);
	return flags;
}

/* The caller gets an open device file: a new descriptor, or, for an ioctl on a placeholder, that one's own number. */
static void give_device(struct notify *notify, struct taken *call, uint64_t handle, uint32_t node)
{
	uint32_t file;
	int theirs = make_file(notify, handle, node, &file);
	if (theirs < 0) {
		respond(notify, call, 0, theirs, 0);
		return;
	}
	struct seccomp_notif_addfd add = { .id = call->id, .srcfd = (uint32_t)theirs };
	if (call->opening) {
		add.flags = SECCOMP_ADDFD_FLAG_SETFD;
		add.newfd = (uint32_t)call->arguments[0];
		add.newfd_flags = descriptor_flags(call->tid, (int)add.newfd) & O_CLOEXEC;
	} else {
		add.flags = SECCOMP_ADDFD_FLAG_SEND;
		add.newfd_flags = call->flags & O_CLOEXEC;
	}
	int given = ioctl(notify->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add), error = errno;
	close(theirs); /* the last one, where the caller has none: then our end says so */
	if (given < 0) {
		respond(notify, call, 0, -error, 0);
		return;
	}
	remember_pair(notify, call->tid, given, file);
	if (!call->opening) {
		forget(notify, call);
		return;
	}
	call->opening = false;
	call->opened = true;
	if (notify->opens_late++ == 0)
		eventfd_write(notify->late, 1);
}

static void give_descriptor(struct notify *notify, struct taken *call, int descriptor, uint32_t flags)
{
	struct seccomp_notif_addfd add = {
		.id = call->id, .flags = SECCOMP_ADDFD_FLAG_SEND, .srcfd = (uint32_t)descriptor, .newfd_flags = flags & O_CLOEXEC,
	};
	if (ioctl(notify->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0)
		respond(notify, call, 0, -errno, 0);
	else
		forget(notify, call);
}

/* The answer of stat(2) or statx(2), from what FUSE tells of a file. */
static bool write_attributes(const struct addon *addon, const struct notify *notify, const struct taken *call, const struct fuse_attr *of)
{
	if (call->row->call == CALL_STATX) {
		struct statx answer = {
			.stx_mask = STATX_BASIC_STATS, .stx_blksize = of->blksize, .stx_nlink = of->nlink, .stx_uid = of->uid,
			.stx_gid = of->gid, .stx_mode = (uint16_t)of->mode, .stx_ino = of->ino, .stx_size = of->size,
			.stx_atime = { .tv_sec = (int64_t)of->atime, .tv_nsec = of->atimensec },
			.stx_mtime = { .tv_sec = (int64_t)of->mtime, .tv_nsec = of->mtimensec },
			.stx_ctime = { .tv_sec = (int64_t)of->ctime, .tv_nsec = of->ctimensec },
			.stx_rdev_major = of->rdev >> 8 & 0xfff, .stx_rdev_minor = (of->rdev & 0xff) | (of->rdev >> 12 & 0xfff00),
		};
		return write_caller(addon, call, &answer, sizeof answer);
	}
	struct stat answer;
	memset(&answer, 0, sizeof answer);
	answer.st_dev = notify->places;
	answer.st_ino = of->ino;
	answer.st_mode = of->mode;
	answer.st_nlink = of->nlink;
	answer.st_uid = of->uid;
	answer.st_gid = of->gid;
	answer.st_rdev = of->rdev;
	answer.st_size = (off_t)of->size;
	answer.st_blksize = of->blksize;
	answer.st_atim = (struct timespec){ (time_t)of->atime, of->atimensec };
	answer.st_mtim = (struct timespec){ (time_t)of->mtime, of->mtimensec };
	answer.st_ctim = (struct timespec){ (time_t)of->ctime, of->ctimensec };
	return write_caller(addon, call, &answer, sizeof answer);
}

/* The same of a file of the machine's, which the caller's kernel would not find: 0 or -errno. */
static int32_t write_stat_of(const struct addon *addon, const struct taken *call, const char *path)
{
	int flags = (int)call->flags & AT_SYMLINK_NOFOLLOW;
	struct statx extended;
	struct stat plain;
	if (call->row->call == CALL_STATX) {
		if (statx(AT_FDCWD, path, flags, (unsigned)call->arguments[3], &extended) < 0)
			return -errno;
		return write_caller(addon, call, &extended, sizeof extended) ? 0 : -EFAULT;
	}
	if (fstatat(AT_FDCWD, path, &plain, flags) < 0)
		return -errno;
	return write_caller(addon, call, &plain, sizeof plain) ? 0 : -EFAULT;
}

static void answer_call(const struct addon *addon, struct notify *notify, struct taken *call, const struct call_answer *answer)
{
	int32_t error = 0;
	int64_t value = answer->value;
	switch ((enum answer)(answer->kind & 0xff)) {
	case ANSWER_CONTINUE:
		let_go_on(notify, call);
		return;
	case ANSWER_DESCRIPTOR:
		give_descriptor(notify, call, (int)value, answer->extra);
		return;
	case ANSWER_DEVICE:
		give_device(notify, call, (uint64_t)value, answer->kind >> 8);
		return;
	case ANSWER_ATTRIBUTES:
		error = write_attributes(addon, notify, call, (const struct fuse_attr *)answer->bytes) ? 0 : -EFAULT;
		break;
	case ANSWER_STAT_OF:
		error = write_stat_of(addon, call, answer->bytes);
		break;
	case ANSWER_BYTES:
		error = write_caller(addon, call, answer->bytes, answer->extra) ? 0 : -EFAULT;
		break;
	case ANSWER_ENTER:
		enter_directory(notify, call->tid, answer->bytes);
		break;
	case ANSWER_VALUE:
		break;
	}
	respond(notify, call, error ? 0 : value, error, 0);
}

int64_t notify_reply(const struct addon *addon, struct notify *notify)
{
	const struct fuse_out_header *header = (const struct fuse_out_header *)addon->reply.at;
	struct taken *call = header->unique ? call_of(notify, header->unique) : NULL;
	if (!call)
		return 0; /* a release, or a caller that was let go */
	if (header->error)
		respond(notify, call, 0, header->error, 0);
	else if (call->row->call == CALL_IOCTL && !call->opening) {
		int32_t result = ((const struct fuse_ioctl_out *)(header + 1))->result;
		respond(notify, call, result < 0 ? 0 : result, result < 0 ? result : 0, 0);
	} else {
		answer_call(addon, notify, call, (const struct call_answer *)(header + 1));
	}
	return 0;
}

bool notify_waits(const struct frame *frame)
{
	struct notify *notify = frame->notify;
	if (!notify || (notify->call_count && notify->calls[notify->current].id == frame->notification))
		return true;
	return ioctl(notify->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &frame->notification) == 0;
}
