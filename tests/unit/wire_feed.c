/* wire_feed.c - tests of feed requests and replies as bytes: round trips, every limit, damage. */
#include "wire/wire_feed.h"

#include "feed.pb-c.h"
#include "mutate.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static uint8_t buffer[1 << 20];

static void setup(void) {
    arena_init(&arena, 4 << 20);
}
static void teardown(void) {
    arena_free(&arena);
}
TestSuite(wire_feed, .init = setup, .fini = teardown);

static enum result decode_request(const uint8_t *data, size_t size, struct wire_feed_request *out,
                                  struct failure *why) {
    uint8_t *exact = malloc(size > 0 ? size : 1);
    memcpy(exact, data, size);
    enum result result = wire_feed_request_decode(exact, size, &arena, out, why);
    free(exact);
    return result;
}

Test(wire_feed, a_request_comes_back_as_it_was) {
    struct wire_feed_request back,
        request = {.from_offset = UINT64_MAX, .max_bytes = FEED_MAX_BYTES, .ticket = UINT64_MAX};
    size_t size = wire_feed_request_encode(&request, buffer, sizeof buffer);
    cr_assert_eq(decode_request(buffer, size, &back, NULL), RESULT_OK);
    cr_assert_eq(memcmp(&back, &request, sizeof back), 0);
    request.partition_count = PARTITIONS_MAX;
    for (uint32_t index = 0; index < PARTITIONS_MAX; index++)
        request.wanted[index] = index % 3 != 1;
    size = wire_feed_request_encode(&request, buffer, sizeof buffer);
    cr_assert_leq(size, FEED_REQUEST_MAX_BYTES);
    cr_assert_eq(decode_request(buffer, size, &back, NULL), RESULT_OK);
    cr_assert_eq(memcmp(&back, &request, sizeof back), 0);
    cr_assert_eq(wire_feed_request_encode(&request, buffer, size - 1), 0);
}

static void assert_request_refused(const Cakupan__FeedRequest *message, const char *code, const char *part) {
    struct wire_feed_request out;
    struct failure why = {0};
    size_t size = cakupan__feed_request__pack(message, buffer);
    cr_assert_eq(decode_request(buffer, size, &out, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, code);
    cr_assert(strstr(why.sentence, part), "\"%s\" does not say \"%s\"", why.sentence, part);
}

Test(wire_feed, requests_over_a_limit_are_refused_with_a_sentence) {
    uint32_t partitions[2] = {0, 4};
    Cakupan__FeedRequest fine = CAKUPAN__FEED_REQUEST__INIT, message;
    fine.version = FEED_VERSION;
    fine.from_offset = 1;
    message = fine;
    message.version = 2;
    assert_request_refused(&message, "FEED_VERSION", "version 2");
    message = fine;
    message.from_offset = 0;
    assert_request_refused(&message, "FEED_REQUEST", "offset 0");
    message = fine;
    message.max_bytes = FEED_MAX_BYTES + 1;
    assert_request_refused(&message, "FEED_REQUEST", "16777217 bytes");
    message = fine;
    message.partition_count = PARTITIONS_MAX + 1;
    assert_request_refused(&message, "FEED_REQUEST", "1025 partitions");
    message = fine;
    message.partition_count = 4;
    assert_request_refused(&message, "FEED_REQUEST", "0 of 4");
    message.n_partitions = 2;
    message.partitions = partitions;
    assert_request_refused(&message, "FEED_REQUEST", "partition 4 of 4");
    message.partition_count = 0;
    assert_request_refused(&message, "FEED_REQUEST", "2 of 0");
    partitions[1] = 3;
    message.partition_count = 4;
    struct wire_feed_request out;
    cr_assert_eq(decode_request(buffer, cakupan__feed_request__pack(&message, buffer), &out, NULL),
                 RESULT_OK);
    cr_assert(out.wanted[0] && !out.wanted[1] && out.wanted[3]);
}

Test(wire_feed, what_is_no_request_is_refused) {
    struct wire_feed_request out;
    struct failure why;
    static const char *const bad[] = {"garbage", "\x08\x01\x10\x01\x38\x01", "\x08",
                                      "\x08\x01\x10\x01\x2a\x05"};
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        enum result result = decode_request((const uint8_t *)bad[index], strlen(bad[index]), &out, &why);
        cr_assert_eq(result, RESULT_INVALID, "bad request %zu", index);
        cr_assert_str_eq(why.code, "FEED_REQUEST");
    }
    cr_assert_eq(decode_request((const uint8_t *)"", 0, &out, &why), RESULT_INVALID);
    cr_assert_str_eq(why.code, "FEED_VERSION");
    cr_assert_eq(decode_request(buffer, FEED_REQUEST_MAX_BYTES + 1, &out, &why), RESULT_INVALID);
}

