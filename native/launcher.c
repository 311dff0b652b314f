/*
 * fwctl-emu: starts Node with the program of the checkout or package that it stands in (scripts/fwctl-emu is this),
 * found through symbolic links too. Builds nothing.
 *
 * For `run` and `record` it first leaves a child behind that will be the command (view-exec.c). Node changes much of a
 * process before any JavaScript runs: it closes inherited descriptors on exec, raises the soft limit of open files,
 * resets ignored and blocked signals, takes variables for its own; argv and environment it reads as UTF-8. A
 * shell drops and reorders variables. The child has none of that, and is Node's all the same: the parent becomes Node.
 * What Node is told of it: FWCTL_EMU_LAUNCHED="OWN_PID CHILD_PID CONTROL DESCRIPTORS" (src/view/waiting-child.ts).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "view-exec.h"

#define LAUNCHED "FWCTL_EMU_LAUNCHED"

enum { CONTROL, DESCRIPTORS, ENDS };

/* The arguments ask for a command of the user's: own failures are not to look like its. */
static int has_command;

__attribute__((format(printf, 1, 2))) static _Noreturn void give_up(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("fwctl-emu: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	exit(has_command ? EXIT_VIEW : 1);
}

#define PROGRAM "dist/bundle/cli/main.cjs"

/* The directory above this file that has the program: of scripts/ or native/prebuilt/ARCH/. */
static const char *find_root(void)
{
	static char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
	if (length > 0)
		path[length] = 0;
	else if (!realpath((const char *)getauxval(AT_EXECFN), path))
		give_up("its own place cannot be found (%s): mount /proc", strerror(errno));
	char *nearest = NULL;
	for (int up = 1; up <= 4; up++) {
		char program[PATH_MAX + sizeof PROGRAM], *slash = strrchr(path, '/');
		if (!slash)
			break;
		*slash = 0;
		snprintf(program, sizeof program, "%s/" PROGRAM, path);
		if (access(program, F_OK) == 0)
			return path;
		if (up == 2)
			nearest = strdup(path);
	}
	return nearest ? nearest : path;
}

/* Descriptors 0 to 2 may be closed, and are to stay so for the command. */
static int above_standard(int fd)
{
	int above = fd < 0 || fd > STDERR_FILENO ? fd : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (above != fd)
		close(fd);
	return above;
}

static void make_ends(int type, int *ours, int *theirs)
{
	int pair[2];
	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) < 0 || (*ours = above_standard(pair[0])) < 0 ||
	    (*theirs = above_standard(pair[1])) < 0)
		give_up("no socket pair can be made: %s", strerror(errno));
}

/* Node waits for ever, or crashes, where it has fewer descriptors; it needs 26 to 30. */
enum { LEAST_FILES = 40 };

/* V8 takes a main thread's stack of 1 MiB for granted. */
static const rlim_t STACK = 8 << 20;

/* Limits are meant for the command, and the time that an emulator uses is not its. */
static void raise_limits(void)
{
	struct rlimit stack;
	if (!getrlimit(RLIMIT_STACK, &stack) && stack.rlim_cur < STACK) {
		stack.rlim_cur = stack.rlim_max < STACK ? stack.rlim_max : STACK;
		setrlimit(RLIMIT_STACK, &stack);
	}
	static const int raised[] = { RLIMIT_AS, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_FSIZE };
	for (size_t i = 0; i < sizeof raised / sizeof raised[0]; i++) {
		struct rlimit limit;
		if (!getrlimit(raised[i], &limit) && limit.rlim_cur != limit.rlim_max) {
			limit.rlim_cur = limit.rlim_max;
			setrlimit(raised[i], &limit);
		}
	}
}

/* Pipes and sockets are the command's alone: who is at the other end shall see when it has closed them. Of the three
 * standard ones we write to two. */
static void close_inherited(const int *ours)
{
	DIR *directory = opendir("/proc/self/fd");
	for (struct dirent *entry; directory && (entry = readdir(directory));) {
		struct stat found;
		int fd = atoi(entry->d_name);
		if (entry->d_name[0] == '.' || fd == STDOUT_FILENO || fd == STDERR_FILENO || fd == ours[CONTROL] ||
		    fd == ours[DESCRIPTORS] || fstat(fd, &found) < 0 || !(S_ISFIFO(found.st_mode) || S_ISSOCK(found.st_mode)))
			continue;
		int nothing = fd == STDIN_FILENO ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;
		if (nothing >= 0)
			dup2(nothing, fd);
		close(nothing >= 0 ? nothing : fd);
	}
	if (directory)
		closedir(directory);
}

