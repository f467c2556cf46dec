/* totals_redis.c - tests against a real Redis on a unix socket of its own: what is written, and that it
 * heals. */
#include "store/totals_redis.h"

#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A step that waited for Redis would take REDIS_LINK_ANSWER_MS; a busy machine may pause it a little. */
#define STEP_MAX_MS 500

static char directory[] = "/tmp/cakupan-redis-XXXXXX";
static char socket_path[64], url[80];
static pid_t server;
static struct region_table regions;
static struct totals_picture picture;
static struct totals_redis *redis;
static unsigned losses;
static int64_t slowest_step_ms;

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void start_redis(void) {
    server = fork();
    cr_assert_geq(server, 0);
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* also where a failed test never comes to its end */
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket_path, "--save", "",
               "--dir", directory, "--logfile", "/dev/null", (char *)NULL);
        _exit(127);
    }
}

static void kill_redis(void) {
    if (server <= 0)
        return;
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    server = 0;
}

static redisContext *reader(void) {
    for (int attempt = 0; attempt < 100; attempt++) {
        redisContext *context = redisConnectUnix(socket_path);
        if (!context->err)
            return context;
        redisFree(context);
        usleep(20000);
    }
    cr_assert_fail("redis-server does not start");
    return NULL;
}

/* What Redis answers to a command, as text; "" for nil. */
static const char *ask(const char *command) {
    static char text[4096];
    redisContext *context = reader();
    redisReply *reply = redisCommand(context, command);
    cr_assert_not_null(reply);
    if (reply->type == REDIS_REPLY_INTEGER)
        snprintf(text, sizeof text, "%lld", reply->integer);
    else
        snprintf(text, sizeof text, "%s", reply->str ? reply->str : "");
    freeReplyObject(reply);
    redisFree(context);
    return text;
}

/* One turn of an owner's loop: waits at most 20 ms, works, publishes where Redis lacks something. */
static void turn(void) {
    struct pollfd wait = {.fd = totals_redis_descriptor(redis),
                          .events = POLLIN | (totals_redis_wants_write(redis) ? POLLOUT : 0)};
    poll(&wait, 1, 20);
    int64_t began = now_ms();
    losses += totals_redis_work(redis, began, NULL) == RESULT_IO;
    if (totals_redis_wants(redis, &picture, began)) {
        struct totals_packed packed[PACKED_COUNT];
        for (int level = 0; level < PACKED_COUNT; level++)
            packed[level] = (struct totals_packed){(const uint8_t *)"a\0b", 3};
        totals_redis_publish(redis, &picture, packed, began);
    }
    int64_t took = now_ms() - began;
    slowest_step_ms = took > slowest_step_ms ? took : slowest_step_ms;
}

static bool is_current(void) {
    struct totals_redis_status status;
    totals_redis_status(redis, &status);
    return status.current && status.offset == picture.offset;
}

static void run_for(int64_t ms) {
    for (int64_t until = now_ms() + ms; now_ms() < until;)
        turn();
}

static void run_until_current(int64_t limit_ms) {
    int64_t until = now_ms() + limit_ms;
    do
        turn();
    while (!is_current() && now_ms() < until);
    cr_assert(is_current(), "Redis is not current after %lld ms", (long long)limit_ms);
}

