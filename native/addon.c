/* Registration of the addon, and the helpers that its files share. */
#include "addon.h"
#include "watcher.h"

#include <stdlib.h>

void get_args(napi_env env, napi_callback_info info, struct args *args)
{
	args->env = env;
	args->count = MAX_ARGS;
	void *data = NULL;
	napi_get_cb_info(env, info, &args->count, args->value, NULL, &data);
	args->addon = data;
}

int32_t arg_int(const struct args *args, size_t index)
{
	int32_t value = 0;
	if (index < args->count)
		napi_get_value_int32(args->env, args->value[index], &value);
	return value;
}

uint32_t arg_uint(const struct args *args, size_t index)
{
	uint32_t value = 0;
	if (index < args->count)
		napi_get_value_uint32(args->env, args->value[index], &value);
	return value;
}

void arg_string(const struct args *args, size_t index, char *into, size_t size)
{
	size_t length = 0;
	into[0] = 0;
	if (index < args->count && napi_get_value_string_utf8(args->env, args->value[index], into, size, &length) != napi_ok)
		into[0] = 0;
}

napi_value result_int(napi_env env, int64_t value)
{
	napi_value result;
	if (value == (int32_t)value)
		napi_create_int32(env, (int32_t)value, &result);
	else
		napi_create_int64(env, value, &result);
	return result;
}

static void free_shared(napi_env env, struct shared *shared)
{
	if (shared->ref)
		napi_delete_reference(env, shared->ref);
}

bool arg_shared(const struct args *args, size_t index, struct shared *into)
{
	void *at;
	size_t bytes;
	if (index >= args->count || napi_get_arraybuffer_info(args->env, args->value[index], &at, &bytes) != napi_ok) {
		napi_throw_type_error(args->env, NULL, "an ArrayBuffer is expected");
		return false;
	}
	free_shared(args->env, into);
	napi_create_reference(args->env, args->value[index], 1, &into->ref);
	into->at = at;
	into->bytes = bytes;
	return true;
}

void export_function(napi_env env, napi_value exports, const char *name, napi_callback callback)
{
	napi_value function = NULL;
	void *addon = NULL;
	napi_get_instance_data(env, &addon);
	napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, addon, &function);
	napi_set_named_property(env, exports, name, function);
}

/* At the environment's end, after the last watch was closed (session.c). */
static void free_addon(napi_env env, void *data, void *hint)
{
	(void)hint;
	struct addon *addon = data;
	watcher_stop(addon->watcher);
	end_copiers(addon);
	end_notifies(addon);
	looks_end(&addon->looks);
	replies_end(&addon->replies);
	free_shared(env, &addon->request);
	free_shared(env, &addon->reply);
	for (uint32_t i = 0; i < addon->frame_count; i++)
		free_shared(env, &addon->frames[i].memory);
	free(addon->frames);
	free(addon);
}

NAPI_MODULE_INIT()
{
	struct addon *addon = calloc(1, sizeof *addon);
	if (!addon) {
		napi_throw_error(env, NULL, "out of memory");
		return NULL;
	}
	addon->shortcuts = true;
	looks_begin(&addon->looks);
	napi_set_instance_data(env, addon, free_addon, NULL);
	session_exports(env, exports);
	memory_exports(env, exports);
	commit_exports(env, exports);
	system_exports(env, exports);
	client_exports(env, exports);
	copies_exports(env, exports);
	notify_exports(env, exports);
	stream_exports(env, exports);
	return exports;
}
