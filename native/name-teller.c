/*
 * Makes and removes names in a FUSE mount, so that the kernel tells of them to those who watch a directory
 * (inotify(7)): a server's own change of its tree is told to nobody. Started by src/view/name-events.ts; the server,
 * which has changed its tree already, lets this process alone do it.
 *
 * Usage: name-teller DIRECTORY         the mount
 *        name-teller                   the mount is fd 3; fd 4, if it is open, is the user namespace to enter
 *
 * stdin: lines "+PATH" and "-PATH", paths from the mount on.
 * stdout: a line for each, the errno (0: done), once it is tried.
 *
 * A process of its own, because the server cannot ask itself, and a thread of its that waited for it could not be
 * killed.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOUNT = 3, NAMESPACE = 4 };

int main(int argc, char **argv)
{
	static char line[PATH_MAX + 2];
	int mount = MOUNT;
	if (argc > 1)
		mount = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
	else if (fcntl(NAMESPACE, F_GETFD) >= 0 && setns(NAMESPACE, CLONE_NEWUSER) < 0)
		return 1;
	if (mount < 0)
		return 1;
	while (fgets(line, sizeof line, stdin)) {
		const char *path = line + 1;
		line[strcspn(line, "\n")] = 0;
		int result = line[0] == '+' ? mknodat(mount, path, S_IFREG | 0600, 0) : unlinkat(mount, path, 0);
		printf("%d\n", result < 0 ? errno : 0);
		fflush(stdout);
	}
	return 0;
}
