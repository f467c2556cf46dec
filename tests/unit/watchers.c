/* watchers.c - tests of what watchers and askers are told: snapshot, then exactly the next; bounds; refusals.
 */
#include "coverage/query.h"
#include "coverage/watchers.h"
#include "wire/wire_totals.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CIBODAS UINT32_C(3671011001)
#define BENDA   UINT32_C(3671021001)

static struct region_table regions;
static struct totals_picture picture;
static struct watchers *watchers;
static struct arena arena;

/* What was sent last, and how the next sending ends. */
static enum watchers_sent fate;
static unsigned messages;
static struct watcher_peer last_peer;
static struct wire_totals_reply last;
static uint8_t last_bytes[TOTALS_REPLY_MAX_BYTES];

static enum watchers_sent send_to_test(void *context, const struct watcher_peer *peer, const uint8_t *data,
                                       size_t size) {
    (void)context;
    if (fate != SENT)
        return fate;
    messages++;
    last_peer = *peer;
    memcpy(last_bytes, data, size);
    arena_reset(&arena);
    cr_assert_gt(size, 0);
    cr_assert_eq(wire_totals_reply_decode(last_bytes, size, &arena, &last), RESULT_OK);
    return SENT;
}

static void setup(void) {
    arena_init(&arena, 16 << 20);
    regions = (struct region_table){.city_code = 3671,
                                    .city_name = "Kota Tangerang",
                                    .population_as_of = 20251231,
                                    .population_source = "Kepmendagri"};
    picture = (struct totals_picture){.offset = 100,
                                      .as_of_ms = 5000,
                                      .day = 40000,
                                      .count = 5,
                                      .regions = {{.code = 3671, .name = "Kota Tangerang"},
                                                  {.code = 367101, .name = "Satu"},
                                                  {.code = 367102, .name = "Dua"},
                                                  {.code = CIBODAS, .name = "Cibodas"},
                                                  {.code = BENDA, .name = "Benda"}}};
    fate = SENT;
    watchers = watchers_new(&regions, send_to_test, NULL);
    watchers_tell(watchers, &picture, 0);
}

static void teardown(void) {
    watchers_destroy(&watchers);
    arena_free(&arena);
}
TestSuite(watchers, .init = setup, .fini = teardown);

static struct watcher_peer peer_of(unsigned number) {
    return (struct watcher_peer){.size = 5, .id = {0, (uint8_t)(number >> 8), (uint8_t)number, 7, 7}};
}

static enum result watch(unsigned number, uint32_t region, uint64_t since_offset, int64_t now_ms) {
    struct watcher_peer peer = peer_of(number);
    return watchers_watch(watchers, &peer, region, since_offset, now_ms, NULL);
}

/* Somebody is enrolled in `line` (index into the picture) and everything above it. */
static void enrol(unsigned line) {
    picture.offset++;
    picture.regions[0].line.registered++;
    picture.regions[line == 3 ? 1 : 2].line.registered++;
    picture.regions[line].line.registered++;
}

Test(watchers, first_the_whole_picture_then_exactly_the_next) {
    cr_assert_eq(watch(1, 0, 0, 0), RESULT_OK);
    cr_assert_eq(messages, 1);
    cr_assert_eq(last.line_count, 5);
    cr_assert_eq(last.offset, 100);
    cr_assert_eq(last.since_offset, 0);
    cr_assert_str_eq(last.population_source, "Kepmendagri");
    enrol(4);
    watchers_tell(watchers, &picture, 10);
    cr_assert_eq(messages, 2);
    cr_assert_eq(last.since_offset, 100);
    cr_assert_eq(last.offset, 101);
    cr_assert_eq(last.line_count, 3, "city, kecamatan and kelurahan changed");
    cr_assert_eq(last.lines[2]->code, BENDA);
    enrol(3);
    enrol(3);
    watchers_tell(watchers, &picture, 20);
    cr_assert_eq(last.since_offset, 101);
    cr_assert_eq(last.offset, 103);
}

Test(watchers, a_region_is_told_of_itself_only_and_misses_nothing) {
    cr_assert_eq(watch(1, 367101, 0, 0), RESULT_OK);
    cr_assert_eq(last.line_count, 2);
    cr_assert_eq(last.lines[0]->code, 367101);
    cr_assert_eq(last.lines[1]->code, CIBODAS);
    enrol(4);
    watchers_tell(watchers, &picture, 10);
    cr_assert_eq(messages, 1, "nothing changed in this kecamatan");
    enrol(3);
    watchers_tell(watchers, &picture, 20);
    cr_assert_eq(messages, 2);
    cr_assert_eq(last.since_offset, 100, "the reply before was the picture at 100");
    cr_assert_eq(last.offset, 102);
}

