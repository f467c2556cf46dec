/* surge_probe.c - a surge of layoffs in bulk: how long after its ack a layoff is charged, and that stands in
 * Redis.
 *
 * The labour office's device sends them in frames of 1,000; of each answer the time is kept, and
 * cakupan:billing in Redis, which says up to which offset everything is charged, is looked at all the while.
 * usage: surge_probe STATE CITY DEVICE_FILE PREFIX LAYOFFS FIRST_COMPANY TODAY
 */
#include "support/measure.h"

#include "cakupan/kader.h"
#include "cli/city_people.h"
#include "kader/scenario.h"
#include "runtime/clock.h"
#include "runtime/socket.h"
#include "store/city.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_EVENTS  1000
#define WINDOW_EVENTS 20000
#define PATIENCE_US   INT64_C(60000000)
#define LOOK_US       1000

struct answer {
    uint64_t offset;
    int64_t at_us;
};

struct surge_probe {
    redisContext *redis;
    struct kader *kader;
    struct scenario scenario;
    struct answer *answers; /* accepted ones, by offset */
    uint64_t accepted, answered, visible, wanted;
    uint32_t company, rank;
    int64_t looked_us;
    struct samples latency_ms;
};

static void must(enum result result, const struct failure *why) {
    if (result != RESULT_OK)
        measure_die("%s: %s", why->code, why->sentence);
}

static void on_outcome(void *context, const struct kader_outcome *outcome) {
    struct surge_probe *probe = context;
    probe->answered++;
    if (outcome->refusal == REFUSAL_NONE && probe->accepted < probe->wanted)
        probe->answers[probe->accepted++] = (struct answer){outcome->offset, measure_now_us()};
}

static uint64_t charged_offset(struct surge_probe *probe) {
    redisReply *reply = redisCommand(probe->redis, "HGET cakupan:billing offset");
    if (!reply)
        measure_die("Redis is gone: %s.", probe->redis->errstr);
    uint64_t offset = reply->type == REDIS_REPLY_STRING ? strtoull(reply->str, NULL, 10) : 0;
    freeReplyObject(reply);
    return offset;
}

static void look(struct surge_probe *probe) {
    int64_t now_us = measure_now_us();
    if (now_us - probe->looked_us < LOOK_US || probe->visible == probe->accepted)
        return;
    uint64_t offset = charged_offset(probe);
    probe->looked_us = now_us = measure_now_us();
    for (; probe->visible < probe->accepted && probe->answers[probe->visible].offset <= offset;
         probe->visible++)
        samples_add(&probe->latency_ms, (double)(now_us - probe->answers[probe->visible].at_us) / 1000);
}

/* The next worker of the next company. */
static void queue_one(struct surge_probe *probe) {
    const struct generator *generator = probe->scenario.generator;
    struct scenario_event event;
    struct failure why;
    while (probe->rank == generator_workers(generator, probe->company)) {
        probe->rank = 0;
        probe->company = (probe->company + 1) % generator_employers(generator);
    }
    scenario_layoff(&probe->scenario, probe->company, probe->rank++, clock_now_ms(), &event);
    must(kader_queue(probe->kader, &event.event, NULL, &why), &why);
}

static void run(struct surge_probe *probe) {
    struct failure why;
    uint64_t queued = 0;
    int64_t begun_us = measure_now_us();
    while (probe->answered < probe->wanted || probe->visible < probe->accepted) {
        while (queued < probe->wanted && queued - probe->answered < WINDOW_EVENTS) {
            queue_one(probe);
            queued++;
        }
        enum result result = kader_step(probe->kader, probe->answered < probe->wanted ? 1 : 0, &why);
        if (result != RESULT_AGAIN)
            must(result, &why);
        look(probe);
        if (measure_now_us() - begun_us > PATIENCE_US)
            measure_die("Offset %llu is not charged after 60 s.",
                        (unsigned long long)probe->answers[probe->visible].offset);
    }
}

static void report(const char *prefix, const char *what, double value) {
    char name[96];
    snprintf(name, sizeof name, "%s.%s", prefix, what);
    measure_report(name, value);
}

int main(int argc, char **argv) {
    static struct surge_probe probe;
    struct generator *generator;
    struct city *city = malloc(sizeof *city);
    struct failure why;
    day_t today;
    char path[300];
    if (argc != 8 || !city || !calendar_parse(argv[7], strlen(argv[7]), &today))
        measure_die("usage: surge_probe STATE CITY DEVICE_FILE PREFIX LAYOFFS FIRST_COMPANY TODAY");
    clock_set_today(today);
    socket_setup();
    must(city_load(city, argv[2], &why), &why);
    must(city_people(&generator, argv[2], &city->regions, &why), &why);
    snprintf(path, sizeof path, "%s/run/redis.sock", argv[1]);
    probe.redis = redisConnectUnix(path);
    if (!probe.redis || probe.redis->err)
        measure_die("No Redis at %s.", path);
    probe.wanted = strtoull(argv[5], NULL, 10);
    probe.company = (uint32_t)strtoul(argv[6], NULL, 10) % generator_employers(generator);
    probe.scenario = (struct scenario){.generator = generator, .seed = 1, .today = today};
    probe.answers = calloc(probe.wanted, sizeof *probe.answers);
    if (!probe.answers)
        measure_die("No memory.");
    struct kader_config config = {
        .device_file = argv[3], .frame_events = FRAME_EVENTS, .window_events = WINDOW_EVENTS};
    must(kader_open(&probe.kader, &config, on_outcome, &probe, &why), &why);
    while (kader_next_sequence(probe.kader) == 0)
        if (kader_step(probe.kader, 100, &why) == RESULT_INVALID)
            must(RESULT_INVALID, &why);
    int64_t start_us = measure_now_us();
    run(&probe);
    if (probe.accepted * 10 < probe.wanted * 9) /* one in a hundred comes without a proof */
        measure_die("Only %llu of the layoffs were accepted: nothing is measured.",
                    (unsigned long long)probe.accepted);
    report(argv[4], "elapsed_ms", (double)(measure_now_us() - start_us) / 1000);
    report(argv[4], "accepted", (double)probe.accepted);
    report(argv[4], "latency_p50_ms", samples_percentile(&probe.latency_ms, 50));
    report(argv[4], "latency_max_ms", samples_percentile(&probe.latency_ms, 100));
    kader_close(&probe.kader);
    redisFree(probe.redis);
    samples_free(&probe.latency_ms);
    generator_destroy(&generator);
    free(probe.answers);
    free(city);
    return 0;
}
