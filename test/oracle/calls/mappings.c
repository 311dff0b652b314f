/* mmap(2), and what a mapping, where there is one, then says. */
#include "calls.h"

static char *mapped;

static void touch_read(void)
{
	*(volatile char *)mapped;
}

static void touch_write(void)
{
	*(volatile char *)mapped = 1;
}

static void run_it(void)
{
	((void (*)(void))(uintptr_t)mapped)();
}

static void *map(const char *op, int prot, int flags, int fd, off_t at, size_t length)
{
	errno = 0;
	void *place = mmap(NULL, length, prot, flags, fd, at);
	say(op, place == MAP_FAILED ? -1 : 0);
	return place == MAP_FAILED ? NULL : place;
}

static void flags_of(int fd)
{
	static const struct { const char *name; int flags; } kinds[] = {
		{ "PRIVATE", MAP_PRIVATE }, { "SHARED", MAP_SHARED }, { "SHARED_VALIDATE", MAP_SHARED_VALIDATE },
		{ "SHARED_VALIDATE|SYNC", MAP_SHARED_VALIDATE | MAP_SYNC }, { "PRIVATE|POPULATE", MAP_PRIVATE | MAP_POPULATE },
		{ "PRIVATE|LOCKED", MAP_PRIVATE | MAP_LOCKED }, { "PRIVATE|HUGETLB", MAP_PRIVATE | MAP_HUGETLB },
		{ "PRIVATE|NORESERVE", MAP_PRIVATE | MAP_NORESERVE }, { "PRIVATE|GROWSDOWN", MAP_PRIVATE | MAP_GROWSDOWN },
		{ "none", 0 }, { "PRIVATE|32BIT", MAP_PRIVATE | 0x40 },
	};
	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
		for (int prot = 0; prot < 8; prot++) {
			void *place = map(named("mmap prot %d %s", prot, kinds[i].name), prot, kinds[i].flags, fd, 0, 4096);
			if (place) munmap(place, 4096);
		}
	map("mmap of 0 bytes", PROT_READ, MAP_PRIVATE, fd, 0, 0);
	map("mmap at 1", PROT_READ, MAP_PRIVATE, fd, 1, 4096);
	map("mmap at 2^40", PROT_READ, MAP_PRIVATE, fd, 1L << 40, 4096);
	map("mmap of 2^30", PROT_READ, MAP_PRIVATE, fd, 0, 1L << 30);
	map("mmap shared of O_RDONLY", PROT_READ, MAP_SHARED, opened(O_RDONLY), 0, 4096);
	map("mmap shared, writing, of O_RDONLY", PROT_WRITE, MAP_SHARED, opened(O_RDONLY), 0, 4096);
	map("mmap of O_WRONLY", PROT_READ, MAP_PRIVATE, opened(O_WRONLY), 0, 4096);
	map("mmap of O_PATH", PROT_READ, MAP_PRIVATE, opened(O_PATH), 0, 4096);
}

void mappings(void)
{
	int fd = opened(O_RDWR);
	flags_of(fd);
	mapped = map("a mapping", PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, fd, 0, 8192);
	if (!mapped) return;
	in_child("reading it", touch_read);
	in_child("writing it", touch_write);
	in_child("running it", run_it);
	int ends[2];
	if (pipe(ends)) return;
	R("write(2) from it", write(ends[1], mapped, 1));
	R("mlock", mlock(mapped, 4096));
	R("msync", msync(mapped, 4096, MS_SYNC));
	R("madvise WILLNEED", madvise(mapped, 4096, MADV_WILLNEED));
	R("madvise DONTNEED", madvise(mapped, 4096, MADV_DONTNEED));
	R("madvise REMOVE", madvise(mapped, 4096, MADV_REMOVE));
	R("madvise POPULATE_READ", madvise(mapped, 4096, 22));
	R("mincore", mincore(mapped, 4096, (unsigned char[2]){ 0 }));
	R("mprotect", mprotect(mapped, 4096, PROT_READ));
	R("mremap", mremap(mapped, 4096, 16384, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
}
