/* Becoming one command inside a private view: view-exec.c says how. */
#ifndef VIEW_EXEC_H
#define VIEW_EXEC_H

#include <sys/resource.h>

/* The exit status of a view that could not be made, as env(1)'s for itself. */
enum { EXIT_VIEW = 125 };

/* What the command is to have as its caller had it, and we cannot keep until then. */
struct view_exec_kept {
	/* the limit of open files */
	struct rlimit files;
	/* PR_GET_PDEATHSIG of prctl(2): no fork and no new credentials keep it */
	int death_signal;
};

/* The last arguments of `argv` are the command's; "exec" says how many. `control`, `descriptors`: our ends, which close
 * on exec. */
_Noreturn void view_exec(int argc, char **argv, int control, int descriptors, const struct view_exec_kept *kept);

#endif