Test(watchers, a_new_day_is_told_though_no_figure_changed) {
    cr_assert_eq(watch(1, CIBODAS, 0, 0), RESULT_OK);
    picture.offset++;
    picture.day++;
    watchers_tell(watchers, &picture, 10);
    cr_assert_eq(messages, 2);
    cr_assert_eq(last.day, 40001);
    cr_assert_eq(last.line_count, 0);
}

Test(watchers, who_could_not_be_told_gets_everything_again) {
    cr_assert_eq(watch(1, 0, 0, 0), RESULT_OK);
    fate = SENT_NOT_NOW;
    enrol(3);
    watchers_tell(watchers, &picture, 10);
    fate = SENT;
    enrol(4);
    watchers_tell(watchers, &picture, 20);
    cr_assert_eq(messages, 2);
    cr_assert_eq(last.since_offset, 0);
    cr_assert_eq(last.line_count, 5);
    cr_assert_eq(last.offset, 102);
}

Test(watchers, who_is_gone_is_forgotten) {
    for (unsigned number = 0; number < 3; number++)
        cr_assert_eq(watch(number, 0, 0, 0), RESULT_OK);
    fate = SENT_TO_NOBODY;
    enrol(3);
    watchers_tell(watchers, &picture, 10);
    cr_assert_eq(watchers_count(watchers), 0);
}

Test(watchers, silence_of_thirty_seconds_ends_it_and_a_sign_of_life_does_not) {
    cr_assert_eq(watch(1, 0, 0, 0), RESULT_OK);
    cr_assert_eq(watch(2, 0, 0, 0), RESULT_OK);
    enrol(3);
    watchers_tell(watchers, &picture, 10000);
    cr_assert_eq(watch(2, 0, 100, 20000), RESULT_OK);
    cr_assert_eq(last.since_offset, 101, "an answer says that it has everything");
    cr_assert_eq(last.offset, 101);
    cr_assert_eq(last.line_count, 0);
    enrol(3);
    watchers_tell(watchers, &picture, 29999);
    cr_assert_eq(watchers_count(watchers), 2);
    enrol(3);
    watchers_tell(watchers, &picture, 30000);
    cr_assert_eq(watchers_count(watchers), 1);
    cr_assert_eq(last_peer.id[2], 2);
    cr_assert_eq(last.since_offset, 102);
}

Test(watchers, who_asks_anew_or_is_from_another_life_gets_everything) {
    cr_assert_eq(watch(1, 0, 77, 0), RESULT_OK);
    cr_assert_eq(last.since_offset, 0, "not known here");
    cr_assert_eq(watch(1, 0, 101, 0), RESULT_OK);
    cr_assert_eq(last.since_offset, 0, "an offset that it was never told");
    cr_assert_eq(watch(1, 0, 0, 0), RESULT_OK);
    cr_assert_eq(last.line_count, 5);
    cr_assert_eq(watch(1, 367102, 100, 0), RESULT_OK);
    cr_assert_eq(last.line_count, 2, "another region");
    cr_assert_eq(messages, 4);
    cr_assert_eq(watchers_count(watchers), 1);
}

Test(watchers, at_offset_zero_every_picture_is_a_whole_one) {
    struct totals_picture empty = picture;
    empty.offset = 0;
    watchers_tell(watchers, &empty, 0);
    cr_assert_eq(watch(1, 0, 0, 0), RESULT_OK);
    enrol(3);
    watchers_tell(watchers, &picture, 0);
    cr_assert_eq(last.since_offset, 0);
    cr_assert_eq(last.line_count, 5);
}

Test(watchers, there_is_a_limit_and_room_after_silence) {
    for (unsigned number = 0; number < WATCHERS_MAX; number++)
        cr_assert_eq(watch(number, 0, 0, number == 9 ? 0 : 5000), RESULT_OK);
    cr_assert_eq(watch(WATCHERS_MAX, 0, 0, 29999), RESULT_FULL);
    cr_assert_eq(watch(3, 0, 100, 29999), RESULT_OK, "who is in stays in");
    cr_assert_eq(watch(WATCHERS_MAX, 0, 0, 30000), RESULT_OK, "number 9 was silent");
    cr_assert_eq(watchers_count(watchers), WATCHERS_MAX);
}

