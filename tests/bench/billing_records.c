/* billing_records.c - what billing's workers do in a second, and what they need: records counted by one
 * worker and by two, a month closed, a partition taken over, bytes a member.
 *
 * usage: billing_records CITY_DIRECTORY [SCRATCH_DIRECTORY [MEMBERS [RECORDS]]]
 *
 * A worker is a process with a portfolio and a follower, as in the service; the feed's replies are made
 * before, as enrollment's process would, so that what is measured is the workers alone: check, decode,
 * count, save snapshots. Records (default 1,000,000) are enrolments, of which the last tenth are
 * layoffs. The close, the take-over and the memory are of a portfolio with the whole city (1,943,000) in
 * 16 partitions, on the disk of SCRATCH_DIRECTORY, and in a process of its own. RSS is what a process
 * has more than before its first record.
 */
#include "billing/portfolio.h"
#include "billing_city.h"
#include "feed_fixture.h"
#include "measure.h"
#include "store/city.h"
#include "store/city_tariff.h"
#include "wire/wire_feed.h"

#include <ftw.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PARTITIONS    16u
#define ROUNDS        7
#define BATCH_RECORDS 500u
#define LAYOFFS       100000u

static struct city city;
static struct tariff tariff;
static struct billing_city people;
static struct wire_worker_orders orders;
static uint8_t first_tariff[TARIFF_PACKED_MAX];
static const char *scratch = "/tmp";

static void check(enum result result, const struct failure *why) {
    if (result != RESULT_OK)
        measure_die("%s: %s", why->code, why->sentence);
}

static int64_t now_ms(void) {
    return measure_now_us() / 1000;
}

static uint64_t resident_bytes(void) {
    unsigned long total, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%lu %lu", &total, &resident) != 2)
        measure_die("No /proc/self/statm.");
    fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place) {
    (void)status, (void)type, (void)place;
    return remove(path);
}

static void make_state(char state[96]) {
    snprintf(state, 96, "%s/billing-bench-XXXXXX", scratch);
    if (!mkdtemp(state))
        measure_die("Could not make a directory in %s.", scratch);
}

