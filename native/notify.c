/* A connection by seccomp user notification, in the form of FUSE: what a thread calls becomes a request in the request
 * buffer (IOCTL and RELEASE are FUSE's own, all else is `call_request`), and the answer in the reply buffer is carried
 * out in the caller. src/transport/notify/call.ts is the other side of the two forms. */
#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fuse.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Calls that are none of ours in one wake-up, at the most: others in the event loop have their turn. */
enum { MOST_TURNS = 256 };

/* NULL: there is no room for one more. */
static struct taken *take(struct notify *notify)
{
	const struct seccomp_notif *received = &notify->received;
	uint32_t slot = 0;
	while (slot < notify->call_count && notify->calls[slot].id)
		slot++;
	if (slot == notify->call_count) {
		if (slot == MOST_CALLS)
			return NULL;
		notify->call_count++;
	}
	struct taken *call = &notify->calls[slot];
	*call = (struct taken){ .id = received->id, .tid = (int32_t)received->pid, .row = trapped_row(received->data.nr) };
	memcpy(call->arguments, received->data.args, sizeof call->arguments);
	notify->current = slot;
	notify->ids[slot] = call->id;
	return call;
}

static struct fuse_in_header *begin_request(struct addon *addon, uint32_t opcode, const struct taken *call, size_t bytes)
{
	struct fuse_in_header *header = (struct fuse_in_header *)addon->request.at;
	memset(header, 0, sizeof *header);
	header->len = (uint32_t)(sizeof *header + bytes);
	header->opcode = opcode;
	if (call) {
		header->unique = call->id;
		header->pid = (uint32_t)call->tid;
	}
	return header;
}

static int64_t ioctl_request(struct addon *addon, struct notify *notify, const struct taken *call, uint64_t file)
{
	struct fuse_in_header *header = begin_request(addon, FUSE_IOCTL, call, sizeof(struct fuse_ioctl_in));
	struct frame *frame = frame_at(addon, addon->next_frame);
	*(struct fuse_ioctl_in *)(header + 1) = (struct fuse_ioctl_in){
		.fh = notify->files[file].handle, .cmd = (uint32_t)call->arguments[1], .arg = call->arguments[2],
	};
	if (frame) {
		frame->notification = call->id;
		frame->notify = notify;
	}
	return header->len;
}

static int64_t release_request(struct addon *addon, struct notify *notify, uint32_t file)
{
	struct fuse_in_header *header = begin_request(addon, FUSE_RELEASE, NULL, sizeof(struct fuse_release_in));
	*(struct fuse_release_in *)(header + 1) = (struct fuse_release_in){ .fh = notify->files[file].handle };
	end_file(notify, file);
	return header->len;
}

static int64_t call_request(struct addon *addon, const struct taken *call, uint32_t found, uint64_t value, const char *path)
{
	size_t length = strlen(path) + 1;
	struct fuse_in_header *header = begin_request(addon, OPCODE_CALL, call, sizeof(struct call_request) + length);
	struct call_request *request = (struct call_request *)(header + 1);
	const struct trapped *row = call->row;
	*request = (struct call_request){
		.flags = call->flags, .call = row->call, .found = found, .value = value,
		.room = row->room < 0 ? 0 : (uint32_t)call->arguments[row->room],
	};
	memcpy(request->path, path, length);
	if (row->call == CALL_OPEN || row->call == CALL_ACCESS || row->call == CALL_CHMOD || row->call == CALL_IOCTL) {
		char about[64];
		struct stat process;
		snprintf(about, sizeof about, "/proc/%" PRId32, call->tid);
		if (stat(about, &process) == 0) {
			header->uid = process.st_uid;
			header->gid = process.st_gid;
		}
	}
	return header->len;
}

