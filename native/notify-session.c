/* Begin and end of a connection by seccomp user notification, as JavaScript asks for them, and its keeper. */
#include "memory.h"
#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Its own process group: what ends the command at a terminal is not for it. 0, or an errno. */
static int start_keeper(const char *program, const char *shadow, const int *descriptors)
{
	char *argv[] = { "fwctl-keeper", shadow[0] ? (char *)shadow : NULL, NULL }, *environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	pid_t pid;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	for (int i = 0; i <= KEEPER_CALLS; i++)
		posix_spawn_file_actions_adddup2(&actions, descriptors[i], i);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	int error = posix_spawn(&pid, program, &actions, &attributes, argv, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* The memory in common with the keeper, and that one: 0 or -errno. */
static int begin_keeper(struct notify *notify, const char *program)
{
	int ends[2], memory = memfd_create("fwctl-calls", MFD_CLOEXEC);
	size_t bytes = MOST_CALLS * sizeof *notify->ids;
	if (memory < 0)
		return -errno;
	if (ftruncate(memory, (off_t)bytes) < 0 || pipe2(ends, O_CLOEXEC) < 0) {
		close(memory);
		return -errno;
	}
	void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	notify->ids = mapped == MAP_FAILED ? NULL : mapped;
	notify->keeper = ends[1];
	int given[] = { [KEEPER_PIPE] = ends[0], [KEEPER_LISTENER] = notify->listener, [KEEPER_CALLS] = memory };
	int error = notify->ids ? start_keeper(program, notify->shadow, given) : ENOMEM;
	close(ends[0]);
	close(memory);
	return -error;
}

void notify_close(struct notify *notify)
{
	for (uint32_t i = 0; i < notify->file_count; i++)
		if (notify->files[i].ours >= 0)
			close(notify->files[i].ours);
	if (notify->ids)
		munmap(notify->ids, MOST_CALLS * sizeof *notify->ids);
	if (notify->keeper >= 0)
		close(notify->keeper);
	close(notify->listener);
	close(notify->late);
	free(notify->directories);
	free(notify->prefixes);
	free(notify->files);
	free(notify);
}

static void unlink_notify(struct addon *addon, struct notify *notify)
{
	struct notify **link = &addon->notifies;
	while (*link && *link != notify)
		link = &(*link)->next;
	if (*link)
		*link = notify->next;
	for (uint32_t i = 0; i < addon->frame_count; i++)
		if (addon->frames[i].notify == notify)
			addon->frames[i].notify = NULL;
	notify_close(notify);
}

void end_notifies(struct addon *addon)
{
	while (addon->notifies)
		unlink_notify(addon, addon->notifies);
}

static bool watch(struct notify *notify, int fd, uint32_t as)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = as };
	return epoll_ctl(notify->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* beginNotify(listener, mode, verify, places, shadow, prefixes, keeper) -> the descriptor to watch and to read requests
 * from, or -errno. `places`: a path on the file system of placeholders (mode 1), or of listings (mode 2), which stand
 * in `shadow`; `prefixes`: paths that are ours, each on a line. The listener is ours from now on. */
static napi_value js_begin_notify(napi_env env, napi_callback_info info)
{
	struct args args;
	char places[PATH_MAX], keeper[PATH_MAX];
	struct stat found;
	enum { PREFIXES = 16384 };
	get_args(env, info, &args);
	struct notify *notify = calloc(1, sizeof *notify);
	char *prefixes = calloc(1, PREFIXES + 1);
	if (!notify || !prefixes) {
		free(notify);
		free(prefixes);
		return result_int(env, -ENOMEM);
	}
	notify->listener = arg_int(&args, 0);
	notify->mode = arg_int(&args, 1) == TRAP_PATHS ? TRAP_PATHS : TRAP_MOUNTS;
	notify->verify = arg_int(&args, 2) != 0;
	arg_string(&args, 3, places, sizeof places);
	arg_string(&args, 4, notify->shadow, sizeof notify->shadow);
	arg_string(&args, 5, prefixes, PREFIXES);
	arg_string(&args, 6, keeper, sizeof keeper);
	for (char *line = prefixes; (line = strchr(line, '\n'));)
		*line++ = 0;
	notify->prefixes = prefixes;
	notify->keeper = -1;
	notify->epoll = epoll_create1(EPOLL_CLOEXEC);
	notify->late = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int error = begin_keeper(notify, keeper);
	if (!error && (notify->epoll < 0 || notify->late < 0 || stat(places, &found) < 0 ||
		       !watch(notify, notify->listener, NOTIFY_LISTENER) || !watch(notify, notify->late, NOTIFY_LATE)))
		error = -errno;
	if (error) {
		close(notify->epoll);
		notify_close(notify);
		return result_int(env, error);
	}
	notify->places = found.st_dev;
	notify->next = args.addon->notifies;
	begin_watch(args.addon);
	args.addon->notifies = notify;
	return result_int(env, notify->epoll);
}

/* endNotify(fd): after its session has closed that. Callers that are not answered get ECONNABORTED from the keeper. */
static napi_value js_end_notify(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	struct notify *notify = notify_of(args.addon, arg_int(&args, 0));
	if (notify)
		unlink_notify(args.addon, notify);
	return NULL;
}

/* notifyReleased(fd) -> the handle of a file whose last descriptor was closed, once; -1: there is none */
static napi_value js_notify_released(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	struct notify *notify = notify_of(args.addon, arg_int(&args, 0));
	return result_int(env, notify ? notify_released(notify) : -1);
}

/* notifyInterrupted(fd) -> calls that a signal took back before they were received: made again, or EINTR */
static napi_value js_notify_interrupted(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	const struct notify *notify = notify_of(args.addon, arg_int(&args, 0));
	return result_int(env, notify ? notify->interrupted : 0);
}

/* makeNode(path) -> 0 or -errno: a character device of number 0:0, which needs no privilege (Linux 5.8) */
static napi_value js_make_node(napi_env env, napi_callback_info info)
{
	struct args args;
	char path[PATH_MAX];
	get_args(env, info, &args);
	arg_string(&args, 0, path, sizeof path);
	return result_int(env, mknod(path, S_IFCHR | 0600, 0) < 0 ? -errno : 0);
}

/* probeFilter() -> 0: this kernel has all that a filter needs; -errno */
static napi_value js_probe_filter(napi_env env, napi_callback_info info)
{
	(void)info;
	return result_int(env, probe_filter() < 0 ? -errno : 0);
}

napi_value notify_exports(napi_env env, napi_value exports)
{
	export_function(env, exports, "beginNotify", js_begin_notify);
	export_function(env, exports, "endNotify", js_end_notify);
	export_function(env, exports, "notifyReleased", js_notify_released);
	export_function(env, exports, "notifyInterrupted", js_notify_interrupted);
	export_function(env, exports, "makeNode", js_make_node);
	export_function(env, exports, "probeFilter", js_probe_filter);
	return exports;
}
