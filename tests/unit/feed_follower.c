/* feed_follower.c - a follower over a bad link: lost, doubled and late replies, restarts, filters, broken
 * chains. */
#include "feed_fixture.h"
#include "wire/wire_feed.h"
#include "wire/wire_record.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MS 1000

static struct feed_fixture fixture;
static struct feed_server *server;
static struct feed_follower *follower;
static struct caught caught;
static struct failure why;
static int64_t now_ms = 1000;

/* What the follower counted. */
static uint64_t counted, last_offset;
static uint64_t fails_at; /* on_record answers RESULT_FULL at this offset */

static enum result count_record(void *context, const struct batch_header *batch, const struct record *record,
                                struct failure *out) {
    (void)context;
    if (record->offset == fails_at)
        return fail(out, RESULT_FULL, "TEST", "Enough.");
    cr_assert_gt(record->offset, last_offset, "doubled or out of order");
    cr_assert_geq(record->offset, batch->first_offset);
    cr_assert_lt(record->offset, batch->first_offset + batch->count);
    cr_assert_eq(record->member_id, record->offset % 1000);
    cr_assert_eq(record->sequence, record->offset);
    last_offset = record->offset;
    counted++;
    return RESULT_OK;
}

static void open_all(const struct feed_follower_config *config) {
    server = feed_server_new(&fixture.journal, 1 << 20);
    follower = feed_follower_new(config, count_record, NULL);
}

static void clean(void) {
    feed_follower_destroy(&follower);
    feed_follower_destroy(&follower);
    feed_server_destroy(&server);
    feed_fixture_free(&fixture);
    caught_free(&caught);
}

/* Asks and catches the answer; false where the follower has nothing to ask. */
static bool fetch(struct caught *into) {
    uint8_t request[8192];
    size_t size = feed_follower_request(follower, now_ms, request, sizeof request);
    if (!size)
        return false;
    cr_assert_eq(caught_answer(into, server, request, size, &why), RESULT_OK);
    return true;
}

static enum result take(const struct caught *from) {
    return feed_follower_reply(follower, from->frames, from->count, now_ms, &why);
}

static void follow_to_the_head(void) {
    for (int rounds = 0; feed_follower_next(follower) <= feed_server_head(server); rounds++) {
        cr_assert_lt(rounds, 100000, "no progress");
        if (!fetch(&caught)) {
            now_ms += RETRY_MS;
            continue;
        }
        cr_assert_eq(take(&caught), RESULT_OK, "%s", why.sentence);
    }
}

static void fill(int batches, uint32_t count) {
    for (int i = 0; i < batches; i++)
        feed_fixture_append(&fixture, count);
}

Test(feed_follower, counts_everything_from_the_beginning) {
    feed_fixture_init(&fixture);
    fill(30, 7);
    open_all(&(struct feed_follower_config){.next_offset = 1, .max_bytes = 3000});
    follow_to_the_head();
    cr_assert_eq(counted, 210);
    cr_assert_eq(feed_follower_next(follower), 211);
    cr_assert_eq(feed_follower_head(follower), 210);
    cr_assert_arr_eq(feed_follower_chain(follower), fixture.batches[29].hash, JOURNAL_HASH_SIZE);
    clean();
}

Test(feed_follower, a_million_records_behind_with_small_credit) {
    feed_fixture_init(&fixture);
    fixture.padding = 0;
    fill(2000, 500);
    open_all(&(struct feed_follower_config){.next_offset = 1, .max_bytes = 200000});
    follow_to_the_head();
    cr_assert_eq(counted, 1000000);
    clean();
}

Test(feed_follower, at_the_head_it_waits_for_the_doorbell_or_the_timer) {
    feed_fixture_init(&fixture);
    fill(1, 5);
    open_all(&(struct feed_follower_config){.next_offset = 1});
    cr_assert(fetch(&caught));
    cr_assert_not(fetch(&caught), "one request on the way is enough");
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert_not(fetch(&caught), "nothing is new");
    feed_server_committed(server, feed_fixture_append(&fixture, 2));
    feed_follower_doorbell(follower, 7);
    cr_assert(fetch(&caught));
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert_eq(counted, 7);
    feed_follower_doorbell(follower, 7);
    cr_assert_not(fetch(&caught), "an old doorbell is no news");
    feed_server_committed(server, feed_fixture_append(&fixture, 2));
    now_ms += RETRY_MS - 1;
    cr_assert_not(fetch(&caught));
    now_ms += 1;
    cr_assert(fetch(&caught), "a lost doorbell costs one period");
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert_eq(counted, 9);
    clean();
}

