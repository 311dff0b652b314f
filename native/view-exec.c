/*
 * Becomes one command inside a private view of the machine. src/view/view.ts alone decides what the view is.
 *
 *   control      stream, both ways. In: steps, each a kind and its arguments, every one ended by NUL (struct kind below
 *                says how many). They are executed as they arrive, so the daemon stops us by not sending the next one.
 *                Out: lines. "say TEXT", "skip N ERRNO" (step N may fail and did), "fail N ERRNO" (step N failed; we
 *                end).
 *   descriptors  unix socket on which descriptors go to the daemon, before the line that tells of them.
 *
 * The step "exec" replaces this process by the command, so that the daemon's child is the command itself: its pid, exit
 * code and signals. Both descriptors close on exec: end of file on the stream without a line says that it runs. But for
 * what a step says, this process changes nothing of its state: the command has all that env(1) would hand on.
 * Exit code: 127 the command was not found, 126 not executable (as shells do), 125 the view could not be made.
 *
 * A separate, single-threaded process because unshare(CLONE_NEWUSER) refuses one of several threads, which Node
 * always is (user_namespaces(7)), and because the daemon, which serves the FUSE mount, must not live under it.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "trapped.h"
#include "view-exec.h"

enum { MAX_ARGUMENTS = 2, MAX_FIELD = 2 * PATH_MAX };

/* Steps are counted from 0, as in the daemon's list. */
static int step_number;
static int control, descriptors;
/* What has been read of the stream and is not used yet: from `at` up to `have`. */
static char pending[65536];
static ssize_t have, at;
/* The last arguments are the command's. */
static int arguments;
static char **last_argument;
static struct view_exec_kept kept;

