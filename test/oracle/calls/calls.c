/* calls: what every system call that takes a file says of a device node, of a real one and of ours, on the same kernel.
 *
 *   calls -T SECONDS -o FILE SECTION
 *
 * The real one is made here, in a tmpfs (as devtmpfs is one): /dev/autofs's number, whose file operations
 * (fs/autofs/dev-ioctl.c) have, like fwctl's, open, release and ioctl alone; but for llseek, which is not asked. An
 * ioctl number that is not its own is ENOTTY before anything is read, as with fwctl. Where the kernel has none it is
 * /dev/btrfs-control's (fs/btrfs/super.c), which is the same but for ioctls. Ours is /dev/fwctl/fwctl0. A record is a
 * line of JSON with `side`: "device" or "ours". Exit status 77: this kernel has no such device, or is older than 6.1,
 * from which on docs/vfs-differences.md knows these calls. */
#include "calls.h"
#include <grp.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>

const char *node, *folder;
static FILE *records;
static const char *side;

void say(const char *op, long ret)
{
	int error = errno;
	fprintf(records, "{\"side\":\"%s\",\"op\":\"%s\",\"ret\":%ld,\"err\":\"%s\"}\n", side, op, ret < 0 ? -1 : ret,
		ret < 0 ? strerrorname_np(error) ? strerrorname_np(error) : "unknown" : "OK");
	fflush(records);
}

void tell(const char *op, const char *format, ...)
{
	char text[4096];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	fprintf(records, "{\"side\":\"%s\",\"op\":\"%s\",\"v\":\"%s\"}\n", side, op, text);
	fflush(records);
}

const char *named(const char *format, ...)
{
	static char text[256];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	return text;
}

int opened(int flags)
{
	int fd = open(node, flags | O_CLOEXEC);
	if (fd < 0) {
		perror(node);
		exit(2);
	}
	return fd;
}

static void ended(const char *op, pid_t child)
{
	int status = 0;
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status)) tell(op, "%s", sigabbrev_np(WTERMSIG(status)));
}

void in_child(const char *op, void (*act)(void))
{
	pid_t child = fork();
	if (child == 0) {
		act();
		_exit(0);
	}
	ended(op, child);
}

void as_nobody(const char *prefix, void (*act)(const char *prefix))
{
	pid_t child = fork();
	if (child == 0) {
		if (setgroups(0, NULL) || setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)) _exit(2);
		act(prefix);
		_exit(0);
	}
	ended(prefix, child);
}

static const struct {
	const char *name;
	void (*run)(void);
} SECTIONS[] = {
	{ "attributes", attributes }, { "xattrs", xattrs }, { "names", names }, { "watchers", watchers },
	{ "locks", locks }, { "transfer", transfer }, { "ioctls", ioctls }, { "mappings", mappings },
	{ "uring", uring }, { "directories", directories },
};

enum { BTRFS_CONTROL = 234, AUTOFS = 235 }; /* include/linux/miscdevice.h */

static bool is_device(const char *path, unsigned minor)
{
	unlink(path);
	return !mknod(path, S_IFCHR | 0600, makedev(10, minor)) && !close(open(path, O_RDWR));
}

/* A directory with the real device's node; NULL where there is none. */
static char *reference(bool of_ioctls)
{
	static char place[] = "/tmp/calls-XXXXXX";
	char path[64];
	if (!mkdtemp(place) || mount("calls", place, "tmpfs", MS_NOSUID, "mode=755")) return NULL;
	snprintf(path, sizeof path, "%s/fwctl", place);
	if (mkdir(path, 0755)) return NULL;
	snprintf(path, sizeof path, "%s/fwctl/fwctl0", place);
	return is_device(path, AUTOFS) || (!of_ioctls && is_device(path, BTRFS_CONTROL)) ? place : NULL;
}

static void run_on(const char *which, const char *place, void (*section)(void))
{
	char path[128];
	side = which;
	pid_t child = fork();
	if (child == 0) {
		snprintf(path, sizeof path, "%s/fwctl", place);
		folder = strdup(path);
		node = strdup(strcat(path, "/fwctl0"));
		section();
		exit(0);
	}
	ended("section", child);
}

static bool is_old(void)
{
	struct utsname name;
	int major = 0, minor = 0;
	return uname(&name) || sscanf(name.release, "%d.%d", &major, &minor) != 2 || major * 1000 + minor < 6001;
}

int main(int argc, char **argv)
{
	void (*section)(void) = NULL;
	if (argc != 6 || !(records = fopen(argv[4], "we"))) return 2;
	for (unsigned i = 0; i < sizeof SECTIONS / sizeof *SECTIONS; i++)
		if (!strcmp(SECTIONS[i].name, argv[5])) section = SECTIONS[i].run;
	if (!section) return 2;
	umask(022);
	if (is_old()) {
		fputs("calls are compared on Linux 6.1 and later\n", stderr);
		return 77;
	}
	char *place = reference(section == ioctls);
	if (!place) {
		fputs(section == ioctls ? "no autofs in this kernel\n" : "neither autofs nor btrfs in this kernel\n", stderr);
		return 77;
	}
	alarm(atoi(argv[2]));
	run_on("device", place, section);
	run_on("ours", "/dev", section);
	umount2(place, MNT_DETACH);
	rmdir(place);
	return 0;
}