Test(feed_follower, a_few_records_wait_for_the_pace_and_many_do_not) {
    feed_fixture_init(&fixture);
    fill(1, 5);
    open_all(&(struct feed_follower_config){.next_offset = 1, .seldom = true});
    cr_assert(fetch(&caught), "the first request waits for nothing");
    cr_assert_eq(take(&caught), RESULT_OK);
    feed_server_committed(server, feed_fixture_append(&fixture, 2));
    feed_follower_doorbell(follower, 7);
    now_ms += DOORBELL_SELDOM_MS - 1;
    cr_assert_not(fetch(&caught));
    now_ms += 1;
    cr_assert(fetch(&caught));
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert_eq(counted, 7);
    feed_server_committed(server, feed_fixture_append(&fixture, 4999));
    feed_follower_doorbell(follower, 5006);
    cr_assert_not(fetch(&caught));
    feed_server_committed(server, feed_fixture_append(&fixture, 1));
    feed_follower_doorbell(follower, 5007);
    cr_assert(fetch(&caught), "five thousand records do not wait");
    cr_assert_eq(take(&caught), RESULT_OK);
    feed_server_committed(server, feed_fixture_append(&fixture, 1));
    feed_follower_doorbell(follower, 5008);
    cr_assert_not(fetch(&caught));
    feed_follower_ask_head(follower);
    cr_assert(fetch(&caught), "nor does who asks for the head");
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert_eq(counted, 5008);
    clean();
}

Test(feed_follower, tells_when_the_owner_was_heard_last) {
    feed_fixture_init(&fixture);
    fill(1, 5);
    open_all(&(struct feed_follower_config){.next_offset = 1});
    cr_assert_eq(feed_follower_heard_ms(follower), 0);
    now_ms = 70000;
    cr_assert(fetch(&caught));
    cr_assert_eq(feed_follower_heard_ms(follower), 0, "a question is no answer");
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert_eq(feed_follower_heard_ms(follower), 70000);
    clean();
}

Test(feed_follower, a_doorbell_during_a_request_is_not_forgotten) {
    feed_fixture_init(&fixture);
    fill(1, 5);
    open_all(&(struct feed_follower_config){.next_offset = 1});
    cr_assert(fetch(&caught)); /* answered with head 5 ... */
    feed_server_committed(server, feed_fixture_append(&fixture, 2));
    feed_follower_doorbell(follower, 7); /* ... and heard before that answer */
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert_eq(feed_follower_head(follower), 7);
    cr_assert(fetch(&caught), "asked again at once");
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert_eq(counted, 7);
    cr_assert_not(fetch(&caught));
    clean();
}

Test(feed_follower, a_doorbell_that_promises_too_much_is_asked_for_once_a_period) {
    feed_fixture_init(&fixture);
    fill(1, 5);
    open_all(&(struct feed_follower_config){.next_offset = 1});
    follow_to_the_head();
    feed_follower_doorbell(follower, 99);
    cr_assert(fetch(&caught));
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert_not(fetch(&caught), "no busy loop");
    cr_assert_eq(feed_follower_head(follower), 5);
    clean();
}

Test(feed_follower, a_lost_reply_is_asked_for_again) {
    feed_fixture_init(&fixture);
    fill(3, 5);
    open_all(&(struct feed_follower_config){.next_offset = 1});
    cr_assert(fetch(&caught));
    now_ms += RETRY_MS - 1;
    cr_assert_not(fetch(&caught));
    now_ms += 1;
    cr_assert(fetch(&caught));
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert_eq(counted, 15);
    clean();
}

Test(feed_follower, an_unsent_request_is_made_again_at_once) {
    feed_fixture_init(&fixture);
    fill(3, 5);
    open_all(&(struct feed_follower_config){.next_offset = 1});
    cr_assert(fetch(&caught));
    feed_follower_unsent(follower);
    cr_assert(fetch(&caught));
    clean();
}

