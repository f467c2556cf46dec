/* feed_server.c - what a reply holds: bounds, filters, refusals, the tail and the journal below it. */
#include "feed_fixture.h"
#include "runtime/feed_tail.h"
#include "wire/wire_feed.h"
#include "wire/wire_record.h"

#include <criterion/criterion.h>
#include <string.h>

static struct feed_fixture fixture;
static struct feed_server *server;
static struct caught caught;
static struct arena arena;
static struct wire_feed_reply reply;
static struct failure why;

static void open_server(size_t tail_bytes) {
    arena_init(&arena, 64 << 20);
    server = feed_server_new(&fixture.journal, tail_bytes);
}

static void clean(void) {
    feed_server_destroy(&server);
    feed_server_destroy(&server);
    feed_fixture_free(&fixture);
    caught_free(&caught);
    arena_free(&arena);
}

static void answer(const uint8_t *request, size_t size) {
    cr_assert_eq(caught_answer(&caught, server, request, size, &why), RESULT_OK, "%s", why.sentence);
    cr_assert(caught.complete);
    arena_reset(&arena);
    cr_assert_eq(wire_feed_reply_decode(caught.frames[0].data, caught.frames[0].size, &arena, &reply),
                 RESULT_OK);
    cr_assert_eq(caught.count, reply.batch_count + 1u);
}

static void ask(uint64_t from, uint32_t max_bytes) {
    struct wire_feed_request request = {.from_offset = from, .max_bytes = max_bytes};
    uint8_t bytes[8192];
    answer(bytes, wire_feed_request_encode(&request, bytes, sizeof bytes));
}

static void ask_partition(uint64_t from, uint32_t max_bytes, uint32_t partition, uint32_t count) {
    struct wire_feed_request request = {
        .from_offset = from, .max_bytes = max_bytes, .partition_count = count};
    uint8_t bytes[8192];
    request.wanted[partition] = true;
    answer(bytes, wire_feed_request_encode(&request, bytes, sizeof bytes));
}

/* Commits as enrollment does: durable first, then told to the server. */
static void commit(uint32_t count) {
    feed_server_committed(server, feed_fixture_append(&fixture, count));
}

static void assert_frames_are_the_journal(void) {
    for (uint32_t i = 0; i < reply.batch_count; i++) {
        const struct batch_header *named = &reply.batches[i].header;
        size_t at = 0;
        while (fixture.batches[at].header.first_offset != named->first_offset)
            cr_assert_lt(++at, fixture.batch_count);
        const struct journal_batch *stored = &fixture.batches[at];
        cr_assert_eq(named->count, stored->header.count);
        cr_assert_eq(named->time_ms, stored->header.time_ms);
        cr_assert_arr_eq(reply.batches[i].hash, stored->hash, JOURNAL_HASH_SIZE);
        cr_assert_eq(caught.frames[i + 1].size, stored->size);
        cr_assert_arr_eq(caught.frames[i + 1].data, stored->records, stored->size);
    }
}

Test(feed_server, an_empty_journal_has_nothing_new) {
    feed_fixture_init(&fixture);
    open_server(1 << 20);
    ask(1, 1000);
    cr_assert_eq(reply.refusal, 0);
    cr_assert_eq(reply.head, 0);
    cr_assert_eq(reply.next_offset, 1);
    cr_assert_eq(reply.batch_count, 0);
    clean();
}

Test(feed_server, the_head_of_a_filled_journal_is_known_at_the_start) {
    feed_fixture_init(&fixture);
    feed_fixture_append(&fixture, 7);
    feed_fixture_append(&fixture, 5);
    open_server(1 << 20);
    cr_assert_eq(feed_server_head(server), 12);
    ask(13, 1000);
    cr_assert_eq(reply.next_offset, 13);
    cr_assert_eq(reply.batch_count, 0);
    clean();
}

Test(feed_server, batches_from_tail_and_journal_come_whole_and_in_order) {
    feed_fixture_init(&fixture);
    for (int i = 0; i < 20; i++)
        feed_fixture_append(&fixture, 10);
    open_server(1 << 20);
    for (int i = 0; i < 20; i++)
        commit(10);
    ask(1, 1 << 20);
    cr_assert_eq(reply.batch_count, 40);
    cr_assert_eq(reply.next_offset, 401);
    cr_assert_eq(fixture.reads, 20, "the tail costs no read");
    assert_frames_are_the_journal();
    ask(205, 1 << 20);
    cr_assert_eq(fixture.reads, 20);
    cr_assert_eq(reply.batches[0].header.first_offset, 201, "who asks in the middle gets the whole batch");
    clean();
}

Test(feed_server, credit_bounds_a_reply_but_for_its_first_batch) {
    feed_fixture_init(&fixture);
    open_server(1 << 20);
    for (int i = 0; i < 10; i++)
        commit(10);
    size_t one = fixture.batches[0].size, two = one + fixture.batches[1].size;
    ask(1, 0);
    cr_assert_eq(reply.batch_count, 1);
    ask(1, (uint32_t)one);
    cr_assert_eq(reply.batch_count, 1);
    ask(1, (uint32_t)two - 1);
    cr_assert_eq(reply.batch_count, 1);
    ask(1, (uint32_t)two);
    cr_assert_eq(reply.batch_count, 2);
    cr_assert_eq(reply.next_offset, 21);
    cr_assert_eq(reply.head, 100);
    clean();
}