/* A call on a descriptor alone: fstat(2), in whichever form. */
static int64_t on_descriptor(struct addon *addon, struct notify *notify, struct taken *call, uint64_t now)
{
	char path[PATH_BYTES] = "";
	uint64_t value;
	int descriptor = (int)call->arguments[call->row->directory];
	enum found found = find_descriptor(notify, call->tid, descriptor, now, &value);
	if (found == FOUND_FILE)
		return call_request(addon, call, found, notify->files[value].node, path);
	if (found == FOUND_PLACE && notify->mode == TRAP_PATHS)
		found = read_place(notify, call->tid, descriptor, path) ? FOUND_PATH : FOUND_NOTHING;
	if (found != FOUND_NOTHING)
		return call_request(addon, call, found, value, path);
	let_go_on(notify, call);
	return 0;
}

/* Whether the path is empty where that asks about the descriptor. */
static bool is_about_descriptor(struct addon *addon, const struct taken *call)
{
	const struct trapped *row = call->row;
	char first;
	if (row->path < 0)
		return row->directory >= 0;
	if ((row->call != CALL_STAT && row->call != CALL_STATX) || !(call->flags & AT_EMPTY_PATH))
		return false;
	return !call->arguments[row->path] || (read_caller(addon, call->tid, call->arguments[row->path], &first, 1) == 1 && !first);
}

static int64_t on_path(struct addon *addon, struct notify *notify, struct taken *call)
{
	char path[PATH_BYTES];
	uint64_t value = 0;
	bool detached, itself;
	enum found found = find_path(addon, notify, call, path, &value, &detached, &itself);
	bool link = itself && call->row->call != CALL_READLINK && call->flags & AT_SYMLINK_NOFOLLOW && call->row->call != CALL_OPEN;
	if (found == FOUND_NOTHING || link) {
		let_go_on(notify, call);
		return 0;
	}
	if (found == FOUND_FILE)
		value = notify->files[value].node;
	return call_request(addon, call, found | (detached ? DETACHED : 0) | (itself ? ITSELF : 0), value, found == FOUND_PATH ? path : "");
}

/* getcwd(2): what the kernel does not know of. */
static void on_getcwd(const struct addon *addon, struct notify *notify, struct taken *call)
{
	char path[PATH_BYTES];
	if (!directory_of(notify, call->tid, path) && !read_place(notify, call->tid, AT_FDCWD, path)) {
		let_go_on(notify, call);
		return;
	}
	size_t length = strlen(path) + 1;
	bool fits = length <= call->arguments[call->row->room];
	int32_t error = !fits ? -ERANGE : write_caller(addon, call, path, length) ? 0 : -EFAULT;
	respond(notify, call, error ? 0 : (int64_t)length, error, 0);
}

/* An ioctl on what was given to who opened a device with O_PATH: nothing is open there. */
static bool stands_for_device(const struct notify *notify, const struct taken *call)
{
	char path[PATH_BYTES], link[64];
	struct stat found;
	snprintf(link, sizeof link, "/proc/%" PRId32 "/fd/%d", call->tid, (int)call->arguments[0]);
	return read_place(notify, call->tid, (int)call->arguments[0], path) && !strncmp(path, "/dev/", 5) && stat(link, &found) == 0 && S_ISREG(found.st_mode);
}

