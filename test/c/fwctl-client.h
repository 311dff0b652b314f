/*
 * What our C clients share: the two structures of the fwctl uAPI, the mlx5 command header, and a way to say what was
 * expected. Written from the interface description (include/uapi/fwctl/fwctl.h, PRM command interface); no kernel
 * header is needed, so it builds wherever there is a C compiler. Raw ioctl(2) only: to the emulator these are programs
 * like any other.
 */
#ifndef FWCTL_CLIENT_H
#define FWCTL_CLIENT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* _IO(0x9a, nr): the words carry neither size nor direction. */
#define FWCTL_INFO 0x9a00u
#define FWCTL_RPC 0x9a01u

struct fwctl_info {
	uint32_t size;
	uint32_t flags;
	uint32_t out_device_type;
	uint32_t device_data_len;
	uint64_t out_device_data;
};

struct fwctl_rpc {
	uint32_t size;
	uint32_t scope;
	uint32_t in_len;
	uint32_t out_len;
	uint64_t in;
	uint64_t out;
};

/* The driver's data of FWCTL_INFO for mlx5. Both members are little-endian. */
struct fwctl_info_mlx5 {
	uint32_t uid;
	uint32_t uctx_caps;
};

enum { FWCTL_TYPE_MLX5 = 1 };

enum fwctl_scope {
	SCOPE_CONFIGURATION = 0,
	SCOPE_DEBUG_READ_ONLY = 1,
	SCOPE_DEBUG_WRITE = 2,
	SCOPE_DEBUG_WRITE_FULL = 3,
};

enum mlx5_opcode { MLX5_QUERY_HCA_CAP = 0x100, MLX5_QUERY_ISSI = 0x10a, MLX5_ACCESS_REG = 0x805 };
enum mlx5_register { MLX5_NODE_DESC = 0x6001, MLX5_MGIR = 0x9020 };

/* Bytes of a command's header, in both directions. */
enum { MLX5_HEADER = 16, MLX5_CAP_REPLY = MLX5_HEADER + 4096 };

/* TAINT_FWCTL, letter J. */
#define TAINT_FWCTL (1ul << 19)

static inline const char *fwctl_device(int argc, char **argv)
{
	const char *env = getenv("FWCTL_DEVICE");

	if (argc > 1)
		return argv[1];
	return env && *env ? env : "/dev/fwctl/fwctl0";
}

/* A descriptor, or the end of the program with status 1. */
static inline int fwctl_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		fprintf(stderr, "open %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return fd;
}

/* 0 or a negative errno. */
static inline int fwctl_info(int fd, uint32_t *type, struct fwctl_info_mlx5 *data)
{
	struct fwctl_info cmd = {
		.size = sizeof(cmd),
		.device_data_len = sizeof(*data),
		.out_device_data = (uintptr_t)data,
	};

	memset(data, 0, sizeof(*data));
	if (ioctl(fd, FWCTL_INFO, &cmd) < 0)
		return -errno;
	if (type)
		*type = cmd.out_device_type;
	return cmd.device_data_len == sizeof(*data) ? 0 : -EPROTO;
}

/* 0 or a negative errno; the firmware's status is in the reply. */
static inline int fwctl_rpc(int fd, uint32_t scope, const void *in, uint32_t in_len, void *out, uint32_t out_len)
{
	struct fwctl_rpc cmd = {
		.size = sizeof(cmd),
		.scope = scope,
		.in_len = in_len,
		.out_len = out_len,
		.in = (uintptr_t)in,
		.out = (uintptr_t)out,
	};

	return ioctl(fd, FWCTL_RPC, &cmd) < 0 ? -errno : 0;
}

static inline void mlx5_put16(void *p, uint16_t value)
{
	uint8_t *byte = p;

	byte[0] = value >> 8;
	byte[1] = value & 0xff;
}

static inline uint32_t mlx5_get32(const void *p)
{
	const uint8_t *byte = p;

	return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
}

