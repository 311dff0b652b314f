/*
 * view-exec: a view's child where no launcher has begun one: started by Node (src/view/view-child.ts), as
 * `view-exec COMMAND [ARG...]`, with the stream on descriptor 3 and the socket on 4. What Node has changed of a
 * process's state by then (launcher.c says what) stays changed.
 */
#include <fcntl.h>
#include <stdio.h>

#include "view-exec.h"

enum { CONTROL = 3, DESCRIPTORS = 4 };

int main(int argc, char **argv)
{
	struct view_exec_kept kept = { .death_signal = 0 };
	if (argc < 2 || fcntl(CONTROL, F_SETFD, FD_CLOEXEC) < 0 || fcntl(DESCRIPTORS, F_SETFD, FD_CLOEXEC) < 0) {
		fputs("view-exec: a part of fwctl-emu, which starts it: fwctl-emu run -- COMMAND\n", stderr);
		return 2;
	}
	getrlimit(RLIMIT_NOFILE, &kept.files);
	view_exec(argc, argv, CONTROL, DESCRIPTORS, &kept);
}
