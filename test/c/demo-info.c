/*
 * FWCTL_INFO: what the device says of itself and of this open file. Exit 0: all as expected.
 * Built static too: a program without a dynamic loader must see the same.
 */
#include "fwctl-client.h"

int main(int argc, char **argv)
{
	const char *path = fwctl_device(argc, argv);
	int first = fwctl_open(path), second = fwctl_open(path);
	struct fwctl_info_mlx5 one, two;
	struct fwctl_info unsized = { .size = sizeof(unsized) };
	uint32_t type = 0;
	int error;

	error = fwctl_info(first, &type, &one);
	if (!expect(error == 0, "FWCTL_INFO on %s: %s", path, errno_name(error)))
		return 1;
	expect(type == FWCTL_TYPE_MLX5, "out_device_type %u (expected 1, FWCTL_DEVICE_TYPE_MLX5)", type);
	expect(one.uid != 0, "uid %u: the firmware's name for this open file (expected not 0)", one.uid);
	expect((one.uctx_caps & ~4u) == 0, "uctx_caps 0x%x (expected 0x4, TOOLS_RESOURCES, or 0)", one.uctx_caps);

	error = fwctl_info(second, &type, &two);
	expect(error == 0 && two.uid != one.uid, "a second open has a uid of its own: %u", two.uid);

	error = ioctl(first, FWCTL_INFO, &unsized) < 0 ? -errno : 0;
	expect(error == 0 && unsized.device_data_len == 0,
	       "asked with device_data_len 0, the driver is not asked: length %u back", unsized.device_data_len);
	return failures() != 0;
}