/* `bits` bits at bit `offset`, counted from the most significant bit of the first byte, inside one 32-bit word. */
static inline uint32_t mlx5_field(const void *p, unsigned int offset, unsigned int bits)
{
	uint32_t word = mlx5_get32((const uint8_t *)p + offset / 32 * 4);
	uint32_t mask = bits == 32 ? 0xffffffffu : (1u << bits) - 1;

	return word >> (32 - bits - offset % 32) & mask;
}

/* Request header: opcode, and op_mod; the uid is the kernel's to fill. */
static inline void mlx5_header(void *request, uint16_t opcode, uint16_t op_mod)
{
	memset(request, 0, MLX5_HEADER);
	mlx5_put16(request, opcode);
	mlx5_put16((uint8_t *)request + 6, op_mod);
}

/* QUERY_HCA_CAP, current values of capability `type`. `reply` has MLX5_CAP_REPLY bytes. */
static inline int mlx5_query_cap(int fd, uint32_t scope, uint16_t type, void *reply)
{
	uint8_t request[MLX5_HEADER];

	mlx5_header(request, MLX5_QUERY_HCA_CAP, type << 1 | 1);
	return fwctl_rpc(fd, scope, request, sizeof(request), reply, MLX5_CAP_REPLY);
}

/* ACCESS_REG read of `bytes` of register data, which come at reply + MLX5_HEADER. At most 1024 bytes. */
static inline int mlx5_read_register(int fd, uint32_t scope, uint16_t id, void *reply, uint32_t bytes)
{
	uint8_t request[MLX5_HEADER + 1024] = { 0 };

	if (bytes > sizeof(request) - MLX5_HEADER)
		return -EINVAL;
	mlx5_header(request, MLX5_ACCESS_REG, 1);
	mlx5_put16(request + 10, id);
	return fwctl_rpc(fd, scope, request, MLX5_HEADER + bytes, reply, MLX5_HEADER + bytes);
}

static inline uint8_t mlx5_status(const void *reply)
{
	return *(const uint8_t *)reply;
}

static inline uint32_t mlx5_syndrome(const void *reply)
{
	return mlx5_get32((const uint8_t *)reply + 4);
}

static inline const char *errno_name(int error)
{
	switch (error < 0 ? -error : error) {
	case 0: return "success";
	case EPERM: return "EPERM";
	case ENXIO: return "ENXIO";
	case EIO: return "EIO";
	case EINTR: return "EINTR";
	case EACCES: return "EACCES";
	case EFAULT: return "EFAULT";
	case ENODEV: return "ENODEV";
	case EINVAL: return "EINVAL";
	case ENOTTY: return "ENOTTY";
	case EBADMSG: return "EBADMSG";
	case EMSGSIZE: return "EMSGSIZE";
	case EOPNOTSUPP: return "EOPNOTSUPP";
	case ECONNABORTED: return "ECONNABORTED";
	case ENOTCONN: return "ENOTCONN";
	default: return strerror(error < 0 ? -error : error);
	}
}

/* Expectations that did not hold so far; a client's exit status is `failures() != 0`. */
static inline int *failures_(void)
{
	static int count;

	return &count;
}

static inline int failures(void)
{
	return *failures_();
}

/* One line for one expectation. Returns `holds`. */
static inline __attribute__((format(printf, 2, 3))) int expect(int holds, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	printf("  %s  ", holds ? "ok      " : "NOT OK  ");
	vprintf(format, list);
	printf("\n");
	va_end(list);
	if (!holds)
		++*failures_();
	return holds;
}

/* The kernel's taint word, or ~0 when it cannot be read. */
static inline unsigned long read_tainted(void)
{
	FILE *file = fopen("/proc/sys/kernel/tainted", "re");
	unsigned long value = ~0ul;

	if (file) {
		if (fscanf(file, "%lu", &value) != 1)
			value = ~0ul;
		fclose(file);
	}
	return value;
}

#endif