Test(feed_server, a_reply_names_no_more_batches_than_the_protocol_allows) {
    feed_fixture_init(&fixture);
    for (int i = 0; i < 5000; i++)
        feed_fixture_append(&fixture, 1);
    open_server(1 << 20);
    ask(1, FEED_MAX_BYTES);
    cr_assert_eq(reply.batch_count, FEED_MAX_BATCHES);
    cr_assert_eq(reply.next_offset, FEED_MAX_BATCHES + 1);
    assert_frames_are_the_journal();
    clean();
}

Test(feed_server, the_largest_batches_fit_a_reply) {
    feed_fixture_init(&fixture);
    fixture.padding = TEXT_MAX;
    for (int i = 0; i < 6; i++)
        feed_fixture_append(&fixture, 50000); /* about 10 MB each */
    open_server(1 << 20);
    cr_assert_gt(fixture.batches[0].size, 8u << 20);
    ask(1, FEED_MAX_BYTES);
    assert_frames_are_the_journal();
    ask_partition(1, FEED_MAX_BYTES, 0, 1);
    cr_assert_geq(reply.batch_count, 1);
    clean();
}

/* A partition of so many that nobody of members 0..999 is in it. */
static uint32_t empty_partition(uint32_t count) {
    for (uint32_t partition = 0; partition < count; partition++) {
        bool met = false;
        for (uint32_t member = 0; member < 1000; member++)
            met |= record_partition(member, count) == partition;
        if (!met)
            return partition;
    }
    cr_assert_fail("every partition has members");
    return 0;
}

Test(feed_server, partitions_divide_the_records_among_them) {
    feed_fixture_init(&fixture);
    open_server(4000); /* most of it comes from the journal */
    for (int i = 0; i < 50; i++)
        commit(40);
    uint8_t seen[2001] = {0};
    for (uint32_t partition = 0; partition < 3; partition++) {
        uint64_t from = 1;
        while (from <= 2000) {
            ask_partition(from, 3000, partition, 3);
            size_t beyond_the_first = 0;
            for (uint32_t i = 2; i <= reply.batch_count; i++)
                beyond_the_first += caught.frames[i].size;
            cr_assert_leq(beyond_the_first, 3000 - caught.frames[1].size, "over the credit");
            for (uint32_t i = 0; i < reply.batch_count; i++) {
                struct wire_record_entry entry;
                size_t position = 0;
                const struct feed_frame *frame = &caught.frames[i + 1];
                while (wire_record_next(frame->data, frame->size, &position, &entry) == RESULT_OK) {
                    cr_assert_eq(record_partition(entry.member_id, 3), partition);
                    if (entry.offset >= from)
                        seen[entry.offset]++;
                }
                cr_assert(reply.batches[i].filtered);
            }
            cr_assert_gt(reply.next_offset, from);
            from = reply.next_offset;
        }
    }
    for (int offset = 1; offset <= 2000; offset++)
        cr_assert_eq(seen[offset], 1, "offset %d came %d times", offset, seen[offset]);
    clean();
}

Test(feed_server, runs_of_batches_without_a_wanted_record_are_named_once) {
    feed_fixture_init(&fixture);
    open_server(1 << 20);
    for (int i = 0; i < 500; i++)
        commit(10);
    ask_partition(1, 100, empty_partition(PARTITIONS_MAX), PARTITIONS_MAX);
    cr_assert_eq(reply.batch_count, 1);
    cr_assert_eq(caught.frames[1].size, 0);
    cr_assert_eq(reply.batches[0].header.first_offset, 1);
    cr_assert_eq(reply.batches[0].header.count, 5000);
    cr_assert_arr_eq(reply.batches[0].hash, fixture.batches[499].hash, JOURNAL_HASH_SIZE);
    cr_assert_eq(reply.next_offset, 5001);
    clean();
}

Test(feed_server, a_filter_that_wants_nothing_does_not_walk_the_whole_journal_at_once) {
    feed_fixture_init(&fixture);
    fixture.padding = TEXT_MAX;
    for (int i = 0; i < 80; i++)
        feed_fixture_append(&fixture, 1000);
    open_server(1000);
    ask_partition(1, 1000, empty_partition(PARTITIONS_MAX), PARTITIONS_MAX);
    cr_assert_gt(reply.next_offset, 1);
    cr_assert_lt(fixture.reads, 40);
    clean();
}

