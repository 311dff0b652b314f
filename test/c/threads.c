/*
 * N threads, each with an open file of its own, all at once: no reply may reach the wrong thread or the wrong file.
 *   threads [DEVICE [THREADS [ROUNDS]]]      default 8 threads, 200 rounds
 * Each round asks FWCTL_INFO (must carry this file's uid) and one of three RPCs with different answers (must equal the
 * answer seen alone, before the others started). Exit 0: none was wrong.
 */
#include <pthread.h>
#include "fwctl-client.h"

enum { MAX_THREADS = 256, KINDS = 3, REPLY = MLX5_CAP_REPLY };

struct worker {
	pthread_t thread;
	const char *path;
	long index, rounds, wrong;
	uint32_t uid;
};

static pthread_barrier_t all_open;
static uint8_t alone[KINDS][REPLY];
static const uint32_t lengths[KINDS] = { MLX5_CAP_REPLY, MLX5_HEADER + 64, MLX5_HEADER + 160 };

static int ask(int fd, int kind, uint8_t *reply)
{
	switch (kind) {
	case 0: return mlx5_query_cap(fd, SCOPE_CONFIGURATION, 0, reply);
	case 1: return mlx5_read_register(fd, SCOPE_DEBUG_READ_ONLY, MLX5_NODE_DESC, reply, 64);
	default: return mlx5_read_register(fd, SCOPE_DEBUG_READ_ONLY, MLX5_MGIR, reply, 160);
	}
}

static void complain(struct worker *self, const char *what, long got, long expected)
{
	if (self->wrong++ == 0)
		fprintf(stderr, "thread %ld: %s: %ld, expected %ld\n", self->index, what, got, expected);
}

/* MGIR counts the seconds since the device came up (hw_info.uptime, bytes 28..31): the one field that may differ. */
static void forget_uptime(int kind, uint8_t *reply)
{
	if (kind == 2)
		memset(reply + MLX5_HEADER + 28, 0, 4);
}

static void run_rounds(struct worker *self, int fd)
{
	struct fwctl_info_mlx5 info;
	uint8_t reply[REPLY];
	long i;

	for (i = 0; i < self->rounds; i++) {
		int kind = (self->index + i) % KINDS, error;

		error = fwctl_info(fd, NULL, &info);
		if (error || info.uid != self->uid)
			complain(self, "uid", error ? error : (long)info.uid, self->uid);
		memset(reply, 0xa5, sizeof(reply));
		error = ask(fd, kind, reply);
		forget_uptime(kind, reply);
		if (error)
			complain(self, "RPC errno", error, 0);
		else if (memcmp(reply, alone[kind], lengths[kind]))
			complain(self, "the reply differs, kind", kind, kind);
	}
}

static void *work(void *argument)
{
	struct worker *self = argument;
	int fd = open(self->path, O_RDWR | O_CLOEXEC);
	struct fwctl_info_mlx5 info;

	if (fd < 0)
		complain(self, "open", errno, 0);
	else if (fwctl_info(fd, NULL, &info) == 0)
		self->uid = info.uid;
	/* All files are open here, so all uids must differ. */
	pthread_barrier_wait(&all_open);
	if (self->uid)
		run_rounds(self, fd);
	if (fd >= 0)
		close(fd);
	return NULL;
}

static long equal_uids(const struct worker *workers, long threads)
{
	long equal = 0, i, j;

	for (i = 0; i < threads; i++) {
		if (workers[i].uid == 0)
			equal++;
		for (j = 0; j < i; j++)
			equal += workers[i].uid == workers[j].uid;
	}
	return equal;
}

int main(int argc, char **argv)
{
	static struct worker workers[MAX_THREADS];
	const char *path = fwctl_device(argc, argv);
	long threads = argc > 2 ? strtol(argv[2], NULL, 10) : 8;
	long rounds = argc > 3 ? strtol(argv[3], NULL, 10) : 200;
	long wrong, i;
	int fd, kind;

	if (threads < 1 || threads > MAX_THREADS || rounds < 1) {
		fprintf(stderr, "usage: threads [DEVICE [THREADS (1..%d) [ROUNDS]]]\n", MAX_THREADS);
		return 2;
	}
	fd = fwctl_open(path);
	for (kind = 0; kind < KINDS; kind++) {
		int error = ask(fd, kind, alone[kind]);

		if (error || mlx5_status(alone[kind])) {
			fprintf(stderr, "RPC of kind %d: %s, status 0x%x\n", kind, errno_name(error),
				mlx5_status(alone[kind]));
			return 1;
		}
		forget_uptime(kind, alone[kind]);
	}
	pthread_barrier_init(&all_open, NULL, threads);
	for (i = 0; i < threads; i++) {
		workers[i] = (struct worker){ .path = path, .index = i, .rounds = rounds };
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i])) {
			fprintf(stderr, "pthread_create failed\n");
			return 1;
		}
	}
	for (i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	wrong = equal_uids(workers, threads);
	for (i = 0; i < threads; i++)
		wrong += workers[i].wrong;
	printf("%ld threads, %ld rounds each, %ld wrong\n", threads, rounds, wrong);
	return wrong != 0;
}
