/* wire_totals.c - tests of totals requests and replies as bytes: round trips, limits, foreign bytes. */
#include "wire/wire_totals.h"

#include "totals.pb-c.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static uint8_t buffer[TOTALS_REPLY_MAX_BYTES];

static void setup(void) {
    arena_init(&arena, 16 << 20);
}
static void teardown(void) {
    arena_free(&arena);
}
TestSuite(wire_totals, .init = setup, .fini = teardown);

static enum result decode_request(const void *data, size_t size, struct wire_totals_request *out,
                                  const char *code) {
    uint8_t *exact = malloc(size + 1); /* reading past the end must show */
    struct failure why = {0};
    memcpy(exact, data, size);
    enum result result = wire_totals_request_decode(exact, size, out, &why);
    free(exact);
    if (code)
        cr_assert_str_eq(why.code, code);
    return result;
}

Test(wire_totals, requests_come_back_as_they_were) {
    struct wire_totals_request cases[] = {
        {0},
        {.region = 3671011001, .watch = true, .since_offset = UINT64_MAX},
        {.region = 367101, .history = true},
        {.history = true, .from_day = calendar_day(2025, 9, 25), .to_day = calendar_day(2026, 11, 22)},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        struct wire_totals_request out;
        size_t size = wire_totals_request_encode(&cases[index], buffer, TOTALS_REQUEST_MAX_BYTES);
        cr_assert_gt(size, 0);
        cr_assert_eq(decode_request(buffer, size, &out, NULL), RESULT_OK);
        cr_assert_eq(out.region, cases[index].region);
        cr_assert_eq(out.watch, cases[index].watch);
        cr_assert_eq(out.since_offset, cases[index].since_offset);
        cr_assert_eq(out.history, cases[index].history);
        cr_assert_eq(out.from_day, cases[index].from_day);
        cr_assert_eq(out.to_day, cases[index].to_day);
        for (size_t less = 0; less < size; less++)
            cr_assert_eq(wire_totals_request_encode(&cases[index], buffer, less), 0);
    }
}

Test(wire_totals, bad_requests_are_refused) {
    struct wire_totals_request out;
    cr_assert_eq(decode_request("", 0, &out, "VERSION_UNKNOWN"), RESULT_INVALID,
                 "an empty frame is no request");
    cr_assert_eq(decode_request("\x08\x02", 2, &out, "VERSION_UNKNOWN"), RESULT_INVALID);
    cr_assert_eq(decode_request("\x08", 1, &out, "FRAME_MALFORMED"), RESULT_INVALID, "cut");
    cr_assert_eq(decode_request("\x08\x01\x30\x01", 4, &out, "FRAME_MALFORMED"), RESULT_INVALID,
                 "unknown field 6");
    cr_assert_eq(decode_request("\x08\x01\x18\x02", 4, &out, "FRAME_MALFORMED"), RESULT_INVALID,
                 "watch is 0 or 1");
    cr_assert_eq(decode_request("\x08\x01\x12\x01x", 5, &out, "FRAME_MALFORMED"), RESULT_INVALID,
                 "region is no text");
    cr_assert_eq(decode_request("\x08\x01\x10\xff\xff\xff\xff\x1f", 8, &out, "FRAME_MALFORMED"),
                 RESULT_INVALID, "region has 32 bits");
    cr_assert_eq(decode_request("\x08\x01\x2a\x02\x08\x05", 6, &out, "DATE_INVALID"), RESULT_INVALID);
    cr_assert_eq(decode_request("\x08\x01\x2a\x02\x18\x05", 6, &out, "FRAME_MALFORMED"), RESULT_INVALID);
    cr_assert_eq(decode_request("\x08\x01\x18\x01\x2a\x00", 6, &out, "HISTORY_NOT_WATCHED"), RESULT_INVALID);
    char long_request[TOTALS_REQUEST_MAX_BYTES + 2];
    for (size_t index = 0; index < sizeof long_request; index += 2)
        memcpy(long_request + index, "\x08\x01", 2);
    cr_assert_eq(decode_request(long_request, sizeof long_request, &out, "FRAME_MALFORMED"), RESULT_INVALID);
    cr_assert_eq(decode_request(long_request, 4, &out, "FRAME_MALFORMED"), RESULT_INVALID, "a field twice");
    cr_assert_eq(decode_request(long_request, 2, &out, NULL), RESULT_OK);
}

