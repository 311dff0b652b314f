/*
 * Runs a command as in a container that Docker has made with its defaults: as user 1000 with an empty bounding set
 * (--root: as user 0 with Docker's fourteen capabilities), a /dev of nine nodes, and a seccomp filter that answers as
 * Docker's profile does. Facts from github.com/moby/profiles, seccomp/default.json: what it does not name is EPERM,
 * clone3 ENOSYS, clone without namespaces. Needs root, or user namespaces.
 *
 *   container [--root] COMMAND [ARG...]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* What the profile has no row for, of the calls up to number LAST; later ones are none of its either. */
enum { LAST = 466 };
static const int refused[] = {
	SYS_acct, SYS_add_key, SYS_bpf, SYS_clock_settime, SYS_delete_module, SYS_fanotify_init, SYS_finit_module, SYS_fsconfig,
	SYS_fsmount, SYS_fsopen, SYS_fspick, SYS_get_mempolicy, SYS_init_module, SYS_io_uring_enter, SYS_io_uring_register,
	SYS_io_uring_setup, SYS_kcmp, SYS_kexec_load, SYS_keyctl, SYS_lookup_dcookie, SYS_mbind, SYS_migrate_pages, SYS_mount,
	SYS_mount_setattr, SYS_move_mount, SYS_move_pages, SYS_nfsservctl, SYS_open_by_handle_at, SYS_open_tree,
	SYS_perf_event_open, SYS_pidfd_getfd, SYS_pivot_root, SYS_process_madvise, SYS_quotactl, SYS_quotactl_fd, SYS_reboot,
	SYS_request_key, SYS_set_mempolicy, SYS_set_mempolicy_home_node, SYS_setdomainname, SYS_sethostname, SYS_setns,
	SYS_settimeofday, SYS_swapoff, SYS_swapon, SYS_syslog, SYS_umount2, SYS_unshare, SYS_userfaultfd, SYS_vhangup,
#ifdef __x86_64__
	SYS_ioperm, SYS_iopl, SYS_kexec_file_load, SYS_sysfs, SYS_uselib, SYS_ustat,
#endif
};
enum { REFUSED = sizeof refused / sizeof *refused };

/* CLONE_NEW* of the profile's row for clone. */
enum { NAMESPACES = 0x7e020000 };

/* docker run without --cap-add: the bits of CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP,
 * NET_BIND_SERVICE, NET_RAW, SYS_CHROOT, MKNOD, AUDIT_WRITE, SETFCAP. */
static const unsigned kept[] = { 0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31 };

static void die(const char *what)
{
	fprintf(stderr, "container: %s: %s\n", what, strerror(errno));
	exit(125);
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

/* Own mounts, in an own user namespace where that is needed. */
static void make_namespaces(void)
{
	char map[64];
	unsigned uid = geteuid(), gid = getegid();
	if (uid && unshare(CLONE_NEWUSER) == 0) {
		write_text("/proc/self/setgroups", "deny");
		snprintf(map, sizeof map, "%u %u 1\n", uid, uid);
		write_text("/proc/self/uid_map", map);
		snprintf(map, sizeof map, "%u %u 1\n", gid, gid);
		write_text("/proc/self/gid_map", map);
	}
	if (unshare(CLONE_NEWNS) < 0)
		die("unshare");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		die("mount");
}

/* What Docker puts into /dev; the machine's own are reached by a descriptor meanwhile. */
static void make_dev(void)
{
	static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty", "ptmx" };
	static const char *const trees[] = { "pts", "shm", "mqueue" };
	static const char *const links[][2] = {
		{ "/proc/self/fd", "/dev/fd" }, { "/proc/self/fd/0", "/dev/stdin" }, { "/proc/self/fd/1", "/dev/stdout" },
		{ "/proc/self/fd/2", "/dev/stderr" },
	};
	char from[64], to[64];
	int dev = open("/dev", O_PATH | O_DIRECTORY);
	if (dev < 0 || mount("container", "/dev", "tmpfs", MS_NOSUID, "mode=755") < 0)
		die("/dev");
	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
		snprintf(from, sizeof from, "/proc/self/fd/%d/%s", dev, nodes[i]);
		snprintf(to, sizeof to, "/dev/%s", nodes[i]);
		close(open(to, O_CREAT | O_WRONLY, 0666));
		if (mount(from, to, NULL, MS_BIND, NULL) < 0)
			unlink(to);
	}
	for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
		snprintf(from, sizeof from, "/proc/self/fd/%d/%s", dev, trees[i]);
		snprintf(to, sizeof to, "/dev/%s", trees[i]);
		mkdir(to, 01777);
		if (mount(from, to, NULL, MS_BIND | MS_REC, NULL) < 0)
			rmdir(to);
	}
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (symlink(links[i][0], links[i][1]) < 0)
			die(links[i][1]);
	close(dev);
}

static void load_filter(void)
{
	struct sock_filter code[2 * REFUSED + 16];
	unsigned short n = 0;
#define ADD(...) code[n++] = (struct sock_filter)__VA_ARGS__
#define REFUSE(number, error)                                  \
	ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1)); \
	ADD(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error)))
	ADD(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
	for (int i = 0; i < REFUSED; i++) {
		REFUSE(refused[i], EPERM);
	}
	REFUSE(SYS_clone3, ENOSYS);
	ADD(BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, LAST, 0, 1));
	ADD(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
	ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3));
	ADD(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)));
	ADD(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1));
	ADD(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
	ADD(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	struct sock_fprog program = { n, code };
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		die("seccomp");
}

/* The bounding set first, as that needs a capability; then who we are; then the rest of them. */
static void drop_rights(int root)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2] = { { 0 } };
	unsigned long long keep = 0;
	for (size_t i = 0; root && i < sizeof kept / sizeof *kept; i++)
		keep |= 1ull << kept[i];
	for (unsigned cap = 0; cap <= 63; cap++)
		if (!(keep >> cap & 1))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (geteuid() == 0 && !root && (setgroups(0, NULL) < 0 || setresgid(1000, 1000, 1000) < 0 || setresuid(1000, 1000, 1000) < 0))
		die("setuid");
	sets[0].effective = sets[0].permitted = (unsigned)keep;
	if (syscall(SYS_capset, &header, sets) < 0)
		die("capset");
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

int main(int argc, char **argv)
{
	int root = argc > 1 && !strcmp(argv[1], "--root");
	if (argc < 2 + root) {
		fputs("usage: container [--root] COMMAND [ARG...]\n", stderr);
		return 2;
	}
	make_namespaces();
	make_dev();
	load_filter();
	drop_rights(root);
	execvp(argv[1 + root], argv + 1 + root);
	die(argv[1 + root]);
}
