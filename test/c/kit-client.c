/*
 * A test in C with extras/c/fwctl_emu.h: run it under `fwctl-emu run`. Prints one line for each thing expected; status
 * 0 when all held.
 */
#include "fwctl-client.h"
#include "../../extras/c/fwctl_emu.h"

static int query(int fd)
{
	uint8_t request[MLX5_HEADER] = { 1, 0, 0, 0, 0, 0, 0, 1 }, reply[272];

	return fwctl_rpc(fd, SCOPE_CONFIGURATION, request, sizeof(request), reply, sizeof(reply)) ?: -reply[0];
}

static int failed;

static void check(int ok, const char *what)
{
	printf("%s %s\n", ok ? "ok" : "NOT OK", what);
	failed |= !ok;
}

int main(int argc, char **argv)
{
	int fd = fwctl_open(fwctl_device(argc, argv)), fault;

	check(fwctl_emu_present(), "an emulator is there");
	check(query(fd) == 0, "a query passes");
	fault = fwctl_emu_fault_add("rpc:opcode=QUERY_HCA_CAP:error=EIO:when=2");
	check(fault > 0, "a fault is added");
	check(query(fd) == 0 && query(fd) == -EIO && query(fd) == 0, "it strikes at the second query alone");
	check(fwctl_emu_fault_strikes(fault) == 1, "it says so");
	check(fwctl_emu_fault_remove(fault) == 0 && fwctl_emu_fault_remove(fault) == -ENOENT, "it is removed once");
	check(fwctl_emu_fault_add("rpc:eror=EIO") == -EINVAL && strstr(fwctl_emu_error(), "did you mean error"),
	      "a slip is explained");
	fault = fwctl_emu_fault_add("rpc:status=BAD_PARAM:count=1");
	check(query(fd) == -3 && query(fd) == 0, "a firmware status comes once");
	check(fwctl_emu_taint() == 0, "nothing has tainted");
	check(fwctl_emu_unplug("fwctl0") == 0 && query(fd) == -ENODEV, "unplugged, the open file answers ENODEV");
	check(fwctl_emu_unplug("fwctl0") == -ENOENT, "there is no such device any more");
	return failed;
}