/* A line whose every number is different. */
static struct totals_region line_of(uint32_t code) {
    struct totals_region region = {.code = code, .name = "Cibodas"};
    uint32_t *numbers = (uint32_t *)&region.line;
    for (size_t index = 0; index < sizeof region.line / sizeof *numbers; index++)
        numbers[index] = (uint32_t)(code + index * 1000003u);
    return region;
}

static void expect_line(const struct totals_region *actual, const struct totals_region *expected) {
    cr_assert_eq(actual->code, expected->code);
    cr_assert_str_eq(actual->name, expected->name);
    cr_assert_eq(memcmp(&actual->line, &expected->line, sizeof actual->line), 0);
}

Test(wire_totals, replies_come_back_as_they_were_and_as_protobuf_reads_them) {
    struct totals_region regions[3] = {line_of(3671), line_of(367101), line_of(3671011001)};
    const struct totals_region *lines[3] = {&regions[0], &regions[1], &regions[2]};
    struct wire_history_day history[2] = {{.day = 40000, .offset = 7, .lines = regions, .line_count = 2},
                                          {.day = 40001, .offset = 9, .lines = regions + 2, .line_count = 1}};
    struct billing_heard billing = {.known = true,
                                    .running = true,
                                    .as_of_ms = 1790000000123,
                                    .summary = {.offset = 9, .open_month = 1525}};
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        billing.summary.open[payer] = (struct payer_sum){37800 * payer, payer, -5};
    struct totals_grace grace[3] = {{.month = 1525, .people = 3}, {.month = 1530, .people = 7}};
    struct wire_totals_reply reply = {.refusal = 3,
                                      .code = "BUSY",
                                      .sentence = "Later.",
                                      .offset = UINT64_MAX,
                                      .as_of_ms = -5,
                                      .day = 40001,
                                      .since_offset = 17,
                                      .population_as_of = 20251231,
                                      .population_source = "Kepmendagri",
                                      .uhc = UHC_YES,
                                      .lines = lines,
                                      .line_count = 3,
                                      .history = history,
                                      .history_count = 2,
                                      .billing = &billing,
                                      .grace = grace,
                                      .grace_count = 3};
    size_t size = wire_totals_reply_encode(&reply, buffer, sizeof buffer);
    cr_assert_gt(size, 0);

    Cakupan__TotalsReply *read = cakupan__totals_reply__unpack(NULL, size, buffer);
    cr_assert_not_null(read);
    cr_assert_eq(cakupan__totals_reply__get_packed_size(read), size, "protobuf-c writes the same size");
    static uint8_t again[sizeof buffer];
    cr_assert_eq(cakupan__totals_reply__pack(read, again), size);
    cr_assert_eq(memcmp(again, buffer, size), 0, "and the same bytes");
    cakupan__totals_reply__free_unpacked(read, NULL);

    struct wire_totals_reply out;
    cr_assert_eq(wire_totals_reply_decode(buffer, size, &arena, &out), RESULT_OK);
    cr_assert_eq(out.refusal, 3);
    cr_assert_str_eq(out.code, "BUSY");
    cr_assert_str_eq(out.sentence, "Later.");
    cr_assert_eq(out.offset, UINT64_MAX);
    cr_assert_eq(out.as_of_ms, -5);
    cr_assert_eq(out.day, 40001);
    cr_assert_eq(out.since_offset, 17);
    cr_assert_eq(out.population_as_of, 20251231);
    cr_assert_str_eq(out.population_source, "Kepmendagri");
    cr_assert_eq(out.uhc, UHC_YES);
    cr_assert(out.billing && billing_heard_same(out.billing, &billing));
    cr_assert_eq(out.billing->as_of_ms, billing.as_of_ms);
    cr_assert_eq(out.grace_count, 2, "an unused entry ends the list");
    cr_assert_eq(out.grace[1].month, 1530);
    cr_assert_eq(out.grace[1].people, 7);
    cr_assert_eq(out.line_count, 3);
    for (int index = 0; index < 3; index++)
        expect_line(out.lines[index], &regions[index]);
    cr_assert_eq(out.history_count, 2);
    cr_assert_eq(out.history[1].day, 40001);
    cr_assert_eq(out.history[0].offset, 7);
    expect_line(&out.history[0].lines[1], &regions[1]);
    expect_line(&out.history[1].lines[0], &regions[2]);
    for (size_t less = 0; less < size; less++)
        cr_assert_eq(wire_totals_reply_encode(&reply, buffer, less), 0, "%zu bytes are too few", less);
}

