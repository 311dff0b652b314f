/* What the addon's files share: argument and result helpers, and the per-environment state. System calls only;
 * every protocol and every rule is TypeScript (src/transport/native.ts is the typed face of what stands here). */
#ifndef FWCTL_EMU_ADDON_H
#define FWCTL_EMU_ADDON_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "look.h"
#include "replies.h"

struct watcher;
struct copier;
struct notify;

/* Offsets in a frame: FRAME of src/kernel/call.ts. */
enum {
	FRAME_ARG = 0,
	FRAME_QUEUE = 16,
	FRAME_AHEAD = 0x1e0,
	FRAME_UCMD = 0x200,
	FRAME_IN = 0x1000,
	FRAME_OUT = 0x1000 + 0x200000,
	FRAME_BUFFERS = 0x1000 + 2 * 0x200000,
	FRAME_BYTES = 0x1000 + 2 * 0x200000 + 0x40000,
};

/* A buffer that JavaScript allocated and keeps alive by a reference here. */
struct shared {
	uint8_t *at;
	size_t bytes;
	napi_ref ref;
};

enum { GUESSED_WRITES = 2 };

/* What a thread is going to pass next, if it does as it did before (memory.c). */
struct guess {
	int32_t tid;
	/* Bytes of its last structure, and its last payload. */
	uint32_t structure, length;
	uint64_t address;
	/* This payload was seen twice in a row: worth a long read. */
	bool again;
	/* Where its last structure stood, and where its last answer was written, when, ms: all of it was there then. */
	uint64_t argument, used_ms;
	struct range written[GUESSED_WRITES];
};

/* FRAME_AHEAD: what was read before JavaScript asked for it; src/transport/user-call.ts looks here first. */
struct ahead {
	/* Of FRAME_IN: so many bytes from that address; length 0: nothing. */
	uint64_t address;
	uint32_t length;
	/* Of FRAME_UCMD: so many bytes were asked for at the ioctl's argument, so many came; asked 0: nothing. */
	uint32_t asked, copied;
};

/* A frame: the kernel's buffers of one ioctl in flight. */
struct frame {
	struct shared memory;
	/* Of an ioctl by notification: its id and its connection (notify.c). */
	uint64_t notification;
	struct notify *notify;
};

enum { GUESSES = 256 };

struct addon {
	struct shared request, reply;
	struct replies replies;
	struct frame *frames;
	uint32_t frame_count, frame_capacity;
	/* The frame of the next ioctl. */
	uint32_t next_frame;
	/* Reading ahead, and writing in one call; off: each copy a call of its own, as the kernel makes them. */
	bool shortcuts;
	/* What a thread has just used is not looked at again: its process is ours to end. */
	bool trusting;
	struct looks looks;
	struct watcher *watcher;
	/* Processes that copy where a page may be long in coming (copies.c). */
	struct copier **copiers;
	uint32_t copier_count;
	struct copier *ended_copiers;
	/* Descriptors of sessions, for who has to close them all at once (session.c). */
	struct watch *watches;
	/* Connections by seccomp user notification (notify.c). */
	struct notify *notifies;
	/* How long to look for the next request before sleeping, ns; 0: not at all. */
	uint64_t spin_ns;
	/* Within one wake-up: it was looked for, in vain. */
	bool spun;
	struct guess guesses[GUESSES];
};

/* The arguments of a call; missing ones are read as 0. */
enum { MAX_ARGS = 8 };
struct args {
	napi_env env;
	size_t count;
	napi_value value[MAX_ARGS];
	struct addon *addon;
};

void get_args(napi_env env, napi_callback_info info, struct args *args);
int32_t arg_int(const struct args *args, size_t index);
uint32_t arg_uint(const struct args *args, size_t index);
/* Copies a string argument, NUL-terminated, cut at size; an empty string for null and undefined. */
void arg_string(const struct args *args, size_t index, char *into, size_t size);
napi_value result_int(napi_env env, int64_t value);
/* Takes an ArrayBuffer argument for good; false (with a pending exception) when it is none. */
bool arg_shared(const struct args *args, size_t index, struct shared *into);

napi_value session_exports(napi_env env, napi_value exports);
napi_value memory_exports(napi_env env, napi_value exports);
napi_value commit_exports(napi_env env, napi_value exports);
napi_value system_exports(napi_env env, napi_value exports);
napi_value client_exports(napi_env env, napi_value exports);
napi_value copies_exports(napi_env env, napi_value exports);
napi_value notify_exports(napi_env env, napi_value exports);
napi_value stream_exports(napi_env env, napi_value exports);

/* The frame, or NULL; and whether it has so many bytes there. */
struct frame *frame_at(const struct addon *addon, uint32_t index);
bool inside_frame(uint32_t offset, uint32_t length);
/* What the u64 at `pointer` of the frame says, `skip` bytes on. */
uint64_t user_address(const struct frame *frame, uint32_t pointer, uint32_t skip);

/* Ends all copiers, and forgets them (copies.c). */
void end_copiers(struct addon *addon);
/* Closes all connections by notification (notify.c). */
void end_notifies(struct addon *addon);
/* Closes the descriptors of all sessions, from any thread, before the process ends (session.c). */
void close_sessions(void *addon);

/* After the request of `bytes` in the request buffer was read (memory.c). */
void read_ahead(struct addon *addon, size_t bytes);

/* Adds a function to exports; to be called when the instance data stand. */
void export_function(napi_env env, napi_value exports, const char *name, napi_callback callback);

#endif
