/* A test in C of the client beside it: fwctl-emu run -- ./test-info ./info */
#include "fwctl_emu.h"

static int run(const char *client)
{
	int status = system(client);

	return status < 0 || !WIFEXITED(status) ? -1 : WEXITSTATUS(status);
}

static int failed;
#define EXPECT(what) ((what) ? (void)0 : (void)(failed = 1, fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #what)))

int main(int argc, char **argv)
{
	const char *client = argc > 1 ? argv[1] : "./info";
	int fault;

	if (!fwctl_emu_present())
		return 77; /* skipped, for automake and meson */
	EXPECT(run(client) == 0);

	fault = fwctl_emu_fault_add("rpc:opcode=QUERY_HCA_CAP:error=EIO");
	EXPECT(fault > 0);
	EXPECT(run(client) == 1);
	EXPECT(fwctl_emu_fault_strikes(fault) == 1);
	EXPECT(fwctl_emu_fault_remove(fault) == 0);

	EXPECT(run(client) == 0);
	return failed;
}
