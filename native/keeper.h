/* What the addon and the keeper (keeper.c) know of each other. */
#ifndef FWCTL_EMU_KEEPER_H
#define FWCTL_EMU_KEEPER_H

/* Calls that can be held at once; of each, in memory that both have, its id, or 0. */
enum { MOST_CALLS = 4096 };

/* Descriptors that the keeper starts with: its end of a pipe that nobody writes to, the listener, that memory. */
enum { KEEPER_PIPE, KEEPER_LISTENER, KEEPER_CALLS };

#endif
