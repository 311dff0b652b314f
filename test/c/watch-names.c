/* Prints what inotify(7) tells of a directory, an event a line: "IN_CREATE fwctl1".
 *
 * Usage: watch-names DIRECTORY COUNT    says "watching" first; ends after COUNT events, or with 1 after 10 s */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

static const struct {
	uint32_t mask;
	const char *name;
} kinds[] = {
	{ IN_CREATE, "IN_CREATE" },
	{ IN_DELETE, "IN_DELETE" },
	{ IN_MOVED_FROM, "IN_MOVED_FROM" },
	{ IN_MOVED_TO, "IN_MOVED_TO" },
	{ IN_ATTRIB, "IN_ATTRIB" },
	{ IN_DELETE_SELF, "IN_DELETE_SELF" },
	{ IN_IGNORED, "IN_IGNORED" },
};

int main(int argc, char **argv)
{
	static char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	int fd = inotify_init1(IN_NONBLOCK);
	const uint32_t mask = IN_CREATE | IN_DELETE | IN_MOVE | IN_ATTRIB | IN_DELETE_SELF;
	if (argc < 3 || fd < 0 || inotify_add_watch(fd, argv[1], mask) < 0) {
		perror("watch-names");
		return 2;
	}
	puts("watching");
	fflush(stdout);
	for (int left = atoi(argv[2]); left > 0;) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		if (poll(&ready, 1, 10000) != 1)
			return 1;
		ssize_t bytes = read(fd, buffer, sizeof buffer);
		for (ssize_t at = 0; at < bytes; left--) {
			const struct inotify_event *event = (const void *)(buffer + at);
			for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
				if (event->mask & kinds[i].mask)
					printf("%s %s\n", kinds[i].name, event->len ? event->name : "");
			at += (ssize_t)(sizeof *event + event->len);
		}
		fflush(stdout);
	}
	return 0;
}
