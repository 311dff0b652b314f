/* Which path a trapped call names, as its caller calls it, and whether that can be one of ours: decided here, as most
 * are not. What our paths lead to is JavaScript's to say (src/transport/notify). */
#include "notify.h"
#include "watcher.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

int64_t read_caller(struct addon *addon, int32_t tid, uint64_t from, void *to, size_t length)
{
	struct iovec local = { to, length }, remote = { (void *)(uintptr_t)from, length };
	watcher_enter(addon->watcher, tid, &remote, 1);
	ssize_t n = process_vm_readv(tid, &local, 1, &remote, 1, 0);
	int error = errno;
	watcher_leave(addon->watcher);
	return n < 0 ? -error : n;
}

/* A string of at most PATH_MAX bytes with its NUL, page by page as the last one may end where nothing follows: its
 * length, or -errno. */
static int64_t read_string(struct addon *addon, int32_t tid, uint64_t from, char *to)
{
	enum { FIRST = 256 };
	size_t page = (size_t)1 << addon->looks.page_shift;
	for (size_t done = 0; done < PATH_MAX;) {
		size_t part = page - (from + done) % page, most = done ? PATH_MAX - done : FIRST;
		int64_t n = read_caller(addon, tid, from + done, to + done, part < most ? part : most);
		if (n <= 0)
			return n < 0 ? n : -EFAULT;
		const char *end = memchr(to + done, 0, (size_t)n);
		if (end)
			return end - to;
		done += (size_t)n;
	}
	return -ENAMETOOLONG;
}

/* Without ".", "..", and doubled slashes. */
static void normalise(const char *from, char *to)
{
	size_t length = 0;
	while (*from) {
		size_t name = strcspn(from, "/");
		if (name == 2 && from[0] == '.' && from[1] == '.') {
			while (length && to[--length] != '/')
				;
		} else if (name && !(name == 1 && from[0] == '.')) {
			to[length++] = '/';
			memcpy(to + length, from, name);
			length += name;
		}
		from += name + (from[name] == '/');
	}
	if (!length)
		to[length++] = '/';
	to[length] = 0;
}

static bool is_ours(const struct notify *notify, const char *path)
{
	for (const char *prefix = notify->prefixes; *prefix; prefix += strlen(prefix) + 1) {
		size_t length = strlen(prefix);
		if (*prefix == '=' ? !strcmp(path, prefix + 1) : !strncmp(path, prefix, length) && (!path[length] || path[length] == '/'))
			return true;
	}
	return false;
}

/* As the machine sees it; empty: there is none. */
static void real_path(int32_t tid, int descriptor, char *to)
{
	char link[64];
	if (descriptor == AT_FDCWD)
		snprintf(link, sizeof link, "/proc/%" PRId32 "/cwd", tid);
	else
		snprintf(link, sizeof link, "/proc/%" PRId32 "/fd/%d", tid, descriptor);
	ssize_t length = readlink(link, to, PATH_MAX - 1);
	to[length < 0 ? 0 : length] = 0;
}

bool read_place(const struct notify *notify, int32_t tid, int descriptor, char *to)
{
	size_t shadow = strlen(notify->shadow);
	real_path(tid, descriptor, to);
	if (!shadow || strncmp(to, notify->shadow, shadow) || (to[shadow] && to[shadow] != '/'))
		return false;
	memmove(to, to + shadow, strlen(to + shadow) + 1);
	if (!to[0])
		strcpy(to, "/");
	return true;
}

static int32_t status_number(int32_t tid, const char *name)
{
	char path[64], line[256];
	int32_t value = -1;
	snprintf(path, sizeof path, "/proc/%" PRId32 "/status", tid);
	FILE *file = fopen(path, "re");
	while (file && value < 0 && fgets(line, sizeof line, file))
		if (!strncmp(line, name, strlen(name)))
			value = atoi(line + strlen(name));
	if (file)
		fclose(file);
	return value;
}

/* When the process was started, in ticks of the boot clock; 0: it is gone. */
static uint64_t started(pid_t process)
{
	char path[64], text[1024];
	uint64_t ticks = 0;
	snprintf(path, sizeof path, "/proc/%d/stat", process);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = 0;
	char *rest = strrchr(text, ')');
	enum { STARTTIME = 20 }; /* words after the name: proc_pid_stat(5), field 22 */
	for (int word = 0; rest && word < STARTTIME; word++)
		rest = strchr(rest + 1, ' ');
	if (rest)
		sscanf(rest, " %" SCNu64, &ticks);
	return ticks;
}

static uint64_t boot_ticks(void)
{
	struct timespec now;
	uint64_t hertz = (uint64_t)sysconf(_SC_CLK_TCK);
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * hertz + (uint64_t)now.tv_nsec * hertz / 1000000000;
}

static struct directory *entry_of(struct notify *notify, pid_t process)
{
	for (uint32_t i = 0; i < notify->directory_count; i++)
		if (notify->directories[i].process == process)
			return &notify->directories[i];
	return NULL;
}

