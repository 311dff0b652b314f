/* What reading and writing a client's memory have in common (memory.c, commit.c). */
#ifndef FWCTL_EMU_MEMORY_H
#define FWCTL_EMU_MEMORY_H

#include "addon.h"

uint64_t now_ms(void);

/* To be called before the first copy; the watcher lives until Node's environment ends. */
void begin_watch(struct addon *addon);

/* Whether a copy of all of it cannot sleep. */
bool is_there(struct addon *addon, int32_t tid, struct range range, bool write);

/* mapped_bytes() of client-maps.h. */
int64_t mapped(struct addon *addon, int32_t tid, struct range range, bool write);

struct guess *guess_of(struct addon *addon, int32_t tid);

/* Whether what the thread used last need not be looked at again. */
bool trusted(const struct addon *addon, const struct guess *guess);

#endif