Test(feed_server, bad_requests_are_refused_with_a_sentence) {
    feed_fixture_init(&fixture);
    open_server(1000);
    commit(3);
    answer((const uint8_t *)"no feed request", 15);
    cr_assert_eq(reply.refusal, REFUSAL_FRAME_MALFORMED);
    cr_assert_gt(strlen(reply.sentence), 10);
    answer((const uint8_t *)"", 0);
    cr_assert_eq(reply.refusal, REFUSAL_FRAME_MALFORMED);
    ask(5, 1000);
    cr_assert_eq(reply.refusal, REFUSAL_SEQUENCE_GAP);
    cr_assert_eq(reply.from_offset, 5);
    cr_assert_eq(reply.head, 3);
    ask(UINT64_MAX, 1000);
    cr_assert_eq(reply.refusal, REFUSAL_SEQUENCE_GAP);
    ask(4, 1000);
    cr_assert_eq(reply.refusal, 0);
    clean();
}

Test(feed_server, a_journal_that_fails_is_handed_through) {
    uint8_t bytes[64];
    struct wire_feed_request request = {.from_offset = 1, .max_bytes = 1000};
    feed_fixture_init(&fixture);
    feed_fixture_append(&fixture, 3);
    fixture.read_fails = RESULT_IO;
    open_server(1000);
    size_t size = wire_feed_request_encode(&request, bytes, sizeof bytes);
    cr_assert_eq(caught_answer(&caught, server, bytes, size, &why), RESULT_IO, "the head was not readable");
    cr_assert_eq(caught.count, 0);
    fixture.read_fails = RESULT_OK;
    cr_assert_eq(caught_answer(&caught, server, bytes, size, &why), RESULT_OK);
    fixture.read_fails = RESULT_NOT_FOUND;
    cr_assert_eq(caught_answer(&caught, server, bytes, size, &why), RESULT_CORRUPT);
    cr_assert_str_eq(why.code, "FEED_JOURNAL_GAP");
    cr_assert(caught.complete, "the follower is told, else it asks for ever");
    cr_assert_eq(wire_feed_reply_decode(caught.frames[0].data, caught.frames[0].size, &arena, &reply),
                 RESULT_OK);
    cr_assert_eq(reply.refusal, REFUSAL_SEQUENCE_GAP);
    cr_assert_str_eq(reply.sentence, why.sentence);
    clean();
}

Test(feed_server, a_broken_batch_is_not_filtered_into_silence) {
    feed_fixture_init(&fixture);
    feed_fixture_append(&fixture, 3);
    ((uint8_t *)fixture.batches[0].records)[0] ^= 0x40;
    open_server(1000);
    struct wire_feed_request request = {
        .from_offset = 1, .max_bytes = 1000, .partition_count = 1, .wanted = {true}};
    uint8_t bytes[64];
    size_t size = wire_feed_request_encode(&request, bytes, sizeof bytes);
    cr_assert_eq(caught_answer(&caught, server, bytes, size, &why), RESULT_CORRUPT);
    clean();
}

Test(feed_tail, holds_the_newest_batches_within_its_bound) {
    feed_fixture_init(&fixture);
    struct feed_tail *tail = feed_tail_new(100000);
    for (int i = 0; i < 3000; i++)
        feed_tail_add(tail, feed_fixture_append(&fixture, 2));
    cr_assert_null(feed_tail_find(tail, 1));
    cr_assert_null(feed_tail_find(tail, 0));
    cr_assert_null(feed_tail_find(tail, 6001));
    uint64_t oldest = 6000;
    size_t bytes = 0;
    for (; feed_tail_find(tail, oldest); oldest--) {
        const struct journal_batch *batch = feed_tail_find(tail, oldest);
        cr_assert_eq(batch->header.first_offset, (oldest - 1) / 2 * 2 + 1);
        bytes += oldest % 2 ? batch->size : 0;
    }
    cr_assert_leq(bytes, 100000);
    cr_assert_gt(bytes, 40000);
    feed_tail_destroy(&tail);
    feed_fixture_free(&fixture);
}

Test(feed_tail, grows_its_ring_when_the_bound_has_room) {
    feed_fixture_init(&fixture);
    struct feed_tail *tail = feed_tail_new(64 << 20);
    for (int i = 0; i < 5000; i++)
        feed_tail_add(tail, feed_fixture_append(&fixture, 1));
    for (uint64_t offset = 1; offset <= 5000; offset++)
        cr_assert_eq(feed_tail_find(tail, offset)->header.first_offset, offset);
    feed_tail_destroy(&tail);
    feed_fixture_free(&fixture);
}

Test(feed_tail, a_batch_over_the_bound_leaves_no_hole) {
    feed_fixture_init(&fixture);
    struct feed_tail *tail = feed_tail_new(2000);
    feed_tail_add(tail, feed_fixture_append(&fixture, 2));
    feed_tail_add(tail, feed_fixture_append(&fixture, 1000));
    cr_assert_null(feed_tail_find(tail, 1));
    cr_assert_null(feed_tail_find(tail, 500));
    feed_tail_add(tail, feed_fixture_append(&fixture, 1));
    cr_assert_null(feed_tail_find(tail, 1002));
    cr_assert_eq(feed_tail_find(tail, 1003)->header.count, 1);
    feed_tail_destroy(&tail);
    cr_assert_null(tail);
    feed_fixture_free(&fixture);
}
