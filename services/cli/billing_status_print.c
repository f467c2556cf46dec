/* billing_status_print.c - how billing is, as tables (billing_status.h). */
#include "billing_status.h"

#include "table.h"
#include "view/format.h"
#include "wire/wire_billing.h"

#include <inttypes.h>

#define FEED_SILENCE_MS 5000

uint64_t billing_behind(const Cakupan__BillingStatus *status, uint64_t position) {
    return status->head > position ? status->head - position : 0;
}

bool billing_feed_is_silent(const Cakupan__BillingStatus *status) {
    return status->feed_silent_ms >= FEED_SILENCE_MS;
}

bool billing_is_stuck(const Cakupan__BillingStatus *status) {
    bool stuck = status->code[0] != '\0';
    for (size_t i = 0; i < status->n_partitions; i++)
        stuck = stuck || status->partitions[i]->code[0];
    return stuck;
}

static void head_print(const Cakupan__BillingStatus *status, FILE *out) {
    char month[CALENDAR_TEXT] = "-", head[FORMAT_TEXT], lag[FORMAT_TEXT], age[FORMAT_TEXT], up[FORMAT_TEXT];
    uint64_t ready = 0;
    for (size_t i = 0; i < status->n_partitions; i++)
        ready += status->partitions[i]->ready;
    if (status->open_month)
        calendar_format_month(wire_month(status->open_month), month);
    fprintf(out, "Billing %s, pid %u, up %s; open month %s.\n", status->version, status->pid,
            format_duration((int64_t)status->uptime_ms, up), month);
    fprintf(out, "Head %s; lag %s records, %s. %" PRIu64 " of %zu partitions are ready.\n",
            format_count(status->head, head), format_count(status->lag_records, lag),
            format_duration((int64_t)status->lag_ms, age), ready, status->n_partitions);
    if (billing_feed_is_silent(status))
        fprintf(out,
                "Enrollment's feed has been silent for %s: the head may be further, and the lag more. See "
                "`cakupan status`.\n",
                format_duration((int64_t)status->feed_silent_ms, age));
    fprintf(out, "Workers: %zu, wanted %u (%s).", status->n_workers, status->desired_workers,
            status->automatic ? "automatic, by lag" : "as set by `billing scale`");
    if (status->takeovers)
        fprintf(out, " Take-overs: %" PRIu64 ", the last in %u ms.", status->takeovers,
                status->takeover_last_ms);
    if (status->zombies_refused)
        fprintf(out, " Late reports of lost leases, refused: %" PRIu64 ".", status->zombies_refused);
    fputc('\n', out);
    if (status->barrier) {
        calendar_format_month(wire_month(status->barrier_month), month);
        fprintf(out, "Being closed or previewed: %s, %u of %zu partitions have answered.\n", month,
                status->barrier_answers, status->n_partitions);
    }
    if (status->tariff_differs)
        fprintf(out, "tariff.json is not the tariff in force: `cakupan bill retariff` takes it over.\n");
}

static void workers_print(const Cakupan__BillingStatus *status, FILE *out, bool colour) {
    static const struct table_column columns[] = {{"Worker", TABLE_RIGHT},     {"Name", TABLE_LEFT},
                                                  {"Pid", TABLE_RIGHT},        {"", TABLE_LEFT},
                                                  {"Partitions", TABLE_RIGHT}, {"Heard", TABLE_RIGHT},
                                                  {"Memory", TABLE_RIGHT},     {"Records", TABLE_RIGHT}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < status->n_workers; i++) {
        const Cakupan__WorkerStatus *worker = status->workers[i];
        char heard[FORMAT_TEXT], memory[FORMAT_TEXT];
        table_text(table, "%u", worker->number);
        table_text(table, "%s", worker->name);
        table_text(table, worker->pid ? "%u" : "-", worker->pid); /* it has not spoken yet */
        table_text(table, "%s", worker->local ? "ours" : "outside");
        table_text(table, "%u", worker->partitions);
        table_text(table, "%s ago", format_duration((int64_t)worker->heard_ms_ago, heard));
        table_text(table, "%s", worker->pid ? format_bytes(worker->resident_bytes, memory) : "-");
        table_count(table, worker->records);
    }
    fputc('\n', out);
    table_print(table, out, colour);
    table_destroy(&table);
}

