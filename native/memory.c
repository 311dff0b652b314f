/* A caller's memory by its thread id: read by process_vm_readv where no page can make it sleep (look.h); what
 * that cannot reach at once is left to a copier (copies.c). commit.c writes.
 * User addresses never become JavaScript values: they are read here, from the place in the frame that is named. */
#include "memory.h"
#include "client-maps.h"
#include "watcher.h"

#include <errno.h>
#include <linux/fuse.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

/* The longest payload that is read ahead at the first sight of it. */
enum { SHORT_PAYLOAD = 4096 };
/* How long what a thread has used is trusted to be there, ms. */
enum { JUST_USED_MS = 100 };

struct frame *frame_at(const struct addon *addon, uint32_t index)
{
	return index < addon->frame_count ? &addon->frames[index] : NULL;
}

uint64_t user_address(const struct frame *frame, uint32_t pointer, uint32_t skip)
{
	uint64_t address;
	memcpy(&address, frame->memory.at + pointer, sizeof address);
	return address + skip;
}

bool inside_frame(uint32_t offset, uint32_t length)
{
	return offset <= FRAME_BYTES && length <= FRAME_BYTES - offset;
}

uint64_t now_ms(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
	return time.tv_sec * 1000ull + time.tv_nsec / 1000000;
}

void begin_watch(struct addon *addon)
{
	static bool failed;
	if (!addon->watcher && !failed)
		failed = !(addon->watcher = watcher_start(close_sessions, addon));
}

static ssize_t read_memory(struct addon *addon, int32_t tid, const struct iovec *local, const struct iovec *remote, uint32_t count)
{
	replies_before_copy(&addon->replies, remote, count);
	watcher_enter(addon->watcher, tid, remote, count);
	ssize_t n = process_vm_readv(tid, local, count, remote, count, 0);
	int error = errno;
	watcher_leave(addon->watcher);
	return n < 0 ? -error : n;
}

bool is_there(struct addon *addon, int32_t tid, struct range range, bool write)
{
	watcher_enter(addon->watcher, tid, NULL, 0);
	bool there = all_there(&addon->looks, tid, range, write);
	watcher_leave(addon->watcher);
	return there;
}

int64_t mapped(struct addon *addon, int32_t tid, struct range range, bool write)
{
	watcher_enter(addon->watcher, tid, NULL, 0);
	int64_t n = mapped_bytes(tid, range.address, range.length, write);
	watcher_leave(addon->watcher);
	return n;
}

/* 0 or -errno: may this process read that thread's memory at all? */
static int64_t probe(struct addon *addon, int32_t tid)
{
	uint8_t byte;
	/* address 0 is never mapped: EFAULT means that access was granted */
	struct iovec local = { &byte, 1 }, remote = { NULL, 1 };
	ssize_t n = read_memory(addon, tid, &local, &remote, 1);
	return n < 0 && n != -EFAULT ? n : 0;
}

bool trusted(const struct addon *addon, const struct guess *guess)
{
	return addon->trusting && now_ms() - guess->used_ms < JUST_USED_MS;
}

/* copy_from_user(), where it cannot sleep: bytes before the first fault; -EAGAIN: a copier has to be asked; -errno: the
 * memory cannot be had. */
static int64_t copy_in(struct addon *addon, int32_t tid, uint8_t *to, struct range range)
{
	if (!is_there(addon, tid, range, false)) {
		int64_t room = mapped(addon, tid, range, false);
		if (room < 0) {
			int64_t error = probe(addon, tid);
			return error ? error : -EAGAIN;
		}
		if ((uint64_t)room == range.length || !is_there(addon, tid, (struct range){ range.address, room }, false))
			return -EAGAIN;
		range.length = room;
	}
	struct iovec local = { to, range.length }, remote = { (void *)(uintptr_t)range.address, range.length };
	int64_t n = range.length ? read_memory(addon, tid, &local, &remote, 1) : 0;
	if (n < 0 && n != -EFAULT)
		return n;
	n = n < 0 ? 0 : n;
	if ((uint64_t)n < range.length && mapped(addon, tid, (struct range){ range.address + n, range.length - n }, false) != 0)
		return -EAGAIN;
	return n;
}

