/* Mode, owner, times, size, statx(2), access(2). */
#include "calls.h"
#include <sys/sysmacros.h>
#include <time.h>

static struct stat now;

static void show(const char *op)
{
	stat(node, &now);
	tell(op, "0%o %u:%u", now.st_mode & 07777, now.st_uid, now.st_gid);
}

static void by_nobody(const char *p)
{
	int path = open(node, O_PATH);
	R(named("%s chmod", p), chmod(node, 0666));
	R(named("%s chown", p), chown(node, 65534, 65534));
	R(named("%s utimensat now", p), utimensat(AT_FDCWD, node, NULL, 0));
	R(named("%s utimensat", p), utimensat(AT_FDCWD, node, (struct timespec[]){ { 1, 0 }, { 2, 0 } }, 0));
	R(named("%s access R", p), access(node, R_OK));
	R(named("%s open", p), open(node, O_RDWR));
	R(named("%s open O_RDONLY", p), open(node, O_RDONLY));
	R(named("%s O_NOATIME", p), open(node, O_RDONLY | O_NOATIME));
	R(named("%s truncate", p), truncate(node, 0));
	R(named("%s fstat of O_PATH", p), fstat(path, &now));
}

static void times(int fd)
{
	struct timespec t[2] = { { -5, 7 }, { 1000000000, 999999999 } };
	R("futimens", futimens(fd, t));
	fstat(fd, &now);
	tell("times", "%ld.%09ld %ld.%09ld", now.st_atim.tv_sec, now.st_atim.tv_nsec, now.st_mtim.tv_sec, now.st_mtim.tv_nsec);
	t[0].tv_nsec = UTIME_OMIT;
	t[1].tv_nsec = UTIME_NOW;
	R("utimensat OMIT, NOW", utimensat(AT_FDCWD, node, t, 0));
	stat(node, &now);
	tell("times after", "%ld.%09ld, mtime %s", now.st_atim.tv_sec, now.st_atim.tv_nsec,
		labs(time(NULL) - now.st_mtim.tv_sec) < 60 ? "now" : "not now");
	tell("ctime", "%s", labs(time(NULL) - now.st_ctim.tv_sec) < 60 ? "now" : "not now");
	t[0].tv_nsec = 1000000000;
	R("utimensat 1e9 ns", utimensat(AT_FDCWD, node, t, 0));
	R("utimensat of an O_PATH descriptor", utimensat(open(node, O_PATH), "", NULL, AT_EMPTY_PATH));
}

void attributes(void)
{
	int fd = opened(O_RDWR), path = opened(O_PATH);
	static const int modes[] = { 0, 0400, 0666, 01777, 04755, 02755, 06666, 0600 };
	for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++) {
		R(named("chmod %o", modes[i]), chmod(node, modes[i]));
		show(named("after chmod %o", modes[i]));
	}
	R("fchmod", fchmod(fd, 0640));
	R("fchmod of O_PATH", fchmod(path, 0640));
	R("fchmodat2 AT_EMPTY_PATH", syscall(452, path, "", 0660, AT_EMPTY_PATH));
	R("fchmodat2 AT_SYMLINK_NOFOLLOW", syscall(452, AT_FDCWD, node, 0664, AT_SYMLINK_NOFOLLOW));
	show("after fchmod");
	as_nobody("0664:", by_nobody);
	R("chown 65534", chown(node, 65534, -1));
	show("after chown");
	as_nobody("owner:", by_nobody);
	show("after the owner's");
	chmod(node, 06755);
	R("fchown -1:65534", fchown(fd, 0, 65534));
	show("set-id bits after chown");
	R("fchownat AT_EMPTY_PATH", fchownat(path, "", 0, 0, AT_EMPTY_PATH));
	R("lchown", lchown(node, 0, 0));
	chmod(node, 0600);
	as_nobody("0600:", by_nobody);
	times(fd);
	for (long size = -1; size <= 4096; size += 4097) {
		R(named("truncate %ld", size), truncate(node, size));
		R(named("ftruncate %ld", size), ftruncate(fd, size));
	}
	R("ftruncate of O_RDONLY", ftruncate(opened(O_RDONLY), 0));
	R("ftruncate of O_PATH", ftruncate(path, 0));
	stat(node, &now);
	tell("type", "%o", now.st_mode & S_IFMT);
	tell("st_rdev", "%s", now.st_rdev ? "a number" : "0:0");
	tell("size, blocks, blksize, nlink", "%ld %ld %ld %lu", now.st_size, now.st_blocks, now.st_blksize, now.st_nlink);
	struct statx x;
	R("statx", statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &x));
	tell("statx mask", "%#x", x.stx_mask & (STATX_BASIC_STATS | STATX_BTIME));
	tell("statx attributes", "%#llx", (unsigned long long)x.stx_attributes & 0x7f);
	R("statx DONT_SYNC", statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &x));
	R("statx FORCE_SYNC", statx(AT_FDCWD, node, AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &x));
	for (int how = 0; how < 8; how++) R(named("access %d", how), access(node, how));
	R("faccessat2 of O_PATH", syscall(439, path, "", R_OK, AT_EMPTY_PATH));
}
