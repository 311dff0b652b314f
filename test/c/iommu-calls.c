/*
 * Every ioctl of /dev/iommu, and VFIO's on the same descriptor, well and badly asked, by raw calls: prints what each
 * answered and wrote. Two runs against equal kernels print the same, wherever the program's memory is.
 *
 *   iommu-calls [NODE]     default /dev/iommu. Exit status 0: the node was there.
 *
 * Numbers and layouts: include/uapi/linux/iommufd.h and vfio.h of Linux 6.12, written out because older systems lack
 * the header.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE 0x200000

static int fd;

/* The result, and the structure's words that changed. */
static void call(const char *name, unsigned number, void *argument, size_t bytes)
{
	unsigned char before[128];
	int result;

	memcpy(before, argument, bytes);
	result = ioctl(fd, number, argument);
	printf("%s: %s", name, result < 0 ? strerror(errno) : "OK");
	if (result > 0)
		printf(" %d", result);
	for (size_t at = 0; at < bytes; at += 4) {
		uint32_t word;

		memcpy(&word, (unsigned char *)argument + at, 4);
		if (memcmp(before + at, (unsigned char *)argument + at, 4) != 0)
			printf(" [%zu]=%#" PRIx32, at, word);
	}
	printf("\n");
}

static void value(const char *name, unsigned number, unsigned long argument)
{
	int result = ioctl(fd, number, argument);

	printf("%s %lu: ", name, argument);
	if (result < 0)
		printf("%s\n", strerror(errno));
	else
		printf("%d\n", result);
}

/* A structure from its words: 32 bits each, 64-bit members as two. */
#define LOW(v) ((uint32_t)(uint64_t)(v))
#define HIGH(v) ((uint32_t)((uint64_t)(v) >> 32))
#define WIDE(v) LOW(v), HIGH(v)
#define CALL(name, number, ...)                                                       \
	do {                                                                           \
		uint32_t words[] = { __VA_ARGS__ };                                    \
		call(name, number, words, sizeof(words));                              \
	} while (0)

