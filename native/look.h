/* Whether a copy between a client's memory and ours can sleep: what stands between the one thread that serves all and a
 * client whose pages come late or never. The look is /proc/TID/pagemap; what vanishes between look and copy is the
 * watcher's (watcher.c). */
#ifndef FWCTL_EMU_LOOK_H
#define FWCTL_EMU_LOOK_H

#include <stdbool.h>
#include <stdint.h>

enum { WINDOW_PAGES = 64, LOOKERS = 256 };

/* A thread's pagemap, kept open. */
struct looker {
	int32_t tid;
	int fd;
};

struct looks {
	uint32_t page_shift;
	struct looker lookers[LOOKERS];
	/* Of the request at hand: the entries of a run of pages of its thread; pages 0: none were read. */
	struct {
		int32_t tid;
		uint32_t pages;
		uint64_t first, entries[WINDOW_PAGES];
	} window;
};

struct range {
	uint64_t address, length;
};

void looks_begin(struct looks *looks);
void looks_end(struct looks *looks);

/* Reads the entries of the first range's pages and of all others near it at once, for looks that follow. */
void look_ahead(struct looks *looks, int32_t tid, const struct range *ranges, uint32_t count);

/* Forgets what look_ahead() has read: another request begins, or this one is going to be held. */
void look_again(struct looks *looks);

/* Whether a copy from (`write`: to) all of the range finds each page at once. False says that it might not, or that
 * nobody can tell. */
bool all_there(struct looks *looks, int32_t tid, struct range range, bool write);

#endif
