/* What the addon and its copiers (copier.c) tell each other. */
#ifndef FWCTL_EMU_COPIER_H
#define FWCTL_EMU_COPIER_H

#include <stdint.h>

/* Bytes of the shared area: the longest payload, FWCTL_RPC's 2 MiB (MAX_RPC_LEN of linux: drivers/fwctl/main.c). */
enum { COPY_AREA = 2 << 20 };

/* A tail is read page by page, to the first byte that is not zero and the end of its page. */
enum copy_kind { COPY_READ, COPY_WRITE, COPY_CLEAR, COPY_TAIL };

struct copy_job {
	uint32_t kind;
	int32_t tid;
	uint64_t address;
	/* Of a read or a write at most COPY_AREA. */
	uint64_t length;
};

struct copy_result {
	/* Before the first fault, as the client's own kernel would have got. */
	uint64_t copied;
	/* 1: the mappings permit more, and neither process_vm_readv(2) nor /proc/TID/mem reaches it. */
	uint32_t unreachable;
	/* An errno: the thread's memory cannot be had at all. */
	int32_t error;
};

#endif
