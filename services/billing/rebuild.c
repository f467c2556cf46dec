/* rebuild.c - counts one partition anew (rebuild.h). */
#include "rebuild.h"

#include "cakupan/invoice.h"
#include "paths.h"
#include "runtime/log.h"
#include "runtime/require.h"
#include "store/ledger_journal_files.h"
#include "wire/wire_decision.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES    (32u << 20)
#define COMMIT_CHARGES 20000u

/* A close or a change of tariff that was done. */
struct act {
    uint64_t offset;
    month_t month;                   /* MONTH_NONE: a change of tariff */
    struct tariff *tariff;           /* its; owned */
    struct invoice_partition frozen; /* a close: what the invoice says; then, of the entry made anew */
};

struct rebuild {
    struct books *books;
    struct rebuild_config config;
    struct act *acts;
    size_t count, done; /* of the acts */
    struct ledger_journal *journal;
    struct partition *partition;
};

struct reading {
    struct rebuild *rebuild;
    struct arena arena;
    struct failure *why;
    enum result result;
};

static void add_act(struct rebuild *rebuild, const struct decision *decision) {
    rebuild->acts = reallocarray(rebuild->acts, rebuild->count + 1, sizeof *rebuild->acts);
    require(rebuild->acts, "out of memory for what is to be done again");
    rebuild->acts[rebuild->count++] =
        (struct act){.offset = decision->offset,
                     .month = decision->kind == DECISION_INVOICE ? decision->month : MONTH_NONE};
}

/* An intent whose end is not stored is nobody's yet: the coordinator goes on with it. */
static enum result take_decision(struct rebuild *rebuild, const struct decision *decision,
                                 struct tariff *coming, struct failure *why) {
    struct act *act;
    switch (decision->kind) {
    case DECISION_RETARIFF:
        return tariff_unpack(coming, decision->bytes, decision->size, why);
    case DECISION_RETARIFFED:
        add_act(rebuild, decision);
        act = &rebuild->acts[rebuild->count - 1];
        act->tariff = malloc(sizeof *act->tariff);
        require(act->tariff, "out of memory for a tariff");
        *act->tariff = *coming;
        return RESULT_OK;
    case DECISION_INVOICE:
        add_act(rebuild, decision);
        if (invoice_read_partition(decision->bytes, decision->size, rebuild->config.partition,
                                   &rebuild->acts[rebuild->count - 1].frozen))
            return RESULT_OK;
        return fail(why, RESULT_CORRUPT, "INVOICE_UNREADABLE",
                    "The invoice of decision %" PRIu64 " names no partition %" PRIu32 ": restore the books.",
                    decision->sequence, rebuild->config.partition);
    default:
        return RESULT_OK;
    }
}

static bool on_bytes(void *context, uint64_t sequence, const uint8_t *bytes, size_t size) {
    static struct tariff coming; /* of the last intent read */
    struct reading *reading = context;
    struct decision decision;
    arena_reset(&reading->arena);
    if (wire_decision_decode(bytes, size, &reading->arena, &decision) != RESULT_OK)
        reading->result = fail(reading->why, RESULT_CORRUPT, "BOOKS_CORRUPT",
                               "Decision %" PRIu64 " can't be read: restore the books.", sequence);
    else
        reading->result = take_decision(reading->rebuild, &decision, &coming, reading->why);
    return reading->result == RESULT_OK;
}

static enum result read_acts(struct rebuild *rebuild, struct failure *why) {
    struct reading reading = {.rebuild = rebuild, .why = why};
    arena_init(&reading.arena, ARENA_BYTES);
    enum result result = books_list(rebuild->books, 1, on_bytes, &reading, why);
    arena_free(&reading.arena);
    return result == RESULT_OK ? reading.result : result;
}

/* Its lease is ours: nobody who held the partition before can write to it any more. Stored before the
 * segment is made, as a worker's is. */
