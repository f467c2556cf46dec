/* up_services.c - starts Redis, enrollment and coverage for `cakupan up` (up.h). */
#include "up.h"

#include "redis_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Private: a unix socket in the state directory (0700), no port, nothing kept on disk, since coverage
 * writes absolute totals anew whenever Redis comes back empty. */
static enum result redis_start(struct up *up, struct failure *why) {
    char socket[INSTANCE_PATH], directory[INSTANCE_PATH];
    instance_path(socket, up->state, "run/redis.sock");
    instance_path(directory, up->state, "run");
    const char *arguments[] = {
        "redis-server", "--port",      "0",  "--unixsocket", socket, "--unixsocketperm",
        "700",          "--save",      "",   "--appendonly", "no",   "--dir",
        directory,      "--daemonize", "no", "--databases",  "1",    NULL};
    struct child_plan plan = {
        .name = "redis", .arguments = arguments, .ready = socket, .ready_is_socket = true};
    return supervisor_start(up->supervisor, &plan, why);
}

static enum result redis_prepare(struct up *up, struct failure *why) {
    if (!up->options.redis) {
        snprintf(up->info.redis, sizeof up->info.redis, "unix://%.230s/run/redis.sock", up->state);
        return redis_start(up, why);
    }
    if (strlen(up->options.redis) >= sizeof up->info.redis)
        return fail(why, RESULT_INVALID, "OPTION_VALUE", "--redis takes a URL of at most 255 characters.");
    memcpy(up->info.redis, up->options.redis, strlen(up->options.redis) + 1);
    redisReply *reply;
    enum result result = redis_ask(up->info.redis, 1, (const char *[]){"PING"}, &reply, why);
    freeReplyObject(reply);
    return result;
}

/* A service of ours: options that all have, then its own two. */
static enum result service_begin(struct up *up, const char *name, const char *option, const char *value,
                                 struct failure *why) {
    char program[600], ready[INSTANCE_PATH], today[CALENDAR_TEXT] = "";
    snprintf(program, sizeof program, "%s/%s", up->programs, name);
    instance_path(ready, up->state, "run/%s.ready", name);
    const char *arguments[12] = {program, "--state", up->state, "--city", up->info.city, option, value};
    if (up->options.today != DAY_NONE) {
        calendar_format(up->options.today, today);
        arguments[7] = "--today";
        arguments[8] = today;
    }
    struct child_plan plan = {.name = name, .arguments = arguments, .ready = ready};
    return supervisor_start(up->supervisor, &plan, why);
}

enum result up_services_start(struct up *up, struct failure *why) {
    char endpoint[160];
    /* The registry is read at random: with huge pages an event costs a third less, a restart a quarter
     * (glibc 2.35 and later; others ignore it). */
    setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1", 0);
    snprintf(endpoint, sizeof endpoint, "tcp://%.100s:%d", up->options.listen, (int)up->options.port);
    enum result result = redis_prepare(up, why);
    if (result == RESULT_OK)
        result = service_begin(up, "enrollment", "--listen", endpoint, why);
    if (result == RESULT_OK)
        result = service_begin(up, "coverage", "--redis", up->info.redis, why);
    return result;
}
