/* Requests of /dev/fuse and /dev/cuse, and those made of notifications (notify.c): read into the one request buffer,
 * answered from the one reply buffer, and a watch of the file descriptor in Node's own event loop. JavaScript drives
 * the loop, so that one wake-up serves many requests; it is synchronous, so one pair of buffers is enough for all. */
#include "addon.h"
#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

/* setBuffers(request, reply) */
static napi_value set_buffers(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	if (arg_shared(&args, 0, &args.addon->request))
		arg_shared(&args, 1, &args.addon->reply);
	return NULL;
}

static int64_t read_request(struct addon *addon, int fd)
{
	struct notify *notify = notify_of(addon, fd);
	ssize_t n;
	if (notify) {
		n = notify_read(addon, notify);
		if (n > 0)
			read_ahead(addon, n);
		return n;
	}
	do
		n = read(fd, addon->request.at, addon->request.bytes);
	while (n < 0 && (errno == EINTR || (errno == EAGAIN && replies_idle(&addon->replies))));
	if (n < 0)
		return -errno;
	if ((size_t)n >= sizeof(struct fuse_in_header))
		replies_seen(&addon->replies, (const struct fuse_in_header *)addon->request.at);
	read_ahead(addon, n);
	return n;
}

/* readRequest(fd) -> bytes or -errno */
static napi_value js_read_request(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	return result_int(env, read_request(args.addon, arg_int(&args, 0)));
}

/* writeReply(fd, length) -> 0 or -errno */
static napi_value js_write_reply(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	struct addon *addon = args.addon;
	uint32_t length = arg_uint(&args, 1);
	struct notify *notify = notify_of(addon, arg_int(&args, 0));
	if (length > addon->reply.bytes)
		return result_int(env, -EMSGSIZE);
	if (notify)
		return result_int(env, notify_reply(addon, notify));
	return result_int(env, replies_write(&addon->replies, arg_int(&args, 0), addon->reply.at, length));
}

/* Looks for a request on fd, for addon->spin_ns at the most: true when one is there. Gives way at once to whatever
 * else the event loop has to do: another descriptor that is ready (the loop's own shows it), a timer or a callback
 * that is due. */
static bool spin(const struct addon *addon, napi_env env, int fd)
{
	uv_loop_t *loop;
	if (napi_get_uv_event_loop(env, &loop) != napi_ok)
		return false;
	int timeout = uv_backend_timeout(loop);
	struct pollfd wait[2] = { { .fd = fd, .events = POLLIN }, { .fd = uv_backend_fd(loop), .events = POLLIN } };
	uint64_t end = now_ns() + addon->spin_ns;
	/* the loop's descriptor is the dearer one: every eighth time */
	for (unsigned turn = 0; timeout != 0 && now_ns() < end; turn++)
		if (poll(wait, turn % 8 ? 1 : 2, 0) > 0)
			return wait[0].revents != 0;
	return false;
}

/* setSpin(us) */
static napi_value js_set_spin(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	args.addon->spin_ns = arg_uint(&args, 0) * 1000ull;
	return NULL;
}

/* replyThenRead(fd, length) -> bytes of the next request or -errno: the two calls of the hot loop in one. A reply
 * that the kernel no longer wants (ENOENT: its request was aborted) does not stop the loop. -EINVAL: it refused one,
 * whose opcode is in the request buffer then. */
static napi_value js_reply_then_read(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	int fd = arg_int(&args, 0);
	uint32_t length = arg_uint(&args, 1);
	struct fuse_in_header *request = (struct fuse_in_header *)args.addon->request.at;
	struct replies *replies = &args.addon->replies;
	if (length > args.addon->reply.bytes)
		return result_int(env, -EMSGSIZE);
	struct notify *notify = notify_of(args.addon, fd);
	int64_t n = notify ? notify_reply(args.addon, notify) : replies_send(replies, fd, request, args.addon->reply.at, length);
	if (replies->refused && n != -EINVAL) {
		request->opcode = replies_refused(replies);
		n = -EINVAL;
	}
	if (!n || n == -ENOENT) {
		n = read_request(args.addon, fd);
		if (n == -EAGAIN && args.addon->spin_ns) {
			args.addon->spun = !spin(args.addon, env, fd);
			if (!args.addon->spun)
				n = read_request(args.addon, fd);
		}
	}
	return result_int(env, n);
}

struct watch {
	struct watch *next;
	uv_poll_t *poll;
	struct addon *addon;
	int fd;
	napi_env env;
	napi_ref callback;
	napi_async_context context;
	/* Out of the event loop's set until the callback that runs is done. */
	bool paused;
	/* Tells of the environment's end, which waits until this is removed. */
	napi_async_cleanup_hook_handle teardown;
};

