/* Reads /proc/TID/pagemap: entries, the descriptors that are kept for it, the window of the request at hand. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "look.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* linux: Documentation/admin-guide/mm/pagemap.rst. A page of a file, or shared, may have a server behind it that is
 * asked before it is written (page_mkwrite); one that userfaultfd protects makes the writer wait. */
enum { CHUNK = 512 };
#define PAGE_PRESENT (1ull << 63)
#define PAGE_FILE_OR_SHARED (1ull << 61)
#define PAGE_UFFD_WP (1ull << 57)

static bool there(uint64_t entry, bool write)
{
	return (entry & PAGE_PRESENT) && !(write && (entry & (PAGE_FILE_OR_SHARED | PAGE_UFFD_WP)));
}

void looks_begin(struct looks *looks)
{
	looks->page_shift = __builtin_ctzl(sysconf(_SC_PAGESIZE));
	for (uint32_t i = 0; i < LOOKERS; i++)
		looks->lookers[i].fd = -1;
}

void looks_end(struct looks *looks)
{
	for (uint32_t i = 0; i < LOOKERS; i++)
		if (looks->lookers[i].fd >= 0)
			close(looks->lookers[i].fd);
}

static int open_pagemap(struct looker *looker, int32_t tid)
{
	char path[64];
	if (looker->fd >= 0)
		close(looker->fd);
	snprintf(path, sizeof path, "/proc/%" PRId32 "/pagemap", tid);
	looker->tid = tid;
	looker->fd = open(path, O_RDONLY | O_CLOEXEC);
	return looker->fd;
}

/* The kept descriptor is of the memory that the thread had when it was opened: where it has none any more (execve, or
 * another thread of that number) the read is at its end, and it is opened anew. */
static bool read_entries(struct looks *looks, int32_t tid, uint64_t first, uint32_t pages, uint64_t *entries)
{
	struct looker *looker = &looks->lookers[(uint32_t)tid % LOOKERS];
	ssize_t wanted = pages * sizeof *entries;
	off_t at = (off_t)(first * sizeof *entries);
	if (looker->tid == tid && looker->fd >= 0 && pread(looker->fd, entries, wanted, at) == wanted)
		return true;
	return open_pagemap(looker, tid) >= 0 && pread(looker->fd, entries, wanted, at) == wanted;
}

static uint64_t first_page(const struct looks *looks, struct range range)
{
	return range.address >> looks->page_shift;
}

static uint64_t last_page(const struct looks *looks, struct range range)
{
	return (range.address + range.length - 1) >> looks->page_shift;
}

void look_again(struct looks *looks)
{
	looks->window.pages = 0;
}

void look_ahead(struct looks *looks, int32_t tid, const struct range *ranges, uint32_t count)
{
	uint64_t first = UINT64_MAX, last = 0;
	for (const struct range *range = ranges; range < ranges + count; range++) {
		if (!range->length)
			continue;
		uint64_t lowest = first_page(looks, *range) < first ? first_page(looks, *range) : first;
		uint64_t highest = last_page(looks, *range) > last ? last_page(looks, *range) : last;
		if (highest - lowest >= WINDOW_PAGES)
			continue;
		first = lowest;
		last = highest;
	}
	looks->window.pages = 0;
	if (first > last)
		return;
	uint32_t pages = (uint32_t)(last - first) + 1;
	if (!read_entries(looks, tid, first, pages, looks->window.entries))
		return;
	looks->window.tid = tid;
	looks->window.first = first;
	looks->window.pages = pages;
}

bool all_there(struct looks *looks, int32_t tid, struct range range, bool write)
{
	if (!range.length)
		return true;
	uint64_t first = first_page(looks, range), last = last_page(looks, range);
	if (last < first)
		return false;
	bool seen = looks->window.pages && looks->window.tid == tid && first >= looks->window.first &&
		    last < looks->window.first + looks->window.pages;
	uint64_t read[CHUNK];
	while (first <= last) {
		uint64_t pages = last - first + 1 < CHUNK ? last - first + 1 : CHUNK;
		const uint64_t *entries = seen ? &looks->window.entries[first - looks->window.first] : read;
		if (!seen && !read_entries(looks, tid, first, (uint32_t)pages, read))
			return false;
		for (uint64_t i = 0; i < pages; i++)
			if (!there(entries[i], write))
				return false;
		first += pages;
	}
	return true;
}