static void setup(void) {
    signal(SIGPIPE, SIG_IGN);
    cr_assert_not_null(mkdtemp(directory));
    snprintf(socket_path, sizeof socket_path, "%s/redis.sock", directory);
    snprintf(url, sizeof url, "unix://%s", socket_path);
    regions = (struct region_table){.city_code = 3671,
                                    .city_name = "Kota Tangerang",
                                    .population = 1957349,
                                    .population_as_of = 20251231,
                                    .population_source = "Kepmendagri"};
    region_table_add(&regions, 3671011001, "Kelurahan A", "Kecamatan", 20000);
    region_table_add(&regions, 3671011002, "Kelurahan B", "Kecamatan", 30000);
    picture = (struct totals_picture){.offset = 7,
                                      .as_of_ms = 1763800246123,
                                      .day = calendar_day(2025, 11, 22),
                                      .uhc = UHC_YES,
                                      .count = 4,
                                      .regions = {{.code = 3671, .name = "Kota Tangerang"},
                                                  {.code = 367101, .name = "Kecamatan"},
                                                  {.code = 3671011001, .name = "Kelurahan A"},
                                                  {.code = 3671011002, .name = "Kelurahan B"}}};
    picture.regions[0].line = (struct totals_line){
        .population = 1957349, .registered = 1944047, .active = 1982904, .city_paid = 383587};
    picture.regions[0].line.registered_by_segment[SEGMENT_PBI_JK] = 12;
    picture.regions[0].line.flows[FLOW_LAID_OFF] = 3;
    cr_assert_eq(totals_redis_open(&redis, url, &regions, NULL), RESULT_OK);
}

static void teardown(void) {
    totals_redis_close(&redis);
    kill_redis();
    unlink(socket_path);
    rmdir(directory);
}
TestSuite(totals_redis, .init = setup, .fini = teardown, .timeout = 60);

/* Whether Redis says what the picture says, and no key is missing. */
static bool is_exact(void) {
    char number[24];
    snprintf(number, sizeof number, "%llu", (unsigned long long)picture.offset);
    if (strcmp(ask("GET cakupan:offset"), number) != 0)
        return false;
    snprintf(number, sizeof number, "%u", picture.regions[0].line.registered);
    return strcmp(ask("HGET cakupan:city:3671 registered"), number) == 0 &&
           strcmp(ask("STRLEN cakupan:totals"), "3") == 0 &&
           strcmp(ask("EXISTS cakupan:packed:city cakupan:packed:kecamatan cakupan:packed:kelurahan "
                      "cakupan:kecamatan:367101 cakupan:kelurahan:3671011001 cakupan:kelurahan:3671011002 "
                      "cakupan:population_source"),
                  "7") == 0;
}

/* Within seconds, as promised; the bound leaves room for a busy machine. */
static void expect_exact(void) {
    for (int64_t until = now_ms() + 5000; !is_exact() && now_ms() < until;)
        run_for(50);
    cr_assert(is_exact());
}

static void change(void) {
    picture.offset++;
    picture.regions[0].line.registered++;
    picture.regions[3].line.registered++;
}

Test(totals_redis, hashes_read_as_documented) {
    start_redis();
    run_until_current(5000);
    expect_exact();
    cr_assert_str_eq(ask("HGET cakupan:city:3671 registered_percent"), "99.32");
    cr_assert_str_eq(ask("HGET cakupan:city:3671 active_percent"), "101.31", "never clamped");
    cr_assert_str_eq(ask("HGET cakupan:city:3671 city_paid"), "383587");
    cr_assert_str_eq(ask("HGET cakupan:city:3671 registered_PBI_JK"), "12");
    cr_assert_str_eq(ask("HGET cakupan:city:3671 flow_laid_off"), "3");
    cr_assert_str_eq(ask("HGET cakupan:city:3671 offset"), "7");
    cr_assert_str_eq(ask("HGET cakupan:city:3671 as_of"), "2025-11-22T15:30:46.123+07:00");
    cr_assert_str_eq(ask("HGET cakupan:city:3671 day"), "2025-11-22");
    cr_assert_str_eq(ask("HGET cakupan:city:3671 uhc"), "YES");
    cr_assert_str_eq(ask("GET cakupan:population_source"), "Kepmendagri");
    cr_assert_str_eq(ask("OBJECT ENCODING cakupan:city:3671"), "listpack", "keeps the order of its fields");
    cr_assert_str_eq(ask("HGET cakupan:kelurahan:3671011001 name"), "Kelurahan A");
    cr_assert_str_eq(ask("HEXISTS cakupan:kecamatan:367101 uhc"), "0");
}

