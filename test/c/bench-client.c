/*
 * The client of `make bench`: one kind of call, again and again, each timed. Prints one line of JSON:
 * {"count", "p50", "p99", "mean" (all ns), "status" (firmware status of the last reply, -1 when there is none), "rate"
 * (calls a second)}.
 *
 *	bench-client [--op info|rpc|open|none] [--opcode N] [--op-mod N] [--register N] [--scope N] [--in BYTES]
 *		     [--out BYTES] [--hex REQUEST] [--buffer AT:BYTES] [--ms N] [--count N] [--cpu N[,N...]]
 *		     [--clients N] [--hold N [--rest]] DEVICE...
 *
 * Ends after --ms milliseconds or --count calls, whichever comes first, after a tenth of that to warm up. `none` is the
 * floor: an ioctl that the kernel refuses at once (DEVICE /dev/null). A call that fails ends the program with status 1
 * and its errno's name. --hex is the whole request, of any driver, in place of an mlx5 command; at AT of it stands the
 * address of a buffer of BYTES. --clients are processes of their own, on the devices and the CPUs in turn; count and
 * rate are then those of all together, the times those of the median client. --hold opens so many more files first, on
 * the devices in turn, and keeps them; --rest keeps them until the end of standard input.
 */
#include "fwctl-client.h"
#include <getopt.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { MOST_SAMPLES = 1 << 21, MOST_BYTES = 2 << 20, MOST_CLIENTS = 1024, MOST_CPUS = 64 };
enum operation { OP_INFO, OP_RPC, OP_OPEN, OP_NONE, OPERATIONS };

static const char *const operation_names[OPERATIONS] = { "info", "rpc", "open", "none" };