/* addFrame(buffer) -> index. Frames are kept for good and reused by JavaScript. */
static napi_value js_add_frame(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	struct addon *addon = args.addon;
	if (addon->frame_count == addon->frame_capacity) {
		uint32_t capacity = addon->frame_capacity ? addon->frame_capacity * 2 : 8;
		struct frame *frames = realloc(addon->frames, capacity * sizeof *frames);
		if (!frames) {
			napi_throw_error(env, NULL, "out of memory");
			return NULL;
		}
		addon->frames = frames;
		addon->frame_capacity = capacity;
	}
	struct frame *frame = &addon->frames[addon->frame_count];
	memset(frame, 0, sizeof *frame);
	if (!arg_shared(&args, 0, &frame->memory))
		return NULL;
	if (frame->memory.bytes != FRAME_BYTES) {
		napi_throw_range_error(env, NULL, "a frame has another size");
		return NULL;
	}
	return result_int(env, addon->frame_count++);
}

/* setNextFrame(frame): where the next ioctl's structure is to be read ahead to; the one at hand is held. */
static napi_value js_set_next_frame(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	args.addon->next_frame = arg_uint(&args, 0);
	look_again(&args.addon->looks);
	return NULL;
}

struct guess *guess_of(struct addon *addon, int32_t tid)
{
	return &addon->guesses[(uint32_t)tid % GUESSES];
}

/* The structure and, read ahead in the same call, the payload that this thread sent last time. Reading has no
 * effect on the caller; a wrong guess costs nothing but the bytes, and a short count is that of the structure
 * first. A long payload is guessed only when the thread has sent the same one twice. Where the last answer went is
 * looked at with them: one look tells of all that lies near each other. */
static int64_t read_structure(struct addon *addon, struct frame *frame, int32_t tid, uint64_t from, uint32_t length)
{
	struct guess *guess = guess_of(addon, tid);
	struct ahead *found = (struct ahead *)(frame->memory.at + FRAME_AHEAD);
	found->asked = found->length = 0;
	if (guess->tid != tid)
		*guess = (struct guess){ .tid = tid };
	bool known = guess->structure == length && guess->argument == from && trusted(addon, guess);
	guess->structure = length;
	guess->argument = from;
	bool ahead = addon->shortcuts && guess->length && (guess->length <= SHORT_PAYLOAD || guess->again);
	struct range ranges[2 + GUESSED_WRITES] = { { from, length }, { guess->address, ahead ? guess->length : 0 } };
	if (!known) {
		memcpy(ranges + 2, guess->written, sizeof guess->written);
		watcher_enter(addon->watcher, tid, NULL, 0);
		look_ahead(&addon->looks, tid, ranges, sizeof ranges / sizeof *ranges);
		watcher_leave(addon->watcher);
		if (ahead)
			ahead = is_there(addon, tid, ranges[1], false);
		if (!ahead || !is_there(addon, tid, ranges[0], false))
			return copy_in(addon, tid, frame->memory.at + FRAME_UCMD, ranges[0]);
	}
	struct iovec local[2] = { { frame->memory.at + FRAME_UCMD, length }, { frame->memory.at + FRAME_IN, guess->length } };
	struct iovec remote[2] = { { (void *)(uintptr_t)from, length }, { (void *)(uintptr_t)guess->address, guess->length } };
	int64_t n = read_memory(addon, tid, local, remote, ahead ? 2 : 1);
	if (n < (int64_t)length)
		return copy_in(addon, tid, frame->memory.at + FRAME_UCMD, ranges[0]);
	found->address = guess->address;
	found->length = n - length;
	return length;
}