Test(totals_redis, only_changed_hashes_are_written_and_a_change_is_published) {
    start_redis();
    run_until_current(5000);
    redisContext *context = reader();
    freeReplyObject(redisCommand(context, "SUBSCRIBE cakupan:changes"));
    change();
    run_until_current(5000);
    cr_assert_str_eq(ask("HGET cakupan:kelurahan:3671011002 registered"), "1");
    cr_assert_str_eq(ask("HGET cakupan:kelurahan:3671011002 offset"), "8");
    cr_assert_str_eq(ask("HGET cakupan:kelurahan:3671011001 offset"), "7", "nothing changed there");
    redisReply *message;
    cr_assert_eq(redisGetReply(context, (void **)&message), REDIS_OK);
    cr_assert_str_eq(message->element[2]->str, "8");
    freeReplyObject(message);
    redisFree(context);
    struct totals_redis_status status;
    totals_redis_status(redis, &status);
    cr_assert_eq(status.full_writes, 1);
    cr_assert_eq(status.found_other, 0);
}

static void set_bill(void) {
    picture.billing =
        (struct billing_heard){.known = true,
                               .running = true,
                               .as_of_ms = 1763800246123,
                               .summary = {.offset = 7,
                                           .complete = true,
                                           .open_month = calendar_month(calendar_day(2026, 12, 1)),
                                           .invoiced_month = calendar_month(calendar_day(2026, 11, 1)),
                                           .due_day = calendar_day(2026, 12, 10),
                                           .arrears_rupiah = 14499588600,
                                           .workers = 2}};
    struct payer_sum *open = picture.billing.summary.open, *next = picture.billing.summary.next;
    open[PAYER_CITY_IURAN] = (struct payer_sum){INT64_C(13425545000), 383587, -35000};
    open[PAYER_CITY_BANTUAN] = (struct payer_sum){1074043600, 383587, 0};
    next[PAYER_CITY_IURAN] = (struct payer_sum){35000, 1, 0};
}

Test(totals_redis, the_bill_and_the_months_of_grace_read_as_documented) {
    set_bill();
    picture.grace[0] = (struct totals_grace){.month = calendar_month(calendar_day(2027, 5, 1)), .people = 12};
    picture.grace[1] = (struct totals_grace){.month = calendar_month(calendar_day(2027, 6, 1)), .people = 3};
    start_redis();
    run_until_current(5000);
    static const char *const EXPECTED[][2] = {
        {"offset", "7"},
        {"running", "1"},
        {"complete", "1"},
        {"as_of", "2025-11-22T15:30:46.123+07:00"},
        {"open_month", "2026-12"},
        {"open_CITY_IURAN_rupiah", "13425545000"},
        {"open_CITY_IURAN_people", "383587"},
        {"open_CITY_IURAN_corrections_rupiah", "-35000"},
        {"open_CITY_BANTUAN_rupiah", "1074043600"},
        {"open_city_rupiah", "14499553600"},
        {"next_CITY_IURAN_people", "1"},
        {"next_MEMBER_rupiah", "0"},
        {"next_city_rupiah", "35000"},
        {"arrears_rupiah", "14499588600"},
        {"arrears_months", "0"},
        {"invoiced_month", "2026-11"},
        {"due_date", "2026-12-10"},
        {"owed_rupiah", "0"},
        {"failures", "0"},
        {"workers", "2"},
        {"lag_records", "0"},
        {"lag_ms", "0"},
    };
    for (size_t index = 0; index < sizeof EXPECTED / sizeof *EXPECTED; index++) {
        char command[80];
        snprintf(command, sizeof command, "HGET cakupan:billing %s", EXPECTED[index][0]);
        cr_assert_str_eq(ask(command), EXPECTED[index][1], "%s", command);
    }
    cr_assert_str_eq(ask("HGET cakupan:grace 2027-05"), "12");
    cr_assert_str_eq(ask("HLEN cakupan:grace"), "2");
    cr_assert_str_eq(ask("OBJECT ENCODING cakupan:billing"), "listpack");
    picture.offset++;
    picture.grace[0] = (struct totals_grace){0};
    picture.grace[1] = (struct totals_grace){0};
    run_until_current(5000);
    cr_assert_str_eq(ask("EXISTS cakupan:grace"), "0", "nobody is in grace");
}

