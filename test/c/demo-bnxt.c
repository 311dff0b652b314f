/*
 * A Broadcom NetXtreme (driver bnxt): FWCTL_INFO, HWRM's VER_GET, the port's counters by two buffers whose addresses
 * stand in the request, and the EPERM of a scope that is too low. Structures of its own (HWRM is little-endian), as
 * few systems have the kernel's headers. Exit 0: all as expected of bnxt-loopback, or of a device.
 */
#include "fwctl-client.h"

enum { FWCTL_TYPE_BNXT = 3, BNXT_DMA_COMMANDS = 8 };
enum hwrm_request { HWRM_VER_GET = 0x0, HWRM_PORT_QSTATS = 0x23 };
enum { TX_STATS = 408, RX_STATS = 528 };

struct hwrm_header {
	uint16_t req_type;
	uint16_t cmpl_ring;
	uint16_t seq_id;
	uint16_t target_id;
	uint64_t resp_addr;
};

struct hwrm_ver_get {
	struct hwrm_header header;
	uint8_t intf_maj, intf_min, intf_upd, unused[5];
};

struct hwrm_port_qstats {
	struct hwrm_header header;
	uint16_t port_id;
	uint8_t flags, unused[5];
	uint64_t tx_stats;
	uint64_t rx_stats;
};

struct hwrm_response {
	uint16_t error_code;
	uint16_t req_type;
	uint16_t seq_id;
	uint16_t resp_len;
	uint8_t data[168];
};

static struct hwrm_header header(enum hwrm_request type)
{
	return (struct hwrm_header){ .req_type = type, .cmpl_ring = 0xffff, .target_id = 0xffff };
}

static uint32_t info(int fd)
{
	uint32_t caps = 0;
	struct fwctl_info cmd = { .size = sizeof(cmd), .device_data_len = sizeof(caps), .out_device_data = (uintptr_t)&caps };
	int error = ioctl(fd, FWCTL_INFO, &cmd) < 0 ? -errno : 0;

	expect(error == 0 && cmd.out_device_type == FWCTL_TYPE_BNXT, "FWCTL_INFO: %s, device type %u, uctx_caps 0x%x",
	       errno_name(error), cmd.out_device_type, caps);
	return caps;
}

static void ver_get(int fd)
{
	struct hwrm_ver_get request = { .header = header(HWRM_VER_GET), .intf_maj = 1, .intf_min = 10, .intf_upd = 3 };
	struct hwrm_response response = { .error_code = 0xffff };
	int error = fwctl_rpc(fd, SCOPE_DEBUG_READ_ONLY, &request, sizeof(request), &response, sizeof(response));

	expect(error == 0 && response.error_code == 0 && response.req_type == HWRM_VER_GET,
	       "VER_GET in scope DEBUG_READ_ONLY: %s, error code %u, %u bytes", errno_name(error), response.error_code,
	       response.resp_len);
	printf("            %-18s %u.%u.%u\n", "hwrm interface", response.data[0], response.data[1], response.data[2]);
}

static int filled(const uint8_t *bytes, size_t length)
{
	for (size_t at = 0; at < length; at++)
		if (bytes[at] != 0xa5)
			return 1;
	return 0;
}

static void port_qstats(int fd, uint32_t caps)
{
	uint8_t tx[TX_STATS], rx[RX_STATS];
	struct hwrm_port_qstats request = {
		.header = header(HWRM_PORT_QSTATS),
		.tx_stats = (uintptr_t)tx,
		.rx_stats = (uintptr_t)rx,
	};
	struct hwrm_response response = { 0 };
	int error;

	memset(tx, 0xa5, sizeof(tx));
	memset(rx, 0xa5, sizeof(rx));
	error = fwctl_rpc(fd, SCOPE_DEBUG_READ_ONLY, &request, sizeof(request), &response, 16);
	if (!(caps & BNXT_DMA_COMMANDS)) {
		expect(error == -EPERM && !filled(tx, sizeof(tx)), "PORT_QSTATS of a kernel without buffers: %s (expected EPERM)",
		       errno_name(error));
		return;
	}
	expect(error == 0 && response.error_code == 0, "PORT_QSTATS: %s, error code %u", errno_name(error),
	       response.error_code);
	expect(filled(tx, sizeof(tx)) && filled(rx, sizeof(rx)), "both of its buffers were filled, %u and %u bytes", TX_STATS,
	       RX_STATS);
}

static void ver_get_in_wrong_scope(int fd)
{
	struct hwrm_ver_get request = { .header = header(HWRM_VER_GET) };
	struct hwrm_response response = { .resp_len = 0xa5a5 };
	int error = fwctl_rpc(fd, SCOPE_CONFIGURATION, &request, sizeof(request), &response, sizeof(response));

	expect(error == -EPERM && response.resp_len == 0xa5a5, "VER_GET in scope CONFIGURATION: %s (expected EPERM)",
	       errno_name(error));
}

int main(int argc, char **argv)
{
	int fd = fwctl_open(fwctl_device(argc, argv));
	uint32_t caps = info(fd);

	ver_get(fd);
	port_qstats(fd, caps);
	ver_get_in_wrong_scope(fd);
	return failures() != 0;
}
