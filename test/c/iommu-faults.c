/*
 * Faults at /dev/iommu, from a C test with extras/c/fwctl_emu.h: run it under `fwctl-emu run --device iommufd`. Prints
 * one line for each thing expected; status 0 when all held.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include "../../extras/c/fwctl_emu.h"

static int fd, failed;

static int alloc(uint32_t *id)
{
	uint32_t words[] = { 12, 0, 0 };
	int result = ioctl(fd, 0x3b81, words) ? -errno : 0;

	*id = words[2];
	return result;
}

/* A page, at an address of the kernel's choice: that, or -errno. */
static int64_t map(uint32_t ioas)
{
	uint64_t words[] = { 40 | 6ull << 32, ioas, 0x10000, 4096, 0 };

	return ioctl(fd, 0x3b85, words) ? -errno : (int64_t)words[4];
}

static int unmap(uint32_t ioas, uint64_t iova)
{
	uint64_t words[] = { 24 | (uint64_t)ioas << 32, iova, 4096 };

	return ioctl(fd, 0x3b86, words) ? -errno : 0;
}

static void check(int ok, const char *what)
{
	printf("%s %s\n", ok ? "ok" : "NOT OK", what);
	failed |= !ok;
}

static void *map_one(void *result)
{
	*(volatile int64_t *)result = map(1);
	return NULL;
}

int main(void)
{
	uint32_t id = 0;
	volatile int64_t late = 0;
	struct timespec from, to;
	pthread_t thread;
	int fault;

	fd = open("/dev/iommu", O_RDWR);
	check(fd >= 0 && alloc(&id) == 0 && id == 1, "an address space");
	fault = fwctl_emu_fault_add("ioctl:command=IOAS_ALLOC:error=ENOMEM:count=1");
	check(fault > 0 && alloc(&id) == -ENOMEM && alloc(&id) == 0 && id == 2, "ENOMEM once, and no id is lost");
	check(fwctl_emu_fault_strikes(fault) == 1, "it says so");
	fault = fwctl_emu_fault_add("ioctl:command=IOMMU_IOAS_MAP:error=EIO:when=2");
	check(map(1) == 0x1000 && map(1) == -EIO && map(1) == 0x2000, "the second MAP fails, and takes no address");
	check(unmap(1, 0x1000) == 0 && unmap(1, 0x2000) == 0 && unmap(1, 0x3000) == -ENOENT, "two were mapped");
	check(fwctl_emu_fault_remove(fault) == 0, "it is removed");
	fault = fwctl_emu_fault_add("ioctl:command=IOAS_MAP:hang");
	check(pthread_create(&thread, NULL, map_one, (void *)&late) == 0, "a MAP that hangs");
	for (int i = 0; i < 500 && fwctl_emu_fault_held(fault) != 1; i++)
		usleep(10000);
	check(fwctl_emu_fault_held(fault) == 1 && late == 0, "is held back");
	check(alloc(&id) == 0 && id == 3, "and nobody else is");
	check(fwctl_emu_fault_release(fault) == 1, "it is released");
	pthread_join(thread, NULL);
	check(late == 0x1000, "and has its address");
	check(fwctl_emu_fault_remove(fault) == 0, "no more of them");
	fwctl_emu_fault_add("ioctl:command=IOAS_UNMAP:delay=50ms");
	clock_gettime(CLOCK_MONOTONIC, &from);
	check(unmap(1, 0x1000) == 0, "a late UNMAP");
	clock_gettime(CLOCK_MONOTONIC, &to);
	check((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000 >= 49, "is late");
	check(fwctl_emu_fault_add("ioctl:command=IOAS_MAP:status=LIM_ERR") == -EINVAL &&
		      strstr(fwctl_emu_error(), "ioctl has error, delay, hang"),
	      "what makes no sense is refused");
	return failed;
}