Test(feed_follower, doubled_and_late_replies_are_dropped) {
    feed_fixture_init(&fixture);
    fill(20, 5);
    open_all(&(struct feed_follower_config){.next_offset = 1, .max_bytes = 1000});
    struct caught first = {0}, second = {0};
    cr_assert(fetch(&first));
    cr_assert_eq(take(&first), RESULT_OK);
    cr_assert_eq(take(&first), RESULT_OK);
    cr_assert(fetch(&second));
    cr_assert_eq(take(&first), RESULT_OK);
    cr_assert_not(fetch(&caught), "the late one does not answer the request on the way");
    cr_assert_eq(take(&second), RESULT_OK);
    cr_assert_eq(take(&second), RESULT_OK);
    cr_assert_eq(take(&first), RESULT_OK);
    follow_to_the_head();
    cr_assert_eq(counted, 100);
    caught_free(&first);
    caught_free(&second);
    clean();
}

/* A link that loses, doubles and reorders, by seed; the server restarts now and then. */
static void over_a_bad_link(unsigned seed, uint64_t records) {
    static struct caught inbox[8];
    static bool waiting[8];
    for (int step = 0; feed_follower_next(follower) <= records; step++) {
        cr_assert_lt(step, 200000, "seed %u: no progress", seed);
        int at = rand_r(&seed) % 8;
        if (!waiting[at] && fetch(&inbox[at]))
            waiting[at] = rand_r(&seed) % 4 != 0;
        at = rand_r(&seed) % 8;
        if (waiting[at]) {
            cr_assert_eq(take(&inbox[at]), RESULT_OK, "seed %u: %s", seed, why.sentence);
            waiting[at] = rand_r(&seed) % 3 == 0;
        }
        if (rand_r(&seed) % 50 == 0) {
            feed_server_destroy(&server);
            server = feed_server_new(&fixture.journal, 5000);
        }
        if (rand_r(&seed) % 5 == 0)
            feed_follower_doorbell(follower, feed_server_head(server));
        now_ms += rand_r(&seed) % 700;
    }
    for (int i = 0; i < 8; i++) {
        caught_free(&inbox[i]);
        waiting[i] = false;
    }
}

Test(feed_follower, no_gap_and_no_double_over_a_bad_link) {
    for (unsigned seed = 1; seed <= 200; seed++) {
        counted = last_offset = 0;
        feed_fixture_init(&fixture);
        for (unsigned i = 0, at = seed; i < 30; i++)
            feed_fixture_append(&fixture, 1 + (uint32_t)rand_r(&at) % 20);
        open_all(&(struct feed_follower_config){.next_offset = 1, .max_bytes = 2000});
        uint64_t records = feed_server_head(server);
        over_a_bad_link(seed, records);
        cr_assert_eq(counted, records, "seed %u", seed);
        clean();
    }
}

Test(feed_follower, the_next_request_goes_out_before_a_reply_is_counted) {
    feed_fixture_init(&fixture);
    fill(4, 5);
    open_all(&(struct feed_follower_config){.next_offset = 1, .max_bytes = 1});
    uint8_t request[8192];
    struct caught ahead = {0}, first = {0};
    cr_assert(fetch(&first));
    feed_follower_unsent(follower);
    cr_assert(fetch(&caught));
    for (int batch = 1; batch <= 4; batch++) {
        size_t size = feed_follower_ahead(follower, &caught.frames[0], now_ms, request, sizeof request);
        cr_assert_eq(size > 0, batch < 4, "nothing lies behind the last one");
        if (size)
            cr_assert_eq(caught_answer(&ahead, server, request, size, &why), RESULT_OK);
        cr_assert_eq(take(&caught), RESULT_OK);
        cr_assert_eq(counted, 5 * (uint64_t)batch);
        cr_assert_not(fetch(&caught), "it is on the way already");
        struct caught other = caught;
        caught = ahead;
        ahead = other;
    }
    cr_assert_eq(feed_follower_ahead(follower, &first.frames[0], now_ms, request, sizeof request), 0,
                 "a late reply leads nowhere");
    caught_free(&first);
    caught_free(&ahead);
    clean();
}