/* Billing moves by itself: the totals' offset stays. */
Test(totals_redis, a_bill_that_changed_alone_is_written_and_a_lost_one_heals) {
    start_redis();
    run_until_current(5000);
    cr_assert_str_eq(ask("EXISTS cakupan:billing"), "0", "never heard");
    set_bill();
    run_for(300);
    cr_assert_str_eq(ask("HGET cakupan:billing running"), "1");
    picture.billing.running = false;
    run_for(300);
    cr_assert_str_eq(ask("HGET cakupan:billing running"), "0");
    struct totals_redis_status before, after;
    totals_redis_status(redis, &before);
    picture.billing.as_of_ms++;
    run_for(300);
    totals_redis_status(redis, &after);
    cr_assert_eq(after.transactions, before.transactions, "when it was heard is nothing to write");
    ask("DEL cakupan:billing");
    for (int64_t until = now_ms() + 5000;
         now_ms() < until && strcmp(ask("EXISTS cakupan:billing"), "1") != 0;)
        run_for(50);
    cr_assert_str_eq(ask("HGET cakupan:billing open_month"), "2026-12");
}

Test(totals_redis, a_flush_in_a_quiet_hour_heals) {
    start_redis();
    run_until_current(5000);
    run_for(1200); /* a question has been asked and answered */
    losses = 0;    /* those before Redis was up */
    ask("FLUSHALL");
    expect_exact();
    ask("DEL cakupan:kelurahan:3671011001");
    expect_exact();
    ask("SET cakupan:offset 12345");
    expect_exact();
    cr_assert_eq(losses, 0);
}

Test(totals_redis, a_flush_between_changes_heals_at_the_next) {
    start_redis();
    run_until_current(5000);
    ask("FLUSHALL");
    change();
    run_until_current(5000);
    expect_exact();
}

Test(totals_redis, a_key_of_another_type_is_replaced) {
    start_redis();
    ask("SET cakupan:city:3671 rubbish");
    ask("RPUSH cakupan:offset 1");
    run_until_current(5000);
    expect_exact();
    ask("DEL cakupan:city:3671");
    ask("SET cakupan:city:3671 rubbish");
    change();
    run_until_current(5000);
    expect_exact();
}

Test(totals_redis, a_killed_redis_is_exact_again_within_seconds) {
    start_redis();
    run_until_current(5000);
    kill_redis();
    change();
    run_for(1000);
    cr_assert_gt(losses, 0);
    cr_assert_not(is_current());
    start_redis();
    run_until_current(5000);
    expect_exact();
    cr_assert_leq(slowest_step_ms, STEP_MAX_MS);
}

Test(totals_redis, a_redis_that_hangs_holds_up_nobody) {
    start_redis();
    run_until_current(5000);
    kill(server, SIGSTOP);
    change();
    run_for(3000);
    cr_assert_not(is_current());
    cr_assert_gt(losses, 0, "the answer did not come in time");
    cr_assert_leq(slowest_step_ms, STEP_MAX_MS);
    kill(server, SIGCONT);
    change();
    run_until_current(5000);
    run_for(
        1500); /* what the hung Redis still had in its sockets may come late: the next question finds it */
    expect_exact();
}

Test(totals_redis, a_redis_that_is_not_there_is_tried_about_once_a_second) {
    run_for(2500);
    cr_assert_geq(losses, 5, "the first attempts come fast");
    cr_assert_leq(losses, 10, "then it backs off");
    start_redis();
    run_until_current(5000);
    expect_exact();
}