/* The structure, and the payload with it, of an ioctl whose thread has made one before: what JavaScript would ask
 * for next. What is not as guessed, or cannot be read, is asked for. */
void read_ahead(struct addon *addon, size_t bytes)
{
	const struct fuse_in_header *header = (const struct fuse_in_header *)addon->request.at;
	const struct fuse_ioctl_in *ioctl = (const struct fuse_ioctl_in *)(header + 1);
	look_again(&addon->looks);
	if (bytes < sizeof *header + sizeof *ioctl || header->opcode != FUSE_IOCTL || !addon->shortcuts)
		return;
	struct frame *frame = frame_at(addon, addon->next_frame);
	if (!frame)
		return;
	struct ahead *found = (struct ahead *)(frame->memory.at + FRAME_AHEAD);
	found->asked = found->length = 0; /* what the ioctl before has left, unless it asked */
	const struct guess *guess = guess_of(addon, header->pid);
	if (guess->tid != (int32_t)header->pid || !guess->structure)
		return;
	int64_t n = read_structure(addon, frame, header->pid, ioctl->arg, guess->structure);
	if (n < 0)
		return;
	found->asked = guess->structure;
	found->copied = n;
}

/* A payload that was not read ahead: what to guess next time. */
static void remember(struct addon *addon, int32_t tid, uint64_t from, uint32_t length)
{
	struct guess *guess = guess_of(addon, tid);
	if (guess->tid != tid)
		*guess = (struct guess){ .tid = tid };
	guess->again = guess->address == from && guess->length == length;
	guess->address = from;
	guess->length = length;
}

/* copyFromUser(frame, tid, pointer, skip, target, length) -> bytes before the first fault; -EAGAIN: a page may be long
 * in coming, or only a copier reaches it; -EPERM, -ESRCH: the thread's memory cannot be had at all. */
static napi_value js_copy_from_user(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	struct addon *addon = args.addon;
	struct frame *frame = frame_at(addon, arg_uint(&args, 0));
	int32_t tid = arg_int(&args, 1);
	uint32_t pointer = arg_uint(&args, 2), target = arg_uint(&args, 4), length = arg_uint(&args, 5);
	if (!frame || !inside_frame(pointer, 8) || !inside_frame(target, length))
		return result_int(env, -EINVAL);
	begin_watch(addon);
	uint64_t from = user_address(frame, pointer, arg_uint(&args, 3));
	if (target == FRAME_UCMD)
		return result_int(env, read_structure(addon, frame, tid, from, length));
	int64_t n = copy_in(addon, tid, frame->memory.at + target, (struct range){ from, length });
	if (target == FRAME_IN && n == length)
		remember(addon, tid, from, length);
	return result_int(env, n);
}

/* setShortcuts(on): 0 is the plain path, for comparison. */
static napi_value js_set_shortcuts(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	args.addon->shortcuts = arg_int(&args, 0) != 0;
	return NULL;
}

/* setTrusting(on): what a thread has just used is copied without a look. */
static napi_value js_set_trusting(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	args.addon->trusting = arg_int(&args, 0) != 0;
	return NULL;
}

/* processVmProbe(tid) -> 0 or -errno: may this process read that thread's memory at all? An empty read is refused where
 * a real one would be, and touches nothing. */
static napi_value js_process_vm_probe(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	return result_int(env, probe(args.addon, arg_int(&args, 0)));
}

napi_value memory_exports(napi_env env, napi_value exports)
{
	export_function(env, exports, "addFrame", js_add_frame);
	export_function(env, exports, "setNextFrame", js_set_next_frame);
	export_function(env, exports, "copyFromUser", js_copy_from_user);
	export_function(env, exports, "setShortcuts", js_set_shortcuts);
	export_function(env, exports, "setTrusting", js_set_trusting);
	export_function(env, exports, "processVmProbe", js_process_vm_probe);
	return exports;
}
