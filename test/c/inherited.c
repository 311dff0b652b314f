/*
 * What a process has from whoever started it, a line each: to compare a wrapper with env(1).
 *
 *   inherited                                  prints it
 *   inherited as WORD... -- COMMAND [ARG...]   changes its own state first, then becomes COMMAND:
 *     pipe=N, socket=N, file=N, tty=N, cloexec=N   a descriptor with that number
 *     close=N, nonblock=N                          closes one; O_NONBLOCK
 *     limit=NUMBER:SOFT                            a soft limit (RLIMIT_*)
 *     ignore=N, block=N                            a signal
 *     death=N                                      PR_SET_PDEATHSIG
 *     nnp, umask=OCTAL, nice=N, personality=HEX, oom=N, slack=NS
 *     environ=TEXT                                 an entry at the end of the environment, whatever it is
 *     argv0=TEXT                                   COMMAND's first argument
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

extern char **environ;

static void print_file(const char *path, const char *const *keys)
{
	char line[4096];
	FILE *file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file)) {
		for (int i = 0; keys[i]; i++)
			if (!*keys[i] || (!strncmp(line, keys[i], strlen(keys[i])) && line[strlen(keys[i])] == ':'))
				printf("%s %s", path, line);
	}
	if (file)
		fclose(file);
}

static void print_descriptors(void)
{
	for (int fd = 0; fd < 4096; fd++) {
		struct stat found;
		if (fstat(fd, &found) < 0)
			continue;
		printf("descriptor %d type %o status %o flags %o", fd, found.st_mode & S_IFMT, fcntl(fd, F_GETFL),
		       fcntl(fd, F_GETFD));
		struct termios modes;
		if (!tcgetattr(fd, &modes))
			printf(" terminal %x %x %x %x foreground %d", modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag,
			       tcgetpgrp(fd) == getpgrp());
		putchar('\n');
	}
}

static void print_all(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		printf("argument %s\n", argv[i]);
	for (char **each = environ; *each; each++)
		printf("environment %s\n", *each);
	print_descriptors();
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit;
		getrlimit(i, &limit);
		printf("limit %d %llx %llx\n", i, (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
	}
	print_file("/proc/self/status",
		   (const char *const[]){ "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb",
					  "NoNewPrivs", "Seccomp", "Cpus_allowed", "Umask", "Uid", "Gid", "Groups",
					  "THP_enabled", NULL });
	static const char *const all[] = { "", NULL };
	print_file("/proc/self/oom_score_adj", all);
	print_file("/proc/self/coredump_filter", all);
	print_file("/proc/self/timerslack_ns", all);
	print_file("/proc/self/cgroup", all);
	int death = 0;
	prctl(PR_GET_PDEATHSIG, &death);
	char directory[4096] = "";
	if (!getcwd(directory, sizeof directory))
		strcpy(directory, strerror(errno));
	printf("nice %d personality %x death %d dumpable %d securebits %x policy %d ioprio %ld directory %s\n",
	       getpriority(PRIO_PROCESS, 0), personality(0xffffffff), death, prctl(PR_GET_DUMPABLE), prctl(PR_GET_SECUREBITS),
	       sched_getscheduler(0), syscall(SYS_ioprio_get, 1, 0), directory);
	printf("group of its own %d session leader %d session %d\n", getpgrp() == getpid(), getsid(0) == getpid(), getsid(0));
	int terminal = open("/dev/tty", O_RDWR);
	printf("terminal %s\n", terminal < 0 ? strerror(errno) : "one");
}

static void place(int from, int number, int flags)
{
	if (from != number) {
		dup2(from, number);
		close(from);
	}
	fcntl(number, F_SETFD, flags);
}

static int change(const char *word)
{
	static char *entries[64];
	static int count;
	const char *equals = strchr(word, '=');
	const char *value = equals ? equals + 1 : "";
	int number = atoi(value), pair[2];
	if (!strncmp(word, "pipe=", 5) && !pipe(pair)) {
		place(pair[0], number, 0); /* the other end goes: it reads as ended */
		close(pair[1]);
	} else if (!strncmp(word, "socket=", 7) && !socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) {
		place(pair[0], number, 0);
		close(pair[1]);
	} else if (!strncmp(word, "file=", 5)) {
		place(open("/etc/passwd", O_RDONLY), number, 0);
	} else if (!strncmp(word, "tty=", 4)) {
		place(open("/dev/ptmx", O_RDWR | O_NOCTTY), number, 0);
	} else if (!strncmp(word, "cloexec=", 8)) {
		place(open("/etc/passwd", O_RDONLY), number, FD_CLOEXEC);
	} else if (!strncmp(word, "close=", 6)) {
		close(number);
	} else if (!strncmp(word, "nonblock=", 9)) {
		fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK);
	} else if (!strncmp(word, "limit=", 6)) {
		struct rlimit limit;
		getrlimit(number, &limit);
		limit.rlim_cur = strtoull(strchr(value, ':') + 1, NULL, 0);
		return setrlimit(number, &limit);
	} else if (!strncmp(word, "ignore=", 7)) {
		return signal(number, SIG_IGN) == SIG_ERR ? -1 : 0;
	} else if (!strncmp(word, "block=", 6)) {
		sigset_t set;
		sigemptyset(&set);
		sigaddset(&set, number);
		return sigprocmask(SIG_BLOCK, &set, NULL);
	} else if (!strncmp(word, "death=", 6)) {
		return prctl(PR_SET_PDEATHSIG, number);
	} else if (!strcmp(word, "nnp")) {
		return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	} else if (!strncmp(word, "umask=", 6)) {
		umask(strtoul(value, NULL, 8));
	} else if (!strncmp(word, "nice=", 5)) {
		return setpriority(PRIO_PROCESS, 0, number);
	} else if (!strncmp(word, "personality=", 12)) {
		return personality(strtoul(value, NULL, 16)) < 0 ? -1 : 0;
	} else if (!strncmp(word, "slack=", 6)) {
		return prctl(PR_SET_TIMERSLACK, number);
	} else if (!strncmp(word, "oom=", 4)) {
		FILE *file = fopen("/proc/self/oom_score_adj", "w");
		fprintf(file, "%d", number);
		return fclose(file);
	} else if (!strncmp(word, "environ=", 8)) {
		if (!count)
			for (char **each = environ; *each && count < 60; each++)
				entries[count++] = *each;
		entries[count++] = (char *)value;
		environ = entries;
	} else {
		return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "as")) {
		print_all(argc, argv);
		return 0;
	}
	const char *first = NULL;
	int at = 2;
	for (; at < argc && strcmp(argv[at], "--"); at++) {
		if (!strncmp(argv[at], "argv0=", 6))
			first = argv[at] + 6;
		else if (change(argv[at]) < 0) {
			perror(argv[at]);
			return 99;
		}
	}
	char *program = argv[at + 1];
	if (first)
		argv[at + 1] = (char *)first;
	execvp(program, argv + at + 1);
	perror(program);
	return 99;
}
