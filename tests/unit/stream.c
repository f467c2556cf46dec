/* stream.c - tests of the stream: what each watcher is told and when, without HTTP, coverage or enrollment,
 * which are played here. */
#include "gateway/stream.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What libmicrohttpd would keep of a request. */
struct request {
    enum audience audience;
    struct caller caller;
    struct request_stream stream;
    const char *problem;
    bool ready;
};

static struct coverage_view view;
static bool away;
static door_on_reply *asked;
static void *asked_context;
static struct streams *streams;
static struct live *live;
static struct request requests[STREAM_WATCHERS_MAX + 1];
static char heard[1 << 20];

const struct coverage_view *coverage_link_view(const struct coverage_link *link) {
    (void)link;
    return &view;
}
bool coverage_link_away(const struct coverage_link *link, int64_t now_ms) {
    (void)link;
    (void)now_ms;
    return away;
}
int64_t coverage_link_heard_ms(const struct coverage_link *link) {
    (void)link;
    return 0;
}
enum audience request_audience(const struct request *request) {
    return request->audience;
}
const struct caller *request_caller(const struct request *request) {
    return &request->caller;
}
void request_problem(struct request *request, const char *code, const char *value) {
    (void)value;
    request->problem = code;
}
void request_stream(struct request *request, const char *type, const struct request_stream *stream) {
    cr_assert_str_eq(type, "text/event-stream");
    request->stream = *stream;
}
void request_ready(struct request *request) {
    request->ready = true;
}
enum result door_ask(struct door_link *link, Cakupan__DoorRequest *ask, int64_t now_ms,
                     door_on_reply *on_reply, void *context, struct failure *why) {
    (void)link;
    (void)now_ms;
    (void)why;
    cr_assert_eq(ask->ask_case, CAKUPAN__DOOR_REQUEST__ASK_WHO);
    asked = on_reply;
    asked_context = context;
    return RESULT_OK;
}
void caller_take(struct caller *caller, const Cakupan__DoorReply *reply) {
    caller->role = (uint8_t)role_from_name(reply->device->role);
}

static void setup(void) {
    memset(&view, 0, sizeof view);
    view.offset = 7;
    view.count = 1;
    view.regions[0].code = 3671;
    snprintf(view.regions[0].name, sizeof view.regions[0].name, "Kota Tangerang");
    view.regions[0].line.registered = 1000;
    view.regions[0].line.active = 997;
    live = live_new(NULL);
    live_work(live, 1000);
    streams = streams_new(NULL, live, NULL);
    streams_work(streams, 1000);
}
static void teardown(void) {
    for (size_t i = 0; i <= STREAM_WATCHERS_MAX; i++)
        if (requests[i].stream.closed)
            requests[i].stream.closed(requests[i].stream.context);
    memset(requests, 0, sizeof requests);
    streams_destroy(&streams);
    live_destroy(&live);
}
TestSuite(stream, .init = setup, .fini = teardown);

static void picture_change(uint64_t offset) {
    view.offset = offset;
    live_changed(live);
    streams_changed(streams);
}

/* Reads all there is, `capacity` bytes at a time. Returns the last read's result: 0 or -1. */
static ssize_t listen_all(struct request *request, size_t capacity) {
    size_t size = 0;
    ssize_t got;
    request->ready = false;
    while ((got = request->stream.read(request->stream.context, heard + size, capacity)) > 0)
        size += (size_t)got;
    heard[size] = '\0';
    return got;
}

static unsigned times(const char *part) {
    unsigned count = 0;
    for (const char *at = heard; (at = strstr(at, part)); at++)
        count++;
    return count;
}

static json_t *data_of(const char *event) {
    char line[64];
    snprintf(line, sizeof line, "event: %s\n", event);
    const char *at = strstr(heard, line);
    cr_assert(at, "no '%s' in %s", event, heard);
    at = strstr(at, "data: ");
    json_t *data = json_loadb(at + 6, strcspn(at + 6, "\n"), 0, NULL);
    cr_assert(data);
    return data;
}

