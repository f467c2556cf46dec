/* feed_bench.c - records per second from journal to follower, in memory: gather, copy, check the chain,
 * decode, count.
 *
 * usage: feed_bench [RECORDS]      default 1,000,000, for each size of batch
 */
#include "feed_fixture.h"
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 5

static uint64_t counted, segments;

static enum result count_record(void *context, const struct batch_header *batch, const struct record *record,
                                struct failure *why) {
    (void)context;
    (void)batch;
    (void)why;
    counted++;
    segments += record->after.segment;
    return RESULT_OK;
}

/* Follows the whole journal once, from below the tail; returns records per second. */
static double follow(struct feed_fixture *fixture, struct caught *caught) {
    uint8_t request[8192];
    struct failure why;
    struct feed_server *server = feed_server_new(&fixture->journal, 0);
    struct feed_follower_config config = {.next_offset = 1};
    struct feed_follower *follower = feed_follower_new(&config, count_record, NULL);
    uint64_t head = feed_server_head(server);
    int64_t begin_us = measure_now_us();
    counted = 0;
    size_t size = feed_follower_request(follower, 0, request, sizeof request);
    while (feed_follower_next(follower) <= head) {
        if (caught_answer(caught, server, request, size, &why) != RESULT_OK)
            measure_die("%s", why.sentence);
        size = feed_follower_ahead(follower, &caught->frames[0], 0, request, sizeof request);
        if (feed_follower_reply(follower, caught->frames, caught->count, 0, &why) != RESULT_OK)
            measure_die("%s", why.sentence);
    }
    double seconds = (double)(measure_now_us() - begin_us) / 1e6;
    feed_follower_destroy(&follower);
    feed_server_destroy(&server);
    return (double)counted / seconds;
}

static void measure_size(uint32_t batch_records, uint64_t records) {
    struct feed_fixture fixture;
    struct caught caught = {0};
    struct samples rates = {0};
    char name[64];
    feed_fixture_init(&fixture);
    for (uint64_t i = 0; i < records; i += batch_records)
        feed_fixture_append(&fixture, batch_records);
    for (int round = 0; round < ROUNDS; round++)
        samples_add(&rates, follow(&fixture, &caught));
    snprintf(name, sizeof name, "feed_records_per_s_batch_%u", batch_records);
    measure_report(name, samples_percentile(&rates, 50));
    samples_free(&rates);
    caught_free(&caught);
    feed_fixture_free(&fixture);
}

int main(int argc, char **argv) {
    uint64_t records = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    if (!records)
        measure_die("usage: feed_bench [RECORDS]");
    static const uint32_t sizes[] = {1, 50, 1000, 10000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        measure_size(sizes[i], records);
    return 0;
}
