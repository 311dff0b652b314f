/*
 * A tool for Broadcom NetXtremes over fwctl, as the example in Documentation/userspace-api/fwctl/bnxt_fwctl.rst begins
 * one: HWRM requests of its own structures (little-endian), those with buffers too (Linux 7.3).
 *
 *   bnxt-tool [/dev/fwctl/fwctl0] info              versions, port, temperature, counters over a second
 *   bnxt-tool [/dev/fwctl/fwctl0] nvm               the NVM's directory
 *   bnxt-tool [/dev/fwctl/fwctl0] get OPTION        an NVM variable of at most 64 bits
 *   bnxt-tool [/dev/fwctl/fwctl0] set OPTION BITS VALUE
 *   bnxt-tool [/dev/fwctl/fwctl0] coredump          the segments, each retrieved to its end
 *
 * Exit 1: what was asked for was refused; the line says by whom.
 */
#include "fwctl-client.h"

enum hwrm_request {
	HWRM_VER_GET = 0x0,
	HWRM_PORT_QSTATS = 0x23,
	HWRM_PORT_PHY_QCFG = 0x27,
	HWRM_TEMP_MONITOR_QUERY = 0xe0,
	HWRM_DBG_COREDUMP_LIST = 0xff17,
	HWRM_DBG_COREDUMP_INITIATE = 0xff18,
	HWRM_DBG_COREDUMP_RETRIEVE = 0xff19,
	HWRM_NVM_GET_VARIABLE = 0xfff1,
	HWRM_NVM_SET_VARIABLE = 0xfff2,
	HWRM_NVM_GET_DIR_ENTRIES = 0xfffa,
	HWRM_NVM_GET_DIR_INFO = 0xfffb,
};

/* A request with room for any, and its response: fields by offset, as each structure has its own. */
struct message {
	uint8_t request[128];
	uint8_t response[256];
};

static uint16_t get16(const uint8_t *at)
{
	return at[0] | at[1] << 8;
}

static uint32_t get32(const uint8_t *at)
{
	return get16(at) | (uint32_t)get16(at + 2) << 16;
}

static uint64_t get64(const uint8_t *at)
{
	return get32(at) | (uint64_t)get32(at + 4) << 32;
}

static void put(uint8_t *at, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = value >> (8 * i);
}

static void start(struct message *message, enum hwrm_request type)
{
	memset(message, 0, sizeof(*message));
	put(message->request, type, 2);
	put(message->request + 2, 0xffff, 2); /* cmpl_ring */
	put(message->request + 6, 0xffff, 2); /* target_id */
}

static void put_buffer(struct message *message, int at, const void *buffer)
{
	put(message->request + at, (uintptr_t)buffer, 8);
}

/* 0, or 1 with a line that says who refused. */
static int ask(int fd, uint32_t scope, struct message *message, uint32_t in_len, uint32_t out_len)
{
	int error = fwctl_rpc(fd, scope, message->request, in_len, message->response, out_len);
	uint16_t type = get16(message->request), code = get16(message->response);

	if (error < 0)
		fprintf(stderr, "bnxt-tool: request 0x%x: the kernel refuses: %s\n", type, errno_name(error));
	else if (code != 0)
		fprintf(stderr, "bnxt-tool: request 0x%x: the firmware refuses: error_code 0x%x, cmd_err %u\n", type, code,
			message->response[14]);
	return error < 0 || code != 0;
}

static int counters(int fd, uint64_t *rx_frames, uint64_t *tx_frames)
{
	static uint8_t tx[408], rx[528];
	struct message message;

	start(&message, HWRM_PORT_QSTATS);
	put_buffer(&message, 24, tx);
	put_buffer(&message, 32, rx);
	if (ask(fd, SCOPE_DEBUG_READ_ONLY, &message, 40, 16))
		return 1;
	*tx_frames = get64(tx + 12 * 8); /* tx_total_frames */
	*rx_frames = get64(rx + 11 * 8); /* rx_total_frames */
	return 0;
}

static int info(int fd)
{
	static const char *const links[] = { "no link", "signal", "link" };
	struct message message;
	const uint8_t *r = message.response;
	uint64_t rx[2], tx[2];

	start(&message, HWRM_VER_GET);
	put(message.request + 16, 1, 1);  /* HWRM_VERSION_MAJOR */
	put(message.request + 17, 10, 1); /* _MINOR */
	put(message.request + 18, 3, 1);  /* _UPDATE */
	if (ask(fd, SCOPE_DEBUG_READ_ONLY, &message, 24, 176))
		return 1;
	printf("chip          0x%04x rev %u\n", get16(r + 112), r[114]);
	printf("hwrm          %u.%u.%u\n", r[8], r[9], r[10]);
	printf("firmware      %u.%u.%u.%u\n", get16(r + 136), get16(r + 138), get16(r + 140), get16(r + 142));
	printf("package       %.16s\n", (const char *)r + 80);

	start(&message, HWRM_PORT_PHY_QCFG);
	if (ask(fd, SCOPE_DEBUG_READ_ONLY, &message, 24, 112))
		return 1;
	printf("port          %s, %u Mb/s, module %.16s\n", r[8] < 3 ? links[r[8]] : "unknown", get16(r + 10) * 100,
	       (const char *)r + 56);

	start(&message, HWRM_TEMP_MONITOR_QUERY);
	if (ask(fd, SCOPE_DEBUG_READ_ONLY, &message, 16, 24))
		return 1;
	printf("temperature   %u C, warning at %u C\n", r[8], r[15]);

	if (counters(fd, &rx[0], &tx[0]))
		return 1;
	sleep(1);
	if (counters(fd, &rx[1], &tx[1]))
		return 1;
	printf("a second      %llu frames received, %llu sent\n", (unsigned long long)(rx[1] - rx[0]),
	       (unsigned long long)(tx[1] - tx[0]));
	return 0;
}

