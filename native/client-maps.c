/* Reads /proc/TID/maps; what a page fault of the kernel's own copy would decide by it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "client-maps.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

enum { LINE = 8192 };

struct mapping {
	uint64_t start, end;
	char permissions[5];
	bool stack;
};

/* linux: access_error() of arch/x86/mm/fault.c reads what may be read, written or executed, unless a protection key
 * forbids it, as mmap(PROT_EXEC) asks for where there are keys; do_page_fault() of arm64 reads what may be read or
 * written. */
static bool executable_reads(void)
{
#if defined(__x86_64__)
	unsigned a, b, c = 0, d;
	enum { OSPKE = 1 << 4 };
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && !(c & OSPKE);
#else
	return false;
#endif
}

static bool permits(const struct mapping *mapping, bool write)
{
	const char *p = mapping->permissions;
	if (write)
		return p[1] == 'w';
	return p[0] == 'r' || p[1] == 'w' || (p[2] == 'x' && executable_reads());
}

/* How large the thread's stack may become, bytes; the usual limit where it cannot be read. */
static uint64_t stack_limit(int32_t tid)
{
	char path[64], line[256];
	uint64_t limit = 8 << 20;
	snprintf(path, sizeof path, "/proc/%" PRId32 "/limits", tid);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		if (!strncmp(line, "Max stack size", 14) && sscanf(line + 14, " %" SCNu64, &limit) != 1)
			limit = UINT64_MAX;
	if (file)
		fclose(file);
	return limit;
}

static bool next_mapping(FILE *file, struct mapping *into)
{
	char line[LINE];
	while (fgets(line, sizeof line, file)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &into->start, &into->end, into->permissions) != 3)
			continue;
		into->stack = strstr(line, "[stack]\n");
		return true;
	}
	return false;
}

int64_t mapped_bytes(int32_t tid, uint64_t address, uint64_t length, bool write)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%" PRId32 "/maps", tid);
	FILE *file = fopen(path, "re");
	if (!file)
		return -errno;
	uint64_t at = address, end = address + length;
	struct mapping mapping;
	if (end < address)
		end = UINT64_MAX;
	while (at < end && next_mapping(file, &mapping)) {
		if (mapping.end <= at)
			continue;
		if (mapping.start > at && !(mapping.stack && mapping.end - (at & ~4095ull) <= stack_limit(tid)))
			break;
		if (!permits(&mapping, write))
			break;
		at = mapping.end;
	}
	fclose(file);
	return (at < end ? at : end) - address;
}
