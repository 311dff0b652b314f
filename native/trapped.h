/* Which system calls a filter of seccomp user notification traps, and where their parts stand among the arguments: the
 * rows that the filter is compiled from (filter.c), and by which the daemon reads a notification (notify.c). */
#ifndef FWCTL_EMU_TRAPPED_H
#define FWCTL_EMU_TRAPPED_H

#include <stdbool.h>
#include <stdint.h>

/* What a call is to us: CALL of src/transport/notify/call.ts. */
enum trapped_call { CALL_IOCTL, CALL_OPEN, CALL_STAT, CALL_STATX, CALL_ACCESS, CALL_READLINK, CALL_CHDIR, CALL_GETCWD, CALL_GETXATTR, CALL_LISTXATTR, CALL_CHMOD };

/* MOUNTS: the view is made by mounts, and only what a mount cannot show is trapped. PATHS: nothing is mounted. */
enum trap_mode { TRAP_MOUNTS = 1, TRAP_PATHS = 2 };

/* When a row traps: ANY: always; BITS: an argument has any of these bits; CLASS: an ioctl's word is of one
 * of the types, or one of the words, that filter.c lists. */
enum trap_when { WHEN_ANY, WHEN_BITS, WHEN_CLASS };

struct trapped {
	int number;
	enum trapped_call call;
	/* Of trap_mode, and, for MOUNTS alone, where PATHS has the same call with WHEN_ANY. */
	uint8_t modes;
	uint8_t when;
	/* The argument that `when` looks at, and its bits. */
	int8_t argument;
	uint32_t bits;
	/* Arguments: directory descriptor, path, flags (or mode, of access and chmod), where the answer is written, how
	 * much room that has; -1: there is none. A descriptor without a path is what is asked about. */
	int8_t directory, path, flags, buffer, room;
	/* Flags of calls that have none: AT_SYMLINK_NOFOLLOW. */
	uint32_t implied;
};

/* The row of a call, or NULL. */
const struct trapped *trapped_row(int number);

/* Installs the filter in this process; its listener, or -1 with errno. */
int install_filter(enum trap_mode mode);

/* The same for a process that is to know whether it could: 0, or -1 with errno; installs nothing. */
int probe_filter(void);

#endif
