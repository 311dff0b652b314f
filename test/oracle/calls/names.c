/* Opening, handles, links, and what else a name or a descriptor can be taken for. */
#include "calls.h"
#include <linux/kcmp.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/swap.h>

#define FLAG(flag) { #flag, flag }
static const struct { const char *name; int flags; } FLAGS[] = {
	FLAG(O_RDONLY), FLAG(O_WRONLY), FLAG(O_RDWR), FLAG(O_RDWR | O_TRUNC), FLAG(O_RDONLY | O_TRUNC), FLAG(O_RDWR | O_APPEND),
	FLAG(O_RDWR | O_CREAT), FLAG(O_RDWR | O_CREAT | O_EXCL), FLAG(O_RDWR | O_DIRECTORY), FLAG(O_RDWR | O_NOFOLLOW),
	FLAG(O_RDWR | O_DIRECT), FLAG(O_RDWR | O_SYNC), FLAG(O_RDWR | O_DSYNC), FLAG(O_RDWR | O_NONBLOCK), FLAG(O_RDWR | O_ASYNC),
	FLAG(O_RDWR | O_NOATIME), FLAG(O_RDWR | O_NOCTTY), FLAG(O_RDWR | O_TMPFILE), FLAG(O_PATH), FLAG(O_PATH | O_DIRECTORY),
	FLAG(O_PATH | O_NOFOLLOW), FLAG(O_RDWR | O_CREAT | O_TRUNC), FLAG(O_RDWR | O_CREAT | O_DIRECTORY),
};

static void opens(void)
{
	static const uint64_t resolve[] = { RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH, RESOLVE_IN_ROOT };
	for (unsigned i = 0; i < sizeof FLAGS / sizeof *FLAGS; i++) {
		int fd = open(node, FLAGS[i].flags, 0600);
		say(named("open %s", FLAGS[i].name), fd < 0 ? -1 : 0);
		if (fd < 0) continue;
		tell(named("F_GETFL %s", FLAGS[i].name), "0%o", fcntl(fd, F_GETFL));
		close(fd);
	}
	int dir = open(folder, O_PATH | O_DIRECTORY);
	for (unsigned i = 0; i < sizeof resolve / sizeof *resolve; i++) {
		struct open_how how = { .flags = O_RDWR, .resolve = resolve[i] };
		RFD(named("openat2 %#x", (unsigned)resolve[i]), syscall(SYS_openat2, dir, "fwctl0", &how, sizeof how));
	}
	struct open_how cached = { .flags = O_RDWR, .resolve = RESOLVE_CACHED };
	RFD("openat2 RESOLVE_CACHED", syscall(SYS_openat2, dir, "fwctl0", &cached, sizeof cached));
	RFD("open with a slash behind", open(strcat(strcpy((char[128]){ 0 }, node), "/"), O_RDWR));
	RFD("creat", creat(node, 0600));
	RFD("open below", open(strcat(strcpy((char[128]){ 0 }, node), "/x"), O_RDWR));
}

static void through_proc(int fd, int path)
{
	char link[64], target[128];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	RFD("open through /proc", open(link, O_RDWR));
	RFD("O_NOFOLLOW through /proc", open(link, O_RDWR | O_NOFOLLOW));
	RFD("O_TRUNC through /proc", open(link, O_RDWR | O_TRUNC));
	snprintf(target, sizeof target, "%s/linked", folder);
	R("linkat /proc/self/fd", linkat(AT_FDCWD, link, AT_FDCWD, target, AT_SYMLINK_FOLLOW));
	unlink(target);
	R("linkat AT_EMPTY_PATH", linkat(fd, "", AT_FDCWD, target, AT_EMPTY_PATH));
	unlink(target);
	R("link to another file system", linkat(AT_FDCWD, link, AT_FDCWD, "/proc/linked", AT_SYMLINK_FOLLOW));
	snprintf(link, sizeof link, "/proc/self/fd/%d", path);
	RFD("open an O_PATH descriptor through /proc", open(link, O_RDWR));
	R("readlinkat of a descriptor", readlinkat(path, "", target, sizeof target));
	R("readlink", readlink(node, target, sizeof target));
}

