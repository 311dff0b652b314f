/*
 * fwctl_emu.h - tests in C against fwctl-emu: faults, plug and unplug, values, counters. Header-only, C99, Linux; needs libc alone.
 *
 * The test runs under `fwctl-emu run -- ./test`, whose control socket is in $FWCTL_EMU_SOCKET, or beside `fwctl-emu serve`.
 * `run` exits as the test does, with 125 where fwctl-emu itself failed.
 * Functions return 0 or a positive number where all went well, otherwise a negative errno: -ENOENT no such fault or device, -EINVAL
 * refused as wrong (the reason is in fwctl_emu_error()), -ECONNREFUSED and the like where no emulator answers. Not thread-safe.
 *
 *	int fault = fwctl_emu_fault_add("rpc:opcode=QUERY_HCA_CAP:error=EIO:when=2");
 *	assert(fault > 0);
 *	... the code under test ...
 *	assert(fwctl_emu_fault_strikes(fault) == 1);
 *	fwctl_emu_fault_remove(fault);
 */
#ifndef FWCTL_EMU_H
#define FWCTL_EMU_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FWCTL_EMU_DEFAULT_SOCKET "/run/fwctl-emu/control.sock"
enum { FWCTL_EMU_ANSWER = 64 * 1024 };

struct fwctl_emu_answer {
	/* HTTP status */
	int status;
	/* JSON, NUL-terminated */
	char body[FWCTL_EMU_ANSWER];
};

/* The last answer; its body says why something was refused. */
static struct fwctl_emu_answer fwctl_emu_last;

/* Why the last call was refused: the emulator's own words, as JSON. */
static inline const char *fwctl_emu_error(void)
{
	return fwctl_emu_last.body;
}

/* 1 when an emulator's socket is named or at its default place. */
static inline int fwctl_emu_present(void)
{
	const char *path = getenv("FWCTL_EMU_SOCKET");

	return access(path && *path ? path : FWCTL_EMU_DEFAULT_SOCKET, F_OK) == 0;
}

static inline int fwctl_emu_connect(void)
{
	const char *path = getenv("FWCTL_EMU_SOCKET");
	struct sockaddr_un address;
	int fd, error;

	if (!path || !*path)
		path = FWCTL_EMU_DEFAULT_SOCKET;
	memset(&address, 0, sizeof(address));
	address.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

static inline int fwctl_emu_write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = send(fd, text, length, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

/* One call of the control socket; 0, or what it was refused with. `body` is JSON, or NULL. */
static inline int fwctl_emu_call(const char *method, const char *path, const char *body)
{
	static char text[FWCTL_EMU_ANSWER + 4096];
	size_t length = 0;
	char *content;
	int fd = fwctl_emu_connect(), error, n;

	fwctl_emu_last.status = 0;
	fwctl_emu_last.body[0] = 0;
	if (fd < 0)
		return fd;
	n = snprintf(text, sizeof(text),
		     "%s %s HTTP/1.1\r\nHost: fwctl-emu\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n%s", method, path,
		     body ? "Content-Type: application/json\r\n" : "", body ? strlen(body) : (size_t)0, body ? body : "");
	error = n < 0 || (size_t)n >= sizeof(text) ? -E2BIG : fwctl_emu_write_all(fd, text, (size_t)n);
	while (!error && length < sizeof(text) - 1) {
		ssize_t got = read(fd, text + length, sizeof(text) - 1 - length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			error = -errno;
		if (got <= 0)
			break;
		length += (size_t)got;
	}
	close(fd);
	if (error)
		return error;
	text[length] = 0;
	content = strstr(text, "\r\n\r\n");
	if (!content || sscanf(text, "HTTP/1.%*d %d", &fwctl_emu_last.status) != 1)
		return -EPROTO;
	snprintf(fwctl_emu_last.body, sizeof(fwctl_emu_last.body), "%s", content + 4);
	if (fwctl_emu_last.status < 300)
		return 0;
	return fwctl_emu_last.status == 404 ? -ENOENT : fwctl_emu_last.status == 409 ? -EBUSY : -EINVAL;
}

/* A JSON string of any text; returns -E2BIG where it does not fit. */
static inline int fwctl_emu_quote(char *into, size_t size, const char *text)
{
	size_t at = 0;

	for (into[at++] = '"'; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (at + 8 > size)
			return -E2BIG;
		if (c < 0x20)
			at += (size_t)sprintf(into + at, "\\u%04x", c);
		else {
			if (c == '"' || c == '\\')
				into[at++] = '\\';
			into[at++] = (char)c;
		}
	}
	into[at++] = '"';
	into[at] = 0;
	return 0;
}

/* The number behind `"name":`, from `from` on; -ENODATA where there is none. */
static inline long long fwctl_emu_number(const char *from, const char *name)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "\"%s\":", name);
	at = from ? strstr(from, key) : NULL;
	return at ? strtoll(at + strlen(key), NULL, 10) : -ENODATA;
}

/* Adds a fault, written as --fault takes it (docs/faults.md): its number, or -EINVAL. */
static inline int fwctl_emu_fault_add(const char *fault)
{
	char text[4200], body[4400];
	int error = fwctl_emu_quote(text, sizeof(text), fault);

	if (error)
		return error;
	snprintf(body, sizeof(body), "{\"fault\":%s}", text);
	error = fwctl_emu_call("POST", "/v1/faults", body);
	return error ? error : (int)fwctl_emu_number(fwctl_emu_last.body, "id");
}

static inline int fwctl_emu_fault_remove(int fault)
{
	char path[64];

	snprintf(path, sizeof(path), "/v1/faults/%d", fault);
	return fwctl_emu_call("DELETE", path, NULL);
}

/* Lets go the answers that the fault holds back (hang): how many. */
static inline int fwctl_emu_fault_release(int fault)
{
	char path[64];
	int error;

	snprintf(path, sizeof(path), "/v1/faults/%d/release", fault);
	error = fwctl_emu_call("POST", path, "{}");
	return error ? error : (int)fwctl_emu_number(fwctl_emu_last.body, "released");
}

static inline long long fwctl_emu_fault_field(int fault, const char *name)
{
	char key[32];
	int error = fwctl_emu_call("GET", "/v1/faults", NULL);

	if (error)
		return error;
	snprintf(key, sizeof(key), "\"id\":%d,", fault);
	if (!strstr(fwctl_emu_last.body, key))
		return -ENOENT;
	return fwctl_emu_number(strstr(fwctl_emu_last.body, key), name);
}

/* How many calls the fault has struck. */
static inline int fwctl_emu_fault_strikes(int fault)
{
	return (int)fwctl_emu_fault_field(fault, "strikes");
}

/* How many answers it holds back now. */
static inline int fwctl_emu_fault_held(int fault)
{
	return (int)fwctl_emu_fault_field(fault, "held");
}

/* The device, `fwctl0`, goes; calls in flight end as usual. */
static inline int fwctl_emu_unplug(const char *device)
{
	char path[128];

	snprintf(path, sizeof(path), "/v1/devices/%s", device);
	return fwctl_emu_call("DELETE", path, NULL);
}

/* The taint mask of the emulated kernel, or a negative errno. */
static inline long long fwctl_emu_taint(void)
{
	int error = fwctl_emu_call("GET", "/v1/taint", NULL);

	return error ? error : fwctl_emu_number(fwctl_emu_last.body, "value");
}

#endif
