/* instance_info.c - STATE/run/instance.json (instance_info.h). */
#include "instance_info.h"

#include "instance.h"
#include "runtime/file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { INFO_BYTES_MAX = 4096 };

enum result instance_info_save(const char *state, const struct instance_info *info, struct failure *why) {
    char path[INSTANCE_PATH];
    instance_path(path, state, "run/instance.json");
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:i}", "version", info->version, "endpoint",
                  info->endpoint, "billing", info->billing, "gateway", info->gateway, "redis", info->redis,
                  "city", info->city, "started_ms", (json_int_t)info->started_ms, "pid", (int)info->pid);
    if (!object)
        return fail(why, RESULT_INVALID, "TEXT_INVALID",
                    "The city's directory or the Redis URL is no UTF-8 text: rename it.");
    char *text = json_dumps(object, JSON_INDENT(2));
    json_decref(object);
    if (!text)
        abort();
    enum result result = file_replace(path, text, strlen(text), why);
    free(text);
    return result;
}

static void text_take(const json_t *object, const char *name, char *out, size_t size) {
    const char *text = json_string_value(json_object_get(object, name));
    snprintf(out, size, "%s", text ? text : "");
}

enum result instance_info_load(const char *state, struct instance_info *info, struct failure *why) {
    char path[INSTANCE_PATH], text[INFO_BYTES_MAX];
    instance_path(path, state, "run/instance.json");
    enum result result = instance_permission(state, why);
    if (result == RESULT_OK)
        result = file_read(path, false, text, sizeof text, why);
    if (result == RESULT_NOT_FOUND)
        return fail(
            why, RESULT_NOT_FOUND, "NOT_RUNNING",
            "No city was started with the state %s; start one by `deploy/up`, or name it by --state DIR.",
            state);
    if (result != RESULT_OK)
        return result;
    json_t *object = json_loads(text, 0, NULL);
    if (!object)
        return fail(why, RESULT_CORRUPT, "STATE_ERROR", "%s is no JSON; stop and start the city.", path);
    text_take(object, "version", info->version, sizeof info->version);
    text_take(object, "endpoint", info->endpoint, sizeof info->endpoint);
    text_take(object, "billing", info->billing, sizeof info->billing);
    text_take(object, "gateway", info->gateway, sizeof info->gateway);
    text_take(object, "redis", info->redis, sizeof info->redis);
    text_take(object, "city", info->city, sizeof info->city);
    info->started_ms = json_integer_value(json_object_get(object, "started_ms"));
    info->pid = (int32_t)json_integer_value(json_object_get(object, "pid"));
    json_decref(object);
    return RESULT_OK;
}
