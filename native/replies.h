/* Replies to the kernel, and those that wait a moment to be handed over together (replies.c). */
#ifndef FWCTL_EMU_REPLIES_H
#define FWCTL_EMU_REPLIES_H

#include <linux/aio_abi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum { KEPT_REPLIES = 8, KEPT_BYTES = 512 };

struct replies {
	/* Made at the first need; without it (refused: ENOSYS, EPERM, EAGAIN) nothing is kept. */
	aio_context_t context;
	bool no_context;
	/* Two threads were seen to call, and more than one reply was there to hand over. */
	bool several;
	/* The thread that called last; so many more changes of it are let pass before replies are kept again. */
	uint32_t tid, pause;
	/* The opcode of a request whose kept reply the kernel refused, which is still to be told of. */
	uint32_t refused;
	uint32_t count;
	/* When the first was kept, and the last, ns. */
	uint64_t since, last;
	struct kept_reply {
		int fd;
		uint32_t opcode, bytes;
		uint8_t at[KEPT_BYTES];
	} kept[KEPT_REPLIES];
};

struct fuse_in_header;

/* After a request was read: who calls? */
void replies_seen(struct replies *replies, const struct fuse_in_header *request);
/* Writes what is kept, and then this: 0 or -errno. */
int64_t replies_write(struct replies *replies, int fd, const uint8_t *reply, uint32_t bytes);
/* The same for the reply to the request at hand, unless several threads call: then it may be kept. */
int64_t replies_send(struct replies *replies, int fd, const struct fuse_in_header *request, const uint8_t *reply, uint32_t bytes);
/* Writes what is kept; whether there was anything. */
bool replies_flush(struct replies *replies);
/* There is no further request: as replies_flush(). */
bool replies_idle(struct replies *replies);
/* Before a copy, which the kept ones do not wait for when it is a long one. */
void replies_before_copy(struct replies *replies, const struct iovec *remote, uint32_t count);
/* The opcode of a refused reply, once; 0: none. */
uint32_t replies_refused(struct replies *replies);
void replies_end(struct replies *replies);

uint64_t now_ns(void);

#endif