/* The call that was received: a request's bytes; 0: it is answered already. */
static int64_t on_call(struct addon *addon, struct notify *notify)
{
	struct taken *call = take(notify);
	if (!call) { /* thousands are held already: as where the kernel has no memory for one more */
		struct seccomp_notif_resp refusal = { .id = notify->received.id, .error = -ENOMEM };
		ioctl(notify->listener, SECCOMP_IOCTL_NOTIF_SEND, &refusal);
		return 0;
	}
	const struct trapped *row = call->row;
	if (row && row->call == CALL_IOCTL) {
		uint64_t value;
		enum found found = find_descriptor(notify, call->tid, (int)call->arguments[0], now_ns(), &value);
		if (found == FOUND_FILE)
			return ioctl_request(addon, notify, call, value);
		if (found == FOUND_PLACE && notify->mode == TRAP_PATHS && stands_for_device(notify, call)) {
			respond(notify, call, 0, -EBADF, 0);
			return 0;
		}
		/* with O_PATH nothing is open: the kernel says so */
		if (found == FOUND_PLACE && notify->mode == TRAP_MOUNTS && !(descriptor_flags(call->tid, (int)call->arguments[0]) & O_PATH)) {
			call->opening = true;
			return call_request(addon, call, found, value, "");
		}
	} else if (row && row->call == CALL_GETCWD) {
		on_getcwd(addon, notify, call);
		return 0;
	} else if (row) {
		struct open_how how = { 0 };
		call->flags = row->flags >= 0 ? (uint32_t)call->arguments[row->flags] : row->implied;
		if (row->number == SYS_openat2 && read_caller(addon, call->tid, call->arguments[2], &how, sizeof how) > 0)
			call->flags = (uint32_t)how.flags;
		return is_about_descriptor(addon, call) ? on_descriptor(addon, notify, call, now_ns()) : on_path(addon, notify, call);
	}
	let_go_on(notify, call);
	return 0;
}

/* An ioctl that has waited until its placeholder was opened. */
static int64_t opened_request(struct addon *addon, struct notify *notify)
{
	for (struct taken *call = notify->calls; call < notify->calls + notify->call_count; call++) {
		uint64_t file;
		if (!call->id || !call->opened)
			continue;
		call->opened = false;
		if (--notify->opens_late == 0)
			eventfd_read(notify->late, &file);
		if (find_descriptor(notify, call->tid, (int)call->arguments[0], 0, &file) == FOUND_FILE)
			return ioctl_request(addon, notify, call, file);
		respond(notify, call, 0, -EBADF, 0); /* another thread has closed it */
	}
	return 0;
}

/* Adds files that were closed to those that are gone, of which there are none; what has happened to the listener. */
static uint32_t look(struct notify *notify)
{
	struct epoll_event events[MOST_CHANGED];
	uint32_t ready = 0;
	int count = epoll_wait(notify->epoll, events, MOST_CHANGED, 0);
	for (int i = 0; i < count; i++)
		if (events[i].data.u32 == NOTIFY_LISTENER)
			ready = events[i].events;
		else if (events[i].data.u32 != NOTIFY_LATE)
			notify->gone[notify->gone_count++] = events[i].data.u32;
	return ready;
}

int64_t notify_released(struct notify *notify)
{
	if (!notify->gone_count)
		look(notify);
	if (!notify->gone_count)
		return -1;
	uint32_t file = notify->gone[--notify->gone_count];
	end_file(notify, file);
	return (int64_t)notify->files[file].handle;
}

int64_t notify_read(struct addon *addon, struct notify *notify)
{
	for (int turn = 0; turn < MOST_TURNS; turn++) {
		int64_t bytes;
		if (notify->opens_late && (bytes = opened_request(addon, notify)) > 0)
			return bytes;
		/* files that were closed before a call was made: their descriptors' numbers may be others' by now */
		if (notify->gone_count)
			return release_request(addon, notify, notify->gone[--notify->gone_count]);
		uint32_t ready = look(notify);
		if (notify->gone_count)
			continue;
		if (!(ready & EPOLLIN))
			return ready & EPOLLHUP ? -ENODEV : -EAGAIN;
		memset(&notify->received, 0, sizeof notify->received);
		if (ioctl(notify->listener, SECCOMP_IOCTL_NOTIF_RECV, &notify->received) < 0) {
			if (errno == ENOENT || errno == EINTR)
				continue;
			return -errno;
		}
		/* ids count up: those between were taken back, by a signal to their callers, before we had them */
		if (notify->last_id)
			notify->interrupted += (uint32_t)(notify->received.id - notify->last_id - 1);
		notify->last_id = notify->received.id;
		if ((bytes = on_call(addon, notify)) > 0)
			return bytes;
	}
	return -EAGAIN;
}

