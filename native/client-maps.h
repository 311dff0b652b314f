/* What a client's own kernel would let its copies do, by /proc/TID/maps: asked where get_user_pages() has said EFAULT
 * or a page is not there, never on the usual path. */
#ifndef FWCTL_EMU_CLIENT_MAPS_H
#define FWCTL_EMU_CLIENT_MAPS_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes from `address` on, at most `length`, that copy_from_user() or, for `write`, copy_to_user() could copy before it
 * faults, as far as mappings tell; a stack that would grow counts. -errno: the mappings cannot be read. */
int64_t mapped_bytes(int32_t tid, uint64_t address, uint64_t length, bool write);

#endif
