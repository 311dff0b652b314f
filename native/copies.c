/* Copiers: processes that copy where a page of a client may be long in coming (copier.c), one for each caller that
 * waits so. Each has an area of memory in common with this process, and a socket that the event loop watches. */
#include "addon.h"
#include "copier.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct copier {
	/* Of those that have ended and are not reaped yet. */
	struct copier *next;
	pid_t pid;
	int fd;
	uint8_t *area;
	/* What the job at hand reads to. */
	uint8_t *into;
	uint64_t length;
};

/* Signal mask, dispositions and process group of its own: what ends the command at a terminal is not its. */
static int spawn(const char *path, int socket, int area, pid_t *pid)
{
	char *argv[] = { "fwctl-copier", NULL }, *environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, socket, 0);
	posix_spawn_file_actions_adddup2(&actions, area, 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	int error = posix_spawn(pid, path, &actions, &attributes, argv, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* Whenever one starts or ends. One that a server's page holds cannot be waited for, and stays in the list till then. */
static void reap(struct addon *addon)
{
	for (struct copier **link = &addon->ended_copiers; *link;) {
		struct copier *copier = *link;
		if (waitpid(copier->pid, NULL, WNOHANG) == 0) {
			link = &copier->next;
			continue;
		}
		*link = copier->next;
		free(copier);
	}
}

static void end_copier(struct addon *addon, struct copier *copier)
{
	if (copier->area)
		munmap(copier->area, COPY_AREA);
	if (copier->fd >= 0)
		close(copier->fd);
	if (copier->pid > 0) {
		kill(copier->pid, SIGKILL);
		copier->next = addon->ended_copiers;
		addon->ended_copiers = copier;
	} else {
		free(copier);
	}
	reap(addon);
}

/* Starts one: 0, and all of it is there; or an errno. */
static int start_copier(const char *path, struct copier *copier)
{
	int sockets[2], area = memfd_create("fwctl-copier", MFD_CLOEXEC);
	if (area < 0)
		return errno;
	if (ftruncate(area, COPY_AREA) < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0) {
		close(area);
		return errno;
	}
	copier->fd = sockets[0];
	void *mapped = mmap(NULL, COPY_AREA, PROT_READ | PROT_WRITE, MAP_SHARED, area, 0);
	copier->area = mapped == MAP_FAILED ? NULL : mapped;
	int error = copier->area ? spawn(path, sockets[1], area, &copier->pid) : ENOMEM;
	close(sockets[1]);
	close(area);
	return error;
}

/* startCopier(path) -> its number, or -errno */
static napi_value js_start_copier(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	struct addon *addon = args.addon;
	char path[4096];
	arg_string(&args, 0, path, sizeof path);
	uint32_t number = 0;
	while (number < addon->copier_count && addon->copiers[number])
		number++;
	if (number == addon->copier_count) {
		struct copier **more = realloc(addon->copiers, (number + 1) * sizeof *more);
		if (!more)
			return result_int(env, -ENOMEM);
		addon->copiers = more;
		addon->copiers[addon->copier_count++] = NULL;
	}
	struct copier *copier = calloc(1, sizeof *copier);
	if (!copier)
		return result_int(env, -ENOMEM);
	copier->fd = -1;
	reap(addon);
	int error = start_copier(path, copier);
	if (error) {
		end_copier(addon, copier);
		return result_int(env, -error);
	}
	addon->copiers[number] = copier;
	return result_int(env, number);
}

static struct copier *arg_copier(const struct args *args, uint32_t *number)
{
	*number = arg_uint(args, 0);
	return *number < args->addon->copier_count ? args->addon->copiers[*number] : NULL;
}

/* copierSocket(copier) -> the descriptor to watch */
static napi_value js_copier_socket(napi_env env, napi_callback_info info)
{
	struct args args;
	uint32_t number;
	get_args(env, info, &args);
	const struct copier *copier = arg_copier(&args, &number);
	return result_int(env, copier ? copier->fd : -EBADF);
}

/* beginCopy(copier, kind, frame, tid, pointer, skip, place, length) -> 0 or -errno. `place` is where a read goes to,
 * and what a write copies; of no meaning to COPY_CLEAR. */
static napi_value js_begin_copy(napi_env env, napi_callback_info info)
{
	struct args args;
	uint32_t number;
	get_args(env, info, &args);
	struct copier *copier = arg_copier(&args, &number);
	struct frame *frame = frame_at(args.addon, arg_uint(&args, 2));
	uint32_t kind = arg_uint(&args, 1), pointer = arg_uint(&args, 4), place = arg_uint(&args, 6), length = arg_uint(&args, 7);
	if (!copier || !frame || !inside_frame(pointer, 8) || kind > COPY_TAIL ||
	    (kind != COPY_CLEAR && (length > COPY_AREA || !inside_frame(place, length))))
		return result_int(env, -EINVAL);
	struct copy_job job = { .kind = kind, .tid = arg_int(&args, 3), .length = length };
	job.address = user_address(frame, pointer, arg_uint(&args, 5));
	if (kind == COPY_WRITE)
		memcpy(copier->area, frame->memory.at + place, length);
	copier->into = kind == COPY_READ || kind == COPY_TAIL ? frame->memory.at + place : NULL;
	copier->length = length;
	return result_int(env, send(copier->fd, &job, sizeof job, MSG_NOSIGNAL) < 0 ? -errno : 0);
}

/* endCopy(copier, result: ArrayBuffer) -> 0: struct copy_result is there; -EAGAIN: not yet;
 * -EPIPE: it has died. */
static napi_value js_end_copy(napi_env env, napi_callback_info info)
{
	struct args args;
	uint32_t number;
	get_args(env, info, &args);
	struct copier *copier = arg_copier(&args, &number);
	struct copy_result result;
	void *into;
	size_t bytes;
	if (!copier || napi_get_arraybuffer_info(env, args.value[1], &into, &bytes) != napi_ok || bytes < sizeof result)
		return result_int(env, -EINVAL);
	ssize_t n = recv(copier->fd, &result, sizeof result, MSG_DONTWAIT);
	if (n < 0)
		return result_int(env, -errno);
	if (n != sizeof result || result.copied > copier->length)
		return result_int(env, -EPIPE);
	if (copier->into)
		memcpy(copier->into, copier->area, result.copied);
	memcpy(into, &result, sizeof result);
	return result_int(env, 0);
}

/* endCopier(copier): it is killed, whatever it waits for. */
static napi_value js_end_copier(napi_env env, napi_callback_info info)
{
	struct args args;
	uint32_t number;
	get_args(env, info, &args);
	struct copier *copier = arg_copier(&args, &number);
	if (copier) {
		args.addon->copiers[number] = NULL;
		end_copier(args.addon, copier);
	}
	return NULL;
}

void end_copiers(struct addon *addon)
{
	for (uint32_t i = 0; i < addon->copier_count; i++)
		if (addon->copiers[i])
			end_copier(addon, addon->copiers[i]);
	free(addon->copiers);
	while (addon->ended_copiers) {
		struct copier *copier = addon->ended_copiers;
		addon->ended_copiers = copier->next;
		free(copier);
	}
}

napi_value copies_exports(napi_env env, napi_value exports)
{
	export_function(env, exports, "startCopier", js_start_copier);
	export_function(env, exports, "copierSocket", js_copier_socket);
	export_function(env, exports, "beginCopy", js_begin_copy);
	export_function(env, exports, "endCopy", js_end_copy);
	export_function(env, exports, "endCopier", js_end_copier);
	return exports;
}
