/* A caller's memory by its thread id: process_vm_readv and process_vm_writev between a frame and the thread.
 * User addresses never become JavaScript values: they are read here, from the place in the frame that is named. */
#include "addon.h"

#include <errno.h>
#include <linux/fuse.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

/* One queued write: FRAME_QUEUE of the frame, written by src/transport/user-call.ts. */
struct queued {
	uint32_t pointer, skip, source, length; /* ANYWAY beside the length, unless it clears */
};
enum { CLEAR = 0xffffffff, ANYWAY = 0x80000000, SHORT_PAYLOAD = 4096, ZEROES = 64 * 1024, MAX_QUEUED = (FRAME_AHEAD - FRAME_QUEUE) / sizeof(struct queued) };

static const uint8_t zeroes[ZEROES];

static struct frame *frame_at(const struct addon *addon, uint32_t index)
{
	return index < addon->frame_count ? &addon->frames[index] : NULL;
}

static void *user_address(const struct frame *frame, uint32_t pointer, uint32_t skip)
{
	uint64_t address;
	memcpy(&address, frame->memory.at + pointer, sizeof address);
	return (void *)(uintptr_t)(address + skip);
}

static bool inside(uint32_t offset, uint32_t length)
{
	return offset <= FRAME_BYTES && length <= FRAME_BYTES - offset;
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

/* setNextFrame(frame): where the next ioctl's structure is to be read ahead to. */
static napi_value js_set_next_frame(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	args.addon->next_frame = arg_uint(&args, 0);
	return NULL;
}

static struct guess *guess_of(struct addon *addon, int32_t tid)
{
	return &addon->guesses[(uint32_t)tid % GUESSES];
}

/* The structure and, read ahead in the same call, the payload that this thread sent last time. Reading has no
 * effect on the caller; a wrong guess costs nothing but the bytes, and a short count is that of the structure
 * first. A long payload is guessed only when the thread has sent the same one twice. */
static int64_t read_structure(struct addon *addon, struct frame *frame, int32_t tid, const void *from, uint32_t length)
{
	struct guess *guess = guess_of(addon, tid);
	struct ahead *found = (struct ahead *)(frame->memory.at + FRAME_AHEAD);
	found->asked = found->length = 0;
	if (guess->tid != tid)
		*guess = (struct guess){ .tid = tid };
	guess->structure = length;
	bool ahead = addon->shortcuts && guess->length && (guess->length <= SHORT_PAYLOAD || guess->again);
	struct iovec local[2] = {
		{ frame->memory.at + FRAME_UCMD, length },
		{ frame->memory.at + FRAME_IN, guess->length },
	};
	struct iovec remote[2] = {
		{ (void *)from, length },
		{ (void *)(uintptr_t)guess->address, guess->length },
	};
	ssize_t n = process_vm_readv(tid, local, ahead ? 2 : 1, remote, ahead ? 2 : 1, 0);
	if (n < 0)
		return -errno;
	if (n <= (ssize_t)length)
		return n;
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
	int64_t n = read_structure(addon, frame, header->pid, (void *)(uintptr_t)ioctl->arg, guess->structure);
	if (n < 0)
		return;
	found->asked = guess->structure;
	found->copied = n;
}

/* A payload that was not read ahead: what to guess next time. */
static void remember(struct addon *addon, int32_t tid, const void *from, uint32_t length)
{
	struct guess *guess = guess_of(addon, tid);
	if (guess->tid != tid)
		*guess = (struct guess){ .tid = tid };
	guess->again = guess->address == (uintptr_t)from && guess->length == length;
	guess->address = (uintptr_t)from;
	guess->length = length;
}

/* copyFromUser(frame, tid, pointer, skip, target, length) -> bytes before the first fault; -errno when the thread's
 * memory cannot be had at all (EPERM, ESRCH). */
static napi_value js_copy_from_user(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	struct addon *addon = args.addon;
	struct frame *frame = frame_at(addon, arg_uint(&args, 0));
	int32_t tid = arg_int(&args, 1);
	uint32_t pointer = arg_uint(&args, 2), target = arg_uint(&args, 4), length = arg_uint(&args, 5);
	if (!frame || !inside(pointer, 8) || !inside(target, length))
		return result_int(env, -EINVAL);
	void *from = user_address(frame, pointer, arg_uint(&args, 3));
	int64_t n;
	if (target == FRAME_UCMD) {
		n = read_structure(addon, frame, tid, from, length);
	} else {
		struct iovec local = { frame->memory.at + target, length }, remote = { from, length };
		n = process_vm_readv(tid, &local, 1, &remote, 1, 0);
		n = n < 0 ? -errno : n;
		if (target == FRAME_IN && n == length)
			remember(addon, tid, from, length);
	}
	return result_int(env, n == -EFAULT ? 0 : n);
}

/* Writes length bytes that repeat the zeroes, in calls of at most 64 pieces; true when all were written. */
static int clear_user(int32_t tid, uint8_t *to, uint32_t length)
{
	struct iovec local[64];
	while (length) {
		uint32_t part = length < 64 * ZEROES ? length : 64 * ZEROES, pieces = 0;
		for (uint32_t done = 0; done < part; done += ZEROES)
			local[pieces++] = (struct iovec){ (void *)zeroes, part - done < ZEROES ? part - done : ZEROES };
		struct iovec remote = { to, part };
		ssize_t n = process_vm_writev(tid, local, pieces, &remote, 1, 0);
		if (n < 0)
			return -errno;
		if (n < part)
			return -EFAULT;
		to += part;
		length -= part;
	}
	return 0;
}

static int flush(int32_t tid, const struct iovec *local, const struct iovec *remote, uint32_t count, size_t total)
{
	if (!total)
		return 0;
	ssize_t n = process_vm_writev(tid, local, count, remote, count, 0);
	return n < 0 ? -errno : (size_t)n < total ? -EFAULT : 0;
}

/* One has faulted: those that are wanted all the same, each alone, and again where it has been written before. */
static void write_anyway(struct frame *frame, int32_t tid, const struct queued *queue, uint32_t count)
{
	for (const struct queued *write = queue; write < queue + count; write++) {
		if (write->source == CLEAR || !(write->length & ANYWAY))
			continue;
		struct iovec local = { frame->memory.at + write->source, write->length & ~ANYWAY };
		struct iovec remote = { user_address(frame, write->pointer, write->skip), local.iov_len };
		process_vm_writev(tid, &local, 1, &remote, 1, 0);
	}
}

/* commit(frame, tid, count) -> 0 or -errno: the queued writes in their order, in one system call unless there is
 * something to clear or the plain path is wanted; stops at the first byte that faults, as copy_to_user() does, but for
 * what is to be written anyway. */
static napi_value js_commit(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	struct frame *frame = frame_at(args.addon, arg_uint(&args, 0));
	int32_t tid = arg_int(&args, 1);
	uint32_t count = arg_uint(&args, 2), parts = 0;
	if (!frame || count > MAX_QUEUED)
		return result_int(env, -EINVAL);
	const struct queued *queue = (const struct queued *)(frame->memory.at + FRAME_QUEUE);
	struct iovec local[MAX_QUEUED], remote[MAX_QUEUED];
	size_t total = 0;
	int error = 0;
	for (uint32_t i = 0; i < count; i++)
		if (!inside(queue[i].pointer, 8) ||
		    (queue[i].source != CLEAR && !inside(queue[i].source, queue[i].length & ~ANYWAY)))
			return result_int(env, -EINVAL);
	for (uint32_t i = 0; i < count && !error; i++) {
		const struct queued *write = &queue[i];
		uint32_t length = write->source == CLEAR ? write->length : write->length & ~ANYWAY;
		uint8_t *to = user_address(frame, write->pointer, write->skip);
		if (write->source == CLEAR) {
			error = flush(tid, local, remote, parts, total);
			parts = total = 0;
			if (!error)
				error = clear_user(tid, to, length);
			continue;
		}
		local[parts] = (struct iovec){ frame->memory.at + write->source, length };
		remote[parts++] = (struct iovec){ to, length };
		total += length;
		if (!args.addon->shortcuts) {
			error = flush(tid, local, remote, parts, total);
			parts = total = 0;
		}
	}
	if (!error)
		error = flush(tid, local, remote, parts, total);
	if (error == -EFAULT)
		write_anyway(frame, tid, queue, count);
	return result_int(env, error);
}

/* setShortcuts(on): 0 is the plain path, for comparison. */
static napi_value js_set_shortcuts(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	args.addon->shortcuts = arg_int(&args, 0) != 0;
	return NULL;
}

/* processVmProbe(tid) -> 0 or -errno: may this process read that thread's memory at all? An empty read is refused where
 * a real one would be, and touches nothing. */
static napi_value js_process_vm_probe(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	uint8_t byte;
	/* address 0 is never mapped: EFAULT means that access was granted */
	struct iovec local = { &byte, 1 }, remote = { NULL, 1 };
	ssize_t n = process_vm_readv(arg_int(&args, 0), &local, 1, &remote, 1, 0);
	return result_int(env, n < 0 && errno != EFAULT ? -errno : 0);
}

napi_value memory_exports(napi_env env, napi_value exports)
{
	export_function(env, exports, "addFrame", js_add_frame);
	export_function(env, exports, "setNextFrame", js_set_next_frame);
	export_function(env, exports, "copyFromUser", js_copy_from_user);
	export_function(env, exports, "commit", js_commit);
	export_function(env, exports, "setShortcuts", js_set_shortcuts);
	export_function(env, exports, "processVmProbe", js_process_vm_probe);
	return exports;
}
