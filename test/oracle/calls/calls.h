/* calls: what every system call that takes a file says of a device node. See calls.c. */
#ifndef CALLS_H
#define CALLS_H
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* The node that is asked, and its directory. */
extern const char *node, *folder;

/* A record: what the call named `op` returned, with errno; or a text. `say` takes errno as it stands. */
void say(const char *op, long ret);
void tell(const char *op, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define R(op, call) do { errno = 0; say(op, (long)(call)); } while (0)
/* The same for a call that gives a descriptor, which is closed. */
#define RFD(op, call) do { errno = 0; long fd_ = (long)(call); say(op, fd_ < 0 ? fd_ : 0); if (fd_ >= 0) close(fd_); } while (0)
/* A name for one of many calls. */
const char *named(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The node, opened; the program ends if it cannot be. */
int opened(int flags);
/* Runs `act` in a child as user and group 65534, and says what signal ended it, if one did. */
void as_nobody(const char *prefix, void (*act)(const char *prefix));
void in_child(const char *op, void (*act)(void));

void attributes(void);
void xattrs(void);
void names(void);
void watchers(void);
void locks(void);
void transfer(void);
void ioctls(void);
void mappings(void);
void uring(void);
void directories(void);
#endif
