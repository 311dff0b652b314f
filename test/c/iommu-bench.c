/*
 * What MAP, COPY and UNMAP cost with few and with many mappings in one address space: rounds of both in turn, at random
 * places. Prints one line of JSON for each: {"name", "few", "many" (median ns of a call), "few_p99", "many_p99"}.
 *
 *	iommu-bench [ROUNDS [MANY]]	default 40 and 100000; few are 100. The node is /dev/iommu.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

enum { FEW = 100, CALLS = 100, PAGE = 4096, OPERATIONS = 3, MOST_ROUNDS = 1000 };

static const char *const names[OPERATIONS] = { "map", "copy", "unmap" };
static int fd;
static uint64_t seed = 1;

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void call(unsigned number, void *argument)
{
	if (ioctl(fd, number, argument) == 0)
		return;
	fprintf(stderr, "iommu-bench: ioctl %#x: %s\n", number, strerror(errno));
	exit(1);
}

static uint32_t space(void)
{
	uint32_t words[] = { 12, 0, 0 };

	call(0x3b81, words);
	return words[2];
}

static void map(uint32_t ioas)
{
	uint64_t words[] = { 40 | 6ull << 32, ioas, 0x10000, PAGE, 0 };

	call(0x3b85, words);
}

static uint64_t copy(uint32_t ioas, uint64_t iova)
{
	uint64_t words[] = { 40 | 6ull << 32, ioas | (uint64_t)ioas << 32, PAGE, 0, iova };

	call(0x3b83, words);
	return words[3];
}

static void unmap(uint32_t ioas, uint64_t iova)
{
	uint64_t words[] = { 24 | (uint64_t)ioas << 32, iova, PAGE };

	call(0x3b86, words);
}

static int ascending(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

/* A page taken out and put back, another copied and the copy taken out. */
static void round_of(uint32_t ioas, unsigned long count, uint64_t *spent[OPERATIONS])
{
	for (int i = 0; i < CALLS; i++) {
		uint64_t at[5], copied;

		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		at[0] = now();
		unmap(ioas, ((seed >> 33) % count + 1) * PAGE);
		at[1] = now();
		map(ioas);
		at[2] = now();
		copied = copy(ioas, ((seed >> 13) % count + 1) * PAGE);
		at[3] = now();
		unmap(ioas, copied);
		*spent[2]++ = at[1] - at[0];
		*spent[0]++ = at[2] - at[1];
		*spent[1]++ = at[3] - at[2];
	}
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 40;
	unsigned long count[2] = { FEW, argc > 2 ? strtoul(argv[2], NULL, 0) : 100000 };
	uint64_t *samples[2][OPERATIONS], *ends[2][OPERATIONS];
	uint32_t ioas[2];

	if (rounds < 1 || rounds > MOST_ROUNDS || count[1] < 1)
		return fprintf(stderr, "usage: iommu-bench [ROUNDS [MANY]]\n"), 2;
	fd = open("/dev/iommu", O_RDWR);
	if (fd < 0)
		return perror("/dev/iommu"), 1;
	for (int side = 0; side < 2; side++) {
		ioas[side] = space();
		for (unsigned long i = 0; i < count[side]; i++)
			map(ioas[side]);
		for (int i = 0; i < OPERATIONS; i++) {
			samples[side][i] = ends[side][i] = calloc((size_t)rounds * CALLS, sizeof(uint64_t));
			if (!samples[side][i])
				return perror("calloc"), 1;
		}
	}
	for (int i = 0; i < rounds * 2; i++) {
		/* few, many, many, few, ... */
		int side = (i >> 1 ^ i) & 1;
		uint64_t *next[OPERATIONS];

		memcpy(next, ends[side], sizeof next);
		round_of(ioas[side], count[side], next);
		for (int j = 0; j < OPERATIONS; j++)
			ends[side][j] += CALLS;
	}
	for (int i = 0; i < OPERATIONS; i++) {
		size_t all = (size_t)rounds * CALLS;

		for (int side = 0; side < 2; side++)
			qsort(samples[side][i], all, sizeof(uint64_t), ascending);
		printf("{\"name\":\"%s\",\"few\":%" PRIu64 ",\"many\":%" PRIu64 ",\"few_p99\":%" PRIu64 ",\"many_p99\":%" PRIu64 "}\n",
		       names[i], samples[0][i][all / 2], samples[1][i][all / 2], samples[0][i][all * 99 / 100],
		       samples[1][i][all * 99 / 100]);
	}
	return 0;
}
