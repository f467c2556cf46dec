/* worker.c - the real worker in a process of its own, between a coordinator and a feed made here: orders lost
 * and doubled, silence, a stopped process that wakes among old orders, a feed of another journal, a disk that
 * is full at the close.
 */
#include "feed_fixture.h"
#include "portfolio_owner.h"
#include "scratch.h"

#include "billing/worker_internal.h"
#include "runtime/clock.h"
#include "runtime/feed_pack.h"
#include "runtime/router.h"
#include "store/city_tariff.h"
#include "store/ledger_journal_files.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PARTITIONS   2
#define LEASE_MS     600
#define HEARTBEAT_MS 60
#define PATIENCE_MS  20000 /* for the slowest machine under sanitizers */

static char state[SCRATCH_PATH];
static struct city city;
static struct tariff tariff;
static month_t first_month;
static struct feed_fixture journal;
static struct record records[4096];
static struct owner_feed feed; /* the same records, for owners in this process */
static pid_t worker;

/* The coordinator's side. */
static zsock_t *office, *feed_socket, *doorbell;
static struct feed_server *server;
static struct router_message from; /* whose peer orders go to */
static struct arena arena;
static struct wire_worker_report report; /* the last one, in the arena */
static unsigned reports;
static struct wire_worker_orders orders;
static uint8_t first_tariff[TARIFF_PACKED_MAX];
static bool answers; /* reports are answered by orders at once */

static int64_t now_ms(void) {
    return clock_monotonic_us() / 1000;
}

static int be_a_worker(void *context) {
    (void)context;
    struct service service;
    struct failure why;
    struct service_option options[] = {{NULL, NULL, NULL}};
    static char program[] = "worker", state_is[] = "--state", city_is[] = "--city", place[] = CITY_DIRECTORY;
    char *arguments[] = {program, state_is, state, city_is, place, NULL};
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a full disk */
    if (service_start(&service, "billing-worker-7", "counts", 5, arguments, options, &why) != RESULT_OK)
        return 99;
    struct worker_config config = {"", "", ""};
    int code = worker_run(&service, &config);
    service_end(&service);
    return code;
}

static void enrol(uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        uint64_t offset = ++feed.head;
        records[offset - 1] = (struct record){.offset = offset,
                                              .member_id = (uint32_t)offset,
                                              .kind = CHANGE_ENROL,
                                              .device = 3,
                                              .sequence = offset,
                                              .content_hash = offset,
                                              .captured_at_ms = 1790000000000,
                                              .effective_day = calendar_first_day(first_month),
                                              .has_after = true,
                                              .after = {.identity = UINT64_C(3671010101900000) + offset,
                                                        .kelurahan = city.regions.kelurahan[offset % 7].code,
                                                        .payer_month = first_month,
                                                        .segment = SEGMENT_PBPU_PEMDA,
                                                        .status = STATUS_ACTIVE,
                                                        .care_class = 3}};
    }
    const struct journal_batch *batch =
        feed_fixture_append_these(&journal, &records[feed.head - count], count);
    if (server)
        feed_server_committed(server, batch);
}

static zsock_t *bind_at(int type, const char *name) {
    char endpoint[160];
    struct failure why;
    zsock_t *socket;
    struct socket_options options = {.max_message_bytes = WORKER_REPORT_MAX_BYTES};
    service_ipc(state, name, endpoint, sizeof endpoint);
    cr_assert_eq(socket_bind(&socket, type, endpoint, &options, &why), RESULT_OK, "%s", why.sentence);
    return socket;
}