static void remove_state(const char *state) {
    if (nftw(state, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        measure_die("Could not remove %s.", state);
}

/* ---- a portfolio as a worker has it ---- */

static void obey(struct portfolio *portfolio) {
    bool more = true, refollow;
    while (more)
        portfolio_obey(portfolio, &orders, now_ms(), 1790000000000, &more, &refollow);
}

static void grant(uint32_t worker, uint32_t workers, uint64_t epoch) {
    orders.granted_count = 0;
    for (uint32_t i = worker; i < PARTITIONS; i += workers)
        orders.granted[orders.granted_count++] = (struct wire_granted){.partition = i, .epoch = epoch};
}

static struct portfolio *open_portfolio(const char *state) {
    struct portfolio_config config = {.state = state, .regions = &city.regions};
    struct portfolio *portfolio = portfolio_new(&config);
    uint32_t wanted[LEDGER_PARTITIONS_MAX], count;
    obey(portfolio);
    portfolio_wanted(portfolio, wanted, &count);
    return portfolio;
}

/* ---- records a second, by one worker and by two ---- */

struct feed {
    struct feed_fixture fixture;
    uint64_t head;
};

/* What enrollment would send to a worker, and the worker's follower. */
struct link {
    struct caught *replies;
    uint32_t count;
    struct feed_follower_config config;
    uint32_t wanted[LEDGER_PARTITIONS_MAX];
};

static uint64_t make_feed(struct feed *feed, uint32_t records) {
    struct record *batch = calloc(BATCH_RECORDS, sizeof *batch);
    uint32_t in_batch = 0, next_layoff = 0;
    people.members = records - records / 10;
    feed_fixture_init(&feed->fixture);
    for (uint64_t offset = 1; offset <= records; offset++) {
        struct record *record = &batch[in_batch++];
        if (offset <= people.members)
            billing_city_enrolment(&people, offset, record);
        else
            while (!billing_city_layoff(&people, next_layoff++, offset, record))
                ;
        if (in_batch < BATCH_RECORDS && offset < records)
            continue;
        feed_fixture_append_these(&feed->fixture, batch, in_batch);
        in_batch = 0;
    }
    free(batch);
    return records;
}

static enum result skip(void *context, const struct batch_header *batch, const struct record *record,
                        struct failure *why) {
    (void)context, (void)batch, (void)record, (void)why;
    return RESULT_OK;
}

static void make_link(struct link *link, struct feed *feed, uint32_t worker, uint32_t workers) {
    uint8_t request[8192];
    struct failure why;
    struct feed_server *server = feed_server_new(&feed->fixture.journal, 0);
    *link = (struct link){.config = {.next_offset = 1, .partition_count = PARTITIONS}};
    for (uint32_t i = worker; i < PARTITIONS; i += workers)
        link->wanted[link->config.partitions_wanted++] = i;
    link->config.partitions = link->wanted;
    struct feed_follower *follower = feed_follower_new(&link->config, skip, NULL);
    while (feed_follower_next(follower) <= feed->head) {
        size_t size = feed_follower_request(follower, now_ms(), request, sizeof request);
        link->replies = realloc(link->replies, (link->count + 1) * sizeof *link->replies);
        if (!link->replies)
            measure_die("No memory for replies.");
        struct caught *caught = &link->replies[link->count++];
        *caught = (struct caught){0};
        check(caught_answer(caught, server, request, size, &why), &why);
        check(feed_follower_reply(follower, caught->frames, caught->count, now_ms(), &why), &why);
    }
    feed_follower_destroy(&follower);
    feed_server_destroy(&server);
}

static void free_link(struct link *link) {
    for (uint32_t i = 0; i < link->count; i++)
        caught_free(&link->replies[i]);
    free(link->replies);
}

/* In the worker's process: reads a byte when all may begin, writes one when everything is counted. */
static void work(struct link *link, const char *state, uint32_t worker, uint32_t workers, int begin,
                 int end) {
    uint8_t request[8192], byte = 0;
    struct failure why;
    grant(worker, workers, 1);
    struct portfolio *portfolio = open_portfolio(state);
    struct feed_follower *follower = feed_follower_new(&link->config, portfolio_record, portfolio);
    for (uint32_t i = 0; i < link->count; i++) /* warm: a reply has just come from the socket */
        byte ^= link->replies[i].bytes[link->replies[i].size / 2];
    if (write(end, &byte, 1) != 1 || read(begin, &byte, 1) != 1)
        _exit(1);
    for (uint32_t i = 0; i < link->count; i++) {
        struct caught *caught = &link->replies[i];
        feed_follower_request(follower, now_ms(), request, sizeof request);
        if (feed_follower_reply(follower, caught->frames, caught->count, now_ms(), &why) != RESULT_OK)
            _exit(2);
        portfolio_work(portfolio, feed_follower_next(follower) - 1, now_ms(), 1790000000000);
    }
    if (write(end, &byte, 1) != 1)
        _exit(3);
    _exit(0);
}

static double run_workers(struct link *links, const char *state, uint32_t workers, uint64_t records) {
    int begin[2], end[2];
    uint8_t byte = 0;
    if (pipe(begin) != 0 || pipe(end) != 0)
        measure_die("No pipes.");
    for (uint32_t worker = 0; worker < workers; worker++)
        if (fork() == 0)
            work(&links[worker], state, worker, workers, begin[0], end[1]);
    for (uint32_t i = 0; i < workers; i++)
        if (read(end[0], &byte, 1) != 1)
            measure_die("A worker did not begin.");
    int64_t started_us = measure_now_us();
    for (uint32_t i = 0; i < workers; i++)
        if (write(begin[1], &byte, 1) != 1)
            measure_die("A worker is gone.");
    for (uint32_t i = 0; i < workers; i++)
        if (read(end[0], &byte, 1) != 1)
            measure_die("A worker is gone.");
    double seconds = (double)(measure_now_us() - started_us) / 1e6;
    for (int status; wait(&status) > 0;)
        if (status != 0)
            measure_die("A worker failed with status %d.", status);
    for (int i = 0; i < 2; i++) {
        close(begin[i]);
        close(end[i]);
    }
    return (double)records / seconds;
}

/* Rounds of one worker and of two take turns, so that what else the machine does falls on both. */
static void measure_records(uint32_t records) {
    static struct feed feed;
    struct link links[3][2] = {0};
    struct samples rates[3] = {{0}}, ratios = {0};
    feed.head = make_feed(&feed, records);
    for (uint32_t workers = 1; workers <= 2; workers++)
        for (uint32_t worker = 0; worker < workers; worker++)
            make_link(&links[workers][worker], &feed, worker, workers);
    for (int round = 0; round < ROUNDS; round++) {
        double rate[3];
        for (uint32_t workers = 1; workers <= 2; workers++) {
            char state[96];
            make_state(state);
            rate[workers] = run_workers(links[workers], state, workers, records);
            samples_add(&rates[workers], rate[workers]);
            remove_state(state);
        }
        samples_add(&ratios, rate[2] / rate[1]);
    }
    measure_report("billing_records_per_s_1_worker", samples_percentile(&rates[1], 50));
    measure_report("billing_records_per_s_2_workers", samples_percentile(&rates[2], 50));
    measure_report("billing_records_2_workers_to_1", samples_percentile(&ratios, 50));
    for (uint32_t workers = 1; workers <= 2; workers++) {
        samples_free(&rates[workers]);
        for (uint32_t worker = 0; worker < workers; worker++)
            free_link(&links[workers][worker]);
    }
    samples_free(&ratios);
    feed_fixture_free(&feed.fixture);
}

/* ---- the whole city in one worker ---- */

static uint64_t count_city(struct portfolio *portfolio, uint32_t members) {
    static const struct batch_header batch;
    struct record record;
    struct failure why;
    uint64_t offset = 0;
    people.members = members;
    while (offset < members) {
        billing_city_enrolment(&people, ++offset, &record);
        check(portfolio_record(portfolio, &batch, &record, &why), &why);
    }
    uint32_t layoffs = LAYOFFS < members / 10 ? LAYOFFS : members / 10;
    for (uint32_t index = 0, done = 0; done < layoffs; index++) {
        if (!billing_city_layoff(&people, index, offset + 1, &record))
            continue;
        check(portfolio_record(portfolio, &batch, &record, &why), &why);
        offset++;
        done++;
    }
    return offset;
}

/* Closes at `offset`, as orders would have it; milliseconds until the last partition has its answer. */
static double close_month(struct portfolio *portfolio, uint64_t offset, month_t month) {
    orders.barrier++;
    orders.run = true;
    orders.order = (struct partition_order){.act = PARTITION_CLOSE, .offset = offset, .month = month};
    obey(portfolio);
    int64_t began_us = measure_now_us();
    uint32_t count, answers = 0;
    while (answers < PARTITIONS) {
        portfolio_work(portfolio, offset, now_ms(), 1790000000000);
        const struct wire_held *held = portfolio_report(portfolio, &count);
        answers = 0;
        for (uint32_t i = 0; i < count; i++) {
            if (held[i].code[0])
                measure_die("%s: %s", held[i].code, held[i].sentence);
            answers += held[i].answer_barrier == orders.barrier;
        }
    }
    return (double)(measure_now_us() - began_us) / 1e3;
}

static double take_over(struct portfolio **portfolio, const char *state, uint64_t *position) {
    uint32_t count;
    portfolio_destroy(portfolio);
    orders.barrier = 0;
    grant(3, PARTITIONS, 2);
    int64_t began_us = measure_now_us();
    *portfolio = open_portfolio(state);
    double milliseconds = (double)(measure_now_us() - began_us) / 1e3;
    *position = portfolio_report(*portfolio, &count)->position;
    return milliseconds;
}

static void measure_city(uint32_t members) {
    char state[96];
    make_state(state);
    grant(0, 1, 1);
    struct portfolio *portfolio = open_portfolio(state);
    uint64_t empty = resident_bytes(), position;
    uint64_t offset = count_city(portfolio, members);
    measure_report("billing_bytes_per_member", (double)(resident_bytes() - empty) / members);
    double first_ms = close_month(portfolio, offset, people.first_month);
    measure_report("billing_close_ms", first_ms);
    measure_report("billing_close_next_ms",
                   close_month(portfolio, offset, (month_t)(people.first_month + 1)));
    measure_report("billing_bytes_per_member_in_close", (double)(resident_bytes() - empty) / members);
    orders.barrier = 0;
    obey(portfolio);
    malloc_trim(0); /* as a worker does after a barrier */
    measure_report("billing_bytes_per_member_after_closes", (double)(resident_bytes() - empty) / members);
    usleep(SNAPSHOT_PAUSE_MS * 1000);
    for (uint32_t i = 0; i < PARTITIONS; i++) /* all snapshots that are due, one a call */
        portfolio_work(portfolio, offset + SNAPSHOT_RECORDS, now_ms(), 1790000000000);
    measure_report("billing_bytes_per_member_after_snapshots", (double)(resident_bytes() - empty) / members);
    measure_report("billing_take_over_partition_ms", take_over(&portfolio, state, &position));
    if (position < offset)
        measure_die("The partition was not restored from its snapshot.");
    portfolio_destroy(&portfolio);
    remove_state(state);
}

int main(int argc, char **argv) {
    struct failure why;
    if (argc < 2)
        measure_die("usage: billing_records CITY_DIRECTORY [SCRATCH_DIRECTORY [MEMBERS [RECORDS]]]");
    if (argc > 2)
        scratch = argv[2];
    uint32_t members = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : BILLING_CITY_MEMBERS;
    uint32_t records = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : 1000000;
    check(city_load(&city, argv[1], &why), &why);
    check(tariff_load(&tariff, argv[1], &why), &why);
    people = (struct billing_city){&city.regions, members, calendar_month(calendar_day(2026, 11, 1))};
    orders.partition_count = PARTITIONS;
    orders.first_month = people.first_month;
    orders.first_tariff = (struct wire_bytes_view){first_tariff, tariff_pack(&tariff, first_tariff)};
    fflush(stdout);
    pid_t whole_city = fork();
    if (whole_city == 0) {
        measure_city(members);
        _exit(0);
    }
    int status;
    if (waitpid(whole_city, &status, 0) != whole_city || status != 0)
        measure_die("The city's worker failed.");
    measure_records(records);
    return 0;
}