static void handles(void)
{
	struct { struct file_handle head; unsigned char bytes[128]; } handle;
	int mount_id;
	handle.head.handle_bytes = 0;
	R("name_to_handle_at, no room", name_to_handle_at(AT_FDCWD, node, &handle.head, &mount_id, 0));
	handle.head.handle_bytes = 128;
	R("name_to_handle_at", name_to_handle_at(AT_FDCWD, node, &handle.head, &mount_id, 0));
	int dir = open(folder, O_RDONLY | O_DIRECTORY);
	RFD("open_by_handle_at", open_by_handle_at(dir, &handle.head, O_RDWR));
	handle.head.handle_bytes = 128;
	R("name_to_handle_at AT_HANDLE_FID", name_to_handle_at(AT_FDCWD, node, &handle.head, &mount_id, 0x200));
}

static void descriptor(int fd, int path)
{
	pid_t self = getpid();
	int same = dup(fd), other = opened(O_RDWR);
	tell("kcmp", "%ld %d", syscall(SYS_kcmp, self, self, KCMP_FILE, fd, same), syscall(SYS_kcmp, self, self, KCMP_FILE, fd, other) != 0);
	RFD("pidfd_getfd", syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, self, 0), fd, 0));
	RFD("F_DUPFD_CLOEXEC", fcntl(fd, F_DUPFD_CLOEXEC, 100));
	R("F_DUPFD_QUERY same", fcntl(fd, 1027, same));
	R("F_DUPFD_QUERY other", fcntl(fd, 1027, other));
	R("F_CREATED_QUERY", fcntl(fd, 1028, 0));
	R("F_GETPIPE_SZ", fcntl(fd, F_GETPIPE_SZ));
	R("F_GET_SEALS", fcntl(fd, F_GET_SEALS));
	R("F_GETOWN", fcntl(fd, F_GETOWN));
	R("F_SETSIG", fcntl(fd, F_SETSIG, SIGUSR1));
	R("F_GETSIG", fcntl(fd, F_GETSIG));
	uint64_t hint = 2;
	R("F_SET_RW_HINT", fcntl(fd, F_SET_RW_HINT, &hint));
	R("F_GET_RW_HINT", fcntl(fd, F_GET_RW_HINT, &hint));
	tell("hint", "%d", (int)hint);
	R("F_SETFL O_APPEND", fcntl(fd, F_SETFL, O_APPEND));
	R("F_SETFL O_DIRECT", fcntl(fd, F_SETFL, O_DIRECT));
	R("F_SETFL O_NOATIME", fcntl(fd, F_SETFL, O_NOATIME));
	R("F_SETFL O_ASYNC", fcntl(fd, F_SETFL, O_ASYNC));
	R("F_SETFL of O_PATH", fcntl(path, F_SETFL, O_NONBLOCK));
	R("fchdir", fchdir(fd));
	R("chdir", chdir(node));
	R("chroot", chroot(node));
	R("execve", execve(node, (char *[]){ "x", NULL }, (char *[]){ NULL }));
	R("execveat", syscall(SYS_execveat, path, "", (char *[]){ "x", NULL }, (char *[]){ NULL }, AT_EMPTY_PATH));
	R("swapon", swapon(node, 0));
	R("mount --bind on it", mount("/dev/null", node, NULL, MS_BIND, NULL));
	R("umount", umount2(node, 0));
	R("umount again", umount2(node, 0));
	R("mount it as ext4", mount(node, "/proc", "ext4", 0, NULL));
	R("ftok's stat", stat(node, &(struct stat){ 0 }));
	R("listen", syscall(SYS_listen, fd, 1));
	R("getdents64", syscall(SYS_getdents64, fd, (char[512]){ 0 }, 512));
	R("close_range CLOEXEC", syscall(SYS_close_range, fd, fd, 4));
	R("init_module", syscall(SYS_finit_module, fd, "", 0));
	R("bpf_obj_get", syscall(SYS_bpf, 7, &(struct { uint64_t path; uint32_t fd, flags; }){ (uintptr_t)node, 0, 0 }, 16));
}

void names(void)
{
	int fd = opened(O_RDWR), path = opened(O_PATH);
	opens();
	through_proc(fd, path);
	handles();
	descriptor(fd, path);
}