Test(totals_redis, a_redis_that_refuses_to_write_is_left_alone_for_a_while) {
    start_redis();
    ask("CONFIG SET maxmemory 1");
    run_for(2500);
    cr_assert_not(is_current());
    cr_assert_leq(losses, 10);
    ask("CONFIG SET maxmemory 0");
    run_until_current(5000);
    expect_exact();
}

/* A Redis that answers every transaction by "not done", for one client: the child's work. */
static void refuse_transactions(int listener) {
    char bytes[1 << 16];
    int client = accept(listener, NULL, NULL);
    redisReader *words = redisReaderCreate();
    for (ssize_t size; (size = read(client, bytes, sizeof bytes)) > 0;) {
        void *command;
        redisReaderFeed(words, bytes, (size_t)size);
        while (redisReaderGetReply(words, &command) == REDIS_OK && command) {
            const char *name = ((redisReply *)command)->element[0]->str;
            const char *answer = strcmp(name, "PING") == 0    ? "+PONG\r\n"
                                 : strcmp(name, "MULTI") == 0 ? "+OK\r\n"
                                 : strcmp(name, "EXEC") == 0  ? "*-1\r\n"
                                                              : "+QUEUED\r\n";
            if (write(client, answer, strlen(answer)) < 0)
                _exit(1);
            freeReplyObject(command);
        }
    }
    _exit(0);
}

Test(totals_redis, a_write_that_is_answered_but_not_done_is_repeated_once_a_second) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct totals_redis_status status;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(listener, 1), 0);
    server = fork();
    if (server == 0)
        refuse_transactions(listener);
    close(listener);
    run_for(1600);
    totals_redis_status(redis, &status);
    cr_assert_not(status.current);
    cr_assert_eq(losses, 0);
    cr_assert_geq(status.full_writes, 2, "it goes on");
    cr_assert_leq(status.full_writes, 3);
}

Test(totals_redis, addresses_that_are_none_are_refused) {
    static const struct {
        const char *url, *code;
    } CASES[] = {
        {"", "REDIS_URL"},
        {"redis.sock", "REDIS_URL"},
        {"unix://relative", "REDIS_URL"},
        {"redis://", "REDIS_URL"},
        {"redis://127.0.0.1:", "REDIS_URL"},
        {"redis://127.0.0.1:0", "REDIS_URL"},
        {"redis://127.0.0.1:65536", "REDIS_URL"},
        {"redis://127.0.0.1:6379/3", "REDIS_URL"},
        {"redis://127.0.0.1:123456", "REDIS_URL"},
        {"redis://:secret@127.0.0.1", "REDIS_URL_SECRET"},
        {"unix:///"
         "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456"
         "78901234567890",
         "REDIS_URL"},
    };
    for (size_t index = 0; index < sizeof CASES / sizeof *CASES; index++) {
        struct totals_redis *none;
        struct failure why;
        cr_assert_eq(totals_redis_open(&none, CASES[index].url, &regions, &why), RESULT_INVALID, "%s",
                     CASES[index].url);
        cr_assert_str_eq(why.code, CASES[index].code, "%s", CASES[index].url);
        cr_assert_null(none);
        cr_assert_null(strstr(why.sentence, "secret@"));
    }
    struct totals_redis *tcp;
    cr_assert_eq(totals_redis_open(&tcp, "redis://127.0.0.1:1/", &regions, NULL), RESULT_OK);
    int64_t now = now_ms();
    enum result result = totals_redis_work(tcp, now, NULL);
    for (int attempt = 0; result == RESULT_AGAIN && attempt < 50; attempt++) {
        usleep(10000);
        result = totals_redis_work(tcp, now, NULL);
    }
    cr_assert_eq(result, RESULT_IO, "nobody listens on port 1");
    totals_redis_close(&tcp);
}
