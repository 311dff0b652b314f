/*
 * CXL features through fwctl: the list, one read, one set in the right scope and in one that is too low, and one that
 * the kernel keeps for itself. demo-cxl [DEVICE]: a device with cxl_test's vendor feature. Exit 0: all as expected.
 * Written from include/uapi/fwctl/cxl.h and include/uapi/cxl/features.h; all members are little-endian.
 */
#include "fwctl-client.h"

enum { FWCTL_TYPE_CXL = 2 };
enum cxl_opcode { CXL_GET_SUPPORTED = 0x500, CXL_GET_FEATURE = 0x501, CXL_SET_FEATURE = 0x502 };
enum { CXL_CHANGEABLE = 1, MOST_FEATURES = 64 };

struct cxl_header {
	uint32_t opcode;
	uint32_t flags;
	uint32_t op_size;
	uint32_t reserved;
} __attribute__((packed));

struct cxl_get_supported {
	struct cxl_header header;
	uint32_t count;
	uint16_t start_idx;
	uint8_t reserved[2];
} __attribute__((packed));

struct cxl_get_feature {
	struct cxl_header header;
	uint8_t uuid[16];
	uint16_t offset;
	uint16_t count;
	uint8_t selection;
} __attribute__((packed));

struct cxl_set_feature {
	struct cxl_header header;
	uint8_t uuid[16];
	uint32_t flags;
	uint16_t offset;
	uint8_t version;
	uint8_t reserved[9];
	uint8_t data[4];
} __attribute__((packed));

struct cxl_entry {
	uint8_t uuid[16];
	uint16_t id;
	uint16_t get_size;
	uint16_t set_size;
	uint32_t flags;
	uint8_t get_version;
	uint8_t set_version;
	uint16_t effects;
	uint8_t reserved[18];
} __attribute__((packed));

struct cxl_reply {
	uint32_t size;
	uint32_t retval;
	uint8_t payload[];
} __attribute__((packed));

struct cxl_list {
	uint16_t entries;
	uint16_t total;
	uint8_t reserved[4];
	struct cxl_entry list[MOST_FEATURES];
} __attribute__((packed));

/* tools/testing/cxl/test/mem.c: a vendor's feature of 4 bytes. SPPR: cxl_exclusive_feats[] of cxl/core/features.c. */
static const uint8_t VENDOR_TEST[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static const uint8_t SPPR[16] = { 0x89, 0x2b, 0xa4, 0x75, 0xfa, 0xd8, 0x47, 0x4e,
				  0x9d, 0x3e, 0x69, 0x2c, 0x91, 0x75, 0x68, 0xbb };

static struct cxl_header header(enum cxl_opcode opcode, size_t bytes)
{
	return (struct cxl_header){ .opcode = opcode, .op_size = bytes - sizeof(struct cxl_header) };
}

static void list_features(int fd)
{
	struct cxl_get_supported in = { .header = header(CXL_GET_SUPPORTED, sizeof(in)),
					.count = sizeof(struct cxl_list) };
	union {
		struct cxl_reply reply;
		uint8_t bytes[sizeof(struct cxl_reply) + sizeof(struct cxl_list)];
	} out = { 0 };
	struct cxl_list list;
	int error = fwctl_rpc(fd, SCOPE_CONFIGURATION, &in, sizeof(in), &out, sizeof(out));
	int settable = 0;

	memcpy(&list, out.bytes + sizeof(struct cxl_reply), sizeof(list));
	if (!expect(error == 0 && out.reply.retval == 0, "GET_SUPPORTED_FEATURES: %s, return code %u", errno_name(error),
		    out.reply.retval))
		return;
	for (int i = 0; i < list.entries && i < MOST_FEATURES; i++)
		settable += list.list[i].flags & CXL_CHANGEABLE;
	printf("            %-18s %u of %u, %d of them changeable\n", "features", list.entries, list.total, settable);
	expect(list.entries == list.total && list.total > 0, "the list is whole");
}

/* Returns the value, 0 when there is none. */
static uint32_t read_feature(int fd, const uint8_t *uuid)
{
	struct cxl_get_feature in = { .header = header(CXL_GET_FEATURE, sizeof(in)), .count = 4 };
	struct {
		uint32_t size, retval, value;
	} out = { 0 };
	int error;

	memcpy(in.uuid, uuid, sizeof(in.uuid));
	error = fwctl_rpc(fd, SCOPE_CONFIGURATION, &in, sizeof(in), &out, sizeof(out));
	/* a command that was not delivered has return code 0 too: the size tells */
	expect(error == 0 && out.retval == 0 && out.size == 4, "GET_FEATURE in scope CONFIGURATION: %s, return code %u",
	       errno_name(error), out.retval);
	printf("            %-18s 0x%08x\n", "value", out.value);
	return out.value;
}

static int set_feature(int fd, enum fwctl_scope scope, const uint8_t *uuid, uint32_t value, uint32_t *retval)
{
	struct cxl_set_feature in = { .header = header(CXL_SET_FEATURE, sizeof(in)), .version = 1 };
	struct cxl_reply out = { 0 };
	int error;

	memcpy(in.uuid, uuid, sizeof(in.uuid));
	memcpy(in.data, &value, sizeof(value));
	error = fwctl_rpc(fd, scope, &in, sizeof(in), &out, sizeof(out));
	*retval = out.retval;
	return error;
}

int main(int argc, char **argv)
{
	int fd = fwctl_open(fwctl_device(argc, argv));
	struct fwctl_info_mlx5 none;
	uint32_t type = 0, before, retval;
	int error;

	fwctl_info(fd, &type, &none);
	expect(type == FWCTL_TYPE_CXL, "FWCTL_INFO: device type %u", type);
	list_features(fd);
	before = read_feature(fd, VENDOR_TEST);

	error = set_feature(fd, SCOPE_CONFIGURATION, VENDOR_TEST, before + 1, &retval);
	expect(error == -EINVAL, "SET_FEATURE in scope CONFIGURATION: %s (expected EINVAL)", errno_name(error));
	error = set_feature(fd, SCOPE_DEBUG_WRITE, VENDOR_TEST, before + 1, &retval);
	expect(error == 0 && retval == 0, "SET_FEATURE in scope DEBUG_WRITE: %s, return code %u", errno_name(error),
	       retval);
	expect(read_feature(fd, VENDOR_TEST) == before + 1, "what was set is read back");

	error = set_feature(fd, SCOPE_DEBUG_WRITE_FULL, SPPR, 1, &retval);
	expect(error == -EPERM, "SET_FEATURE of SPPR, the kernel's own: %s (expected EPERM)", errno_name(error));
	return failures() != 0;
}