static int nvm(int fd)
{
	static uint8_t entries[65536];
	struct message message;
	uint32_t count, length;

	start(&message, HWRM_NVM_GET_DIR_INFO);
	if (ask(fd, SCOPE_DEBUG_READ_ONLY, &message, 16, 24))
		return 1;
	count = get32(message.response + 8);
	length = get32(message.response + 12);
	start(&message, HWRM_NVM_GET_DIR_ENTRIES);
	put_buffer(&message, 16, entries);
	if (ask(fd, SCOPE_DEBUG_READ_ONLY, &message, 24, 16))
		return 1;
	printf("index  type  ordinal      bytes  crc32\n");
	for (uint32_t i = 0; i < count && (i + 1) * length <= sizeof(entries); i++) {
		const uint8_t *entry = entries + i * length;

		printf("%5u  0x%02x  %7u  %9u  %08x\n", i, get16(entry), get16(entry + 2), get32(entry + 16),
		       get32(entry + 20));
	}
	return 0;
}

static int get_variable(int fd, uint16_t option)
{
	uint8_t data[64] = { 0 };
	struct message message;

	start(&message, HWRM_NVM_GET_VARIABLE);
	put_buffer(&message, 16, data);
	put(message.request + 24, sizeof(data), 2); /* bits, and bytes of the buffer */
	put(message.request + 26, option, 2);
	if (ask(fd, SCOPE_CONFIGURATION, &message, 40, 16))
		return 1;
	printf("%u: 0x%llx, %u bits\n", option, (unsigned long long)get64(data), get16(message.response + 8));
	return 0;
}

static int set_variable(int fd, uint16_t option, uint16_t bits, uint64_t value)
{
	uint8_t data[64] = { 0 };
	struct message message;

	put(data, value, 8);
	start(&message, HWRM_NVM_SET_VARIABLE);
	put_buffer(&message, 16, data);
	put(message.request + 24, bits, 2);
	put(message.request + 26, option, 2);
	return ask(fd, SCOPE_CONFIGURATION, &message, 40, 16);
}

static int coredump(int fd)
{
	static uint8_t list[65536], piece[4096];
	struct message message;
	int segments;

	start(&message, HWRM_DBG_COREDUMP_LIST);
	put_buffer(&message, 16, list);
	put(message.request + 24, sizeof(list), 4);
	if (ask(fd, SCOPE_DEBUG_READ_ONLY, &message, 32, 16))
		return 1;
	segments = get16(message.response + 10);
	for (int i = 0; i < segments && i < (int)sizeof(list) / 16; i++) {
		const uint8_t *segment = list + 16 * i;
		uint32_t bytes = 0, pieces = 0;
		int more = 1;

		start(&message, HWRM_DBG_COREDUMP_INITIATE);
		memcpy(message.request + 16, segment, 4);
		if (ask(fd, SCOPE_DEBUG_READ_ONLY, &message, 32, 16))
			return 1;
		for (; more; pieces++) {
			start(&message, HWRM_DBG_COREDUMP_RETRIEVE);
			put_buffer(&message, 16, piece);
			put(message.request + 24, sizeof(piece), 4);
			memcpy(message.request + 32, segment, 4);
			put(message.request + 48, pieces, 4);
			if (ask(fd, SCOPE_DEBUG_READ_ONLY, &message, 56, 16))
				return 1;
			bytes += get16(message.response + 10);
			more = message.response[8] & 1;
		}
		printf("component %u segment %u: %u of %u bytes in %u pieces\n", get16(segment), get16(segment + 2), bytes,
		       get32(segment + 12), pieces);
	}
	return 0;
}

int main(int argc, char **argv)
{
	int own = argc > 1 && argv[1][0] == '/';
	const char *verb = argc > 1 + own ? argv[1 + own] : "info";
	char **words = argv + 2 + own;
	int left = argc - 2 - own;
	int fd = fwctl_open(own ? argv[1] : "/dev/fwctl/fwctl0");

	if (fd < 0)
		return 1;
	if (!strcmp(verb, "info"))
		return info(fd);
	if (!strcmp(verb, "nvm"))
		return nvm(fd);
	if (!strcmp(verb, "coredump"))
		return coredump(fd);
	if (!strcmp(verb, "get") && left == 1)
		return get_variable(fd, strtoul(words[0], NULL, 0));
	if (!strcmp(verb, "set") && left == 3)
		return set_variable(fd, strtoul(words[0], NULL, 0), strtoul(words[1], NULL, 0), strtoull(words[2], NULL, 0));
	fprintf(stderr, "usage: bnxt-tool [DEVICE] info | nvm | coredump | get OPTION | set OPTION BITS VALUE\n");
	return 2;
}
