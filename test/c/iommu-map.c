/*
 * A VMM's first steps with iommufd, by raw ioctls: an address space, a page of our own in it, found again, taken out,
 * gone.
 *
 *   iommu-map [NODE]     default /dev/iommu. Prints one line for each step; exit status 1 at the first that goes wrong.
 *
 * Numbers and layouts: include/uapi/linux/iommufd.h of Linux 6.12, written out because older systems lack the header.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define NUMBER(n) _IO(';', 0x80 + (n))
#define IOMMU_DESTROY NUMBER(0)
#define IOMMU_IOAS_ALLOC NUMBER(1)
#define IOMMU_IOAS_MAP NUMBER(5)
#define IOMMU_IOAS_UNMAP NUMBER(6)

#define MAP_FLAGS 6u /* WRITEABLE | READABLE */

struct destroy { uint32_t size, id; };
struct ioas_alloc { uint32_t size, flags, out_ioas_id; };
struct ioas_map {
	uint32_t size, flags, ioas_id, reserved;
	uint64_t user_va, length, iova;
};
struct ioas_unmap {
	uint32_t size, ioas_id;
	uint64_t iova, length;
};

static int fd;

static void call(const char *name, unsigned long number, void *argument, int wanted)
{
	int got = ioctl(fd, number, argument) == 0 ? 0 : errno;

	printf("%s: %s\n", name, got == 0 ? "OK" : strerror(got));
	if (got == wanted)
		return;
	fprintf(stderr, "iommu-map: %s: expected %s\n", name, wanted == 0 ? "OK" : strerror(wanted));
	exit(1);
}

int main(int argc, char **argv)
{
	const char *node = argc > 1 ? argv[1] : "/dev/iommu";
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	void *memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return perror("mmap"), 1;
	fd = open(node, O_RDWR);
	if (fd < 0)
		return perror(node), 1;

	struct ioas_alloc alloc = { .size = sizeof(alloc) };
	call("IOAS_ALLOC", IOMMU_IOAS_ALLOC, &alloc, 0);
	printf("ioas %" PRIu32 "\n", alloc.out_ioas_id);

	struct ioas_map map = {
		.size = sizeof(map),
		.flags = MAP_FLAGS,
		.ioas_id = alloc.out_ioas_id,
		.user_va = (uint64_t)(uintptr_t)memory,
		.length = 2 * page,
	};
	call("IOAS_MAP", IOMMU_IOAS_MAP, &map, 0);
	printf("aligned %d\n", map.iova % page == 0);

	/* half an area cannot be taken out */
	struct ioas_unmap half = { .size = sizeof(half), .ioas_id = alloc.out_ioas_id, .iova = map.iova, .length = page };
	call("IOAS_UNMAP of half", IOMMU_IOAS_UNMAP, &half, ENOENT);
	struct ioas_unmap unmap = { .size = sizeof(unmap), .ioas_id = alloc.out_ioas_id, .iova = map.iova, .length = 2 * page };
	call("IOAS_UNMAP", IOMMU_IOAS_UNMAP, &unmap, 0);
	printf("unmapped %d pages\n", (int)(unmap.length / page));

	struct destroy destroy = { .size = sizeof(destroy), .id = alloc.out_ioas_id };
	call("DESTROY", IOMMU_DESTROY, &destroy, 0);
	call("DESTROY again", IOMMU_DESTROY, &destroy, ENOENT);
	return 0;
}
