/*
 * The C reference of `make bench`: one regular file, fwctl0, in a FUSE mount, answering FWCTL_INFO and FWCTL_RPC as
 * plain as C with libfuse3's low-level API can: the ioctl brings the user's pointer and the caller's thread, its memory
 * is read and written by process_vm_*: structure, then payload; back in one call, payload before structure. Lengths and
 * scope are checked as the kernel does; the firmware behind it is a loopback. Single loop, nothing cached by the
 * kernel, as with the emulator itself.
 *
 *	ref-libfuse DIR [read|write:AT:BYTES...]	mounts on DIR, prints "ready", serves until SIGTERM or SIGINT
 *
 * Behind DIR: buffers whose addresses stand at AT in each request, which are read before the firmware is asked, and
 * written, as they are, in front of the payload.
 */
#define FUSE_USE_VERSION 35
#include "fwctl-client.h"
#include <fuse_lowlevel.h>
#include <sys/stat.h>
#include <sys/uio.h>

enum { NODE_ROOT = FUSE_ROOT_ID, NODE_DEVICE = 2, MAX_RPC_LEN = 2 << 20 };

static const char device_name[] = "fwctl0";
static uint8_t request[MAX_RPC_LEN], reply[MAX_RPC_LEN];

enum { MOST_BUFFERS = 4, MAX_BUFFER_LEN = 65536 };
static struct buffer {
	int written;
	uint32_t at, length;
	uint8_t bytes[MAX_BUFFER_LEN];
} buffers[MOST_BUFFERS];
static int buffer_count;

static int stat_of(fuse_ino_t node, struct stat *attr)
{
	memset(attr, 0, sizeof(*attr));
	attr->st_ino = node;
	attr->st_uid = getuid();
	attr->st_gid = getgid();
	if (node == NODE_ROOT) {
		attr->st_mode = S_IFDIR | 0755;
		attr->st_nlink = 2;
	} else {
		attr->st_mode = S_IFREG | 0600;
		attr->st_nlink = 1;
	}
	return node == NODE_ROOT || node == NODE_DEVICE;
}

static void serve_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = { .ino = NODE_DEVICE };

	if (parent != NODE_ROOT || strcmp(name, device_name) != 0) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	stat_of(NODE_DEVICE, &entry.attr);
	fuse_reply_entry(req, &entry);
}

static void serve_getattr(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *file)
{
	struct stat attr;

	(void)file;
	if (stat_of(node, &attr))
		fuse_reply_attr(req, &attr, 0);
	else
		fuse_reply_err(req, ENOENT);
}

static void serve_readdir(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *file)
{
	struct stat attr;
	char entry[128];
	size_t length;

	(void)node;
	(void)file;
	if (offset > 0) {
		fuse_reply_buf(req, NULL, 0);
		return;
	}
	stat_of(NODE_DEVICE, &attr);
	length = fuse_add_direntry(req, entry, sizeof(entry), device_name, &attr, 1);
	fuse_reply_buf(req, entry, length <= size ? length : 0);
}

static void serve_open(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *file)
{
	if (node != NODE_DEVICE) {
		fuse_reply_err(req, EISDIR);
		return;
	}
	file->fh = 1;
	fuse_reply_open(req, file);
}

static void serve_release(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *file)
{
	(void)node;
	(void)file;
	fuse_reply_err(req, 0);
}

static int copy_from_user(pid_t thread, void *to, uint64_t from, size_t length)
{
	struct iovec here = { to, length }, there = { (void *)(uintptr_t)from, length };

	return process_vm_readv(thread, &here, 1, &there, 1, 0) == (ssize_t)length ? 0 : EFAULT;
}

/* Where the request says that the buffer is. */
static void *address_of(const struct buffer *buffer)
{
	uint64_t address;

	memcpy(&address, request + buffer->at, sizeof(address));
	return (void *)(uintptr_t)address;
}

/* All writes in one call, `count` buffers first; a fault stops it where calls of copy_to_user() in turn would stop. */
static int copy_to_user(pid_t thread, int count, uint64_t to, const void *data, size_t length, uint64_t ucmd, const void *cmd,
			size_t bytes)
{
	struct iovec here[MOST_BUFFERS + 2], there[MOST_BUFFERS + 2];
	size_t total = length + bytes;
	int used = 0;

	for (struct buffer *buffer = buffers; buffer < buffers + count; buffer++) {
		if (!buffer->written)
			continue;
		here[used] = (struct iovec){ buffer->bytes, buffer->length };
		there[used++] = (struct iovec){ address_of(buffer), buffer->length };
		total += buffer->length;
	}
	here[used] = (struct iovec){ (void *)data, length };
	there[used++] = (struct iovec){ (void *)(uintptr_t)to, length };
	here[used] = (struct iovec){ (void *)cmd, bytes };
	there[used++] = (struct iovec){ (void *)(uintptr_t)ucmd, bytes };
	return process_vm_writev(thread, here, used, there, used, 0) == (ssize_t)total ? 0 : EFAULT;
}

static int read_buffers(pid_t thread, uint32_t in_len)
{
	for (struct buffer *buffer = buffers; buffer < buffers + buffer_count; buffer++) {
		if (buffer->at + sizeof(uint64_t) > in_len)
			return EINVAL;
		if (!buffer->written && copy_from_user(thread, buffer->bytes, (uintptr_t)address_of(buffer), buffer->length))
			return EFAULT;
	}
	return 0;
}

