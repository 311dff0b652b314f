/* The directory of the nodes: listing it, and making and taking away in it. */
#include "calls.h"
#include <dirent.h>
#include <sys/file.h>
#include <sys/xattr.h>

struct entry { uint64_t ino; int64_t off; uint16_t length; uint8_t type; char name[]; };

static void listing(int fd)
{
	static const int sizes[] = { 0, 1, 23, 24, 31, 32, 4096 };
	char page[4096] __attribute__((aligned(8)));
	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		lseek(fd, 0, SEEK_SET);
		long n = syscall(SYS_getdents64, fd, page, sizes[i]);
		say(named("getdents64 of %d bytes", sizes[i]), n < 0 ? n : n > 0);
	}
	lseek(fd, 0, SEEK_SET);
	for (long n; (n = syscall(SYS_getdents64, fd, page, 32)) > 0;)
		for (struct entry *e = (void *)page; (char *)e < page + n; e = (void *)((char *)e + e->length))
			if (!strcmp(e->name, "fwctl0") || e->name[0] == '.')
				tell("entry", "%s type %d", e->name, e->type);
	R("getdents64 at the end", syscall(SYS_getdents64, fd, page, sizeof page));
	R("getdents64 of a file", syscall(SYS_getdents64, opened(O_RDWR), page, sizeof page));
	R("getdents64 of O_PATH", syscall(SYS_getdents64, open(folder, O_PATH), page, sizeof page));
}

/* A child that shares the descriptor goes on where its parent was; another open begins. */
static void shared(void)
{
	DIR *dir = opendir(folder);
	int twice = 0, all = 0;
	char seen[4][64] = { "" };
	struct dirent *e = readdir(dir);
	long place = telldir(dir);
	for (e = readdir(dir); e; e = readdir(dir)) all++;
	seekdir(dir, place);
	for (e = readdir(dir); e; e = readdir(dir)) all--;
	rewinddir(dir);
	for (e = readdir(dir); e; e = readdir(dir))
		if (!strcmp(e->d_name, "fwctl0")) twice++;
	tell("telldir, seekdir, rewinddir", "%d %d%s", all, twice, seen[0]);
	int fd = open(folder, O_RDONLY | O_DIRECTORY), other = open(folder, O_RDONLY | O_DIRECTORY);
	char page[4096] __attribute__((aligned(8)));
	while (syscall(SYS_getdents64, fd, page, sizeof page) > 0) {}
	tell("end of one, start of another", "%d %d", (int)syscall(SYS_getdents64, fd, page, sizeof page),
		syscall(SYS_getdents64, other, page, sizeof page) > 0);
}

static void seeking(int fd)
{
	R("lseek SET -1", lseek(fd, -1, SEEK_SET));
	R("lseek SET 0", lseek(fd, 0, SEEK_SET));
	R("lseek DATA", lseek(fd, 0, SEEK_DATA));
	R("lseek HOLE", lseek(fd, 0, SEEK_HOLE));
	R("lseek END", lseek(fd, 0, SEEK_END));
	R("lseek 99", lseek(fd, 0, 99));
}

static void changing(void)
{
	char path[128], other[128];
	snprintf(path, sizeof path, "%s/made", folder);
	snprintf(other, sizeof other, "%s/moved", folder);
	RFD("create a file", open(path, O_RDWR | O_CREAT, 0600));
	R("unlink a file", unlink(path));
	RFD("O_TMPFILE", open(folder, O_RDWR | O_TMPFILE, 0600));
	R("mkdir", mkdir(path, 0755));
	R("rmdir", rmdir(path));
	R("mknod of a device", mknod(path, S_IFCHR | 0600, 0x103));
	unlink(path);
	R("mkfifo", mkfifo(path, 0600));
	unlink(path);
	R("symlink", symlink("x", path));
	unlink(path);
	R("link", link(node, path));
	unlink(path);
	R("rename", rename(node, other));
	rename(other, node);
	R("rename to itself", rename(node, node));
	R("renameat2 EXCHANGE", renameat2(AT_FDCWD, node, AT_FDCWD, node, 2));
	R("unlink of what is not there", unlink(path));
	R("rmdir of the node", rmdir(node));
	R("unlink of a directory", unlink(folder));
	R("rmdir of the directory", rmdir(folder));
	R("mkdir over the node", mkdir(node, 0755));
	R("symlink over the node", symlink("x", node));
}

void directories(void)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY);
	char page[64];
	struct stat now;
	listing(fd);
	shared();
	seeking(fd);
	R("read", read(fd, page, 16));
	R("write", write(fd, page, 16));
	RFD("open O_RDWR", open(folder, O_RDWR));
	RFD("open O_WRONLY", open(folder, O_WRONLY));
	RFD("open O_CREAT", open(folder, O_RDONLY | O_CREAT, 0600));
	R("fsync", fsync(fd));
	R("fdatasync", fdatasync(fd));
	R("ftruncate", ftruncate(fd, 0));
	R("truncate", truncate(folder, 0));
	R("fallocate", fallocate(fd, 0, 0, 1));
	R("flock", flock(fd, LOCK_EX | LOCK_NB));
	R("lease", fcntl(fd, F_SETLEASE, F_RDLCK));
	R("mmap", mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
	R("ioctl", ioctl(fd, 0x9a00, page));
	R("FIONREAD", ioctl(fd, 0x541b, page));
	R("chmod", chmod(folder, 0750));
	R("chown", chown(folder, 65534, 65534));
	R("utimensat", utimensat(AT_FDCWD, folder, (struct timespec[]){ { 1, 2 }, { 3, 4 } }, 0));
	stat(folder, &now);
	tell("attributes", "0%o %u:%u %ld.%09ld %ld.%09ld", now.st_mode, now.st_uid, now.st_gid, now.st_atim.tv_sec, now.st_atim.tv_nsec,
		now.st_mtim.tv_sec, now.st_mtim.tv_nsec);
	chmod(folder, 0755);
	if (chown(folder, 0, 0)) return;
	static const struct { uint32_t version; struct { uint16_t tag, perm; uint32_t id; } row[5]; } acl =
		{ 2, { { 1, 7, -1 }, { 2, 7, 65534 }, { 4, 5, -1 }, { 16, 7, -1 }, { 32, 5, -1 } } };
	R("acl of the directory", setxattr(folder, "system.posix_acl_access", &acl, sizeof acl, 0));
	R("default acl of the directory", setxattr(folder, "system.posix_acl_default", &acl, sizeof acl, 0));
	removexattr(folder, "system.posix_acl_access");
	removexattr(folder, "system.posix_acl_default");
	chmod(folder, 0755);
	R("set trusted.a", setxattr(folder, "trusted.a", "1", 1, 0));
	R("get trusted.a", getxattr(folder, "trusted.a", page, 1));
	R("remove trusted.a", removexattr(folder, "trusted.a"));
	changing();
}
