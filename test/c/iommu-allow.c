/*
 * IOMMU_IOAS_ALLOW_IOVAS of a list that goes over several pages, which the emulator reads in as many pieces to one
 * place, again and again from one thread: run it under `fwctl-emu run --device iommufd`. Prints the errno of each that
 * was refused; status 0 when none was.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

enum { RANGES = 700, TIMES = 5 };

int main(void)
{
	static uint64_t ranges[RANGES][2];
	uint32_t alloc[] = { 12, 0, 0 };
	int failed = 0, fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, 0x3b81, alloc)) {
		perror("/dev/iommu");
		return 2;
	}
	for (int i = 0; i < RANGES; i++) {
		ranges[i][0] = i * 0x10000ull;
		ranges[i][1] = ranges[i][0] + 0xfff;
	}
	for (int i = 0; i < TIMES; i++) {
		uint64_t allow[] = { 24 | (uint64_t)alloc[2] << 32, RANGES, (uintptr_t)ranges };

		if (ioctl(fd, 0x3b82, allow)) {
			printf("list %d: %s\n", i + 1, strerror(errno));
			failed = 1;
		}
	}
	return failed;
}
