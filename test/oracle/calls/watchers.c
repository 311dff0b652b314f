/* inotify(7), fanotify(7), dnotify, and what they tell of the node. */
#include "calls.h"
#include <sys/fanotify.h>
#include <sys/inotify.h>

static void touch_it(void)
{
	char byte;
	struct iovec none = { &byte, 1 };
	int fd = open(node, O_RDWR | O_NONBLOCK);
	if (read(fd, &byte, 1) < 0 && readv(fd, &none, 1) < 0 && ioctl(fd, 0x9a7f, 0) < 0) close(fd);
	chmod(node, 0640);
	chmod(node, 0600);
	close(open(node, O_RDONLY));
}

static void inotify_masks(const char *op, const char *path, uint32_t watched)
{
	char buffer[8192] __attribute__((aligned(8))), text[512] = "";
	int fd = inotify_init1(IN_NONBLOCK);
	R(named("%s: watch", op), inotify_add_watch(fd, path, watched) < 0 ? -1 : 0);
	touch_it();
	usleep(50000);
	ssize_t n = read(fd, buffer, sizeof buffer);
	for (ssize_t i = 0; i < n; i += sizeof(struct inotify_event) + ((struct inotify_event *)(buffer + i))->len)
		snprintf(text + strlen(text), sizeof text - strlen(text), " %x", ((struct inotify_event *)(buffer + i))->mask);
	tell(op, "%s", text);
	close(fd);
}

static void fanotify_masks(const char *op, unsigned how, unsigned flags, uint64_t mask)
{
	char buffer[8192] __attribute__((aligned(8))), text[512] = "";
	int fd = fanotify_init(how | FAN_NONBLOCK | FAN_CLOEXEC, O_RDONLY);
	if (fd < 0) {
		say(named("%s: init", op), -1);
		return;
	}
	R(named("%s: mark", op), fanotify_mark(fd, FAN_MARK_ADD | flags, mask, AT_FDCWD, node));
	touch_it();
	usleep(50000);
	ssize_t n = read(fd, buffer, sizeof buffer);
	struct fanotify_event_metadata *event = (void *)buffer;
	if (n < 0) say(named("%s: read", op), n);
	for (; n > 0 && FAN_EVENT_OK(event, n); event = FAN_EVENT_NEXT(event, n))
		snprintf(text + strlen(text), sizeof text - strlen(text), " %llx", (unsigned long long)event->mask);
	tell(op, "%s", text);
	close(fd);
}

void watchers(void)
{
	int fd = opened(O_RDONLY), dir = open(folder, O_RDONLY | O_DIRECTORY);
	inotify_masks("inotify on the node", node, IN_ALL_EVENTS);
	inotify_masks("inotify on the directory", folder, IN_ALL_EVENTS);
	inotify_masks("inotify IN_ONLYDIR", node, IN_OPEN | IN_ONLYDIR);
	fanotify_masks("fanotify", FAN_CLASS_NOTIF, 0, FAN_OPEN | FAN_CLOSE | FAN_ACCESS | FAN_MODIFY);
	fanotify_masks("fanotify with permission", FAN_CLASS_CONTENT, FAN_MARK_IGNORE_SURV, FAN_OPEN);
	fanotify_masks("fanotify FID", FAN_CLASS_NOTIF | FAN_REPORT_FID, 0, FAN_OPEN | FAN_ATTRIB);
	fanotify_masks("fanotify FID, file system", FAN_CLASS_NOTIF | FAN_REPORT_FID, FAN_MARK_FILESYSTEM, FAN_ATTRIB);
	R("F_NOTIFY", fcntl(fd, F_NOTIFY, DN_MODIFY));
	signal(SIGIO, SIG_IGN);
	R("F_NOTIFY on the directory", fcntl(dir, F_NOTIFY, DN_ATTRIB));
}
