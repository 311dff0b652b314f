/*
 * What a client sees of the device without any ioctl: `name=value` lines for tests to read.
 *   mode (octal st_mode), kind (char, regular, other), rdev (MAJOR:MINOR of fstat), uid, gid, perm,
 *   char_link (readlink of /sys/dev/char/MAJOR:MINOR), device (realpath of its `device`), driver (readlink of
 *   device/driver), class_link (readlink of /sys/class/fwctl/NAME), dev (contents of its `dev`).
 * Exit: 0, 1 when the device cannot be opened, 2 when sysfs does not lead from the descriptor to a device below
 * /sys/devices.
 */
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "fwctl-client.h"

static void print_link(const char *name, const char *path)
{
	char text[PATH_MAX];
	ssize_t length = readlink(path, text, sizeof(text) - 1);

	if (length < 0) {
		printf("%s=!%s\n", name, strerror(errno));
		return;
	}
	text[length] = 0;
	printf("%s=%s\n", name, text);
}

static void print_line_of(const char *name, const char *path)
{
	char text[128] = "";
	FILE *file = fopen(path, "re");

	if (!file || !fgets(text, sizeof(text), file)) {
		printf("%s=!%s\n", name, strerror(errno));
	} else {
		text[strcspn(text, "\n")] = 0;
		printf("%s=%s\n", name, text);
	}
	if (file)
		fclose(file);
}

int main(int argc, char **argv)
{
	const char *path = fwctl_device(argc, argv), *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char link[PATH_MAX], resolved[PATH_MAX];
	int fd = fwctl_open(path), found;
	struct stat st;

	if (fstat(fd, &st) < 0) {
		perror("fstat");
		return 1;
	}
	printf("mode=%o\n", st.st_mode);
	printf("kind=%s\n", S_ISCHR(st.st_mode) ? "char" : S_ISREG(st.st_mode) ? "regular" : "other");
	printf("perm=%04o\nuid=%u\ngid=%u\n", st.st_mode & 07777, st.st_uid, st.st_gid);
	printf("rdev=%u:%u\n", major(st.st_rdev), minor(st.st_rdev));

	snprintf(link, sizeof(link), "/sys/dev/char/%u:%u", major(st.st_rdev), minor(st.st_rdev));
	print_link("char_link", link);
	strcat(link, "/device");
	found = realpath(link, resolved) != NULL;
	printf("device=%s%s\n", found ? "" : "!", found ? resolved : strerror(errno));
	strcat(link, "/driver");
	print_link("driver", link);

	snprintf(link, sizeof(link), "/sys/class/fwctl/%.200s", name);
	print_link("class_link", link);
	strcat(link, "/dev");
	print_line_of("dev", link);
	return found && !strncmp(resolved, "/sys/devices/", 13) ? 0 : 2;
}