static void partitions_print(const Cakupan__BillingStatus *status, FILE *out, bool colour) {
    static const struct table_column columns[] = {
        {"Partition", TABLE_RIGHT}, {"Worker", TABLE_RIGHT}, {"", TABLE_LEFT},        {"Epoch", TABLE_RIGHT},
        {"Offset", TABLE_RIGHT},    {"Lag", TABLE_RIGHT},    {"Members", TABLE_RIGHT}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < status->n_partitions; i++) {
        const Cakupan__PartitionStatus *partition = status->partitions[i];
        table_text(table, "%u", partition->partition);
        table_text(table, partition->worker ? "%u" : "-", partition->worker);
        table_text(table, "%s",
                   partition->code[0]  ? "CAN'T GO ON"
                   : partition->ready  ? "ready"
                   : partition->worker ? "is being read"
                                       : "NOBODY'S");
        table_count(table, partition->epoch);
        table_count(table, partition->position);
        table_count(table, billing_behind(status, partition->position));
        table_count(table, partition->members);
    }
    fputc('\n', out);
    table_print(table, out, colour);
    table_destroy(&table);
}

static void stuck_row(struct table *table, const char *who, int64_t since_ms, const char *sentence,
                      const char *code) {
    char since[FORMAT_TEXT];
    table_text(table, "%s", who);
    table_text(table, "%s", format_instant(since_ms, since));
    table_text(table, "%s [%s]", sentence, code);
}

/* Also what could not be parked, because there is no room for that either. */
static void stuck_print(const Cakupan__BillingStatus *status, FILE *out, bool colour) {
    static const struct table_column columns[] = {
        {"Who", TABLE_LEFT}, {"Since", TABLE_LEFT}, {"Why", TABLE_LEFT}};
    if (!billing_is_stuck(status))
        return;
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    if (status->code[0])
        stuck_row(table, "coordinator", status->since_ms, status->sentence, status->code);
    for (size_t i = 0; i < status->n_partitions; i++) {
        const Cakupan__PartitionStatus *partition = status->partitions[i];
        char who[32];
        snprintf(who, sizeof who, "partition %u", partition->partition);
        if (partition->code[0])
            stuck_row(table, who, partition->since_ms, partition->sentence, partition->code);
    }
    fprintf(out, "\nCAN'T GO ON until this is over:\n");
    table_print(table, out, colour);
    table_destroy(&table);
}

static void failures_print(const Cakupan__BillingStatus *status, FILE *out, bool colour) {
    static const struct table_column columns[] = {
        {"Id", TABLE_RIGHT}, {"Since", TABLE_LEFT}, {"Month", TABLE_LEFT}, {"What failed", TABLE_LEFT}};
    if (!status->n_failures)
        return;
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < status->n_failures; i++) {
        const Cakupan__ParkedFailure *failure = status->failures[i];
        char since[FORMAT_TEXT], month[CALENDAR_TEXT] = "-";
        if (failure->month)
            calendar_format_month(wire_month(failure->month), month);
        table_text(table, "%" PRIu64, failure->id);
        table_text(table, "%s", format_instant(failure->time_ms, since));
        table_text(table, "%s", month);
        table_text(table, "%s [%s]", failure->sentence, failure->code);
    }
    fprintf(out, "\nPARKED, waiting for a person (`cakupan billing settle ID` when it is dealt with):\n");
    table_print(table, out, colour);
    table_destroy(&table);
}

void billing_status_print(const Cakupan__BillingStatus *status, FILE *out, bool colour) {
    head_print(status, out);
    workers_print(status, out, colour);
    partitions_print(status, out, colour);
    stuck_print(status, out, colour);
    failures_print(status, out, colour);
}