static enum result take_epoch(struct rebuild *rebuild, uint64_t *epoch, struct failure *why) {
    static const char name[] = "rebuild";
    *epoch = books_epoch(rebuild->books, rebuild->config.partition).epoch + 1;
    struct decision decision = {.kind = DECISION_EPOCH,
                                .time_ms = rebuild->config.time_ms,
                                .day = rebuild->config.today,
                                .author = {name, sizeof name - 1},
                                .partition = rebuild->config.partition,
                                .epoch = *epoch,
                                .local = true};
    return books_decide(rebuild->books, &decision, 1, why);
}

static enum result set_aside(const char *directory, uint64_t epoch, struct failure *why) {
    char aside[BILLING_PATH + 32];
    snprintf(aside, sizeof aside, "%s.%" PRIu64, directory, epoch);
    if (rename(directory, aside) == 0)
        log_info("the journal that was there is kept in %s", aside);
    else if (errno != ENOENT)
        return fail(why, RESULT_IO, "STATE_ERROR", "%.120s can't be renamed to %.120s: %s.", directory, aside,
                    strerror(errno));
    return RESULT_OK;
}

static enum result open_anew(struct rebuild *rebuild, const struct books_begun *begun, struct failure *why) {
    char directory[BILLING_PATH];
    uint64_t epoch;
    uint32_t number = rebuild->config.partition;
    billing_partition_path(directory, rebuild->config.state, number);
    struct ledger_journal_place place = {directory, number, begun->partitions, begun->first_month};
    struct partition_config config = {.number = number,
                                      .count = begun->partitions,
                                      .first_month = begun->first_month,
                                      .regions = rebuild->config.regions,
                                      .tariff = begun->first_tariff};
    enum result result = take_epoch(rebuild, &epoch, why);
    if (result == RESULT_OK)
        result = set_aside(directory, epoch, why);
    if (result == RESULT_OK)
        result = ledger_journal_files_open(&rebuild->journal, &place, epoch, why);
    if (result == RESULT_OK)
        rebuild->partition = partition_new(&config);
    return result;
}

enum result rebuild_begin(struct rebuild **out, struct books *books, const struct rebuild_config *config,
                          struct failure *why) {
    struct books_begun begun;
    *out = NULL;
    if (!books_begun(books, &begun) || config->partition >= begun.partitions)
        return fail(why, RESULT_INVALID, "PARTITION_UNKNOWN",
                    "There is no partition %" PRIu32 ": this state has %" PRIu32 ", from 0 on.",
                    config->partition, begun.partitions);
    struct rebuild *rebuild = calloc(1, sizeof *rebuild);
    require(rebuild, "out of memory for a partition to be counted anew");
    rebuild->books = books;
    rebuild->config = *config;
    enum result result = read_acts(rebuild, why);
    if (result == RESULT_OK)
        result = open_anew(rebuild, &begun, why);
    if (result == RESULT_OK)
        *out = rebuild;
    else
        rebuild_destroy(&rebuild);
    return result;
}

void rebuild_destroy(struct rebuild **rebuild) {
    if (!*rebuild)
        return;
    partition_destroy(&(*rebuild)->partition);
    if ((*rebuild)->journal)
        (*rebuild)->journal->operations->close(&(*rebuild)->journal);
    for (size_t i = 0; i < (*rebuild)->count; i++)
        free((*rebuild)->acts[i].tariff);
    free((*rebuild)->acts);
    free(*rebuild);
    *rebuild = NULL;
}

uint64_t rebuild_until(const struct rebuild *rebuild) {
    return rebuild->done < rebuild->count ? rebuild->acts[rebuild->done].offset : 0;
}

static enum result commit(struct rebuild *rebuild, struct failure *why) {
    struct ledger_entry entry;
    enum result result = RESULT_OK;
    while (result == RESULT_OK && partition_take(rebuild->partition, rebuild->config.time_ms, &entry)) {
        result = rebuild->journal->operations->append(rebuild->journal, &entry, why);
        if (result == RESULT_OK)
            partition_committed(rebuild->partition, &entry);
    }
    return result;
}

