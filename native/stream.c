/* A stream socket whose messages are bytes and carry descriptors (vfio-user), and eventfds: what Node has no function
 * for. Nothing here waits. */
#include "addon.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Descriptors that one message carries at most; more are closed by the kernel (recvmsg(2): MSG_CTRUNC). */
enum { MAX_FDS = 16 };

/* listenUnix(path) -> a socket, or -errno */
static napi_value js_listen_unix(napi_env env, napi_callback_info info)
{
	struct args args;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char path[4096];
	get_args(env, info, &args);
	arg_string(&args, 0, path, sizeof path);
	if (!path[0] || strlen(path) >= sizeof address.sun_path)
		return result_int(env, -ENAMETOOLONG);
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return result_int(env, -errno);
	/* Its mode counts from the moment that it is there. */
	mode_t mask = umask(0177);
	int bound = bind(fd, (struct sockaddr *)&address, sizeof address);
	umask(mask);
	if (bound || listen(fd, 4)) {
		int error = errno;
		close(fd);
		return result_int(env, -error);
	}
	return result_int(env, fd);
}

/* acceptUnix(fd) -> a connection, or -errno; -EAGAIN: nobody is there */
static napi_value js_accept_unix(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	int fd = accept4(arg_int(&args, 0), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	return result_int(env, fd < 0 ? -errno : fd);
}

/* Bytes [from, from + length) of an ArrayBuffer argument, or NULL. */
static uint8_t *arg_bytes(const struct args *args, size_t index, uint32_t from, uint32_t length)
{
	void *at;
	size_t bytes;
	if (index >= args->count || napi_get_arraybuffer_info(args->env, args->value[index], &at, &bytes) != napi_ok)
		return NULL;
	return from > bytes || length > bytes - from ? NULL : (uint8_t *)at + from;
}

/* receiveBytes(fd, buffer, from, length, fds) -> bytes, 0 at the end, or -errno. `fds`: an ArrayBuffer of 17 int32, how
 * many descriptors came and which. */
static napi_value js_receive_bytes(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	uint32_t length = arg_uint(&args, 3);
	uint8_t *bytes = arg_bytes(&args, 1, arg_uint(&args, 2), length);
	uint8_t *received = arg_bytes(&args, 4, 0, (MAX_FDS + 1) * sizeof(int32_t));
	if (!bytes || !received)
		return result_int(env, -EINVAL);
	char control[CMSG_SPACE(MAX_FDS * sizeof(int))];
	struct iovec part = { bytes, length };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	ssize_t n;
	do
		n = recvmsg(arg_int(&args, 0), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	int32_t count = 0;
	if (n < 0)
		return result_int(env, -errno);
	for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		size_t fds = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		if (fds > (size_t)(MAX_FDS - count))
			fds = MAX_FDS - count;
		memcpy(received + (1 + count) * sizeof(int32_t), CMSG_DATA(header), fds * sizeof(int));
		count += fds;
	}
	memcpy(received, &count, sizeof count);
	return result_int(env, n);
}

/* sendBytes(fd, buffer, from, length) -> bytes, or -errno; -EAGAIN: there is no room */
static napi_value js_send_bytes(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	uint32_t length = arg_uint(&args, 3);
	uint8_t *bytes = arg_bytes(&args, 1, arg_uint(&args, 2), length);
	if (!bytes)
		return result_int(env, -EINVAL);
	ssize_t n;
	do
		n = send(arg_int(&args, 0), bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return result_int(env, n < 0 ? -errno : n);
}

/* signalEvent(fd) -> 0 or -errno: adds 1 to an eventfd(2); -EAGAIN: it has no room, or is not one that takes it now */
static napi_value js_signal_event(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	struct pollfd ready = { .fd = arg_int(&args, 0), .events = POLLOUT };
	const uint64_t one = 1;
	if (poll(&ready, 1, 0) <= 0 || !(ready.revents & POLLOUT))
		return result_int(env, -EAGAIN);
	return result_int(env, write(ready.fd, &one, sizeof one) < 0 ? -errno : 0);
}

napi_value stream_exports(napi_env env, napi_value exports)
{
	export_function(env, exports, "listenUnix", js_listen_unix);
	export_function(env, exports, "acceptUnix", js_accept_unix);
	export_function(env, exports, "receiveBytes", js_receive_bytes);
	export_function(env, exports, "sendBytes", js_send_bytes);
	export_function(env, exports, "signalEvent", js_signal_event);
	return exports;
}