Test(feed_follower, a_lost_reply_asked_for_ahead_is_asked_for_again) {
    feed_fixture_init(&fixture);
    fill(2, 5);
    open_all(&(struct feed_follower_config){.next_offset = 1, .max_bytes = 1});
    uint8_t request[8192];
    cr_assert(fetch(&caught));
    cr_assert_gt(feed_follower_ahead(follower, &caught.frames[0], now_ms, request, sizeof request), 0);
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert_not(fetch(&caught));
    now_ms += RETRY_MS;
    cr_assert(fetch(&caught));
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert_eq(counted, 10);
    clean();
}

Test(feed_follower, starts_in_the_middle_of_a_batch) {
    feed_fixture_init(&fixture);
    fill(6, 10);
    last_offset = 34;
    open_all(&(struct feed_follower_config){.next_offset = 35, .chain = fixture.batches[2].hash});
    follow_to_the_head();
    cr_assert_eq(counted, 26);
    clean();
}

Test(feed_follower, without_a_chain_it_takes_the_first_and_checks_from_there) {
    feed_fixture_init(&fixture);
    fill(6, 10);
    last_offset = 30;
    open_all(&(struct feed_follower_config){.next_offset = 31, .max_bytes = 1});
    cr_assert_null(feed_follower_chain(follower));
    cr_assert(fetch(&caught));
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert_arr_eq(feed_follower_chain(follower), fixture.batches[3].hash, JOURNAL_HASH_SIZE);
    ((uint8_t *)fixture.batches[5].records)[30] ^= 1;
    cr_assert(fetch(&caught));
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert(fetch(&caught));
    cr_assert_eq(take(&caught), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "FEED_CHAIN");
    cr_assert_eq(counted, 20, "nothing of the broken batch is counted");
    clean();
}

Test(feed_follower, another_journal_is_found_by_its_chain) {
    feed_fixture_init(&fixture);
    fill(3, 10);
    uint8_t chain[JOURNAL_HASH_SIZE] = {1};
    last_offset = 10;
    open_all(&(struct feed_follower_config){.next_offset = 11, .chain = chain});
    cr_assert(fetch(&caught));
    cr_assert_eq(take(&caught), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "FEED_CHAIN");
    cr_assert_eq(feed_follower_next(follower), 11);
    clean();
}

Test(feed_follower, an_edited_header_breaks_the_chain) {
    feed_fixture_init(&fixture);
    fill(3, 10);
    fixture.batches[1].header.day++;
    open_all(&(struct feed_follower_config){.next_offset = 1});
    cr_assert(fetch(&caught));
    cr_assert_eq(take(&caught), RESULT_CORRUPT);
    cr_assert_eq(counted, 10);
    clean();
}

Test(feed_follower, every_cut_or_changed_frame_is_found) {
    feed_fixture_init(&fixture);
    fill(2, 3);
    open_all(&(struct feed_follower_config){.next_offset = 1});
    cr_assert(fetch(&caught));
    for (size_t frame = 1; frame < caught.count; frame++) {
        uint8_t *bytes = (uint8_t *)caught.frames[frame].data;
        for (size_t at = 0; at < caught.frames[frame].size; at++) {
            feed_follower_destroy(&follower);
            follower =
                feed_follower_new(&(struct feed_follower_config){.next_offset = 1}, count_record, NULL);
            last_offset = 0;
            bytes[at] ^= 0x10;
            cr_assert_eq(take(&caught), RESULT_CORRUPT, "byte %zu of frame %zu", at, frame);
            bytes[at] ^= 0x10;
        }
    }
    clean();
}

/* A reply as a broken owner could make it. */
static enum result take_forged(struct wire_feed_reply *reply, const struct feed_frame *frames, size_t count) {
    static uint8_t bytes[1 << 16];
    struct feed_frame all[4] = {{bytes, 0}};
    struct arena arena;
    arena_init(&arena, 1 << 20);
    all[0].size = wire_feed_reply_encode(reply, &arena, bytes, sizeof bytes);
    cr_assert_gt(all[0].size, 0);
    for (size_t i = 0; i < count; i++)
        all[i + 1] = frames[i];
    enum result result = feed_follower_reply(follower, all, count + 1, now_ms, &why);
    arena_free(&arena);
    return result;
}

