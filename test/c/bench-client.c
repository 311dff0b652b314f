/*
 * The client of `make bench`: one kind of call on one device, again and again, each timed. Prints one line of JSON:
 * {"count", "p50", "p99", "mean" (all ns), "status" (firmware status of the last reply, -1 when there is none)}.
 *
 *	bench-client [--op info|rpc|open|none] [--opcode N] [--op-mod N] [--register N] [--scope N] [--in BYTES] [--out BYTES]
 *		     [--ms N] [--count N] [--cpu N] DEVICE
 *
 * Ends after --ms milliseconds or --count calls, whichever comes first, after a tenth of that to warm up. `none` is the floor: an
 * ioctl that the kernel refuses at once (DEVICE /dev/null). A call that fails ends the program with status 1 and its errno's name.
 */
#include "fwctl-client.h"
#include <getopt.h>
#include <sched.h>
#include <time.h>

enum { MOST_SAMPLES = 1 << 21, MOST_BYTES = 2 << 20 };
enum operation { OP_INFO, OP_RPC, OP_OPEN, OP_NONE, OPERATIONS };

static const char *const operation_names[OPERATIONS] = { "info", "rpc", "open", "none" };

struct bench {
	const char *path;
	enum operation operation;
	int fd;
	uint32_t scope, in_len, out_len;
	uint8_t *in, *out;
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

/* 0 or a negative errno. */
static int call(const struct bench *bench)
{
	struct fwctl_info_mlx5 data;
	int fd;

	switch (bench->operation) {
	case OP_INFO:
		return fwctl_info(bench->fd, NULL, &data);
	case OP_RPC:
		return fwctl_rpc(bench->fd, bench->scope, bench->in, bench->in_len, bench->out, bench->out_len);
	case OP_OPEN:
		fd = open(bench->path, O_RDWR | O_CLOEXEC);
		return fd < 0 || close(fd) < 0 ? -errno : 0;
	default:
		return ioctl(bench->fd, FWCTL_RPC, bench->out) < 0 && errno != ENOTTY ? -errno : 0;
	}
}

/* Calls until `count` are done or `ns` have gone by; their times in `samples` (may be NULL). Returns how many. */
static uint64_t run(const struct bench *bench, uint64_t count, uint64_t ns, uint32_t *samples)
{
	uint64_t start = now(), before = start, after, done = 0;
	int error;

	while (done < count && before - start < ns) {
		error = call(bench);
		after = now();
		if (error) {
			fprintf(stderr, "bench-client: %s on %s: %s\n", operation_names[bench->operation], bench->path, errno_name(error));
			exit(1);
		}
		if (samples)
			samples[done] = after - before < UINT32_MAX ? after - before : UINT32_MAX;
		before = after;
		done++;
	}
	return done;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint64_t number(const char *text, uint64_t most)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 0);

	if (*end || end == text || value > most) {
		fprintf(stderr, "bench-client: not a number up to %llu: %s\n", (unsigned long long)most, text);
		exit(2);
	}
	return value;
}

static enum operation operation_of(const char *name)
{
	for (int i = 0; i < OPERATIONS; i++)
		if (strcmp(operation_names[i], name) == 0)
			return i;
	fprintf(stderr, "bench-client: unknown --op %s\n", name);
	exit(2);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0) {
		perror("bench-client: sched_setaffinity");
		exit(1);
	}
}

static void report(const struct bench *bench, uint32_t *samples, uint64_t count)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < count; i++)
		sum += samples[i];
	qsort(samples, count, sizeof(*samples), by_value);
	printf("{\"count\": %llu, \"p50\": %u, \"p99\": %u, \"mean\": %.1f, \"status\": %d}\n", (unsigned long long)count,
	       samples[count / 2], samples[count * 99 / 100], (double)sum / count,
	       bench->operation == OP_RPC ? mlx5_status(bench->out) : -1);
}

int main(int argc, char **argv)
{
	enum { OPTION_OP = 1, OPTION_OPCODE, OPTION_OP_MOD, OPTION_REGISTER, OPTION_SCOPE, OPTION_IN, OPTION_OUT, OPTION_MS,
	       OPTION_COUNT, OPTION_CPU };
	static const struct option options[] = {
		{ "op", required_argument, NULL, OPTION_OP },
		{ "opcode", required_argument, NULL, OPTION_OPCODE },
		{ "op-mod", required_argument, NULL, OPTION_OP_MOD },
		{ "register", required_argument, NULL, OPTION_REGISTER },
		{ "scope", required_argument, NULL, OPTION_SCOPE },
		{ "in", required_argument, NULL, OPTION_IN },
		{ "out", required_argument, NULL, OPTION_OUT },
		{ "ms", required_argument, NULL, OPTION_MS },
		{ "count", required_argument, NULL, OPTION_COUNT },
		{ "cpu", required_argument, NULL, OPTION_CPU },
		{ 0 },
	};
	struct bench bench = { .operation = OP_RPC, .scope = SCOPE_DEBUG_READ_ONLY, .in_len = 16, .out_len = 16 };
	uint64_t count = MOST_SAMPLES, ns = 250000000;
	uint16_t opcode = MLX5_QUERY_ISSI, op_mod = 0, id = 0;
	uint32_t *samples;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case OPTION_OP: bench.operation = operation_of(optarg); break;
		case OPTION_OPCODE: opcode = number(optarg, UINT16_MAX); break;
		case OPTION_OP_MOD: op_mod = number(optarg, UINT16_MAX); break;
		case OPTION_REGISTER: id = number(optarg, UINT16_MAX); break;
		case OPTION_SCOPE: bench.scope = number(optarg, UINT32_MAX); break;
		case OPTION_IN: bench.in_len = number(optarg, MOST_BYTES); break;
		case OPTION_OUT: bench.out_len = number(optarg, MOST_BYTES); break;
		case OPTION_MS: ns = number(optarg, 3600000) * 1000000; break;
		case OPTION_COUNT: count = number(optarg, MOST_SAMPLES); break;
		case OPTION_CPU: pin(number(optarg, CPU_SETSIZE - 1)); break;
		default: return 2;
		}
	}
	if (optind != argc - 1 || count == 0) {
		fprintf(stderr, "usage: bench-client [OPTION...] DEVICE\n");
		return 2;
	}
	bench.path = argv[optind];
	bench.in = calloc(1, MOST_BYTES);
	bench.out = calloc(1, MOST_BYTES);
	samples = malloc(MOST_SAMPLES * sizeof(*samples));
	if (!bench.in || !bench.out || !samples)
		return 1;
	mlx5_header(bench.in, opcode, op_mod);
	mlx5_put16(bench.in + 10, id);
	bench.fd = fwctl_open(bench.path);

	run(&bench, count / 10 + 1, ns / 10 + 1, NULL);
	report(&bench, samples, run(&bench, count, ns, samples));
	return 0;
}