/* One line to the daemon. If it has gone, there is nobody to run the command for. */
static void tell(const char *format, ...)
{
	char line[256];
	va_list args;
	va_start(args, format);
	int length = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (length >= (int)sizeof line)
		length = sizeof line - 1;
	for (int done = 0; done < length;) {
		ssize_t n = send(control, line + done, length - done, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(EXIT_VIEW);
		done += n;
	}
}

/* Reads one NUL-terminated field. A stream that ends here means that the daemon gave up or died: end quietly. */
static void read_field(char *field)
{
	for (int length = 0; length < MAX_FIELD;) {
		if (at == have) {
			at = 0;
			do
				have = read(control, pending, sizeof pending);
			while (have < 0 && errno == EINTR);
			if (have <= 0)
				_exit(EXIT_VIEW);
		}
		if (!(field[length++] = pending[at++]))
			return;
	}
	tell("fail %d %d\n", step_number, ENAMETOOLONG);
	_exit(EXIT_VIEW);
}

/* Hands a descriptor to the daemon and closes it here. */
static int send_descriptor(int fd)
{
	char byte = 0, carried[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = carried, .msg_controllen = sizeof carried,
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof fd);
	int result = sendmsg(descriptors, &message, MSG_NOSIGNAL) == 1 ? 0 : -1, error = errno;
	close(fd);
	errno = error;
	return result;
}

static int write_file(const char *path, const char *format, ...)
{
	char text[64];
	va_list args;
	va_start(args, format);
	int length = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int result = write(fd, text, length) == length ? 0 : -1, error = errno;
	close(fd);
	errno = error;
	return result;
}

/* namespaces "mount": own mounts, for root. "root", "current": in an own user namespace, in which our uid and gid are
 * called 0 and 0, or keep their numbers. gid_map may be written only once setgroups(2) is given up. */
static int do_namespaces(char **argument)
{
	uid_t uid = geteuid(), inside_uid = uid;
	gid_t gid = getegid(), inside_gid = gid;
	if (!strcmp(argument[0], "mount"))
		return unshare(CLONE_NEWNS);
	if (!strcmp(argument[0], "root"))
		inside_uid = inside_gid = 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -1;
	if (write_file("/proc/self/setgroups", "deny") < 0 && errno != ENOENT)
		return -1;
	if (write_file("/proc/self/uid_map", "%u %u 1\n", inside_uid, uid) < 0)
		return -1;
	return write_file("/proc/self/gid_map", "%u %u 1\n", inside_gid, gid);
}

/* private: from here on no mount of ours shows outside, and none from outside shows here. */
static int do_private(char **argument)
{
	(void)argument;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* tmpfs TARGET OPTIONS */
static int do_tmpfs(char **argument)
{
	return mount("fwctl-emu", argument[0], "tmpfs", MS_NOSUID | MS_NOEXEC, argument[1]);
}

/* fuse TARGET OPTIONS: mounts, then sends the connection. The kernel demands that /dev/fuse is opened in the user
 * namespace of the mount (fuse_fill_super), so the daemon cannot have done it. mount(2) returns before INIT is
 * answered. */
static int do_fuse(char **argument)
{
	char options[256];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -1;
	snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=%u,group_id=%u%s%s", fd, geteuid(), getegid(),
		 argument[1][0] ? "," : "", argument[1]);
	if (mount("fwctl-emu", argument[0], "fuse", MS_NOSUID | MS_NODEV, options) < 0) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return send_descriptor(fd);
}

/* bind SOURCE TARGET, rbind SOURCE TARGET, move SOURCE TARGET */
static int do_bind(char **argument)
{
	return mount(argument[0], argument[1], NULL, MS_BIND, NULL);
}

static int do_rbind(char **argument)
{
	return mount(argument[0], argument[1], NULL, MS_BIND | MS_REC, NULL);
}

static int do_move(char **argument)
{
	return mount(argument[0], argument[1], NULL, MS_MOVE, NULL);
}

/* readonly TARGET: this mount alone. The flags that it has already must be named again: a user namespace may not
 * clear those that it inherited, and EPERM would be the answer. */
static int do_readonly(char **argument)
{
	static const struct { unsigned long seen, set; } flags[] = {
		{ ST_NOSUID, MS_NOSUID }, { ST_NODEV, MS_NODEV }, { ST_NOEXEC, MS_NOEXEC }, { ST_NOATIME, MS_NOATIME },
		{ ST_NODIRATIME, MS_NODIRATIME }, { ST_RELATIME, MS_RELATIME },
	};
	struct statvfs found;
	unsigned long set = MS_REMOUNT | MS_BIND | MS_RDONLY;
	if (statvfs(argument[0], &found) < 0)
		return -1;
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (found.f_flag & flags[i].seen)
			set |= flags[i].set;
	return mount(NULL, argument[0], NULL, set, NULL);
}

/* detach TARGET: takes the mount out of the tree; what was bound from it stays. */
static int do_detach(char **argument)
{
	return umount2(argument[0], MNT_DETACH);
}

/* ptmx TARGET LINK: a node of its own, for root; in a user namespace, whose root may not make one (a container without
 * root), a link. A terminal's path is found from its master's: pts/ beside ptmx (fs/devpts). */
static int do_ptmx(char **argument)
{
	if (mknod(argument[0], S_IFCHR | 0600, makedev(5, 2)) == 0)
		return chmod(argument[0], 0666);
	return errno == EPERM ? symlink(argument[1], argument[0]) : -1;
}

/* send TARGET: gives the daemon a descriptor of this directory, through which it reaches into the view. */
static int do_send(char **argument)
{
	int fd = open(argument[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -1 : send_descriptor(fd);
}

/* filter "mounts" or "paths": from here on the calls of filter.c are the daemon's to answer, who gets the listener. */
static int do_filter(char **argument)
{
	int listener = install_filter(!strcmp(argument[0], "paths") ? TRAP_PATHS : TRAP_MOUNTS);
	return listener < 0 ? -1 : send_descriptor(listener);
}

static int do_say(char **argument)
{
	tell("say %s\n", argument[0]);
	return 0;
}

/* Whether the command's name leads to a file at all: execvp(3) says EACCES for a name that is nowhere, too, if any
 * directory of PATH may not be searched. */
static int exists(const char *name)
{
	char path[MAX_FIELD];
	const char *list = getenv("PATH");
	if (strchr(name, '/'))
		return access(name, F_OK) == 0 || errno != ENOENT;
	while (list && *list) {
		int length = strcspn(list, ":");
		snprintf(path, sizeof path, "%.*s/%s", length, list, name);
		if (access(path, F_OK) == 0)
			return 1;
		list += length + (list[length] == ':');
	}
	return 0;
}

/* variable NAME VALUE: of the command's environment; the others keep their place and their bytes. */
static int do_variable(char **argument)
{
	return setenv(argument[0], argument[1], 1);
}

/* another: a copy of this process, before it has changed, which waits for the steps of one more command, and as a child
 * of the daemon's, as we are. Sends the copy's stream and socket, and says its pid. */
static int do_another(char **argument)
{
	(void)argument;
	int stream[2], messages[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, messages) < 0)
		return -1;
	long pid = syscall(SYS_clone, (unsigned long)(CLONE_PARENT | SIGCHLD), 0ul, 0ul, 0ul, 0ul);
	if (pid < 0)
		return -1;
	if (pid > 0) {
		close(stream[1]);
		close(messages[1]);
		if (send_descriptor(stream[0]) < 0 || send_descriptor(messages[0]) < 0)
			return -1;
		tell("say pid %ld\n", pid);
		return 0;
	}
	close(stream[0]);
	close(messages[0]);
	close(control);
	close(descriptors);
	control = stream[1];
	descriptors = messages[1];
	have = at = 0;
	step_number = -1;
	return 0;
}

/* exec COUNT: never returns. So many of our last arguments are the command. */
static int do_exec(char **argument)
{
	int count = atoi(argument[0]);
	if (count < 1 || count >= arguments) {
		errno = EINVAL;
		return -1;
	}
	char **command = last_argument - count;

	/* A working directory below a new mount: enter it anew, so that relative names agree with absolute ones. */
	char directory[PATH_MAX];
	if (getcwd(directory, sizeof directory) && directory[0] == '/' && chdir(directory) < 0)
		errno = 0; /* the old one stays */

	setrlimit(RLIMIT_NOFILE, &kept.files);
	if (kept.death_signal)
		prctl(PR_SET_PDEATHSIG, kept.death_signal);

	execvp(command[0], command);
	int error = errno;
	if (error == EACCES && !exists(command[0]))
		error = ENOENT;
	fprintf(stderr, "fwctl-emu: %s: %s\n", command[0], strerror(error));
	_exit(error == ENOENT || error == ENOTDIR ? 127 : 126);
}

static const struct kind {
	const char *name;
	int arguments;
	int (*execute)(char **argument);
} kinds[] = {
	{ "namespaces", 1, do_namespaces },
	{ "private", 0, do_private },
	{ "tmpfs", 2, do_tmpfs },
	{ "fuse", 2, do_fuse },
	{ "bind", 2, do_bind },
	{ "rbind", 2, do_rbind },
	{ "move", 2, do_move },
	{ "readonly", 1, do_readonly },
	{ "detach", 1, do_detach },
	{ "ptmx", 2, do_ptmx },
	{ "send", 1, do_send },
	{ "filter", 1, do_filter },
	{ "say", 1, do_say },
	{ "variable", 2, do_variable },
	{ "another", 0, do_another },
	{ "exec", 1, do_exec },
};

/* Reads and executes one step. A kind that begins with '?' may fail: the daemon is told and we go on. */
static void run_step(void)
{
	static char name[MAX_FIELD], field[MAX_ARGUMENTS][MAX_FIELD];
	char *argument[MAX_ARGUMENTS];
	const struct kind *kind = NULL;

	read_field(name);
	int optional = name[0] == '?';
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (!strcmp(kinds[i].name, name + optional))
			kind = &kinds[i];
	if (!kind) {
		tell("fail %d %d\n", step_number, ENOSYS);
		_exit(EXIT_VIEW);
	}
	for (int i = 0; i < kind->arguments; i++)
		read_field(argument[i] = field[i]);

	if (kind->execute(argument) < 0) {
		tell("%s %d %d\n", optional ? "skip" : "fail", step_number, errno);
		if (!optional)
			_exit(EXIT_VIEW);
	}
	step_number++;
}

void view_exec(int argc, char **argv, int control_end, int descriptors_end, const struct view_exec_kept *keep)
{
	arguments = argc;
	last_argument = argv + argc;
	control = control_end;
	descriptors = descriptors_end;
	kept = *keep;
	fcntl(control, F_SETFL, fcntl(control, F_GETFL) & ~O_NONBLOCK);
	for (;;)
		run_step();
}
