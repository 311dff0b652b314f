/*
 * hook: fwx's FWX_HOOK. Sends its words to the emulated machine under test and waits for the answer.
 *
 *   hook set PARAM VALUE | hook unplug N | hook plug N
 *
 * The machine listens on the Unix socket $FWX_HOOK_SOCKET (test/oracle/hook-server.ts): one line in, `ok` or a reason
 * out. Exit 0: done. Exit 1: refused, the reason on stderr. A socket is a file, so this works inside a private view
 * too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("FWX_HOOK_SOCKET");
	char line[512], answer[512];
	size_t length = 0, have = 0;
	ssize_t n;

	if (argc < 2 || !path || strlen(path) >= sizeof address.sun_path) {
		fputs("hook: usage: FWX_HOOK_SOCKET=PATH hook WORD [ARG...]\n", stderr);
		return 2;
	}
	strcpy(address.sun_path, path);
	for (int i = 1; i < argc; i++) {
		int room = sizeof line - length;
		int added = snprintf(line + length, room, "%s%c", argv[i], i + 1 < argc ? ' ' : '\n');
		if (added < 0 || added >= room) {
			fputs("hook: too many words\n", stderr);
			return 2;
		}
		length += added;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0 || write(fd, line, length) != (ssize_t)length) {
		perror("hook");
		return 1;
	}
	while (have < sizeof answer - 1 && (n = read(fd, answer + have, sizeof answer - 1 - have)) > 0)
		have += n;
	answer[have] = 0;
	if (!strcmp(answer, "ok\n"))
		return 0;
	fprintf(stderr, "hook: %s", have ? answer : "the machine has gone\n");
	return 1;
}