/* Returns in the daemon-to-be alone. `shares`: an option names an inherited descriptor. */
static void leave_child(int argc, char **argv, int shares)
{
	struct view_exec_kept kept = { .death_signal = 0 };
	getrlimit(RLIMIT_NOFILE, &kept.files);
	if (kept.files.rlim_max < LEAST_FILES)
		give_up("the hard limit of open files is %llu, and the emulator needs %d: raise it (ulimit -Hn)",
			(unsigned long long)kept.files.rlim_max, LEAST_FILES);
	struct rlimit raised = { kept.files.rlim_max, kept.files.rlim_max };
	setrlimit(RLIMIT_NOFILE, &raised); /* as Node does: a command's limit may leave no room for ours */
	prctl(PR_GET_PDEATHSIG, &kept.death_signal);

	int ours[ENDS], theirs[ENDS];
	make_ends(SOCK_STREAM, &ours[CONTROL], &theirs[CONTROL]);
	make_ends(SOCK_SEQPACKET, &ours[DESCRIPTORS], &theirs[DESCRIPTORS]);
	pid_t daemon = getpid(), child = fork();
	if (child < 0)
		give_up("no process can be started: %s", strerror(errno));
	for (int end = 0; end < ENDS; end++) {
		close(child ? theirs[end] : ours[end]);
		if (child)
			fcntl(ours[end], F_SETFD, 0);
	}
	if (!child)
		view_exec(argc, argv, theirs[CONTROL], theirs[DESCRIPTORS], &kept);
	if (!shares)
		close_inherited(ours);
	raise_limits();
	char text[64];
	snprintf(text, sizeof text, "%d %d %d %d", daemon, child, ours[CONTROL], ours[DESCRIPTORS]);
	setenv(LAUNCHED, text, 1);
}

/* What steers a Node is the command's, if anybody's: it would stop the emulator (--inspect-brk), end it (--require), or
 * print to the command's stderr. Ours are in FWCTL_EMU_NODE_OPTIONS. */
static void forget_variables(void)
{
	static const char *const names[] = { "NODE_CHANNEL_FD", "NODE_CHANNEL_SERIALIZATION_MODE", "NODE_DEBUG",
					     "NODE_DEBUG_NATIVE", "NODE_EXTRA_CA_CERTS", "NODE_OPTIONS",
					     "NODE_PENDING_DEPRECATION", "NODE_REDIRECT_WARNINGS", "NODE_TEST_CONTEXT",
					     "NODE_UNIQUE_ID", "NODE_V8_COVERAGE" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		unsetenv(names[i]);
	const char *own = getenv("FWCTL_EMU_NODE_OPTIONS");
	if (own)
		setenv("NODE_OPTIONS", own, 1);
}

/* A closed stdout is /dev/null to Node, and what is lost there has no errno. One that cannot be written says EBADF, as
 * a closed one would. */
static void keep_stdout_closed(void)
{
	if (fcntl(STDOUT_FILENO, F_GETFD) >= 0)
		return;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && fd != STDOUT_FILENO) {
		dup2(fd, STDOUT_FILENO);
		close(fd);
	} else if (fd >= 0) {
		fcntl(fd, F_SETFD, 0);
	}
}

int main(int argc, char **argv)
{
	const char *root = find_root();
	char *program;
	int shares = 0;
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		has_command |= !strcmp(argv[i], "run") || !strcmp(argv[i], "record");
		shares |= strstr(argv[i], "/fd/") || strstr(argv[i], "/dev/stdin");
	}
	if (asprintf(&program, "%s/" PROGRAM, root) < 0)
		give_up("out of memory");
	if (access(program, F_OK) < 0)
		give_up("it is not built: %s is missing; run: make -C %s build", program, root);
	unsetenv(LAUNCHED);
	if (has_command)
		leave_child(argc, argv, shares);
	forget_variables();
	keep_stdout_closed();

	char **words = calloc(argc + 2, sizeof *words);
	if (!words)
		give_up("out of memory");
	words[0] = "node";
	words[1] = program;
	memcpy(words + 2, argv + 1, (argc > 0 ? argc - 1 : 0) * sizeof *words);
	/* That of the clone, where scripts/setup has put one. Its version is looked at by the program. */
	char *own;
	if (asprintf(&own, "%s/build/node/bin/node", root) > 0)
		execv(own, words);
	execvp(words[0], words);
	if (errno == ENOENT)
		give_up("Node.js 18 or later is needed and there is no \"node\" in PATH; see https://nodejs.org, or apt-get install "
			"nodejs");
	give_up("node cannot be started: %s", strerror(errno));
}