struct bench {
	const char *path;
	enum operation operation;
	int fd;
	uint32_t scope, in_len, out_len;
	uint8_t *in, *out;
	int is_mlx5;
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

static uint32_t hex_request(const char *text, uint8_t *in)
{
	uint32_t length = 0;
	unsigned int byte;

	for (; length < MOST_BYTES && sscanf(text, "%2x", &byte) == 1 && text[1]; text += 2)
		in[length++] = byte;
	return length;
}

/* AT:BYTES: the address of a new buffer. */
static void put_buffer(const char *text, uint8_t *in)
{
	unsigned int at, bytes;
	void *buffer = NULL;

	if (sscanf(text, "%u:%u", &at, &bytes) == 2 && at <= MOST_BYTES - sizeof(buffer))
		buffer = calloc(1, bytes);
	if (!buffer) {
		fprintf(stderr, "bench-client: not AT:BYTES: %s\n", text);
		exit(2);
	}
	memcpy(in + at, &buffer, sizeof(buffer));
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

/* What one client found; shared with its parent. */
struct result {
	uint64_t count, ns;
	uint32_t p50, p99;
	double mean;
	int status;
};

static struct result measure(const struct bench *bench, uint64_t count, uint64_t ns)
{
	uint32_t *samples = malloc(MOST_SAMPLES * sizeof(*samples));
	struct result result = { 0 };
	uint64_t sum = 0, start;

	if (!samples)
		exit(1);
	run(bench, count / 10 + 1, ns / 10 + 1, NULL);
	start = now();
	result.count = run(bench, count, ns, samples);
	result.ns = now() - start;
	for (uint64_t i = 0; i < result.count; i++)
		sum += samples[i];
	qsort(samples, result.count, sizeof(*samples), by_value);
	result.p50 = samples[result.count / 2];
	result.p99 = samples[result.count * 99 / 100];
	result.mean = (double)sum / result.count;
	result.status = bench->operation == OP_RPC && bench->is_mlx5 ? mlx5_status(bench->out) : -1;
	free(samples);
	return result;
}

static int by_p50(const void *a, const void *b)
{
	return by_value(&((const struct result *)a)->p50, &((const struct result *)b)->p50);
}

static void report(struct result *results, int clients)
{
	uint64_t count = 0;
	double rate = 0;
	const struct result *middle = &results[clients / 2];

	qsort(results, clients, sizeof(*results), by_p50);
	for (int i = 0; i < clients; i++) {
		count += results[i].count;
		rate += results[i].count * 1e9 / results[i].ns;
	}
	printf("{\"count\": %llu, \"p50\": %u, \"p99\": %u, \"mean\": %.1f, \"status\": %d, \"rate\": %.0f}\n",
	       (unsigned long long)count, middle->p50, middle->p99, middle->mean, middle->status, rate);
}

/* N more open files, kept until the end. */
static void hold(uint32_t files, char **devices, int count)
{
	struct rlimit limit = { files + 64, files + 64 };

	if (files > 900 && setrlimit(RLIMIT_NOFILE, &limit) < 0) {
		perror("bench-client: setrlimit");
		exit(1);
	}
	for (uint32_t i = 0; i < files; i++)
		fwctl_open(devices[i % count]);
}

/* All clients start together: each is ready when it has written into the one pipe, and the other's end lets them go. */
static int run_clients(struct bench *bench, int clients, char **devices, int device_count, const int *cpus, int cpu_count,
		       uint64_t count, uint64_t ns)
{
	struct result *results = mmap(NULL, clients * sizeof(*results), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int ready[2], go[2], status, failed = 0;
	char byte = 0;

	if (results == MAP_FAILED || pipe(ready) < 0 || pipe(go) < 0)
		return 1;
	for (int i = 0; i < clients; i++) {
		pid_t child = fork();

		if (child < 0)
			return 1;
		if (child)
			continue;
		close(go[1]);
		if (cpu_count)
			pin(cpus[i % cpu_count]);
		bench->path = devices[i % device_count];
		bench->fd = fwctl_open(bench->path);
		if (write(ready[1], &byte, 1) == 1 && read(go[0], &byte, 1) == 0)
			results[i] = measure(bench, count, ns);
		exit(results[i].count ? 0 : 1);
	}
	close(ready[1]);
	for (int i = 0; i < clients && read(ready[0], &byte, 1) == 1; i++)
		;
	close(go[1]);
	for (int i = 0; i < clients; i++)
		failed |= wait(&status) < 0 || status != 0;
	if (!failed)
		report(results, clients);
	return failed;
}

int main(int argc, char **argv)
{
	enum { OPTION_OP = 1, OPTION_OPCODE, OPTION_OP_MOD, OPTION_REGISTER, OPTION_SCOPE, OPTION_IN, OPTION_OUT, OPTION_HEX,
	       OPTION_BUFFER, OPTION_MS, OPTION_COUNT, OPTION_CPU, OPTION_CLIENTS, OPTION_HOLD, OPTION_REST };
	static const struct option options[] = {
		{ "op", required_argument, NULL, OPTION_OP },
		{ "opcode", required_argument, NULL, OPTION_OPCODE },
		{ "op-mod", required_argument, NULL, OPTION_OP_MOD },
		{ "register", required_argument, NULL, OPTION_REGISTER },
		{ "scope", required_argument, NULL, OPTION_SCOPE },
		{ "in", required_argument, NULL, OPTION_IN },
		{ "out", required_argument, NULL, OPTION_OUT },
		{ "hex", required_argument, NULL, OPTION_HEX },
		{ "buffer", required_argument, NULL, OPTION_BUFFER },
		{ "ms", required_argument, NULL, OPTION_MS },
		{ "count", required_argument, NULL, OPTION_COUNT },
		{ "cpu", required_argument, NULL, OPTION_CPU },
		{ "clients", required_argument, NULL, OPTION_CLIENTS },
		{ "hold", required_argument, NULL, OPTION_HOLD },
		{ "rest", no_argument, NULL, OPTION_REST },
		{ 0 },
	};
	struct bench bench = { .operation = OP_RPC, .scope = SCOPE_DEBUG_READ_ONLY, .in_len = 16, .out_len = 16, .is_mlx5 = 1 };
	uint64_t count = MOST_SAMPLES, ns = 250000000;
	uint16_t opcode = MLX5_QUERY_ISSI, op_mod = 0, id = 0;
	int option, rest = 0, failed, cpus[MOST_CPUS], cpu_count = 0, clients = 1;
	uint32_t held = 0;

	bench.in = calloc(1, MOST_BYTES);
	bench.out = calloc(1, MOST_BYTES);
	if (!bench.in || !bench.out)
		return 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case OPTION_OP: bench.operation = operation_of(optarg); break;
		case OPTION_OPCODE: opcode = number(optarg, UINT16_MAX); break;
		case OPTION_OP_MOD: op_mod = number(optarg, UINT16_MAX); break;
		case OPTION_REGISTER: id = number(optarg, UINT16_MAX); break;
		case OPTION_SCOPE: bench.scope = number(optarg, UINT32_MAX); break;
		case OPTION_IN: bench.in_len = number(optarg, MOST_BYTES); break;
		case OPTION_OUT: bench.out_len = number(optarg, MOST_BYTES); break;
		case OPTION_HEX: bench.is_mlx5 = 0; bench.in_len = hex_request(optarg, bench.in); break;
		case OPTION_BUFFER: put_buffer(optarg, bench.in); break;
		case OPTION_MS: ns = number(optarg, 3600000) * 1000000; break;
		case OPTION_COUNT: count = number(optarg, MOST_SAMPLES); break;
		case OPTION_CPU:
			for (char *cpu = strtok(optarg, ","); cpu && cpu_count < MOST_CPUS; cpu = strtok(NULL, ","))
				cpus[cpu_count++] = number(cpu, CPU_SETSIZE - 1);
			break;
		case OPTION_CLIENTS: clients = number(optarg, MOST_CLIENTS); break;
		case OPTION_HOLD: held = number(optarg, 1 << 20); break;
		case OPTION_REST: rest = 1; break;
		default: return 2;
		}
	}
	if (optind >= argc || count == 0 || clients == 0) {
		fprintf(stderr, "usage: bench-client [OPTION...] DEVICE...\n");
		return 2;
	}
	if (bench.is_mlx5) {
		mlx5_header(bench.in, opcode, op_mod);
		mlx5_put16(bench.in + 10, id);
	}
	hold(held, argv + optind, argc - optind);
	failed = run_clients(&bench, clients, argv + optind, argc - optind, cpus, cpu_count, count, ns);
	fflush(stdout);
	while (rest && !failed && getchar() != EOF)
		;
	return failed;
}