/* A new entry, in the place of one whose process has ended, if there is such a one. */
static struct directory *add_entry(struct notify *notify, pid_t process)
{
	struct directory *entry = NULL;
	for (uint32_t i = 0; i < notify->directory_count && !entry; i++)
		if (kill(notify->directories[i].process, 0) < 0 && errno == ESRCH)
			entry = &notify->directories[i];
	if (!entry) {
		struct directory *more = realloc(notify->directories, (notify->directory_count + 1) * sizeof *more);
		if (!more)
			return NULL;
		notify->directories = more;
		entry = &more[notify->directory_count++];
	}
	memset(entry, 0, sizeof *entry);
	entry->process = process;
	return entry;
}

void enter_directory(struct notify *notify, int32_t tid, const char *path)
{
	if (!path && !notify->directory_count)
		return;
	pid_t process = status_number(tid, "Tgid:");
	struct directory *entry = entry_of(notify, process);
	if (!entry)
		entry = add_entry(notify, process);
	if (!entry)
		return;
	entry->since = boot_ticks();
	real_path(tid, AT_FDCWD, entry->real);
	snprintf(entry->path, sizeof entry->path, "%s", path ? path : "");
}

const char *directory_of(struct notify *notify, int32_t tid, char *space)
{
	if (!notify->directory_count)
		return NULL;
	pid_t process = status_number(tid, "Tgid:");
	struct directory *entry = entry_of(notify, process);
	if (!entry) {
		/* a child has its parent's, unless it was there before the parent went there */
		struct directory *parent = entry_of(notify, status_number(process, "PPid:"));
		uint64_t since = started(process);
		if (!parent || !parent->path[0] || since < parent->since)
			return NULL;
		strcpy(space, parent->path);
		entry = add_entry(notify, process);
		if (!entry)
			return NULL;
		strcpy(entry->path, space);
		real_path(tid, AT_FDCWD, entry->real);
		entry->since = since;
	}
	if (!entry->path[0])
		return NULL;
	/* it has left by fchdir(2), which nobody has told of */
	real_path(tid, AT_FDCWD, space);
	if (strcmp(space, entry->real)) {
		entry->path[0] = 0;
		return NULL;
	}
	strcpy(space, entry->path);
	return space;
}

/* A path that names a descriptor, of the caller's or of another process: /proc/PID/fd/N, /dev/fd/N, /dev/stdin. */
static bool names_descriptor(const char *path, int32_t tid, int32_t *of, int *descriptor)
{
	static const char *const standard[] = { "/dev/stdin", "/dev/stdout", "/dev/stderr" };
	int end = 0;
	*of = tid;
	for (int i = 0; i < 3; i++)
		if (!strcmp(path, standard[i])) {
			*descriptor = i;
			return true;
		}
	if ((sscanf(path, "/dev/fd/%d%n", descriptor, &end) == 1 || sscanf(path, "/proc/self/fd/%d%n", descriptor, &end) == 1 ||
	     sscanf(path, "/proc/thread-self/fd/%d%n", descriptor, &end) == 1 ||
	     sscanf(path, "/proc/%d/fd/%d%n", of, descriptor, &end) == 2) &&
	    !path[end])
		return true;
	return false;
}

static enum found find_named(struct notify *notify, int32_t of, int descriptor, char *path, uint64_t *value)
{
	enum found found = find_descriptor(notify, of, descriptor, 0, value);
	if (found != FOUND_PLACE || notify->mode == TRAP_MOUNTS)
		return found;
	return read_place(notify, of, descriptor, path) ? FOUND_PATH : FOUND_NOTHING;
}

enum found find_path(struct addon *addon, struct notify *notify, const struct taken *call, char *path, uint64_t *value, bool *detached,
		     bool *itself)
{
	char given[PATH_MAX], plain[PATH_BYTES];
	const struct trapped *row = call->row;
	int directory = row->directory < 0 ? AT_FDCWD : (int)call->arguments[row->directory];
	*detached = *itself = false;
	if (read_string(addon, call->tid, call->arguments[row->path], given) <= 0)
		return FOUND_NOTHING; /* an empty path, or a fault: the kernel says so */
	if (given[0] == '/') {
		strcpy(path, given);
	} else {
		*detached = (directory == AT_FDCWD && directory_of(notify, call->tid, path)) ||
			    read_place(notify, call->tid, directory, path);
		if (path[0] != '/')
			return FOUND_NOTHING;
		size_t length = strlen(path);
		snprintf(path + length, PATH_BYTES - length, "/%s", given);
	}
	normalise(path, plain);
	int32_t of;
	int descriptor;
	if (names_descriptor(plain, call->tid, &of, &descriptor)) {
		*itself = true;
		enum found found = find_named(notify, of, descriptor, path, value);
		if (found != FOUND_NOTHING || !*detached)
			return found;
		*itself = false;
	}
	return *detached || is_ours(notify, plain) ? FOUND_PATH : FOUND_NOTHING;
}