Test(stream, begins_with_the_whole_state_and_then_is_silent) {
    streams_watch(streams, &requests[0], NULL);
    cr_expect_eq(listen_all(&requests[0], 4096), 0);
    cr_expect_eq(strncmp(heard, "retry: 1000\n\nevent: totals\nid: 7-", 33), 0, "%s", heard);
    json_t *data = data_of("totals");
    json_t *city = json_object_get(data, "city");
    cr_expect_eq(json_integer_value(json_object_get(data, "offset")), 7);
    cr_expect(json_is_null(json_object_get(city, "active")), "three people are not covered");
    cr_expect_str_eq(json_string_value(json_object_get(data, "audience")), "public");
    json_decref(data);
    cr_expect_eq(listen_all(&requests[0], 4096), 0);
    cr_expect_str_eq(heard, "");
    cr_expect_eq(streams_count(streams, AUDIENCE_PUBLIC), 1);
}

Test(stream, who_has_the_present_state_is_told_only_that) {
    char id[64] = "";
    streams_watch(streams, &requests[0], NULL);
    listen_all(&requests[0], 4096);
    sscanf(strstr(heard, "id: "), "id: %63s", id);
    streams_watch(streams, &requests[1], id);
    listen_all(&requests[1], 4096);
    cr_expect(strstr(heard, "event: current\n") && !strstr(heard, "event: totals"), "%s", heard);
    streams_watch(streams, &requests[2], "6-00000000");
    listen_all(&requests[2], 4096);
    cr_expect_eq(times("event: totals"), 1);
}

Test(stream, keeps_its_pace) {
    streams_watch(streams, &requests[0], NULL);
    listen_all(&requests[0], 4096);
    picture_change(8);
    streams_work(streams, 2000);
    cr_expect(requests[0].ready, "after a pause at once");
    listen_all(&requests[0], 4096);
    picture_change(9);
    streams_work(streams, 2010);
    cr_expect_not(requests[0].ready);
    cr_expect_eq(streams_wake_ms(streams), 2000 + STREAM_PACE_MS);
    picture_change(10);
    streams_work(streams, 2000 + STREAM_PACE_MS);
    cr_expect(requests[0].ready);
    listen_all(&requests[0], 4096);
    cr_expect(times("event: totals") == 1 && strstr(heard, "id: 10-"), "one message for both");
    cr_expect_eq(streams_wake_ms(streams), INT64_MAX);
}

Test(stream, a_slow_watcher_ends_its_message_and_skips_to_the_newest) {
    char first[64];
    struct request *slow = &requests[0];
    streams_watch(streams, slow, NULL);
    size_t size = (size_t)slow->stream.read(slow->stream.context, first, sizeof first); /* the greeting */
    size += (size_t)slow->stream.read(slow->stream.context, heard, 40);
    for (uint64_t offset = 8; offset < 20; offset++) {
        picture_change(offset);
        streams_work(streams, 2000 + (int64_t)offset * 100);
    }
    size_t had = 40;
    while (had < sizeof heard && !memmem(heard, had, "\n\n", 2))
        had += (size_t)slow->stream.read(slow->stream.context, heard + had, 7);
    heard[had] = '\0';
    json_t *data = data_of("totals");
    cr_expect_eq(json_integer_value(json_object_get(data, "offset")), 7, "the message that it had begun");
    json_decref(data);
    listen_all(slow, 11);
    data = data_of("totals");
    cr_expect_eq(json_integer_value(json_object_get(data, "offset")), 19);
    cr_expect_eq(times("event: totals"), 1, "none between");
    json_decref(data);
    cr_expect(size > 0);
}

Test(stream, pings_who_hears_nothing) {
    streams_watch(streams, &requests[0], NULL);
    listen_all(&requests[0], 4096);
    streams_work(streams, 1000 + STREAM_PING_MS - 1);
    cr_expect_not(requests[0].ready);
    streams_work(streams, 1000 + STREAM_PING_MS + 250);
    cr_expect(requests[0].ready);
    listen_all(&requests[0], 4096);
    cr_expect_str_eq(heard, ": ping\n\n");
}