static void setup(void) {
    struct failure why;
    char path[128];
    scratch_make(state);
    snprintf(path, sizeof path, "%s/run", state);
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_assert_eq(city_load(&city, CITY_DIRECTORY, &why), RESULT_OK);
    cr_assert_eq(tariff_load(&tariff, CITY_DIRECTORY, &why), RESULT_OK);
    first_month = calendar_month(calendar_day(2026, 11, 1));
    feed.records = records;
    feed_fixture_init(&journal);
    enrol(200);
    worker = scratch_child(be_a_worker, NULL); /* before any socket is made here */
    socket_setup();
    office = bind_at(ZMQ_ROUTER, "billing-workers");
    feed_socket = bind_at(ZMQ_ROUTER, "enrollment-feed");
    doorbell = bind_at(ZMQ_PUB, "enrollment-doorbell");
    server = feed_server_new(&journal.journal, 1 << 20);
    arena_init(&arena, 4 << 20);
    answers = true;
    orders = (struct wire_worker_orders){.code = "",
                                         .sentence = "",
                                         .lease_ms = LEASE_MS,
                                         .heartbeat_ms = HEARTBEAT_MS,
                                         .partition_count = PARTITIONS,
                                         .first_month = first_month};
    orders.first_tariff = (struct wire_bytes_view){first_tariff, tariff_pack(&tariff, first_tariff)};
}

static void teardown(void) {
    int status;
    if (worker && kill(worker, SIGKILL) == 0)
        waitpid(worker, &status, 0);
    zsock_destroy(&office);
    zsock_destroy(&feed_socket);
    zsock_destroy(&doorbell);
    feed_server_destroy(&server);
    feed_fixture_free(&journal);
    arena_free(&arena);
    scratch_remove(state);
}
TestSuite(worker, .init = setup, .fini = teardown, .timeout = 60);

