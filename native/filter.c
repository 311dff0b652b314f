/* The filter: rows compiled to BPF, which allows what no row traps, and all of another architecture's calls. It sees an
 * argument's bits and nothing behind a pointer, so that what a path is called is the daemon's to look at. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "trapped.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#if defined(__x86_64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "no seccomp filter for this architecture: add its AUDIT_ARCH_ name"
#endif

enum { BOTH = TRAP_MOUNTS | TRAP_PATHS, NONE = -1, MOST = 256 };

static const struct trapped trapped[] = {
	/* number, call, modes, when, argument, bits, directory, path, flags, buffer, room, implied */
	{ SYS_ioctl, CALL_IOCTL, BOTH, WHEN_CLASS, 1, 0, 0, NONE, NONE, NONE, NONE, 0 },
	{ SYS_fstat, CALL_STAT, BOTH, WHEN_ANY, NONE, 0, 0, NONE, NONE, 1, NONE, 0 },
	{ SYS_newfstatat, CALL_STAT, TRAP_PATHS, WHEN_ANY, NONE, 0, 0, 1, 3, 2, NONE, 0 },
	{ SYS_newfstatat, CALL_STAT, TRAP_MOUNTS, WHEN_BITS, 3, AT_EMPTY_PATH, 0, 1, 3, 2, NONE, 0 },
	{ SYS_statx, CALL_STATX, TRAP_PATHS, WHEN_ANY, NONE, 0, 0, 1, 2, 4, NONE, 0 },
	{ SYS_statx, CALL_STATX, TRAP_MOUNTS, WHEN_BITS, 2, AT_EMPTY_PATH, 0, 1, 2, 4, NONE, 0 },
	{ SYS_openat, CALL_OPEN, TRAP_PATHS, WHEN_ANY, NONE, 0, 0, 1, 2, NONE, NONE, 0 },
	{ SYS_openat, CALL_OPEN, TRAP_MOUNTS, WHEN_BITS, 2, O_WRONLY | O_RDWR, 0, 1, 2, NONE, NONE, 0 },
	{ SYS_openat2, CALL_OPEN, BOTH, WHEN_ANY, NONE, 0, 0, 1, NONE, NONE, NONE, 0 },
	{ SYS_faccessat, CALL_ACCESS, TRAP_PATHS, WHEN_ANY, NONE, 0, 0, 1, 2, NONE, NONE, 0 },
	{ SYS_faccessat2, CALL_ACCESS, TRAP_PATHS, WHEN_ANY, NONE, 0, 0, 1, 2, NONE, NONE, 0 },
	{ SYS_readlinkat, CALL_READLINK, TRAP_PATHS, WHEN_ANY, NONE, 0, 0, 1, NONE, 2, 3, AT_SYMLINK_NOFOLLOW },
	{ SYS_fchmodat, CALL_CHMOD, TRAP_PATHS, WHEN_ANY, NONE, 0, 0, 1, 2, NONE, NONE, 0 },
	{ SYS_chdir, CALL_CHDIR, TRAP_PATHS, WHEN_ANY, NONE, 0, NONE, 0, NONE, NONE, NONE, 0 },
	{ SYS_getcwd, CALL_GETCWD, TRAP_PATHS, WHEN_ANY, NONE, 0, NONE, NONE, NONE, 0, 1, 0 },
	{ SYS_getxattr, CALL_GETXATTR, TRAP_PATHS, WHEN_ANY, NONE, 0, NONE, 0, NONE, NONE, NONE, 0 },
	{ SYS_lgetxattr, CALL_GETXATTR, TRAP_PATHS, WHEN_ANY, NONE, 0, NONE, 0, NONE, NONE, NONE, AT_SYMLINK_NOFOLLOW },
	{ SYS_listxattr, CALL_LISTXATTR, TRAP_PATHS, WHEN_ANY, NONE, 0, NONE, 0, NONE, NONE, NONE, 0 },
	{ SYS_llistxattr, CALL_LISTXATTR, TRAP_PATHS, WHEN_ANY, NONE, 0, NONE, 0, NONE, NONE, NONE, AT_SYMLINK_NOFOLLOW },
