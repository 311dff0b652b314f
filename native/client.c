/* The client's side of fwctl: an ioctl on a node that is not ours (record, profile capture). It may block for as
 * long as the firmware behind it likes, so it is made on a worker thread, and the daemon lives on. */
#include "addon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* linux: include/uapi/fwctl/fwctl.h, where the pointers stand in the structures */
enum { FWCTL_INFO = 0x9a00, FWCTL_RPC = 0x9a01, INFO_OUT = 16, RPC_IN = 16, RPC_OUT = 24 };

struct job {
	napi_async_work work;
	napi_deferred deferred;
	/* the buffers must not be collected while the kernel writes them */
	napi_ref kept[5];
	int fd;
	uint32_t cmd;
	void *argument;
	int result;
};

static void execute(napi_env env, void *data)
{
	(void)env;
	struct job *job = data;
	int result;
	do
		result = ioctl(job->fd, job->cmd, job->argument);
	while (result < 0 && errno == EINTR);
	job->result = result < 0 ? -errno : result;
}

static void free_job(napi_env env, struct job *job)
{
	for (size_t i = 0; i < sizeof job->kept / sizeof *job->kept; i++)
		if (job->kept[i])
			napi_delete_reference(env, job->kept[i]);
	if (job->work)
		napi_delete_async_work(env, job->work);
	free(job);
}

/* Also when the environment ends meanwhile: Node waits for the ioctl, and nobody hears of its result. */
static void complete(napi_env env, napi_status status, void *data)
{
	struct job *job = data;
	napi_resolve_deferred(env, job->deferred, result_int(env, status == napi_ok ? job->result : -ECANCELED));
	free_job(env, job);
}

/* The address of an ArrayBuffer argument, kept by the job; NULL for null and undefined. */
static void *buffer_of(const struct args *args, size_t index, struct job *job, size_t *bytes)
{
	void *at = NULL;
	bool is = false;
	*bytes = 0;
	if (index >= args->count || napi_is_arraybuffer(args->env, args->value[index], &is) != napi_ok || !is)
		return NULL;
	napi_get_arraybuffer_info(args->env, args->value[index], &at, bytes);
	napi_create_reference(args->env, args->value[index], 1, &job->kept[index - 2]);
	return at;
}

static void put_pointer(struct job *job, size_t offset, void *pointer)
{
	uint64_t address = (uintptr_t)pointer;
	memcpy((uint8_t *)job->argument + offset, &address, sizeof address);
}

static uint32_t length_at(const struct job *job, size_t offset)
{
	uint32_t length;
	memcpy(&length, (const uint8_t *)job->argument + offset, sizeof length);
	return length;
}

struct place {
	uint32_t at, memory, length;
};

/* The addresses inside of a request; false: one does not fit. */
static bool put_places(uint8_t *in, size_t in_bytes, uint8_t *memory, size_t memory_bytes, const struct place *places,
		       size_t count)
{
	for (const struct place *place = places; place < places + count; place++) {
		uint64_t address = (uintptr_t)memory + place->memory;
		if ((uint64_t)place->at + sizeof address > in_bytes || (uint64_t)place->memory + place->length > memory_bytes)
			return false;
		memcpy(in + place->at, &address, sizeof address);
	}
	return true;
}

/* fwctlIoctl(fd, cmd, argument, in, out, memory, places) -> Promise of the result or -errno. The pointers of the
 * structure, and those of the request, are set here; its lengths must not exceed the buffers. */
static napi_value js_fwctl_ioctl(napi_env env, napi_callback_info info)
{
	struct args args;
	get_args(env, info, &args);
	struct job *job = calloc(1, sizeof *job);
	if (!job) {
		napi_throw_error(env, NULL, "out of memory");
		return NULL;
	}
	size_t bytes, in_bytes, out_bytes, memory_bytes, places_bytes;
	job->fd = arg_int(&args, 0);
	job->cmd = arg_uint(&args, 1);
	job->argument = buffer_of(&args, 2, job, &bytes);
	void *in = buffer_of(&args, 3, job, &in_bytes);
	void *out = buffer_of(&args, 4, job, &out_bytes);
	void *memory = buffer_of(&args, 5, job, &memory_bytes);
	void *places = buffer_of(&args, 6, job, &places_bytes);
	bool rpc = job->cmd == FWCTL_RPC, fits = false;
	if (job->argument && (rpc || job->cmd == FWCTL_INFO) && bytes >= (rpc ? 32 : 24))
		fits = rpc ? length_at(job, 8) <= in_bytes && length_at(job, 12) <= out_bytes : length_at(job, 12) <= out_bytes;
	if (fits && rpc)
		fits = put_places(in, in_bytes, memory, memory_bytes, places, places_bytes / sizeof(struct place));
	if (!fits) {
		free_job(env, job);
		napi_throw_type_error(env, NULL, "fwctlIoctl: FWCTL_INFO or FWCTL_RPC, its structure, and buffers as long as it says");
		return NULL;
	}
	if (rpc)
		put_pointer(job, RPC_IN, in);
	put_pointer(job, rpc ? RPC_OUT : INFO_OUT, out);
	napi_value promise, name;
	if (napi_create_promise(env, &job->deferred, &promise) != napi_ok) { /* the environment is ending */
		free_job(env, job);
		return NULL;
	}
	napi_create_string_utf8(env, "fwctlIoctl", NAPI_AUTO_LENGTH, &name);
	napi_create_async_work(env, NULL, name, execute, complete, job, &job->work);
	napi_queue_async_work(env, job->work);
	return promise;
}

napi_value client_exports(napi_env env, napi_value exports)
{
	export_function(env, exports, "fwctlIoctl", js_fwctl_ioctl);
	return exports;
}