static void on_ready(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	struct watch *watch = poll->data;
	napi_handle_scope scope;
	napi_value callback, global, result;
	watch->addon->spun = false;
	napi_open_handle_scope(watch->env, &scope);
	napi_get_reference_value(watch->env, watch->callback, &callback);
	napi_get_global(watch->env, &global);
	/* an exception that escapes here is our own bug: let Node report it as uncaught */
	if (napi_make_callback(watch->env, watch->context, global, callback, 0, NULL, &result) == napi_pending_exception) {
		napi_value error;
		napi_get_and_clear_last_exception(watch->env, &error);
		napi_fatal_exception(watch->env, error);
	}
	napi_close_handle_scope(watch->env, scope);
	replies_flush(&watch->addon->replies);
	if (watch->paused && !uv_is_closing((uv_handle_t *)poll))
		uv_poll_start(poll, UV_READABLE | UV_DISCONNECT, on_ready);
	watch->paused = false;
	/* a burst that ended by its bound: the next request is near, and the loop need not sleep for it */
	if (watch->addon->spin_ns && !watch->addon->spun && !uv_is_closing((uv_handle_t *)poll))
		spin(watch->addon, watch->env, watch->fd);
}

static void free_watch(uv_handle_t *handle)
{
	struct watch *watch = handle->data;
	napi_delete_reference(watch->env, watch->callback);
	napi_async_destroy(watch->env, watch->context);
	napi_remove_async_cleanup_hook(watch->teardown); /* the last: the environment may go now */
	free(watch->poll);
	free(watch);
}

static void close_watch(struct watch *watch)
{
	if (uv_is_closing((uv_handle_t *)watch->poll))
		return;
	replies_flush(&watch->addon->replies); /* its descriptor is about to be closed */
	for (struct watch **link = &watch->addon->watches; *link; link = &(*link)->next)
		if (*link == watch) {
			*link = watch->next;
			break;
		}
	uv_close((uv_handle_t *)watch->poll, free_watch);
}

/* The thread that could change the list sleeps. */
void close_sessions(void *data)
{
	const struct addon *addon = data;
	for (const struct watch *watch = addon->watches; watch; watch = watch->next)
		close(watch->fd);
}

/* The environment ends, as a worker thread's does long before the process: Node aborts when its loop has an open handle
 * then. A watch that was closed just before is still in the loop, and waited for likewise. */
static void on_teardown(napi_async_cleanup_hook_handle hook, void *watch)
{
	(void)hook;
	close_watch(watch);
}

/* watch(fd, callback) -> external: calls back, with nothing, whenever fd is readable or at its end. Sets O_NONBLOCK. */
static napi_value js_watch(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	int fd = arg_int(&args, 0);
	int flags = fcntl(fd, F_GETFL);
	uv_loop_t *loop;
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || args.count < 2 ||
	    napi_get_uv_event_loop(env, &loop) != napi_ok)
		return result_int(env, -EBADF);
	struct watch *watch = calloc(1, sizeof *watch);
	/* sized at run time: the addon serves several Node versions, each with its own libuv */
	uv_poll_t *poll = calloc(1, uv_handle_size(UV_POLL));
	if (!watch || !poll || uv_poll_init(loop, poll, fd) < 0) {
		free(watch);
		free(poll);
		return result_int(env, -ENOMEM);
	}
	poll->data = watch;
	watch->poll = poll;
	watch->addon = args.addon;
	watch->fd = fd;
	watch->env = env;
	watch->next = args.addon->watches;
	args.addon->watches = watch;
	napi_value name, external = NULL; /* not made when the environment is ending */
	napi_create_string_utf8(env, "fwctl-emu", NAPI_AUTO_LENGTH, &name);
	napi_async_init(env, NULL, name, &watch->context);
	napi_create_reference(env, args.value[1], 1, &watch->callback);
	napi_add_async_cleanup_hook(env, on_teardown, watch, &watch->teardown);
	uv_poll_start(poll, UV_READABLE | UV_DISCONNECT, on_ready);
	napi_create_external(env, watch, NULL, NULL, &external);
	return external;
}

/* The watch that a call is about; NULL when its argument is none. */
static struct watch *arg_watch(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	void *data;
	return args.count && napi_get_value_external(env, args.value[0], &data) == napi_ok ? data : NULL;
}

/* pauseWatch(external): within the watch's own callback, until it ends. While the descriptor is in the loop's epoll
 * set, each request that the kernel queues is told to epoll too, which a burst that reads until there is nothing
 * more has no need of. */
static napi_value js_pause_watch(napi_env env, napi_callback_info info)
{
	struct watch *watch = arg_watch(env, info);
	if (watch) {
		uv_poll_stop(watch->poll);
		watch->paused = true;
	}
	return NULL;
}

/* unwatch(external): once; the fd itself stays open. */
static napi_value js_unwatch(napi_env env, napi_callback_info info)
{
	struct watch *watch = arg_watch(env, info);
	if (watch)
		close_watch(watch);
	return NULL;
}

napi_value session_exports(napi_env env, napi_value exports)
{
	export_function(env, exports, "setBuffers", set_buffers);
	export_function(env, exports, "readRequest", js_read_request);
	export_function(env, exports, "writeReply", js_write_reply);
	export_function(env, exports, "replyThenRead", js_reply_then_read);
	export_function(env, exports, "setSpin", js_set_spin);
	export_function(env, exports, "watch", js_watch);
	export_function(env, exports, "pauseWatch", js_pause_watch);
	export_function(env, exports, "unwatch", js_unwatch);
	return exports;
}
