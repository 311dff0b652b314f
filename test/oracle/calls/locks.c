/* flock(2), record locks of processes and of open files, leases. */
#include "calls.h"
#include <sys/file.h>

static int first, second;

static struct flock range(short type, off_t start, off_t length)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length };
}

static void woken(int number)
{
	(void)number;
}

static void another_process(void)
{
	struct flock lock = range(F_WRLCK, 0, 10), asked = range(F_WRLCK, 5, 1);
	R("child F_SETLK", fcntl(second, F_SETLK, &lock));
	R("child F_GETLK", fcntl(second, F_GETLK, &asked));
	tell("child F_GETLK", "type %d start %ld len %ld by the parent %d", asked.l_type, asked.l_start, asked.l_len, asked.l_pid == getppid());
	lock = range(F_WRLCK, 20, 1);
	R("child F_SETLK beside", fcntl(second, F_SETLK, &lock));
	struct sigaction wake = { .sa_handler = woken };
	sigaction(SIGALRM, &wake, NULL);
	lock = range(F_WRLCK, 0, 1);
	alarm(1);
	R("child F_SETLKW", fcntl(second, F_SETLKW, &lock));
	alarm(1);
	R("child flock", flock(second, LOCK_EX));
}

void locks(void)
{
	first = opened(O_RDWR), second = opened(O_RDWR);
	int ro = opened(O_RDONLY), wo = opened(O_WRONLY), path = opened(O_PATH);
	R("flock SH", flock(first, LOCK_SH | LOCK_NB));
	R("flock SH of another", flock(second, LOCK_SH | LOCK_NB));
	R("flock EX of another", flock(second, LOCK_EX | LOCK_NB));
	R("flock UN", flock(second, LOCK_UN));
	R("flock EX", flock(first, LOCK_EX | LOCK_NB));
	R("flock of O_PATH", flock(path, LOCK_SH));
	R("flock 99", flock(first, 99));
	struct flock lock = range(F_WRLCK, 0, 10);
	R("F_SETLK", fcntl(first, F_SETLK, &lock));
	in_child("another process", another_process);
	lock = range(F_RDLCK, 30, 1);
	R("F_SETLK read on O_WRONLY", fcntl(wo, F_SETLK, &lock));
	lock = range(F_WRLCK, 30, 1);
	R("F_SETLK write on O_RDONLY", fcntl(ro, F_SETLK, &lock));
	R("F_SETLK of O_PATH", fcntl(path, F_SETLK, &lock));
	lock = range(F_WRLCK, -1, 1);
	R("F_SETLK before the start", fcntl(first, F_SETLK, &lock));
	lock = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = 0, .l_len = 1 };
	R("F_SETLK from the end", fcntl(first, F_SETLK, &lock));
	lock = range(F_WRLCK, 100, 10);
	R("F_OFD_SETLK", fcntl(first, F_OFD_SETLK, &lock));
	R("F_OFD_SETLK of another", fcntl(second, F_OFD_SETLK, &lock));
	R("F_OFD_GETLK", fcntl(second, F_OFD_GETLK, &lock));
	tell("F_OFD_GETLK", "type %d start %ld len %ld pid %d", lock.l_type, lock.l_start, lock.l_len, lock.l_pid);
	R("F_SETLEASE read", fcntl(ro, F_SETLEASE, F_RDLCK));
	R("F_SETLEASE write", fcntl(first, F_SETLEASE, F_WRLCK));
	R("F_SETLEASE none", fcntl(ro, F_SETLEASE, F_UNLCK));
	R("F_GETLEASE", fcntl(ro, F_GETLEASE));
	close(first), close(second), close(wo);
	R("F_SETLEASE write, open once", fcntl(ro, F_SETLEASE, F_WRLCK));
	R("F_SETLEASE read, open once", fcntl(ro, F_SETLEASE, F_RDLCK));
	fcntl(ro, F_SETLEASE, F_UNLCK);
	R("lockf", lockf(opened(O_RDWR), F_TLOCK, 1));
}