/* Requests as bytes, answered by query.c. */
static struct coverage_store *store;
static struct query *query;
static char directory[] = "/tmp/cakupan-query-XXXXXX";
static char path[64];

static void query_setup(void) {
    setup();
    cr_assert_not_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/coverage.db", directory);
    cr_assert_eq(coverage_store_open(&store, path, NULL), RESULT_OK);
    query = query_new(&regions, watchers, store, send_to_test, NULL);
}

static void query_teardown(void) {
    char command[96];
    query_destroy(&query);
    coverage_store_close(&store);
    snprintf(command, sizeof command, "rm -r %s", directory);
    cr_assert_eq(system(command), 0);
    teardown();
}
TestSuite(query, .init = query_setup, .fini = query_teardown);

static void ask(const struct wire_totals_request *request) {
    uint8_t bytes[TOTALS_REQUEST_MAX_BYTES];
    struct watcher_peer peer = peer_of(1);
    size_t size = wire_totals_request_encode(request, bytes, sizeof bytes);
    query_answer(query, &peer, bytes, size, 0);
}

Test(query, totals_of_a_region) {
    ask(&(struct wire_totals_request){0});
    cr_assert_eq(last.line_count, 5);
    ask(&(struct wire_totals_request){.region = 3671});
    cr_assert_eq(last.line_count, 5);
    ask(&(struct wire_totals_request){.region = 367102});
    cr_assert_eq(last.line_count, 2);
    ask(&(struct wire_totals_request){.region = BENDA});
    cr_assert_eq(last.line_count, 1);
    cr_assert_str_eq(last.lines[0]->name, "Benda");
    cr_assert_eq(watchers_count(watchers), 0);
    ask(&(struct wire_totals_request){.region = BENDA, .watch = true});
    cr_assert_eq(watchers_count(watchers), 1);
}

Test(query, bad_requests_are_refused_with_code_and_sentence) {
    struct watcher_peer peer = peer_of(1);
    ask(&(struct wire_totals_request){.region = 367103});
    cr_assert_eq(last.refusal, REFUSAL_REGION_UNKNOWN);
    cr_assert_str_eq(last.code, "REGION_UNKNOWN");
    query_answer(query, &peer, (const uint8_t *)"\xff", 1, 0);
    cr_assert_eq(last.refusal, REFUSAL_FRAME_MALFORMED);
    query_answer(query, &peer, NULL, 0, 0);
    cr_assert_eq(last.refusal, REFUSAL_FRAME_MALFORMED);
    cr_assert_gt(strlen(last.sentence), 0);
    ask(&(struct wire_totals_request){.region = BENDA, .history = true});
    cr_assert_str_eq(last.code, "REGION_NO_HISTORY");
    for (unsigned number = 0; number < WATCHERS_MAX; number++)
        cr_assert_eq(watch(number + 2, 0, 0, 0), RESULT_OK);
    ask(&(struct wire_totals_request){.watch = true});
    cr_assert_eq(last.refusal, REFUSAL_BUSY);
    cr_assert_str_eq(last.code, "WATCHERS_FULL");
}

Test(query, history_by_days_and_region) {
    for (day_t day = 40000; day < 40400; day++) {
        picture.day = day;
        picture.regions[1].line.active = day;
        cr_assert_eq(coverage_store_day(store, &picture, NULL), RESULT_OK);
    }
    ask(&(struct wire_totals_request){.history = true, .from_day = 40002, .to_day = 40004});
    cr_assert_eq(last.history_count, 3);
    cr_assert_eq(last.history[0].day, 40002);
    cr_assert_eq(last.history[0].line_count, 3);
    cr_assert_str_eq(last.history[0].lines[0].name, "Kota Tangerang");
    cr_assert_eq(last.history[2].lines[1].line.active, 40004);
    ask(&(struct wire_totals_request){.history = true, .region = 367101});
    cr_assert_eq(last.history_count, TOTALS_HISTORY_MAX_DAYS, "the last ones");
    cr_assert_eq(last.history[TOTALS_HISTORY_MAX_DAYS - 1].day, 40399);
    cr_assert_eq(last.history[0].line_count, 1);
    ask(&(struct wire_totals_request){.history = true, .region = 3671, .from_day = 40399});
    cr_assert_eq(last.history[0].line_count, 3);
}