Test(wire_totals, the_biggest_reply_fits) {
    static struct totals_region regions[TOTALS_LINES_MAX];
    static const struct totals_region *lines[TOTALS_LINES_MAX];
    static struct wire_history_day history[TOTALS_HISTORY_MAX_DAYS];
    for (unsigned index = 0; index < TOTALS_LINES_MAX; index++) {
        regions[index] = line_of(3671011001u + index);
        memset(&regions[index].line, 0xff, sizeof regions[index].line);
        lines[index] = &regions[index];
    }
    struct wire_totals_reply reply = {.lines = lines, .line_count = TOTALS_LINES_MAX};
    cr_assert_gt(wire_totals_reply_encode(&reply, buffer, sizeof buffer), 0);
    for (unsigned index = 0; index < TOTALS_HISTORY_MAX_DAYS; index++)
        history[index] =
            (struct wire_history_day){.day = (day_t)(40000 + index), .lines = regions, .line_count = 9};
    reply = (struct wire_totals_reply){.history = history, .history_count = TOTALS_HISTORY_MAX_DAYS};
    size_t size = wire_totals_reply_encode(&reply, buffer, sizeof buffer);
    struct wire_totals_reply out;
    cr_assert_gt(size, 0);
    cr_assert_eq(wire_totals_reply_decode(buffer, size, &arena, &out), RESULT_OK);
    cr_assert_eq(out.history_count, TOTALS_HISTORY_MAX_DAYS);
}

Test(wire_totals, replies_over_a_limit_or_cut_are_refused) {
    struct totals_region region = line_of(3671);
    static const struct totals_region *lines[TOTALS_LINES_MAX + 1];
    for (unsigned index = 0; index <= TOTALS_LINES_MAX; index++)
        lines[index] = &region;
    struct wire_totals_reply out, reply = {.lines = lines, .line_count = TOTALS_LINES_MAX + 1};
    size_t size = wire_totals_reply_encode(&reply, buffer, sizeof buffer);
    cr_assert_eq(wire_totals_reply_decode(buffer, size, &arena, &out), RESULT_INVALID);
    arena_reset(&arena);
    reply.line_count--;
    size = wire_totals_reply_encode(&reply, buffer, sizeof buffer);
    cr_assert_eq(wire_totals_reply_decode(buffer, size, &arena, &out), RESULT_OK);
    arena_reset(&arena);
    cr_assert_eq(wire_totals_reply_decode(buffer, size - 1, &arena, &out), RESULT_INVALID);
    struct arena small;
    arena_init(&small, 4096);
    cr_assert_eq(wire_totals_reply_decode(buffer, size, &small, &out), RESULT_INVALID, "over the budget");
    arena_free(&small);
}
