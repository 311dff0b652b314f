/* What an ioctl writes to its caller, all at its end: process_vm_writev() where no page can make it sleep, otherwise a
 * copier's to make (copies.c). */
#include "memory.h"
#include "notify.h"
#include "watcher.h"

#include <errno.h>
#include <sys/uio.h>

/* One queued write: FRAME_QUEUE of the frame, written by src/transport/user-call.ts. */
struct queued {
	uint32_t pointer, skip, source, length; /* ANYWAY beside the length, unless it clears */
};
enum { CLEAR = 0xffffffff, ANYWAY = 0x80000000, ZEROES = 64 * 1024, MAX_QUEUED = (FRAME_AHEAD - FRAME_QUEUE) / sizeof(struct queued) };
/* The writes are a copier's to make, and the mappings say how it will end. */
enum { DEFERRED = 1, DEFERRED_FAULT = 2 };

static const uint8_t zeroes[ZEROES];

static ssize_t write_memory(struct addon *addon, int32_t tid, const struct iovec *local, uint32_t locals, const struct iovec *remote,
			    uint32_t remotes)
{
	replies_before_copy(&addon->replies, remote, remotes);
	watcher_enter(addon->watcher, tid, remote, remotes);
	ssize_t n = process_vm_writev(tid, local, locals, remote, remotes, 0);
	int error = errno;
	watcher_leave(addon->watcher);
	return n < 0 ? -error : n;
}

/* Writes length bytes that repeat the zeroes, in calls of at most 64 pieces; 0 or -errno. */
static int64_t clear_user(struct addon *addon, int32_t tid, uint64_t to, uint32_t length)
{
	struct iovec local[64];
	while (length) {
		uint32_t part = length < 64 * ZEROES ? length : 64 * ZEROES, pieces = 0;
		for (uint32_t done = 0; done < part; done += ZEROES)
			local[pieces++] = (struct iovec){ (void *)zeroes, part - done < ZEROES ? part - done : ZEROES };
		struct iovec remote = { (void *)(uintptr_t)to, part };
		ssize_t n = write_memory(addon, tid, local, pieces, &remote, 1);
		if (n != (ssize_t)part)
			return n < 0 ? n : -EFAULT;
		to += part;
		length -= part;
	}
	return 0;
}

static int64_t flush(struct addon *addon, int32_t tid, const struct iovec *local, const struct iovec *remote, uint32_t count, size_t total)
{
	if (!total)
		return 0;
	ssize_t n = write_memory(addon, tid, local, count, remote, count);
	return n < 0 ? n : (size_t)n < total ? -EFAULT : 0;
}

static struct range range_of(const struct frame *frame, const struct queued *write)
{
	uint32_t length = write->source == CLEAR ? write->length : write->length & ~ANYWAY;
	return (struct range){ user_address(frame, write->pointer, write->skip), length };
}

/* Whether no write of the queue can sleep. */
static bool all_writable(struct addon *addon, const struct frame *frame, int32_t tid, const struct queued *queue, uint32_t count)
{
	struct guess *guess = guess_of(addon, tid);
	bool known = guess->tid == tid && trusted(addon, guess);
	for (uint32_t i = 0; i < count; i++) {
		struct range range = range_of(frame, &queue[i]);
		bool used = false;
		for (uint32_t j = 0; known && j < GUESSED_WRITES; j++)
			used |= guess->written[j].address == range.address && guess->written[j].length == range.length;
		if (!used && !is_there(addon, tid, range, true))
			return false;
	}
	return true;
}

/* The queue in its order, in one system call unless there is something to clear or the plain path is wanted: 0 or
 * -errno. */
static int64_t write_queue(struct addon *addon, const struct frame *frame, int32_t tid, const struct queued *queue, uint32_t count)
{
	struct iovec local[MAX_QUEUED], remote[MAX_QUEUED];
	uint32_t parts = 0;
	size_t total = 0;
	int64_t error = 0;
	for (uint32_t i = 0; i < count && !error; i++) {
		const struct queued *write = &queue[i];
		struct range to = range_of(frame, write);
		if (write->source == CLEAR) {
			error = flush(addon, tid, local, remote, parts, total);
			parts = total = 0;
			if (!error)
				error = clear_user(addon, tid, to.address, to.length);
			continue;
		}
		local[parts] = (struct iovec){ frame->memory.at + write->source, to.length };
		remote[parts++] = (struct iovec){ (void *)(uintptr_t)to.address, to.length };
		total += to.length;
		if (!addon->shortcuts) {
			error = flush(addon, tid, local, remote, parts, total);
			parts = total = 0;
		}
	}
	return error ? error : flush(addon, tid, local, remote, parts, total);
}

/* How a copier is going to fare with the queue, as the mappings tell; where they cannot be read, it will tell itself.
 * -EFAULT: there is nothing for it to do. */
static int64_t defer(struct addon *addon, const struct frame *frame, int32_t tid, const struct queued *queue, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct range range = range_of(frame, &queue[i]);
		int64_t room = mapped(addon, tid, range, true);
		if (room < 0 || (uint64_t)room == range.length)
			continue;
		bool anyway = i || room;
		for (; i < count && !anyway; i++)
			anyway = queue[i].source != CLEAR && queue[i].length & ANYWAY;
		return anyway ? DEFERRED_FAULT : -EFAULT;
	}
	return DEFERRED;
}

/* What has been written now is there, and near at hand for the thread's next call. */
static void remember_written(struct addon *addon, const struct frame *frame, int32_t tid, const struct queued *queue, uint32_t count)
{
	struct guess *guess = guess_of(addon, tid);
	if (guess->tid != tid)
		return;
	for (uint32_t i = 0; i < GUESSED_WRITES; i++)
		guess->written[i] = i < count ? range_of(frame, &queue[i]) : (struct range){ 0, 0 };
	if (addon->trusting)
		guess->used_ms = now_ms();
}

/* commit(frame, tid, count) -> 0 or -errno: the queued writes in their order, to the first byte that faults, as
 * copy_to_user() does. DEFERRED, DEFERRED_FAULT: a copier is to make them all, and that is how they will end. */
static napi_value js_commit(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	struct addon *addon = args.addon;
	struct frame *frame = frame_at(addon, arg_uint(&args, 0));
	int32_t tid = arg_int(&args, 1);
	uint32_t count = arg_uint(&args, 2);
	if (!frame || count > MAX_QUEUED)
		return result_int(env, -EINVAL);
	const struct queued *queue = (const struct queued *)(frame->memory.at + FRAME_QUEUE);
	for (uint32_t i = 0; i < count; i++)
		if (!inside_frame(queue[i].pointer, 8) ||
		    (queue[i].source != CLEAR && !inside_frame(queue[i].source, queue[i].length & ~ANYWAY)))
			return result_int(env, -EINVAL);
	if (!notify_waits(frame))
		return result_int(env, 0); /* it was killed: nobody is told */
	begin_watch(addon);
	if (!all_writable(addon, frame, tid, queue, count))
		return result_int(env, defer(addon, frame, tid, queue, count));
	int64_t error = write_queue(addon, frame, tid, queue, count);
	if (error == -EFAULT)
		return result_int(env, defer(addon, frame, tid, queue, count));
	if (!error)
		remember_written(addon, frame, tid, queue, count);
	return result_int(env, error);
}

napi_value commit_exports(napi_env env, napi_value exports)
{
	export_function(env, exports, "commit", js_commit);
	return exports;
}