/* 8 KiB of partition numbers unpack to four times that, and no more than the arena has. */
Test(wire_feed, a_request_never_takes_more_than_the_budget) {
    struct arena small;
    struct wire_feed_request request = {.from_offset = 1, .partition_count = PARTITIONS_MAX}, out;
    memset(request.wanted, true, sizeof request.wanted);
    size_t size = wire_feed_request_encode(&request, buffer, sizeof buffer);
    arena_init(&small, 4096);
    cr_assert_eq(wire_feed_request_decode(buffer, size, &small, &out, NULL), RESULT_INVALID);
    cr_assert_leq(small.used, 4096);
    arena_free(&small);
}

static struct wire_feed_batch batches[FEED_MAX_BATCHES + 1];

static struct wire_feed_reply a_reply(uint32_t batch_count) {
    for (uint32_t index = 0; index < batch_count; index++) {
        batches[index] = (struct wire_feed_batch){
            .header = {1 + index * 10, 10, -5 + index, (day_t)(46000 + index)}, .filtered = index % 2};
        memset(batches[index].hash, (int)index, JOURNAL_HASH_SIZE);
    }
    return (struct wire_feed_reply){.from_offset = 1,
                                    .next_offset = 1 + batch_count * 10,
                                    .head = UINT64_MAX,
                                    .batches = batches,
                                    .batch_count = batch_count};
}

Test(wire_feed, a_reply_comes_back_as_it_was) {
    struct wire_feed_reply back, reply = a_reply(3);
    reply.ticket = 77;
    size_t size = wire_feed_reply_encode(&reply, &arena, buffer, sizeof buffer);
    cr_assert_eq(arena.used, 0, "scratch memory is given back");
    cr_assert_eq(wire_feed_reply_encode(&reply, &arena, buffer, size - 1), 0);
    cr_assert_eq(wire_feed_reply_decode(buffer, size, &arena, &back), RESULT_OK);
    cr_assert_eq(back.refusal, 0);
    cr_assert_eq(back.from_offset, 1);
    cr_assert_eq(back.next_offset, 31);
    cr_assert_eq(back.head, UINT64_MAX);
    cr_assert_eq(back.ticket, 77);
    cr_assert_eq(back.batch_count, 3);
    for (uint32_t index = 0; index < 3; index++) {
        cr_assert_eq(back.batches[index].header.first_offset, batches[index].header.first_offset);
        cr_assert_eq(back.batches[index].header.count, 10);
        cr_assert_eq(back.batches[index].header.time_ms, batches[index].header.time_ms);
        cr_assert_eq(back.batches[index].header.day, batches[index].header.day);
        cr_assert_eq(back.batches[index].filtered, batches[index].filtered);
        cr_assert_arr_eq(back.batches[index].hash, batches[index].hash, JOURNAL_HASH_SIZE);
    }
    struct wire_feed_reply refused = {.refusal = 65535, .sentence = "No."};
    size = wire_feed_reply_encode(&refused, &arena, buffer, sizeof buffer);
    cr_assert_eq(wire_feed_reply_decode(buffer, size, &arena, &back), RESULT_OK);
    cr_assert_eq(back.refusal, 65535);
    cr_assert_str_eq(back.sentence, "No.");
    cr_assert_eq(back.batch_count, 0);
}

Test(wire_feed, a_reply_over_a_limit_is_refused) {
    struct wire_feed_reply back, reply = a_reply(FEED_MAX_BATCHES);
    size_t size = wire_feed_reply_encode(&reply, &arena, buffer, sizeof buffer);
    cr_assert_gt(size, 0);
    cr_assert_eq(wire_feed_reply_decode(buffer, size, &arena, &back), RESULT_OK);
    reply = a_reply(FEED_MAX_BATCHES + 1);
    cr_assert_eq(wire_feed_reply_encode(&reply, &arena, buffer, sizeof buffer), 0);
}

