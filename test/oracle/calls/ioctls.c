/* ioctl(2): the numbers that the VFS answers, and those that nobody knows, with all sorts of arguments. */
#include "calls.h"
#include <linux/fiemap.h>
#include <linux/fs.h>

#define KERNEL 0xffff888000000000ULL

static const struct { const char *name; unsigned long number; } GENERIC[] = {
	{ "FIOCLEX", 0x5451 }, { "FIONCLEX", 0x5450 }, { "FIONBIO", 0x5421 }, { "FIOASYNC", 0x5452 }, { "FIOQSIZE", 0x5460 },
	{ "FIONREAD", 0x541b }, { "FIGETBSZ", FIGETBSZ }, { "FIBMAP", FIBMAP }, { "FIFREEZE", FIFREEZE }, { "FITHAW", FITHAW },
	{ "FITRIM", FITRIM }, { "FS_IOC_FIEMAP", FS_IOC_FIEMAP }, { "FICLONE", FICLONE }, { "FICLONERANGE", FICLONERANGE },
	{ "FIDEDUPERANGE", FIDEDUPERANGE }, { "FS_IOC_GETFLAGS", FS_IOC_GETFLAGS }, { "FS_IOC_SETFLAGS", FS_IOC_SETFLAGS },
	{ "FS_IOC_FSGETXATTR", FS_IOC_FSGETXATTR }, { "FS_IOC_FSSETXATTR", FS_IOC_FSSETXATTR }, { "FS_IOC_GETVERSION", FS_IOC_GETVERSION },
	{ "FS_IOC_SETVERSION", FS_IOC_SETVERSION }, { "FS_IOC_GETFSLABEL", FS_IOC_GETFSLABEL }, { "FS_IOC_SETFSLABEL", FS_IOC_SETFSLABEL },
	{ "FS_IOC_GETFSUUID", 0x80111500 }, { "FS_IOC_GETFSSYSFSPATH", 0x80811501 }, { "FS_IOC_RESVSP", 0x40305828 },
	{ "FS_IOC_UNRESVSP", 0x4030582a }, { "FS_IOC_RESVSP64", 0x4030582a }, { "FS_IOC_UNRESVSP64", 0x4030582b },
	{ "FS_IOC_ZERO_RANGE", 0x40305839 }, { "FS_IOC_SET_ENCRYPTION_POLICY", 0x800c6613 }, { "FS_IOC_ENABLE_VERITY", 0x40806685 },
	{ "BLKGETSIZE64", 0x80081272 }, { "BLKROGET", 0x125e }, { "TCGETS", 0x5401 }, { "TIOCGWINSZ", 0x5413 }, { "SIOCGIFCONF", 0x8912 },
	{ "TIOCSTI", 0x5412 }, { "FUSE_DEV_IOC_CLONE", 0x8004e500 }, { "PAGEMAP_SCAN", 0xc0606610 }, { "NS_GET_NSTYPE", 0xb703 },
};

static void generic(void)
{
	static char data[8192];
	dup2(open("/proc/self/exe", O_RDONLY), 0); /* what FICLONE of NULL names */
	for (unsigned i = 0; i < sizeof GENERIC / sizeof *GENERIC; i++) {
		int fd = opened(O_RDWR);
		memset(data, 0, sizeof data);
		R(named("%s", GENERIC[i].name), ioctl(fd, GENERIC[i].number, data));
		R(named("%s(NULL)", GENERIC[i].name), ioctl(fd, GENERIC[i].number, NULL));
		tell(named("F_GETFL after %s", GENERIC[i].name), "0%o", fcntl(fd, F_GETFL));
		close(fd);
	}
	R("FICLONE of itself", ioctl(opened(O_RDWR), FICLONE, opened(O_RDWR)));
	R("FIONREAD of O_PATH", ioctl(opened(O_PATH), 0x541b, data));
}

/* Of type 'z', which is nobody's: fwctl's own numbers are section ioctlnr of fwx. */
static void unknown(void)
{
	static const char *directions[] = { "_IO", "_IOW", "_IOR", "_IOWR" };
	static const unsigned sizes[] = { 0, 1, 4, 24, 4096, 8192, 16383 };
	static char data[1 << 15];
	char *read_only = mmap(NULL, 1 << 15, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(edge + 4096, 4096);
	const struct { const char *name; unsigned long at; } arguments[] = {
		{ "memory", (unsigned long)data }, { "NULL", 0 }, { "kernel", KERNEL }, { "read-only", (unsigned long)read_only },
		{ "2 bytes before the end", (unsigned long)edge + 4094 },
	};
	int fd = opened(O_RDWR);
	for (unsigned d = 0; d < 4; d++)
		for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++)
			for (unsigned a = 0; a < sizeof arguments / sizeof *arguments; a++)
				R(named("%s(size %u) of %s", directions[d], sizes[s], arguments[a].name),
					ioctl(fd, (unsigned long)d << 30 | sizes[s] << 16 | 'z' << 8, arguments[a].at));
	R("_IOW of O_RDONLY", ioctl(opened(O_RDONLY), 0x40047a00, data));
}

void ioctls(void)
{
	generic();
	unknown();
}
