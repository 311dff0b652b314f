/*
 * Several devices, one process: whom /sys/dev/char/MAJOR:MINOR of a descriptor leads to, by dup, fork, another thread,
 * statx, a path. A line `HOW NODE -> NAME` each; exit 0 when each leads to its own.
 *
 *   two-devices NODE NODE...
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include "fwctl-client.h"

static char **nodes;
static int wrong;

static void look(const char *how, const char *node, unsigned major_, unsigned minor_)
{
	char path[64], link[512] = "";
	const char *name = strrchr(node, '/') + 1;

	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u", major_, minor_);
	if (readlink(path, link, sizeof(link) - 1) < 0)
		strcpy(link, "/none");
	printf("%s %s -> %s\n", how, name, strrchr(link, '/') + 1);
	fflush(stdout);
	wrong |= strcmp(strrchr(link, '/') + 1, name) != 0;
}

static void by_fstat(const char *how, const char *node, int fd)
{
	struct stat now;

	wrong |= fstat(fd, &now) != 0;
	look(how, node, major(now.st_rdev), minor(now.st_rdev));
}

static int *descriptors;
static pthread_barrier_t all;

/* Each thread asks about its own, all at once, and only then looks. */
static void *one_of(void *at)
{
	long i = (long)at;
	struct stat now;

	for (int round = 0; round < 20; round++) {
		wrong |= fstat(descriptors[i], &now) != 0;
		pthread_barrier_wait(&all);
		if (round == 0)
			look("thread", nodes[i], major(now.st_rdev), minor(now.st_rdev));
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int count = argc - 1, status;
	int fds[count];
	pthread_t threads[count];
	struct statx extended;
	struct stat now;

	nodes = argv + 1;
	descriptors = fds;
	for (int i = 0; i < count; i++) {
		fds[i] = open(nodes[i], O_RDWR);
		if (fds[i] < 0) {
			perror(nodes[i]);
			return 1;
		}
		look("open", nodes[i], 0, 0);
		stat(nodes[i], &now);
		if (S_ISCHR(now.st_mode))
			return 77;
	}
	for (int i = 0; i < count; i++)
		by_fstat("fstat", nodes[i], fds[i]);
	for (int i = count; i-- > 0;)
		by_fstat("dup", nodes[i], dup(fds[i]));
	for (int i = 0; i < count; i++) {
		wrong |= statx(fds[i], "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &extended) != 0;
		look("statx", nodes[i], extended.stx_rdev_major, extended.stx_rdev_minor);
	}
	for (int i = 0; i < count; i++)
		by_fstat("O_PATH", nodes[i], open(nodes[i], O_PATH));
	for (int i = 0; i < count; i++) {
		if (fork() == 0) {
			by_fstat("child", nodes[i], fds[i]);
			exit(wrong);
		}
		wait(&status);
		wrong |= status;
	}
	pthread_barrier_init(&all, NULL, count);
	for (long i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, one_of, (void *)i);
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < count; i++)
		close(fds[i]);
	for (int i = 0; i < count; i++) {
		stat(nodes[i], &now);
		look("stat, closed", nodes[i], major(now.st_rdev), minor(now.st_rdev));
	}
	return wrong;
}
