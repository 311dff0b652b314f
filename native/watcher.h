/* A thread that looks whether the one that serves everybody sleeps in a client's memory, and ends that. */
#ifndef FWCTL_EMU_WATCHER_H
#define FWCTL_EMU_WATCHER_H

#include <stdint.h>
#include <sys/uio.h>

struct watcher;

/* NULL: no thread can be made. `close_sessions` is called by the watcher's thread, as the last means. */
struct watcher *watcher_start(void (*close_sessions)(void *), void *argument);
void watcher_stop(struct watcher *watcher);

/* Around all that touches the memory of thread `tid`. `remote` is where it is touched, NULL while it is looked at;
 * valid until watcher_leave(). A NULL watcher watches nothing. */
void watcher_enter(struct watcher *watcher, int32_t tid, const struct iovec *remote, uint32_t count);
void watcher_leave(struct watcher *watcher);

#endif