Test(feed_follower, replies_that_do_not_fit_together_are_corrupt) {
    feed_fixture_init(&fixture);
    fill(3, 5);
    open_all(&(struct feed_follower_config){.next_offset = 1});
    struct wire_feed_batch batches[2] = {0};
    struct feed_frame frames[2];
    for (int i = 0; i < 2; i++) {
        batches[i].header = fixture.batches[i].header;
        memcpy(batches[i].hash, fixture.batches[i].hash, JOURNAL_HASH_SIZE);
        frames[i] = (struct feed_frame){fixture.batches[i].records, fixture.batches[i].size};
    }
    struct wire_feed_reply whole = {
        .from_offset = 1, .next_offset = 11, .head = 15, .batches = batches, .batch_count = 2};
    struct wire_feed_reply reply = whole;
    cr_assert_eq(take_forged(&reply, frames, 1), RESULT_CORRUPT, "a frame is missing");
    reply.batch_count = 1;
    cr_assert_eq(take_forged(&reply, frames, 2), RESULT_CORRUPT, "a frame too many");
    cr_assert_eq(take_forged(&reply, frames, 1), RESULT_CORRUPT, "the batches end before the reply");
    reply = whole;
    reply.batches = &batches[1];
    reply.batch_count = 1;
    cr_assert_eq(take_forged(&reply, &frames[1], 1), RESULT_CORRUPT, "a gap at the beginning");
    struct wire_feed_batch twice[2] = {batches[0], batches[0]};
    reply = whole;
    reply.batches = twice;
    cr_assert_eq(take_forged(&reply, frames, 2), RESULT_CORRUPT, "the same batch twice");
    batches[0].filtered = true;
    reply = whole;
    cr_assert_eq(take_forged(&reply, frames, 2), RESULT_CORRUPT, "filtered, though nobody asked for it");
    cr_assert_eq(counted, 0);
    cr_assert_eq(feed_follower_reply(follower, frames, 0, now_ms, &why), RESULT_CORRUPT);
    cr_assert_eq(feed_follower_reply(follower, frames, 1, now_ms, &why), RESULT_CORRUPT, "no header");
    batches[0].filtered = false;
    cr_assert_eq(take_forged(&whole, frames, 2), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(counted, 10);
    clean();
}

Test(feed_follower, a_batch_with_fewer_records_than_it_says_is_corrupt) {
    static const uint8_t nothing[JOURNAL_HASH_SIZE] = {0};
    feed_fixture_init(&fixture);
    fill(1, 5);
    open_all(&(struct feed_follower_config){.next_offset = 1});
    struct feed_frame frame = {fixture.batches[0].records, fixture.batches[0].size};
    struct wire_feed_batch batch = {.header = fixture.batches[0].header};
    batch.header.count = 6; /* as a broken owner would have committed it: the chain holds */
    journal_hash(nothing, &batch.header, frame.data, frame.size, batch.hash);
    struct wire_feed_reply reply = {
        .from_offset = 1, .next_offset = 7, .head = 6, .batches = &batch, .batch_count = 1};
    cr_assert_eq(take_forged(&reply, &frame, 1), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "FEED_ORDER");
    clean();
}

Test(feed_follower, a_refusal_is_handed_on_and_a_busy_owner_asked_later) {
    feed_fixture_init(&fixture);
    fill(1, 5);
    open_all(&(struct feed_follower_config){.next_offset = 9});
    cr_assert(fetch(&caught));
    cr_assert_eq(take(&caught), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "FEED_FOREIGN");
    cr_assert_not_null(strstr(why.sentence, "journal ends at 5"));
    struct wire_feed_reply rotten = {.refusal = REFUSAL_SEQUENCE_GAP,
                                     .sentence = "Restore it.",
                                     .from_offset = 9,
                                     .next_offset = 9,
                                     .head = 8};
    cr_assert_eq(take_forged(&rotten, NULL, 0), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "FEED_REFUSED", "whoever is not beyond the head follows the right journal");
    cr_assert_str_eq(why.sentence, "The feed was refused: Restore it.");
    struct wire_feed_reply busy = {
        .refusal = REFUSAL_BUSY, .sentence = "Busy.", .from_offset = 9, .next_offset = 9};
    cr_assert_eq(take_forged(&busy, NULL, 0), RESULT_OK);
    cr_assert_not(fetch(&caught));
    now_ms += RETRY_MS;
    cr_assert(fetch(&caught));
    clean();
}

Test(feed_follower, a_record_that_can_not_be_counted_stops_it_there) {
    feed_fixture_init(&fixture);
    fill(3, 10);
    fails_at = 17;
    open_all(&(struct feed_follower_config){.next_offset = 1});
    cr_assert(fetch(&caught));
    cr_assert_eq(take(&caught), RESULT_FULL);
    cr_assert_eq(feed_follower_next(follower), 17);
    cr_assert_arr_eq(feed_follower_chain(follower), fixture.batches[0].hash, JOURNAL_HASH_SIZE);
    fails_at = 0;
    follow_to_the_head();
    cr_assert_eq(counted, 30);
    clean();
}

Test(feed_follower, partitions_together_are_the_whole) {
    feed_fixture_init(&fixture);
    fill(100, 20);
    uint64_t together = 0;
    for (uint32_t partition = 0; partition < 16; partition++) {
        counted = last_offset = 0;
        open_all(&(struct feed_follower_config){.next_offset = 1,
                                                .max_bytes = 1500,
                                                .partition_count = 16,
                                                .partitions = &partition,
                                                .partitions_wanted = 1});
        follow_to_the_head();
        cr_assert_eq(feed_follower_next(follower), 2001);
        cr_assert_arr_eq(feed_follower_chain(follower), fixture.batches[99].hash, JOURNAL_HASH_SIZE);
        together += counted;
        feed_follower_destroy(&follower);
        feed_server_destroy(&server);
    }
    cr_assert_eq(together, 2000);
    clean();
}

Test(feed_follower, a_filtered_follower_starts_in_the_middle_of_a_batch) {
    feed_fixture_init(&fixture);
    fill(2, 1000);
    uint32_t wanted[2] = {1, 3};
    last_offset = 499;
    open_all(&(struct feed_follower_config){
        .next_offset = 500, .partition_count = 4, .partitions = wanted, .partitions_wanted = 2});
    uint64_t expected = 0;
    for (uint32_t offset = 500; offset <= 2000; offset++) {
        uint32_t partition = record_partition(offset % 1000, 4);
        expected += partition == 1 || partition == 3;
    }
    follow_to_the_head();
    cr_assert_eq(counted, expected);
    clean();
}

/* A bound anywhere, also within a batch: exactly the records up to it, then at rest; raised, the rest of the
 * batch follows, and the chain still holds. */
Test(feed_follower, takes_nothing_above_its_bound) {
    feed_fixture_init(&fixture);
    fill(12, 7);
    for (uint64_t bound = 0; bound <= 84; bound += 1) {
        open_all(&(struct feed_follower_config){.next_offset = 1, .max_bytes = 3000});
        counted = last_offset = 0;
        feed_follower_until(follower, bound);
        for (int rounds = 0; rounds < 50; rounds++, now_ms += RETRY_MS)
            if (fetch(&caught))
                cr_assert_eq(take(&caught), RESULT_OK, "%s", why.sentence);
        cr_assert_eq(counted, bound);
        cr_assert_eq(feed_follower_next(follower), bound + 1);
        cr_assert(bound == 84 || !fetch(&caught), "nothing is asked for beyond the bound");
        feed_follower_until(follower, UINT64_MAX);
        cr_assert(bound == 84 || fetch(&caught), "a raised bound asks at once");
        cr_assert_eq(take(&caught), RESULT_OK, "%s", why.sentence);
        follow_to_the_head();
        cr_assert_eq(counted, 84);
        cr_assert_arr_eq(feed_follower_chain(follower), fixture.batches[11].hash, JOURNAL_HASH_SIZE);
        feed_follower_destroy(&follower);
        feed_server_destroy(&server);
    }
    clean();
}

/* Batches of which the filter leaves nothing are one run: the bound lies within it all the same. */
Test(feed_follower, a_bound_holds_where_a_filter_leaves_nothing) {
    feed_fixture_init(&fixture);
    fill(60, 3);
    const uint32_t wanted[] = {record_partition(150, 1024)};
    for (uint64_t bound = 1; bound < 180; bound++) {
        open_all(&(struct feed_follower_config){
            .next_offset = 1, .partition_count = 1024, .partitions = wanted, .partitions_wanted = 1});
        counted = last_offset = 0;
        feed_follower_until(follower, bound);
        for (int rounds = 0; rounds < 10; rounds++, now_ms += RETRY_MS)
            if (fetch(&caught))
                cr_assert_eq(take(&caught), RESULT_OK, "%s", why.sentence);
        cr_assert_eq(feed_follower_next(follower), bound + 1);
        cr_assert_leq(last_offset, bound);
        uint64_t before = counted;
        feed_follower_until(follower, UINT64_MAX);
        follow_to_the_head();
        cr_assert_geq(counted, before);
        cr_assert_geq(last_offset, 150, "its own record comes once the bound is gone");
        feed_follower_destroy(&follower);
        feed_server_destroy(&server);
    }
    clean();
}

Test(feed_follower, a_bound_set_while_a_reply_is_on_its_way_holds) {
    feed_fixture_init(&fixture);
    fill(4, 5);
    open_all(&(struct feed_follower_config){.next_offset = 1});
    cr_assert(fetch(&caught));
    feed_follower_until(follower, 12);
    uint8_t request[8192];
    cr_assert_eq(feed_follower_ahead(follower, &caught.frames[0], now_ms, request, sizeof request), 0,
                 "what follows is not wanted");
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert_eq(counted, 12);
    cr_assert_eq(take(&caught), RESULT_OK, "doubled");
    cr_assert_eq(counted, 12);
    feed_follower_until(follower, 3); /* below what was taken: taken it stays */
    cr_assert_not(fetch(&caught));
    cr_assert_eq(feed_follower_next(follower), 13);
    feed_follower_doorbell(follower, 20);
    cr_assert_not(fetch(&caught), "a doorbell does not open the bound");
    feed_follower_until(follower, 15);
    cr_assert(fetch(&caught));
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert_eq(counted, 15);
    clean();
}

/* What was acknowledged before the question must be in the head that answers it: a reply that was made before
 * is none, though it asks from the same offset and comes after. */
Test(feed_follower, a_head_asked_for_is_not_older_than_the_question) {
    feed_fixture_init(&fixture);
    fill(1, 5);
    open_all(&(struct feed_follower_config){.next_offset = 1});
    follow_to_the_head();
    now_ms += RETRY_MS;
    cr_assert(fetch(&caught)); /* answered with head 5 ... */
    feed_server_committed(server, feed_fixture_append(&fixture, 2));
    uint64_t ticket = feed_follower_ask_head(follower);
    cr_assert_not(feed_follower_answered(follower, ticket));
    static struct caught second;
    cr_assert(fetch(&second), "asked at once, though an answer is on its way");
    cr_assert_not(fetch(&second), "and once");
    cr_assert_eq(take(&caught), RESULT_OK); /* ... which arrives now */
    cr_assert_not(feed_follower_answered(follower, ticket), "an old answer is none");
    cr_assert_eq(take(&second), RESULT_OK);
    cr_assert(feed_follower_answered(follower, ticket));
    cr_assert_eq(feed_follower_head(follower), 7);
    uint64_t next = feed_follower_ask_head(follower);
    cr_assert(next > ticket && feed_follower_answered(follower, ticket));
    cr_assert_eq(take(&second), RESULT_OK, "doubled");
    cr_assert_not(feed_follower_answered(follower, next));
    caught_free(&second);
    clean();
}

Test(feed_follower, a_head_is_asked_for_again_until_it_is_heard_also_beyond_the_bound) {
    feed_fixture_init(&fixture);
    fill(4, 5);
    open_all(&(struct feed_follower_config){.next_offset = 1});
    feed_follower_until(follower, 7);
    cr_assert(fetch(&caught));
    cr_assert_eq(take(&caught), RESULT_OK);
    feed_server_committed(server, feed_fixture_append(&fixture, 5));
    uint64_t ticket = feed_follower_ask_head(follower);
    cr_assert(fetch(&caught));
    feed_follower_unsent(follower);
    cr_assert(fetch(&caught), "not sent, so asked again at once");
    cr_assert_not(fetch(&caught));
    now_ms += RETRY_MS; /* lost */
    cr_assert(fetch(&caught), "asked again after silence");
    cr_assert_eq(take(&caught), RESULT_OK);
    cr_assert(feed_follower_answered(follower, ticket));
    cr_assert_eq(feed_follower_head(follower), 25);
    cr_assert_eq(counted, 7);
    now_ms += RETRY_MS;
    cr_assert_not(fetch(&caught));
    clean();
}
