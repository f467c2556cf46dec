/* up_services.c - starts Redis, enrollment, billing, coverage and the gateway for `cakupan up` (up.h). */
#include "up.h"

#include "redis_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* A service of ours: its program, and its mode where that has several; the options that all have, then its
 * own (ended by NULL). */
struct service_plan {
    const char *name, *program, *mode;
    bool may_rest;                      /* supervisor.h */
    const char *const *first_arguments; /* likewise */
};
static enum result service_begin(struct up *up, const struct service_plan *service,
                                 const char *const options[], struct failure *why) {
    char program[600], ready[INSTANCE_PATH], today[CALENDAR_TEXT] = "";
    const char *arguments[SUPERVISOR_ARGUMENTS_MAX] = {program};
    size_t count = 1;
    snprintf(program, sizeof program, "%s/%s", up->programs, service->program);
    instance_path(ready, up->state, "run/%s.ready", service->name);
    if (service->mode)
        arguments[count++] = service->mode;
    const char *const common[] = {"--state", up->state, "--city", up->info.city, NULL};
    for (size_t i = 0; common[i]; i++)
        arguments[count++] = common[i];
    for (size_t i = 0; options[i]; i++)
        arguments[count++] = options[i];
    if (up->options.today != DAY_NONE) {
        calendar_format(up->options.today, today);
        arguments[count++] = "--today";
        arguments[count++] = today;
    }
    struct child_plan plan = {.name = service->name,
                              .arguments = arguments,
                              .first_arguments = service->first_arguments,
                              .ready = ready,
                              .may_rest = service->may_rest};
    return supervisor_start(up->supervisor, &plan, why);
}

static enum result enrollment_start(struct up *up, struct failure *why) {
    char endpoint[160], rate[16];
    snprintf(endpoint, sizeof endpoint, "tcp://%.100s:%d", up->options.listen, (int)up->options.port);
    snprintf(rate, sizeof rate, "%d", (int)up->options.device_rate);
    /* The loss that a person has seen: a further one, found at a restart, is another. */
    static const char *const accepted[] = {"--accept-lost-end", "yes", NULL};
    const struct service_plan enrollment = {.name = "enrollment",
                                            .program = "enrollment",
                                            .first_arguments = up->options.accept_lost ? accepted : NULL};
    return service_begin(up, &enrollment, (const char *[]){"--listen", endpoint, "--device-rate", rate, NULL},
                         why);
}

static enum result coverage_start(struct up *up, struct failure *why) {
    const struct service_plan coverage = {.name = "coverage", .program = "coverage"};
    return service_begin(up, &coverage, (const char *[]){"--redis", up->info.redis, NULL}, why);
}

/* Workers are the coordinator's own processes: they come and go by the lag, so the supervisor knows of none
 * of them. */
enum result up_billing_start(struct up *up, struct failure *why) {
    char endpoint[160], workers[16], rebuild[16] = "";
    snprintf(endpoint, sizeof endpoint, "tcp://%.100s:%d", up->options.listen,
             (int)up->options.port + UP_PORT_BILLING);
    if (up->options.rebuild != UP_REBUILD_NONE)
        snprintf(rebuild, sizeof rebuild, "%d", (int)up->options.rebuild);
    snprintf(workers, sizeof workers, "%d", (int)up->options.workers_max);
    const struct service_plan billing = {.name = "billing", .program = "billing", .mode = "coordinator"},
                              projector = {.name = "billing-projector",
                                           .program = "billing",
                                           .mode = "projector",
                                           .may_rest = true};
    const char *const options[] = {"--listen", endpoint, "--workers-max", workers, "--rebuild-partition",
                                   rebuild,    NULL};
    enum result result = service_begin(up, &billing, options, why);
    bool tables = result == RESULT_OK && !up->options.no_audit_tables;
    return tables ? service_begin(up, &projector, (const char *[]){NULL}, why) : result;
}

/* The built pages lie beside the programs' directory; without them the gateway serves the API alone. */
enum result up_gateway_start(struct up *up, struct failure *why) {
    const struct up_options *options = &up->options;
    char listen[160], web[600], rate[16];
    snprintf(listen, sizeof listen, "%.100s:%d", options->web_listen, (int)options->port + UP_PORT_GATEWAY);
    snprintf(web, sizeof web, "%.500s/../web", up->programs);
    snprintf(rate, sizeof rate, "%d", (int)options->requests_per_second);
    const struct service_plan gateway = {.name = "gateway", .program = "gateway"};
    const char *const arguments[] = {"--listen",
                                     listen,
                                     "--web",
                                     access(web, R_OK) == 0 ? web : "",
                                     "--tls-cert",
                                     options->tls_cert ? options->tls_cert : "",
                                     "--tls-key",
                                     options->tls_key ? options->tls_key : "",
                                     "--requests-per-second",
                                     rate,
                                     NULL};
    return service_begin(up, &gateway, arguments, why);
}

enum result up_services_start(struct up *up, struct failure *why) {
    /* The registry is read at random: with huge pages an event costs a third less, a restart a quarter
     * (glibc 2.35 and later; others ignore it). */
    setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1", 0);
    enum result result = redis_prepare(up, why);
    if (result == RESULT_OK)
        result = enrollment_start(up, why);
    if (result == RESULT_OK)
        result = coverage_start(up, why);
    return result;
}
