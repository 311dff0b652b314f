/*
 * nova-core: the vGPU types of a GPU, one given to a virtual function and taken back, refusals of driver and firmware.
 * Exit 0: all as expected. The structures are of include/uapi/fwctl/nova-core.h and of what NVIDIA's vgpu-mgmt sends.
 */
#include "fwctl-client.h"

enum { FWCTL_TYPE_NOVA_CORE = 5, TYPES = 64 };

enum gmc_command {
	QUERY_SUPPORTED_VGPU_TYPES = 0x00020002,
	QUERY_CREATABLE_VGPU_TYPES = 0x00020003,
	ASSIGN_VGPU_TYPE = 0x00020004,
	DEASSIGN_VGPU_TYPE = 0x00020005,
	QUERY_VGPU_PROPERTIES = 0x00020006,
	QUERY_ASSIGNED_VF_VGPU_TYPE = 0x00020007,
};

struct nova_header {
	uint32_t command_id;
	uint32_t reserved;
};

struct assign_params {
	uint64_t dbdf;
	uint32_t type;
	uint32_t swizz;
	uint16_t placement;
};

_Static_assert(sizeof(struct assign_params) == 24, "GmcapiAssignVgpuTypeInParams");

/* 0 or a negative errno; the payload of the reply is at `out`. */
static int gmc(int fd, uint32_t command, const void *in, uint32_t in_bytes, void *out, uint32_t out_bytes)
{
	uint8_t request[64] = { 0 }, reply[sizeof(struct nova_header) + 4 * TYPES + 256];
	struct nova_header header = { .command_id = command };
	int error;

	memset(reply, 0, sizeof(reply));
	memcpy(request, &header, sizeof(header));
	if (in_bytes)
		memcpy(request + sizeof(header), in, in_bytes);
	error = fwctl_rpc(fd, SCOPE_CONFIGURATION, request, sizeof(header) + in_bytes, reply, sizeof(header) + out_bytes);
	if (error == 0)
		expect(memcmp(reply, &header, sizeof(header)) == 0, "the reply to 0x%08x names it", command);
	if (out_bytes)
		memcpy(out, reply + sizeof(header), out_bytes);
	return error;
}

static unsigned int types(int fd, uint32_t command, uint32_t *ids)
{
	unsigned int count = 0;

	memset(ids, 0, TYPES * sizeof(*ids));
	expect(gmc(fd, command, NULL, 0, ids, TYPES * sizeof(*ids)) == 0, "a list of types");
	while (count < TYPES && ids[count])
		count++;
	return count;
}

int main(int argc, char **argv)
{
	int fd = fwctl_open(fwctl_device(argc, argv));
	struct fwctl_info info = { .size = sizeof(info) };
	struct assign_params first = { .dbdf = 0x0104 }, second = { .dbdf = 0x0105 };
	struct nova_header odd = { .command_id = QUERY_SUPPORTED_VGPU_TYPES, .reserved = 1 }, back;
	uint32_t ids[TYPES], assigned[3] = { 0 };
	unsigned int count;
	uint64_t stream[39] = { 0 };

	count = ioctl(fd, FWCTL_INFO, &info) == 0;
	expect(count && info.out_device_type == FWCTL_TYPE_NOVA_CORE, "out_device_type is %u", info.out_device_type);
	count = types(fd, QUERY_SUPPORTED_VGPU_TYPES, ids);
	expect(count > 1, "%u types are supported, the first is %u", count, ids[0]);
	first.type = ids[0];
	second.type = ids[1];
	expect(gmc(fd, QUERY_VGPU_PROPERTIES, &first.type, 4, stream, sizeof(stream)) == 0, "its properties");
	/* the first instruction: an array of 8-bit values, of key 0x3100, whose count is the name's with its NUL */
	expect((stream[0] & 0xffffffff) == 0x30003100, "they begin with its name, \"%s\"", (char *)&stream[1]);
	expect(gmc(fd, ASSIGN_VGPU_TYPE, &first, sizeof(first), NULL, 0) == 0, "a virtual function gets the type");
	expect(gmc(fd, ASSIGN_VGPU_TYPE, &first, sizeof(first), NULL, 0) == -EIO, "and no second one: EIO");
	expect(gmc(fd, ASSIGN_VGPU_TYPE, &second, sizeof(second), NULL, 0) == -EIO, "nor another function another type");
	count = types(fd, QUERY_CREATABLE_VGPU_TYPES, ids);
	expect(count == 1 && ids[0] == first.type, "the plan is locked to it");
	expect(gmc(fd, QUERY_ASSIGNED_VF_VGPU_TYPE, &first.dbdf, 8, assigned, sizeof(assigned)) == 0 &&
		       assigned[0] == first.type,
	       "which it has");
	expect(gmc(fd, DEASSIGN_VGPU_TYPE, &first.dbdf, 8, NULL, 0) == 0, "taken back");
	expect(fwctl_rpc(fd, SCOPE_CONFIGURATION, &odd, sizeof(odd), &back, sizeof(back)) == -EINVAL, "reserved is 0");
	odd.reserved = 0;
	expect(fwctl_rpc(fd, SCOPE_DEBUG_READ_ONLY, &odd, sizeof(odd), &back, sizeof(back)) == -EPERM,
	       "another scope lets nothing through");
	return failures() != 0;
}