static void send_orders(void) {
    uint8_t bytes[WORKER_ORDERS_MAX_BYTES];
    orders.answers_sequence = report.sequence;
    size_t size = wire_worker_orders_encode(&orders, bytes, sizeof bytes);
    cr_assert_gt(size, 0);
    void *socket = zsock_resolve(office);
    if (zmq_send(socket, from.peer, from.peer_size, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0)
        zmq_send(socket, bytes, size, ZMQ_DONTWAIT);
}

static void hear_report(void) {
    struct failure why = {0};
    while (router_receive(zsock_resolve(office), &from)) {
        arena_reset(&arena);
        enum result result = wire_worker_report_decode(zmq_msg_data(&from.body), zmq_msg_size(&from.body),
                                                       &arena, &report, &why);
        zmq_msg_close(&from.body);
        cr_assert_eq(result, RESULT_OK, "%s", why.sentence);
        if (orders.instance == 0)
            orders.instance = report.instance;
        reports++;
        if (answers)
            send_orders();
    }
}

static void emit(void *context, const uint8_t *data, size_t size, bool more) {
    struct feed_pack *pack = context;
    feed_pack_add(pack, data, size);
    if (!more)
        (void)feed_pack_send(pack, zsock_resolve(feed_socket));
}

static void serve_feed(void) {
    struct router_message ask;
    struct feed_pack pack = {0};
    struct failure why;
    while (router_receive(zsock_resolve(feed_socket), &ask)) {
        zmq_send(zsock_resolve(feed_socket), ask.peer, ask.peer_size, ZMQ_SNDMORE | ZMQ_DONTWAIT);
        cr_assert_eq(
            feed_server_answer(server, zmq_msg_data(&ask.body), zmq_msg_size(&ask.body), emit, &pack, &why),
            RESULT_OK);
        zmq_msg_close(&ask.body);
    }
}

static void pump(int wait_ms) {
    zmq_pollitem_t items[] = {{zsock_resolve(office), 0, ZMQ_POLLIN, 0},
                              {zsock_resolve(feed_socket), 0, ZMQ_POLLIN, 0}};
    zmq_poll(items, 2, wait_ms);
    hear_report();
    serve_feed();
}

static void pump_for(int64_t milliseconds) {
    int64_t until = now_ms() + milliseconds;
    while (now_ms() < until)
        pump(10);
}

/* Pumps until the condition holds. */
#define await(condition)                                                                                     \
    do {                                                                                                     \
        int64_t patience = now_ms() + PATIENCE_MS;                                                           \
        while (!(condition)) {                                                                               \
            cr_assert(now_ms() < patience, "never: %s", #condition);                                         \
            pump(20);                                                                                        \
        }                                                                                                    \
    } while (0)

static const struct wire_held *held(uint32_t partition) {
    for (uint32_t i = 0; i < report.held_count; i++)
        if (report.held[i].partition == partition)
            return &report.held[i];
    return NULL;
}

static void grant_all(uint64_t epoch) {
    orders.granted_count = PARTITIONS;
    for (uint32_t i = 0; i < PARTITIONS; i++)
        orders.granted[i] = (struct wire_granted){.partition = i, .epoch = epoch};
}

static bool all_at(uint64_t offset) {
    for (uint32_t i = 0; i < PARTITIONS; i++)
        if (!held(i) || !held(i)->ready || held(i)->position != offset)
            return false;
    return true;
}

static bool all_answered(uint64_t barrier) {
    for (uint32_t i = 0; i < PARTITIONS; i++)
        if (!held(i) || held(i)->answer_barrier != barrier)
            return false;
    return true;
}

static void order_close(uint64_t barrier, uint64_t offset) {
    orders.barrier = barrier;
    orders.run = true;
    orders.order = (struct partition_order){.act = PARTITION_CLOSE, .offset = offset, .month = first_month};
}

static void no_barrier(void) {
    orders.barrier = 0;
    orders.run = false;
    orders.order = (struct partition_order){0};
}

static int wait_for_exit(void) {
    int status = 0;
    for (int64_t patience = now_ms() + PATIENCE_MS; now_ms() < patience; pump(20)) {
        if (waitpid(worker, &status, WNOHANG) == worker) {
            worker = 0;
            return status;
        }
    }
    cr_assert_fail("the worker did not end");
    return -1;
}

/* The last entry of a partition's journal, without its payload. */
static struct ledger_entry head_of(uint32_t partition) {
    char path[BILLING_PATH];
    struct ledger_journal *files;
    struct ledger_entry head;
    struct failure why = {0};
    billing_partition_path(path, state, partition);
    struct ledger_journal_place place = {path, partition, PARTITIONS, first_month};
    cr_assert_eq(ledger_journal_files_read(&files, &place, &why), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(files->operations->head(files, &head, &why), RESULT_OK, "%s", why.sentence);
    files->operations->close(&files);
    return head;
}

Test(worker, counts_what_it_is_granted_closes_and_gives_all_back_when_it_is_stopped) {
    await(reports > 0);
    cr_assert_str_eq(report.name, "billing-worker-7");
    cr_assert_eq(report.held_count, 0);
    grant_all(1);
    await(all_at(200));
    cr_assert_eq(report.head, 200);
    cr_assert_eq(report.records, 200);
    cr_assert_gt(report.resident_bytes, 1 << 20);
    order_close(9, 200);
    await(all_answered(9));
    cr_assert_eq(held(0)->open_month, first_month + 1);
    no_barrier();
    await(held(0)->answer_barrier == 0);
    kill(worker, SIGTERM);
    int status = wait_for_exit();
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    cr_assert(report.leaving);
    cr_assert_eq(report.held_count, 0);
    cr_assert_eq(head_of(0).kind, LEDGER_ENTRY_CLOSE);
}

/* The records come in one batch; the offset lies in its middle, and in front of it are records of others. */
Test(worker, holds_and_runs_to_an_offset_in_the_middle_of_a_batch) {
    await(reports > 0);
    grant_all(1);
    orders.granted_count = 1;
    await(held(0) && held(0)->position == 200);
    orders.barrier = 9;
    await(held(0)->holding == 9);
    enrol(200);
    pump_for(200);
    cr_assert_eq(held(0)->position, 200);
    order_close(9, 317);
    await(held(0)->answer_barrier == 9 && held(0)->position == 400);
    cr_assert_eq(head_of(0).offset, 317);
    grant_all(1);
    await(all_answered(9) && all_at(400));
    cr_assert_eq(head_of(1).offset, 317);
}

Test(worker, leaves_in_time_though_nobody_answers) {
    await(reports > 0);
    grant_all(1);
    await(all_at(200));
    answers = false;
    int64_t asked_ms = now_ms();
    kill(worker, SIGTERM);
    cr_assert_eq(wait_for_exit(), 0);
    cr_assert_lt(now_ms() - asked_ms, 2000);
}

Test(worker, orders_to_stop_are_a_way_to_leave) {
    await(reports > 0);
    grant_all(1);
    await(all_at(200));
    orders.stop = true;
    cr_assert_eq(wait_for_exit(), 0);
    cr_assert_eq(report.held_count, 0);
}

Test(worker, a_refusal_ends_it) {
    await(reports > 0);
    orders.refusal = REFUSAL_ROLE_NOT_ALLOWED;
    orders.code = "VERSION";
    orders.sentence = "Another release.";
    int status = wait_for_exit();
    cr_assert(WIFEXITED(status));
    cr_assert_eq(WEXITSTATUS(status), SERVICE_EXIT_CANNOT_START);
}

Test(worker, orders_for_another_process_of_its_name_are_not_its_own) {
    await(reports > 0);
    orders.instance++;
    grant_all(1);
    pump_for(300);
    cr_assert_eq(report.held_count, 0);
    orders.instance--;
    await(all_at(200));
}

Test(worker, noise_in_place_of_orders_does_no_harm) {
    await(reports > 0);
    grant_all(1);
    await(all_at(200));
    for (unsigned i = 0; i < 50; i++) {
        uint8_t noise[100];
        for (unsigned at = 0; at < sizeof noise; at++)
            noise[at] = (uint8_t)(i * 31 + at * at * 7);
        void *socket = zsock_resolve(office);
        zmq_send(socket, from.peer, from.peer_size, ZMQ_SNDMORE);
        zmq_send(socket, noise, i * 2, i % 3 ? 0 : ZMQ_SNDMORE);
        if (i % 3 == 0)
            zmq_send(socket, noise, 5, 0);
    }
    enrol(50);
    await(all_at(250));
}

/* Every other report gets no answer, every answer comes three times. */
Test(worker, lost_and_doubled_orders_change_nothing) {
    await(reports > 0);
    grant_all(1);
    answers = false;
    int64_t patience = now_ms() + PATIENCE_MS;
    uint64_t closed = 0;
    for (unsigned seen = 0; closed < PARTITIONS; pump(5)) {
        cr_assert(now_ms() < patience);
        if (all_at(200))
            order_close(5, 200);
        closed = 0;
        for (uint32_t i = 0; i < PARTITIONS; i++)
            closed += held(i) && held(i)->answer_barrier == 5;
        for (unsigned i = 0; reports != seen && i < 3 && reports % 2; i++)
            send_orders();
        seen = reports;
    }
    for (uint32_t i = 0; i < PARTITIONS; i++)
        cr_assert_eq(head_of(i).sequence, 1, "one close and nothing else");
}

Test(worker, in_silence_nothing_is_counted_and_with_the_next_word_it_goes_on_under_the_same_epoch) {
    await(reports > 0);
    grant_all(1);
    await(all_at(200));
    answers = false;
    pump_for(LEASE_MS + 200);
    unsigned before = reports;
    enrol(30);
    pump_for(400);
    cr_assert_gt(reports, before, "it goes on asking");
    cr_assert(all_at(200), "what is not leased is not counted");
    cr_assert_eq(held(0)->epoch, 1);
    answers = true;
    await(all_at(230));
    cr_assert_eq(held(0)->epoch, 1);
}

Test(worker, silence_and_then_no_lease_any_more_drops_everything) {
    await(reports > 0);
    grant_all(1);
    await(all_at(200));
    answers = false;
    pump_for(LEASE_MS + 200);
    orders.granted_count = 0;
    answers = true;
    await(report.held_count == 0);
    grant_all(2);
    await(all_at(200));
}

/* The worst of all: stopped, its leases gone to another one, which closes the month; meanwhile old orders
 * that tell it to close elsewhere wait in its socket. Then it wakes. */
Test(worker, a_stopped_worker_that_wakes_among_old_orders_does_nothing) {
    struct owner successor;
    await(reports > 0);
    grant_all(1);
    await(all_at(200));
    answers = false;
    kill(worker, SIGSTOP);
    order_close(5, 200);
    for (unsigned i = 0; i < 20; i++)
        send_orders();
    usleep((LEASE_MS + 300) * 1000);
    enrol(100);
    owner_begin(&successor, state, &city.regions, &tariff, PARTITIONS, first_month, &feed);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        owner_grant(&successor, i, 2);
    struct partition_order order = {.act = PARTITION_CLOSE, .offset = 300, .month = first_month};
    owner_barrier(&successor, 6, true, &order);
    owner_rest(&successor);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        cr_assert_eq(owner_held(&successor, i)->answer_barrier, 6);
    kill(worker, SIGCONT);
    unsigned before = reports;
    await(reports > before + 3);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        cr_assert_eq(held(i)->answer_barrier, 0);
        cr_assert_eq(held(i)->code[0], 0, "the orders were too old to be tried");
        cr_assert_eq(held(i)->epoch, 1);
    }
    no_barrier();
    orders.granted_count = 0;
    answers = true;
    await(report.held_count == 0);
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        struct ledger_entry head = head_of(i);
        cr_assert_eq(head.sequence, 1);
        cr_assert_eq(head.epoch, 2);
        cr_assert_eq(head.offset, 300);
    }
    owner_end(&successor);
}

Test(worker, a_grant_that_waited_longer_than_its_lease_is_not_taken) {
    await(reports > 0);
    grant_all(1);
    orders.granted_count = 1;
    await(held(0) && held(0)->position == 200);
    answers = false;
    kill(worker, SIGSTOP);
    orders.granted_count = 2;
    send_orders();
    usleep((LEASE_MS + 300) * 1000);
    kill(worker, SIGCONT);
    unsigned before = reports;
    await(reports > before + 3);
    cr_assert_null(held(1));
    answers = true;
    await(all_at(200));
}

/* The lease still holds by all clocks, but somebody granted it elsewhere: the file says no. */
Test(worker, a_worker_that_is_fenced_says_so_and_closes_nothing) {
    struct owner successor;
    await(reports > 0);
    grant_all(1);
    await(all_at(200));
    owner_begin(&successor, state, &city.regions, &tariff, PARTITIONS, first_month, &feed);
    for (uint32_t i = 0; i < PARTITIONS; i++)
        owner_grant(&successor, i, 2);
    owner_rest(&successor);
    order_close(5, 200);
    await(held(0) && strcmp(held(0)->code, "FENCED") == 0 && held(1) && strcmp(held(1)->code, "FENCED") == 0);
    cr_assert(!held(0)->ready);
    cr_assert_eq(held(0)->answer_barrier, 0);
    cr_assert_eq(head_of(0).sequence, 0);
    owner_end(&successor);
    grant_all(3);
    await(all_answered(5));
}

Test(worker, a_feed_of_another_journal_is_told_and_nothing_is_written) {
    struct feed_fixture other;
    await(reports > 0);
    grant_all(1);
    await(all_at(200));
    feed_fixture_init(&other);
    feed_fixture_append(&other, 20);
    feed_server_destroy(&server);
    server = feed_server_new(&other.journal, 1 << 20);
    await(held(0)->code[0] && held(1)->code[0]);
    cr_assert_str_eq(held(0)->code, "FEED_FOREIGN");
    cr_assert(held(0)->ready);
    cr_assert(all_at(200));
    cr_assert_eq(head_of(0).sequence, 0);
    feed_server_destroy(&server);
    server = feed_server_new(&journal.journal, 1 << 20);
    enrol(1);
    await(all_at(201) && !held(0)->code[0]);
    feed_fixture_free(&other);
}

static void may_files_grow(bool may) {
    struct rlimit limit = {may ? RLIM_INFINITY : 64, RLIM_INFINITY};
    cr_assert_eq(prlimit(worker, RLIMIT_FSIZE, &limit, NULL), 0);
}

Test(worker, a_disk_that_is_full_at_the_close_is_told_and_the_close_follows_when_there_is_room) {
    await(reports > 0);
    grant_all(1);
    await(all_at(200));
    may_files_grow(false);
    order_close(5, 200);
    await(held(0)->code[0] && held(1)->code[0]);
    cr_assert(held(0)->ready);
    cr_assert_eq(held(0)->answer_barrier, 0);
    cr_assert_eq(head_of(0).sequence, 0);
    may_files_grow(true);
    await(all_answered(5));
    cr_assert_eq(held(0)->code[0], 0);
    enrol(10);
    await(all_at(210));
    for (uint32_t i = 0; i < PARTITIONS; i++)
        cr_assert_eq(head_of(i).sequence, held(i)->answer_sequence);
}