#ifdef SYS_open /* the older forms, which newer architectures do without */
	{ SYS_open, CALL_OPEN, TRAP_PATHS, WHEN_ANY, NONE, 0, NONE, 0, 1, NONE, NONE, 0 },
	{ SYS_open, CALL_OPEN, TRAP_MOUNTS, WHEN_BITS, 1, O_WRONLY | O_RDWR, NONE, 0, 1, NONE, NONE, 0 },
	{ SYS_stat, CALL_STAT, TRAP_PATHS, WHEN_ANY, NONE, 0, NONE, 0, NONE, 1, NONE, 0 },
	{ SYS_lstat, CALL_STAT, TRAP_PATHS, WHEN_ANY, NONE, 0, NONE, 0, NONE, 1, NONE, AT_SYMLINK_NOFOLLOW },
	{ SYS_access, CALL_ACCESS, TRAP_PATHS, WHEN_ANY, NONE, 0, NONE, 0, 1, NONE, NONE, 0 },
	{ SYS_chmod, CALL_CHMOD, TRAP_PATHS, WHEN_ANY, NONE, 0, NONE, 0, 1, NONE, NONE, 0 },
	{ SYS_readlink, CALL_READLINK, TRAP_PATHS, WHEN_ANY, NONE, 0, NONE, 0, NONE, 1, 2, AT_SYMLINK_NOFOLLOW },
#endif
};

/* Types of the ioctls that are ours: fwctl's, and iommufd's, which VFIO has too; and what a device has none of, and the
 * socket that stands for it has: those of type 0x89, TIOCOUTQ, FIONREAD. */
static const uint32_t classes[] = { 0x9a00, 0x3b00, 0x8900 }, words[] = { 0x5411, 0x541b };
enum { CLASS_BITS = 0xff00, CLASSES = sizeof classes / sizeof *classes, WORDS = sizeof words / sizeof *words };

const struct trapped *trapped_row(int number)
{
	for (uint32_t i = 0; i < sizeof trapped / sizeof *trapped; i++)
		if (trapped[i].number == number)
			return &trapped[i];
	return NULL;
}

struct program {
	struct sock_filter code[MOST];
	uint16_t length;
};

static void add(struct program *program, uint16_t code, uint32_t k, uint8_t if_true, uint8_t if_false)
{
	if (program->length < MOST)
		program->code[program->length++] = (struct sock_filter){ code, if_true, if_false, k };
}

static void load(struct program *program, size_t offset)
{
	add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* The lower half of an argument; both architectures are little-endian. */
static void load_argument(struct program *program, int argument)
{
	load(program, offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t));
}

static void answer(struct program *program, uint32_t action)
{
	add(program, BPF_RET | BPF_K, action, 0, 0);
}

/* Jumps over itself where the number is another; decides otherwise. */
static void add_row(struct program *program, const struct trapped *row)
{
	uint16_t at = program->length;
	add(program, BPF_JMP | BPF_JEQ | BPF_K, row->number, 0, 0);
	if (row->when == WHEN_BITS) {
		load_argument(program, row->argument);
		add(program, BPF_JMP | BPF_JSET | BPF_K, row->bits, 0, 1);
	} else if (row->when == WHEN_CLASS) {
		load_argument(program, row->argument);
		for (uint8_t i = 0; i < WORDS; i++)
			add(program, BPF_JMP | BPF_JEQ | BPF_K, words[i], WORDS - 1 - i + 1 + CLASSES, 0);
		add(program, BPF_ALU | BPF_AND | BPF_K, CLASS_BITS, 0, 0);
		for (uint8_t i = 0; i < CLASSES; i++)
			add(program, BPF_JMP | BPF_JEQ | BPF_K, classes[i], CLASSES - 1 - i, i == CLASSES - 1);
	}
	answer(program, SECCOMP_RET_USER_NOTIF);
	if (row->when != WHEN_ANY)
		answer(program, SECCOMP_RET_ALLOW);
	program->code[at].jf = (uint8_t)(program->length - at - 1);
}

static void compile(struct program *program, enum trap_mode mode)
{
	program->length = 0;
	load(program, offsetof(struct seccomp_data, arch));
	add(program, BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCHITECTURE, 1, 0);
	answer(program, SECCOMP_RET_ALLOW);
	load(program, offsetof(struct seccomp_data, nr));
	for (uint32_t i = 0; i < sizeof trapped / sizeof *trapped; i++)
		if (trapped[i].modes & mode)
			add_row(program, &trapped[i]);
	answer(program, SECCOMP_RET_ALLOW);
}

/* A caller that was received is not to be interrupted: its call would be executed twice. Linux 5.19. */
enum { FLAGS = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV };

int install_filter(enum trap_mode mode)
{
	struct program program;
	compile(&program, mode);
	struct sock_fprog filter = { program.length, program.code };
	/* without the capability a filter is only for who gains no more rights (seccomp(2)) */
	int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, FLAGS, &filter);
	if (listener >= 0 || errno != EACCES)
		return listener;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, FLAGS, &filter);
}

int probe_filter(void)
{
	/* a filter that is nowhere: EFAULT where all flags are known */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, FLAGS, NULL) == 0 || errno == EFAULT)
		return 0;
	return -1;
}