int main(int argc, char **argv)
{
	const char *node = argc > 1 ? argv[1] : "/dev/iommu";
	/* aligned to 2 MiB: with transparent huge pages the IOVA depends on it */
	char *area = mmap(NULL, 2 * HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *memory = (char *)(((uintptr_t)area + HUGE - 1) & ~(uintptr_t)(HUGE - 1));
	char *hole = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t va = (uintptr_t)memory, bad = (uintptr_t)hole;
	uint64_t *ranges = (uint64_t *)memory;
	uint64_t *info = (uint64_t *)(memory + 65536);

	if (area == MAP_FAILED || hole == MAP_FAILED)
		return perror("mmap"), 1;
	fd = open(node, O_RDWR);
	if (fd < 0)
		return perror(node), 1;
	CALL("IOAS_ALLOC", 0x3b81, 12, 0, 0);
	CALL("IOAS_ALLOC flags", 0x3b81, 12, 1, 0);
	CALL("IOAS_ALLOC short", 0x3b81, 8, 0, 0);
	CALL("IOAS_ALLOC", 0x3b81, 12, 0, 0);
	CALL("unknown", 0x3b99, 12, 0, 0);
	CALL("MAP", 0x3b85, 40, 6, 1, 0, WIDE(va), WIDE(0x2000), WIDE(0));
	CALL("MAP", 0x3b85, 40, 6, 1, 0, WIDE(va), WIDE(0x1000), WIDE(0));
	CALL("MAP fixed", 0x3b85, 40, 7, 1, 0, WIDE(va), WIDE(0x1000), WIDE(0x100000));
	CALL("MAP fixed again", 0x3b85, 40, 7, 1, 0, WIDE(va), WIDE(0x1000), WIDE(0x100000));
	CALL("MAP of no ioas", 0x3b85, 40, 6, 9, 0, WIDE(va), WIDE(0x1000), WIDE(0));
	CALL("COPY", 0x3b83, 40, 4, 2, 1, WIDE(0x1000), WIDE(0), WIDE(0x1000));
	ranges[0] = 0x4000, ranges[1] = 0xffff, ranges[2] = 0x100000, ranges[3] = 0x1fffff;
	CALL("ALLOW_IOVAS", 0x3b82, 24, 1, 2, 0, WIDE(va));
	CALL("MAP in them", 0x3b85, 40, 6, 1, 0, WIDE(va), WIDE(0x1000), WIDE(0));
	ranges[2] = 0x8000;
	CALL("ALLOW_IOVAS overlapping", 0x3b82, 24, 1, 2, 0, WIDE(va));
	CALL("ALLOW_IOVAS unreadable", 0x3b82, 24, 1, 2, 0, WIDE(bad));
	memset(memory, 0xaa, 64);
	CALL("IOVA_RANGES", 0x3b84, 32, 1, 4, 0, WIDE(va), WIDE(0));
	printf("range %#" PRIx64 " %#" PRIx64 ", then %#" PRIx64 "\n", ranges[0], ranges[1], ranges[2]);
	CALL("IOVA_RANGES none", 0x3b84, 32, 1, 0, 0, WIDE(va), WIDE(0));
	CALL("IOVA_RANGES unwritable", 0x3b84, 32, 1, 4, 0, WIDE(bad), WIDE(0));
	CALL("UNMAP half", 0x3b86, 24, 1, WIDE(0x1000), WIDE(0x1000));
	CALL("UNMAP", 0x3b86, 24, 1, WIDE(0x1000), WIDE(0x2000));
	CALL("OPTION get", 0x3b87, 24, 1, 1, 1, WIDE(~0ull));
	CALL("OPTION set", 0x3b87, 24, 1, 0, 1, WIDE(0));
	CALL("OPTION rlimit", 0x3b87, 24, 0, 1, 0, WIDE(~0ull));
	CALL("HWPT_ALLOC", 0x3b89, 48, 0, 5, 1, 0, 0, 1, 8, WIDE(va), 0, 0);
	CALL("HWPT_ALLOC data_len", 0x3b89, 48, 0, 5, 1, 0, 0, 1, 0, WIDE(va), 0, 0);
	CALL("GET_HW_INFO", 0x3b8a, 40, 0, 5, 64, WIDE(va), 0, 0, WIDE(0));
	CALL("SET_DIRTY_TRACKING", 0x3b8b, 16, 1, 5, 0);
	CALL("GET_DIRTY_BITMAP", 0x3b8c, 48, 5, 0, 0, WIDE(0), WIDE(0x10000), WIDE(0x1000), WIDE(va));
	CALL("HWPT_INVALIDATE", 0x3b8d, 32, 5, WIDE(va), 1, 16, 2, 0);
	CALL("FAULT_QUEUE_ALLOC flags", 0x3b8e, 16, 1, 0, 0);
	CALL("VFIO_IOAS get none", 0x3b88, 12, 0, 0);
	value("VFIO_GET_API_VERSION", 0x3b64, 0);
	value("VFIO_SET_IOMMU", 0x3b66, 1);
	CALL("VFIO_IOAS set", 0x3b88, 12, 2, 1);
	CALL("VFIO_IOAS get", 0x3b88, 12, 0, 0);
	for (unsigned long extension = 0; extension < 10; extension++)
		value("VFIO_CHECK_EXTENSION", 0x3b65, extension);
	value("VFIO_SET_IOMMU", 0x3b66, 1);
	value("VFIO_SET_IOMMU", 0x3b66, 2);
	memset(info, 0, 128);
	info[0] = 72;
	call("VFIO_IOMMU_GET_INFO", 0x3b70, info, 72);
	CALL("VFIO_IOMMU_GET_INFO short", 0x3b70, 16, 0, 0, 0);
	CALL("VFIO_IOMMU_MAP_DMA", 0x3b71, 32, 3, WIDE(va), WIDE(0x400000), WIDE(0x4000));
	CALL("VFIO_IOMMU_UNMAP_DMA", 0x3b72, 24, 0, WIDE(0x401000), WIDE(0x1000));
	CALL("VFIO_IOMMU_UNMAP_DMA all", 0x3b72, 24, 2, WIDE(0), WIDE(0));
	CALL("DESTROY", 0x3b80, 8, 2);
	CALL("DESTROY again", 0x3b80, 8, 2);
	printf("IOAS_ALLOC at a hole: %s\n", ioctl(fd, 0x3b81, hole) < 0 ? strerror(errno) : "OK");
	return close(fd);
}
