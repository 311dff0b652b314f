/* Extended attributes and access control lists. */
#include "calls.h"
#include <sys/xattr.h>

static char value[65537];

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in order: a tmpfs lists them the last first before Linux 6.2, by a hash with a random seed on 7.2. */
static void list(const char *op)
{
	char names[4096], *name[16], text[4096] = "";
	ssize_t n = listxattr(node, names, sizeof names);
	if (n < 0) {
		say(op, n);
		return;
	}
	size_t count = 0;
	for (char *next = names; next < names + n && count < 16; next += strlen(next) + 1) name[count++] = next;
	qsort(name, count, sizeof *name, by_name);
	for (size_t i = 0; i < count; i++) strcat(strcat(text, name[i]), " ");
	tell(op, "%s", text);
}

static void each_name(const char *p)
{
	static const char *name[] = {
		"user.a", "trusted.a", "security.a", "security.capability", "security.selinux", "system.a", "system.nfs4_acl",
		"system.posix_acl_default", "plain", "user.", "trusted.", "",
	};
	char buffer[64];
	for (unsigned i = 0; i < sizeof name / sizeof *name; i++) {
		R(named("%s get %s", p, name[i]), getxattr(node, name[i], buffer, sizeof buffer));
		R(named("%s replace %s", p, name[i]), setxattr(node, name[i], "1", 1, XATTR_REPLACE));
		R(named("%s set %s", p, name[i]), setxattr(node, name[i], "one", 3, 0));
		R(named("%s create %s", p, name[i]), setxattr(node, name[i], "1", 1, XATTR_CREATE));
		R(named("%s get again %s", p, name[i]), getxattr(node, name[i], buffer, sizeof buffer));
		R(named("%s size %s", p, name[i]), getxattr(node, name[i], NULL, 0));
		R(named("%s get 2 bytes %s", p, name[i]), getxattr(node, name[i], buffer, 2));
		R(named("%s remove %s", p, name[i]), removexattr(node, name[i]));
		R(named("%s remove again %s", p, name[i]), removexattr(node, name[i]));
	}
	list(named("%s list", p));
}

struct row { uint16_t tag, perm; uint32_t id; };
struct acl { uint32_t version; struct row row[5]; };
#define NONE 0xffffffffu
static const struct acl FOR_NOBODY = { 2, { { 1, 6, NONE }, { 2, 6, 65534 }, { 4, 0, NONE }, { 16, 6, NONE }, { 32, 0, NONE } } };
static const struct acl MINIMAL = { 2, { { 1, 7, NONE }, { 4, 5, NONE }, { 32, 1, NONE }, { 0, 0, 0 }, { 0, 0, 0 } } };
#define ACCESS "system.posix_acl_access"

static void open_it(const char *op)
{
	RFD(op, open(node, O_RDWR));
}

static void show(const char *op)
{
	struct acl acl;
	struct stat now;
	char text[256] = "";
	ssize_t n = getxattr(node, ACCESS, &acl, sizeof acl);
	if (n < 0) say(named("%s: list", op), n);
	for (ssize_t i = 0; i < (n - 4) / 8; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), " %d:%d:%d", acl.row[i].tag, acl.row[i].perm, (int)acl.row[i].id);
	stat(node, &now);
	tell(op, "0%o%s", now.st_mode & 07777, text);
}

static void set_acl_as_nobody(const char *op)
{
	R(op, setxattr(node, ACCESS, &FOR_NOBODY, sizeof FOR_NOBODY, 0));
}

static void lists(void)
{
	struct acl wrong = FOR_NOBODY;
	show("acl none");
	as_nobody("acl none: open", open_it);
	R("acl set", setxattr(node, ACCESS, &FOR_NOBODY, sizeof FOR_NOBODY, 0));
	show("acl for 65534");
	list("list with acl");
	as_nobody("acl for 65534: open", open_it);
	R("acl chmod 600", chmod(node, 0600));
	show("acl after chmod 600");
	as_nobody("acl after chmod 600: open", open_it);
	R("acl chmod 664", chmod(node, 0664));
	show("acl after chmod 664");
	as_nobody("acl after chmod 664: open", open_it);
	as_nobody("acl set by 65534", set_acl_as_nobody);
	R("acl set CREATE", setxattr(node, ACCESS, &FOR_NOBODY, sizeof FOR_NOBODY, XATTR_CREATE));
	R("acl minimal", setxattr(node, ACCESS, &MINIMAL, 28, 0));
	show("acl after minimal");
	R("acl set again", setxattr(node, ACCESS, &FOR_NOBODY, sizeof FOR_NOBODY, 0));
	R("acl remove", removexattr(node, ACCESS));
	show("acl after remove");
	R("acl remove again", removexattr(node, ACCESS));
	wrong.version = 1;
	R("acl version 1", setxattr(node, ACCESS, &wrong, sizeof wrong, 0));
	R("acl cut", setxattr(node, ACCESS, &FOR_NOBODY, 27, 0));
	R("acl without a mask", setxattr(node, ACCESS, &FOR_NOBODY, 28, 0));
	R("acl empty", setxattr(node, ACCESS, "", 0, 0));
	R("acl default", setxattr(node, "system.posix_acl_default", &FOR_NOBODY, sizeof FOR_NOBODY, 0));
	show("acl at last");
	chmod(node, 0600);
}

void xattrs(void)
{
	int fd = opened(O_RDWR), path = opened(O_PATH);
	char buffer[64];
	list("list of a new node");
	each_name("root:");
	as_nobody("0600, 65534:", each_name);
	chmod(node, 0666);
	as_nobody("0666, 65534:", each_name);
	chmod(node, 0600);
	R("fsetxattr", fsetxattr(fd, "trusted.b", "two", 3, 0));
	R("lsetxattr", lsetxattr(node, "security.c", "", 0, 0));
	R("setxattr of another", setxattr(node, "trusted.a", "x", 1, 0));
	list("list of three");
	R("list, 5 bytes", listxattr(node, buffer, 5));
	R("list, size", listxattr(node, NULL, 0));
	R("fsetxattr of O_PATH", fsetxattr(path, "trusted.b", "two", 3, 0));
	R("fgetxattr of O_PATH", fgetxattr(path, "trusted.b", buffer, 3));
	R("set 65536 bytes", setxattr(node, "trusted.big", value, 65536, 0));
	R("get 65536 bytes", getxattr(node, "trusted.big", value, 65536));
	R("set 65537 bytes", setxattr(node, "trusted.big", value, 65537, 0));
	R("set with flags 3", setxattr(node, "trusted.a", value, 1, 3));
	R("set with flags 4", setxattr(node, "trusted.a", value, 1, 4));
	memset(value, 'n', 255);
	memcpy(value, "trusted.", 8);
	value[255] = 0;
	R("name of 255 bytes", setxattr(node, value, "1", 1, 0));
	R("name of 255 bytes, get", getxattr(node, value, buffer, 4));
	R("name of 255 bytes, remove", removexattr(node, value));
	lists();
}