enum result rebuild_record(void *context, const struct batch_header *batch, const struct record *record,
                           struct failure *why) {
    struct rebuild *rebuild = context;
    (void)batch;
    enum result result = partition_step(rebuild->partition, record, why);
    if (result == RESULT_OK && partition_waiting(rebuild->partition) >= COMMIT_CHARGES)
        result = commit(rebuild, why);
    return result;
}

static enum result compare(const struct rebuild *rebuild, const struct act *act,
                           const struct ledger_sums *sums, struct failure *why) {
    struct invoice_partition now = {0};
    char month[CALENDAR_TEXT];
    invoice_partition_total(sums, &now);
    bool same = memcmp(now.amount_rupiah, act->frozen.amount_rupiah, sizeof now.amount_rupiah) == 0 &&
                memcmp(now.people, act->frozen.people, sizeof now.people) == 0;
    calendar_format_month(act->month, month);
    if (same)
        return RESULT_OK;
    return fail(why, RESULT_CORRUPT, "REBUILD_DIFFERS",
                "Partition %" PRIu32 " counted anew gives other totals for %s than its invoice has: bring "
                "its directory back from a copy, and run `cakupan verify`.",
                rebuild->config.partition, month);
}

static enum result repeat(struct rebuild *rebuild, struct act *act, struct failure *why) {
    bool closes = act->month != MONTH_NONE;
    struct partition_order order = {.act = closes ? PARTITION_CLOSE : PARTITION_RETARIFF,
                                    .offset = act->offset,
                                    .month = act->month,
                                    .tariff = act->tariff};
    struct ledger_sums *sums = calloc(1, sizeof *sums);
    require(sums, "out of memory for sums");
    enum result result = partition_act(rebuild->partition, &order, rebuild->config.time_ms, sums, why);
    if (result == RESULT_OK && closes)
        result = compare(rebuild, act, sums, why);
    free(sums);
    if (result == RESULT_OK)
        result = commit(rebuild, why);
    act->frozen.sequence = partition_sequence(rebuild->partition);
    memcpy(act->frozen.hash, partition_hash(rebuild->partition), JOURNAL_HASH_SIZE);
    return result;
}

enum result rebuild_settled(struct rebuild *rebuild, uint64_t offset, struct failure *why) {
    enum result result = RESULT_OK;
    while (result == RESULT_OK && rebuild->done < rebuild->count && rebuild_until(rebuild) <= offset) {
        result = partition_settle(rebuild->partition, rebuild_until(rebuild), why);
        if (result == RESULT_OK)
            result = repeat(rebuild, &rebuild->acts[rebuild->done++], why);
    }
    return result;
}

enum result rebuild_end(struct rebuild *rebuild, struct failure *why) {
    struct decision *decisions = calloc(rebuild->count + 1, sizeof *decisions);
    size_t count = 0;
    require(decisions && rebuild->done == rebuild->count, "a rebuild ends when everything is done again");
    for (size_t i = 0; i < rebuild->count; i++) {
        const struct act *act = &rebuild->acts[i];
        if (act->month == MONTH_NONE)
            continue;
        struct decision *decision = &decisions[count++];
        *decision = (struct decision){.kind = DECISION_REBUILT,
                                      .time_ms = rebuild->config.time_ms,
                                      .day = rebuild->config.today,
                                      .month = act->month,
                                      .offset = act->offset,
                                      .partition = rebuild->config.partition,
                                      .entry = act->frozen.sequence};
        memcpy(decision->invoice_hash, act->frozen.hash, JOURNAL_HASH_SIZE);
    }
    enum result result = count ? books_decide(rebuild->books, decisions, count, why) : RESULT_OK;
    free(decisions);
    return result;
}
