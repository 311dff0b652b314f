/* The few other system calls that Node has no function for: mounts, a socket pair with descriptor passing, who is
 * at the other end of a socket, sd_notify, flock, inotify, children that Node did not start, _exit. */
#include "addon.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* mount(source, target, type, flags, data) -> 0 or -errno */
static napi_value js_mount(napi_env env, napi_callback_info info)
{
	struct args args;
	char source[PATH_MAX], target[PATH_MAX], type[64], data[4096];
	get_args(env, info, &args);
	arg_string(&args, 0, source, sizeof source);
	arg_string(&args, 1, target, sizeof target);
	arg_string(&args, 2, type, sizeof type);
	arg_string(&args, 4, data, sizeof data);
	return result_int(env, mount(source, target, type, arg_uint(&args, 3), data) ? -errno : 0);
}

/* umount(target, flags) -> 0 or -errno */
static napi_value js_umount(napi_env env, napi_callback_info info)
{
	struct args args;
	char target[PATH_MAX];
	get_args(env, info, &args);
	arg_string(&args, 0, target, sizeof target);
	return result_int(env, umount2(target, arg_int(&args, 1)) ? -errno : 0);
}

/* socketPair() -> [fd, fd]: SOCK_SEQPACKET, close-on-exec, so that one send is one receive */
static napi_value js_socket_pair(napi_env env, napi_callback_info info)
{
	(void)info;
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return result_int(env, -errno);
	napi_value pair;
	napi_create_array_with_length(env, 2, &pair);
	for (uint32_t i = 0; i < 2; i++)
		napi_set_element(env, pair, i, result_int(env, fds[i]));
	return pair;
}

/* receiveMessage(fd) -> { text, fd } or -errno: one message, with the descriptor it carries or -1; -EAGAIN when
 * none is there. An empty text and fd -1 is the end. */
static napi_value js_receive_message(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	char text[4096], control[CMSG_SPACE(sizeof(int))];
	struct iovec part = { text, sizeof text };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	ssize_t n;
	do
		n = recvmsg(arg_int(&args, 0), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return result_int(env, -errno);
	int fd = -1;
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof fd);
	napi_value result, value;
	napi_create_object(env, &result);
	napi_create_string_utf8(env, text, n, &value);
	napi_set_named_property(env, result, "text", value);
	napi_set_named_property(env, result, "fd", result_int(env, fd));
	return result;
}

/* peerUid(fd) -> the user id that connected the unix socket, in our user namespace, or -errno: SO_PEERCRED of
 * unix(7) */
static napi_value js_peer_uid(napi_env env, napi_callback_info info)
{
	struct args args;
	struct ucred peer;
	socklen_t length = sizeof peer;
	get_args(env, info, &args);
	if (getsockopt(arg_int(&args, 0), SOL_SOCKET, SO_PEERCRED, &peer, &length))
		return result_int(env, -errno);
	return result_int(env, peer.uid);
}

/* notify(text) -> 0, -errno, or 1 when there is no NOTIFY_SOCKET: sd_notify(3) */
static napi_value js_notify(napi_env env, napi_callback_info info)
{
	struct args args;
	char text[512];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	get_args(env, info, &args);
	arg_string(&args, 0, text, sizeof text);
	if (!path || !*path)
		return result_int(env, 1);
	size_t length = strlen(path);
	if (length >= sizeof address.sun_path)
		return result_int(env, -ENAMETOOLONG);
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = 0;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return result_int(env, -errno);
	ssize_t n = sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address,
			   offsetof(struct sockaddr_un, sun_path) + length);
	int error = errno;
	close(fd);
	return result_int(env, n < 0 ? -error : 0);
}

/* lockFile(fd) -> 0 or -errno: flock(2), exclusive, without waiting (-EAGAIN: somebody else has it). It ends with the
 * last descriptor of that open(2), so with the process, however that ends. */
static napi_value js_lock_file(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	return result_int(env, flock(arg_int(&args, 0), LOCK_EX | LOCK_NB) ? -errno : 0);
}

/* watchNames(path) -> a non-blocking descriptor of inotify(7), or -errno: of names that come and go in a directory.
 * Node's own watches tell of writes too, those to /dev/null among them. */
static napi_value js_watch_names(napi_env env, napi_callback_info info)
{
	struct args args;
	char path[PATH_MAX];
	get_args(env, info, &args);
	arg_string(&args, 0, path, sizeof path);
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (fd < 0)
		return result_int(env, -errno);
	if (inotify_add_watch(fd, path, IN_CREATE | IN_DELETE | IN_MOVE | IN_ONLYDIR) < 0) {
		int error = errno;
		close(fd);
		return result_int(env, -error);
	}
	return result_int(env, fd);
}

/* reapChild() -> { pid, status } of a child that has ended, whoever's it was (wait(2)), or 0, or -errno */
static napi_value js_reap_child(napi_env env, napi_callback_info info)
{
	(void)info;
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG);
	if (pid <= 0)
		return result_int(env, pid < 0 ? -errno : 0);
	napi_value result;
	napi_create_object(env, &result);
	napi_set_named_property(env, result, "pid", result_int(env, pid));
	napi_set_named_property(env, result, "status", result_int(env, status));
	return result;
}

/* exit(status): at once. exit(3), and so Node, waits for a thread that sleeps in write(2). */
static napi_value js_exit(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	_exit(arg_int(&args, 0));
}

napi_value system_exports(napi_env env, napi_value exports)
{
	export_function(env, exports, "mount", js_mount);
	export_function(env, exports, "umount", js_umount);
	export_function(env, exports, "socketPair", js_socket_pair);
	export_function(env, exports, "receiveMessage", js_receive_message);
	export_function(env, exports, "peerUid", js_peer_uid);
	export_function(env, exports, "notify", js_notify);
	export_function(env, exports, "lockFile", js_lock_file);
	export_function(env, exports, "watchNames", js_watch_names);
	export_function(env, exports, "reapChild", js_reap_child);
	export_function(env, exports, "exit", js_exit);
	return exports;
}