static void assert_batch_refused(uint64_t first_offset, uint32_t count, uint32_t day, size_t hash_size) {
    uint8_t hash[64] = {0};
    Cakupan__FeedBatch batch = CAKUPAN__FEED_BATCH__INIT, *list = &batch;
    Cakupan__FeedReply message = CAKUPAN__FEED_REPLY__INIT;
    struct wire_feed_reply back;
    batch.first_offset = 1;
    batch.count = 1;
    batch.hash = (ProtobufCBinaryData){JOURNAL_HASH_SIZE, hash};
    message.n_batches = 1;
    message.batches = &list;
    size_t size = cakupan__feed_reply__pack(&message, buffer);
    cr_assert_eq(wire_feed_reply_decode(buffer, size, &arena, &back), RESULT_OK);
    batch.first_offset = first_offset;
    batch.count = count;
    batch.day = day;
    batch.hash.len = hash_size;
    size = cakupan__feed_reply__pack(&message, buffer);
    cr_assert_eq(wire_feed_reply_decode(buffer, size, &arena, &back), RESULT_INVALID);
    cr_assert_eq(back.batch_count, 0);
}

Test(wire_feed, batches_that_cant_be_are_refused) {
    assert_batch_refused(0, 1, 1, JOURNAL_HASH_SIZE);
    assert_batch_refused(1, 0, 1, JOURNAL_HASH_SIZE);
    assert_batch_refused(UINT64_MAX, 1, 1, JOURNAL_HASH_SIZE);
    assert_batch_refused(1, 1, 65536, JOURNAL_HASH_SIZE);
    assert_batch_refused(1, 1, 1, JOURNAL_HASH_SIZE - 1);
    assert_batch_refused(1, 1, 1, JOURNAL_HASH_SIZE + 1);
    assert_batch_refused(1, 1, 1, 0);
    Cakupan__FeedReply message = CAKUPAN__FEED_REPLY__INIT;
    struct wire_feed_reply back;
    message.from_offset = 5;
    message.next_offset = 4;
    size_t size = cakupan__feed_reply__pack(&message, buffer);
    cr_assert_eq(wire_feed_reply_decode(buffer, size, &arena, &back), RESULT_INVALID, "it goes backwards");
    message.next_offset = 5;
    message.refusal = 65536;
    size = cakupan__feed_reply__pack(&message, buffer);
    cr_assert_eq(wire_feed_reply_decode(buffer, size, &arena, &back), RESULT_INVALID);
}

Test(wire_feed, damaged_messages_never_harm, .timeout = 120) {
    uint8_t bytes[1024], request_bytes[256], reply_bytes[512];
    struct wire_feed_request request = {.from_offset = 77, .max_bytes = 1 << 20, .partition_count = 9};
    request.wanted[1] = request.wanted[8] = true;
    size_t request_size = wire_feed_request_encode(&request, request_bytes, sizeof request_bytes);
    struct wire_feed_reply reply = a_reply(3);
    size_t reply_size = wire_feed_reply_encode(&reply, &arena, reply_bytes, sizeof reply_bytes);
    uint64_t seed = 20261122;
    int accepted = 0;
    for (int round = 0; round < 100000; round++) {
        arena_reset(&arena);
        memcpy(bytes, request_bytes, request_size);
        size_t size = mutate(bytes, request_size, sizeof bytes, &seed);
        if (decode_request(bytes, size, &request, NULL) == RESULT_OK) {
            cr_assert(request.from_offset > 0 && request.max_bytes <= FEED_MAX_BYTES &&
                      request.partition_count <= PARTITIONS_MAX);
            accepted++;
        }
        memcpy(bytes, reply_bytes, reply_size);
        size = mutate(bytes, reply_size, sizeof bytes, &seed);
        accepted += wire_feed_reply_decode(bytes, size, &arena, &reply) == RESULT_OK;
    }
    cr_assert(accepted > 1000 && accepted < 199000, "%d accepted: the damage says nothing", accepted);
}
