/* visible_probe.c - how long after its ack an event is in Redis: one device sends one event at a time and
 * looks.
 *
 * --target is the state directory of a running city (pair first: cakupan_load does), with its private Redis.
 */
#include "support/measure.h"
#include "support/workload.h"

#include "cakupan/kader.h"
#include "people.h"
#include "runtime/socket.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CAPTURED_AT_MS INT64_C(1763600000000)
#define PAUSE_US       3000
#define PATIENCE_US    INT64_C(10000000)

struct answer {
    uint64_t offset;
    int64_t at_us;
};

static void on_outcome(void *context, const struct kader_outcome *outcome) {
    *(struct answer *)context = (struct answer){outcome->offset, measure_now_us()};
}

static uint64_t visible_offset(redisContext *redis) {
    redisReply *reply = redisCommand(redis, "GET cakupan:offset");
    if (!reply)
        measure_die("Redis is gone: %s.", redis->errstr);
    uint64_t offset = reply->type == REDIS_REPLY_STRING ? strtoull(reply->str, NULL, 10) : 0;
    freeReplyObject(reply);
    return offset;
}

static void must(enum result result, const struct failure *why) {
    if (result != RESULT_OK)
        measure_die("%s: %s", why->code, why->sentence);
}

static void probe(struct kader *kader, redisContext *redis, const struct event *event, struct answer *answer,
                  struct samples *samples) {
    struct failure why;
    uint64_t sequence;
    must(kader_queue(kader, event, &sequence, &why), &why);
    must(kader_sync(kader, 10000, &why), &why);
    while (visible_offset(redis) < answer->offset)
        if (measure_now_us() - answer->at_us > PATIENCE_US)
            measure_die("Offset %llu is not in Redis after 10 s.", (unsigned long long)answer->offset);
    samples_add(samples, (double)(measure_now_us() - answer->at_us) / 1000);
}

int main(int argc, char **argv) {
    struct workload_options options;
    struct samples samples = {0};
    struct answer answer;
    struct kader *kader;
    struct failure why;
    char path[300], name[96];
    struct region_table *regions = malloc(sizeof *regions);
    workload_options(&options, argc, argv);
    if (!regions)
        measure_die("No memory.");
    socket_setup();
    workload_regions(options.city, regions);
    snprintf(path, sizeof path, "%s/run/redis.sock", options.target);
    redisContext *redis = redisConnectUnix(path);
    if (!redis || redis->err)
        measure_die("No Redis at %s.", path);
    snprintf(path, sizeof path, "%s/bench-0.device", options.target);
    struct kader_config config = {.device_file = path, .frame_events = 1, .window_events = 1};
    must(kader_open(&kader, &config, on_outcome, &answer, &why), &why);
    must(kader_sync(kader, 10000, &why), &why);
    for (uint64_t i = 0; i < options.events; i++) {
        char person[PERSON_NAME_SIZE];
        struct event event;
        person_enrolment(options.first + i, regions, CAPTURED_AT_MS, person, &event);
        probe(kader, redis, &event, &answer, &samples);
        usleep(PAUSE_US + (useconds_t)(i * 7919 % 17000));
    }
    snprintf(name, sizeof name, "%s.p50_ms", options.prefix);
    measure_report(name, samples_percentile(&samples, 50));
    snprintf(name, sizeof name, "%s.p99_ms", options.prefix);
    measure_report(name, samples_percentile(&samples, 99));
    kader_close(&kader);
    redisFree(redis);
    samples_free(&samples);
    free(regions);
    return 0;
}
