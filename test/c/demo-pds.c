/*
 * AMD Pensando's pds: operations of endpoints with their payloads, one refused in too low a scope, one that is not
 * there. Exit 0: all as expected. The structures are of include/uapi/fwctl/pds.h, the response that of the loopback
 * firmware, which says what it was sent.
 */
#include "fwctl-client.h"

enum { FWCTL_TYPE_PDS = 4 };

/* Request and reply alike, little-endian. */
struct pds_rpc {
	uint32_t op;
	uint32_t ep;
	uint32_t in_reserved;
	uint32_t in_len;
	uint64_t in_payload;
	uint32_t retval;
	uint32_t out_reserved[2];
	uint32_t out_len;
	uint64_t out_payload;
};

/* What the loopback firmware answers. */
struct pds_loopback {
	uint32_t ep;
	uint32_t op;
	uint32_t request_bytes;
	uint32_t response_bytes;
	uint64_t hash;
	char text[16];
};

_Static_assert(sizeof(struct pds_rpc) == 48, "struct fwctl_rpc_pds");
_Static_assert(sizeof(struct pds_loopback) == 40, "the loopback's answer");

static const char question[] = "what do you get?";

static int pds_call(int fd, uint32_t scope, uint32_t ep, uint32_t op, struct pds_loopback *answer, struct pds_rpc *reply)
{
	struct pds_rpc request = {
		.op = op,
		.ep = ep,
		.in_len = sizeof(question) - 1,
		.in_payload = (uintptr_t)question,
		.out_len = sizeof(*answer),
		.out_payload = (uintptr_t)answer,
	};

	memset(answer, 0xa5, sizeof(*answer));
	memset(reply, 0, sizeof(*reply));
	return fwctl_rpc(fd, scope, &request, sizeof(request), reply, sizeof(*reply));
}

static void info(int fd)
{
	uint8_t data[16];
	struct fwctl_info cmd = {
		.size = sizeof(cmd),
		.device_data_len = sizeof(data),
		.out_device_data = (uintptr_t)data,
	};

	memset(data, 0xa5, sizeof(data));
	if (!expect(ioctl(fd, FWCTL_INFO, &cmd) == 0, "FWCTL_INFO"))
		return;
	expect(cmd.out_device_type == FWCTL_TYPE_PDS, "out_device_type is FWCTL_DEVICE_TYPE_PDS (%u)", cmd.out_device_type);
	expect(cmd.device_data_len == 0 && data[0] == 0 && data[15] == 0,
	       "the driver has no data (device_data_len %u), and the buffer is zeroed", cmd.device_data_len);
}

static void call(int fd, uint32_t scope, uint32_t ep, uint32_t op)
{
	struct pds_loopback answer;
	struct pds_rpc reply;
	int error = pds_call(fd, scope, ep, op, &answer, &reply);

	if (!expect(error == 0 && reply.retval == 0, "endpoint 0x%x operation 0x%x in scope %u: %s, retval %u", ep, op,
		    scope, errno_name(error), reply.retval))
		return;
	printf("            %-18s ep 0x%x, op 0x%x, \"%.16s\"\n", "it was sent to", answer.ep, answer.op, answer.text);
	printf("            %-18s %u bytes, 0x%016llx\n", "its payload", answer.request_bytes,
	       (unsigned long long)answer.hash);
	expect(answer.ep == ep && answer.op == op && answer.request_bytes == sizeof(question) - 1,
	       "the firmware got what was sent");
	expect(reply.op == op && reply.out_payload == (uintptr_t)&answer, "the reply is the request, with retval");
}

static void refused(int fd, uint32_t scope, uint32_t ep, uint32_t op, int errno_expected)
{
	struct pds_loopback answer;
	struct pds_rpc reply;
	int error = pds_call(fd, scope, ep, op, &answer, &reply);

	expect(error == -errno_expected, "endpoint 0x%x operation 0x%x in scope %u: %s (expected %s)", ep, op, scope,
	       errno_name(error), errno_name(errno_expected));
	expect(answer.text[0] == (char)0xa5 && reply.op == 0, "refused means not delivered: nothing was written");
}

int main(int argc, char **argv)
{
	int fd = fwctl_open(fwctl_device(argc, argv));

	info(fd);
	call(fd, SCOPE_CONFIGURATION, 1, 0x10001);
	refused(fd, SCOPE_CONFIGURATION, 1, 0x10002, EPERM);
	call(fd, SCOPE_DEBUG_READ_ONLY, 1, 0x10002);
	refused(fd, SCOPE_CONFIGURATION, 2, 0x20004, EINVAL);
	return failures() != 0;
}