static int cmd_info(pid_t thread, uint64_t ucmd)
{
	static const struct fwctl_info_mlx5 device = { .uid = 1, .uctx_caps = 4 };
	struct fwctl_info cmd;
	uint32_t length;

	if (copy_from_user(thread, &cmd, ucmd, sizeof(cmd)))
		return EFAULT;
	if (cmd.size < sizeof(cmd))
		return EINVAL;
	if (cmd.size > sizeof(cmd))
		return E2BIG;
	if (cmd.flags)
		return EOPNOTSUPP;
	length = cmd.device_data_len < sizeof(device) ? cmd.device_data_len : sizeof(device);
	cmd.out_device_type = FWCTL_TYPE_MLX5;
	cmd.device_data_len = length ? sizeof(device) : 0;
	return copy_to_user(thread, 0, cmd.out_device_data, &device, length, ucmd, &cmd, sizeof(cmd));
}

/* The command that came, with a status of 0: what a driver's fw_rpc() would bring back. */
static void loopback(uint32_t in_len, uint32_t out_len)
{
	uint32_t both = in_len < out_len ? in_len : out_len;

	memset(reply, 0, MLX5_HEADER);
	if (both > MLX5_HEADER)
		memcpy(reply + MLX5_HEADER, request + MLX5_HEADER, both - MLX5_HEADER);
	if (out_len > both)
		memset(reply + both, 0, out_len - both);
}

static int cmd_rpc(pid_t thread, uint64_t ucmd)
{
	struct fwctl_rpc cmd;
	int error;

	if (copy_from_user(thread, &cmd, ucmd, sizeof(cmd)))
		return EFAULT;
	if (cmd.size < sizeof(cmd))
		return EINVAL;
	if (cmd.size > sizeof(cmd))
		return E2BIG;
	if (cmd.in_len > MAX_RPC_LEN || cmd.out_len > MAX_RPC_LEN)
		return EMSGSIZE;
	if (cmd.scope > SCOPE_DEBUG_WRITE_FULL)
		return EOPNOTSUPP;
	if (copy_from_user(thread, request, cmd.in, cmd.in_len))
		return EFAULT;
	if (cmd.in_len < MLX5_HEADER || cmd.out_len < MLX5_HEADER)
		return EMSGSIZE;
	error = read_buffers(thread, cmd.in_len);
	if (error)
		return error;
	mlx5_put16(request + 2, 1); /* the uid is enforced */
	loopback(cmd.in_len, cmd.out_len);
	return copy_to_user(thread, buffer_count, cmd.out, reply, cmd.out_len, ucmd, &cmd, sizeof(cmd));
}

static void serve_ioctl(fuse_req_t req, fuse_ino_t node, unsigned int number, void *arg, struct fuse_file_info *file,
			unsigned int flags, const void *in, size_t in_size, size_t out_size)
{
	pid_t thread = fuse_req_ctx(req)->pid;
	int error = ENOTTY;

	(void)node;
	(void)file;
	(void)flags;
	(void)in;
	(void)in_size;
	(void)out_size;
	if (number == FWCTL_INFO)
		error = cmd_info(thread, (uintptr_t)arg);
	else if (number == FWCTL_RPC)
		error = cmd_rpc(thread, (uintptr_t)arg);
	fuse_reply_ioctl(req, -error, NULL, 0);
}

static const struct fuse_lowlevel_ops operations = {
	.lookup = serve_lookup,
	.getattr = serve_getattr,
	.readdir = serve_readdir,
	.open = serve_open,
	.release = serve_release,
	.ioctl = serve_ioctl,
};

static int parse_buffers(char **words, int count)
{
	char way[8];

	if (count > MOST_BUFFERS)
		return 0;
	for (; buffer_count < count; buffer_count++) {
		struct buffer *buffer = &buffers[buffer_count];

		if (sscanf(words[buffer_count], "%7[a-z]:%u:%u", way, &buffer->at, &buffer->length) != 3)
			return 0;
		if (buffer->length > MAX_BUFFER_LEN || (strcmp(way, "read") != 0 && strcmp(way, "write") != 0))
			return 0;
		buffer->written = strcmp(way, "write") == 0;
	}
	return 1;
}

int main(int argc, char **argv)
{
	char *fuse_argv[] = { argv[0], "-ofsname=ref-libfuse", NULL };
	struct fuse_args args = FUSE_ARGS_INIT(2, fuse_argv);
	struct fuse_session *session;
	int status = 1;

	if (argc < 2 || !parse_buffers(argv + 2, argc - 2)) {
		fprintf(stderr, "usage: %s DIR [read|write:AT:BYTES...]\n", argv[0]);
		return 2;
	}
	session = fuse_session_new(&args, &operations, sizeof(operations), NULL);
	if (!session)
		return 1;
	if (fuse_set_signal_handlers(session) == 0) {
		if (fuse_session_mount(session, argv[1]) == 0) {
			puts("ready");
			fflush(stdout);
			status = fuse_session_loop(session) < 0;
			fuse_session_unmount(session);
		}
		fuse_remove_signal_handlers(session);
	}
	fuse_session_destroy(session);
	return status;
}