Test(stream, says_when_coverage_is_away_and_back) {
    streams_watch(streams, &requests[0], NULL);
    listen_all(&requests[0], 4096);
    away = true;
    cr_assert(live_work(live, 9000));
    streams_changed(streams);
    streams_work(streams, 9000);
    listen_all(&requests[0], 4096);
    json_t *data = data_of("away");
    cr_expect(json_is_string(json_object_get(data, "since")));
    json_decref(data);
    streams_watch(streams, &requests[1], NULL);
    listen_all(&requests[1], 4096);
    cr_expect(strstr(heard, "event: away") && !strstr(heard, "event: totals"));
    away = false;
    cr_assert(live_work(live, 10000));
    streams_changed(streams);
    streams_work(streams, 10000);
    listen_all(&requests[0], 4096);
    cr_expect_eq(times("event: totals"), 1);
}

static void officer_watches(void) {
    requests[0].audience = AUDIENCE_OFFICER;
    streams_watch(streams, &requests[0], NULL);
    listen_all(&requests[0], 4096);
    json_t *data = data_of("totals");
    cr_expect_eq(json_integer_value(json_object_get(json_object_get(data, "city"), "active")), 997);
    json_decref(data);
    streams_work(streams, 1000 + STREAM_PING_MS + 250);
    listen_all(&requests[0], 4096);
    cr_assert(asked, "enrollment is asked whether the token still holds");
}

Test(stream, an_officer_whose_token_was_revoked_sees_no_more) {
    Cakupan__DoorReply reply = CAKUPAN__DOOR_REPLY__INIT;
    officer_watches();
    reply.refusal = 1;
    asked(asked_context, &reply, NULL);
    cr_expect(requests[0].ready);
    cr_expect_eq(listen_all(&requests[0], 4096), -1, "it ends");
    cr_expect_str_eq(heard, "event: end\ndata: {\"code\":\"DEVICE_REVOKED\"}\n\n");
}

Test(stream, an_officer_stays_while_the_token_holds_or_enrollment_is_away) {
    Cakupan__DoorReply reply = CAKUPAN__DOOR_REPLY__INIT;
    Cakupan__DeviceInfo device = CAKUPAN__DEVICE_INFO__INIT;
    char role[] = "finance";
    officer_watches();
    asked(asked_context, NULL, NULL);
    cr_expect_eq(listen_all(&requests[0], 4096), 0);
    streams_work(streams, 1000 + 3 * STREAM_PING_MS);
    device.role = role;
    reply.device = &device;
    asked(asked_context, &reply, NULL);
    cr_expect_eq(listen_all(&requests[0], 4096), 0);
    cr_expect_not(strstr(heard, "event: end"));
}

Test(stream, who_went_while_enrollment_was_asked_is_forgotten) {
    Cakupan__DoorReply reply = CAKUPAN__DOOR_REPLY__INIT;
    officer_watches();
    requests[0].stream.closed(requests[0].stream.context);
    requests[0].stream.closed = NULL;
    cr_expect_eq(streams_count(streams, AUDIENCE_OFFICER), 0);
    reply.refusal = 1;
    asked(asked_context, &reply, NULL); /* frees it: the sanitizer watches */
}

Test(stream, ends_with_a_word_when_the_gateway_stops) {
    streams_watch(streams, &requests[0], NULL);
    listen_all(&requests[0], 4096);
    streams_stop(streams);
    cr_expect_eq(listen_all(&requests[0], 4096), -1);
    cr_expect(strstr(heard, "STOPPING"));
}

Test(stream, is_bounded) {
    for (size_t i = 0; i < STREAM_WATCHERS_MAX; i++)
        streams_watch(streams, &requests[i], NULL);
    cr_expect_null(requests[STREAM_WATCHERS_MAX - 1].problem);
    streams_watch(streams, &requests[STREAM_WATCHERS_MAX], NULL);
    cr_expect_str_eq(requests[STREAM_WATCHERS_MAX].problem, "BUSY");
}
