/* billing_status.c - `cakupan billing status`: workers, partitions, lag, and failures that wait for a
 * person. */
#include "commands.h"

#include "bill_command.h"
#include "view/format.h"
#include "table.h"
#include "terminal.h"
#include "totals_print.h"
#include "wire/wire_billing.h"

#include <inttypes.h>

static uint64_t behind(const Cakupan__BillingStatus *status, uint64_t position) {
    return status->head > position ? status->head - position : 0;
}

/* Whether somebody can't go on: the coordinator, or a partition. */
static bool is_stuck(const Cakupan__BillingStatus *status) {
    bool stuck = status->code[0] != '\0';
    for (size_t i = 0; i < status->n_partitions; i++)
        stuck = stuck || status->partitions[i]->code[0];
    return stuck;
}

static void head_print(const Cakupan__BillingStatus *status) {
    char month[CALENDAR_TEXT] = "-", head[FORMAT_TEXT], lag[FORMAT_TEXT], age[FORMAT_TEXT], up[FORMAT_TEXT];
    uint64_t ready = 0;
    for (size_t i = 0; i < status->n_partitions; i++)
        ready += status->partitions[i]->ready;
    if (status->open_month)
        calendar_format_month(wire_month(status->open_month), month);
    printf("Billing %s, pid %u, up %s; open month %s.\n", status->version, status->pid,
           format_duration((int64_t)status->uptime_ms, up), month);
    printf("Head %s; lag %s records, %s. %" PRIu64 " of %zu partitions are ready.\n",
           format_count(status->head, head), format_count(status->lag_records, lag),
           format_duration((int64_t)status->lag_ms, age), ready, status->n_partitions);
    printf("Workers: %zu, wanted %u (%s).", status->n_workers, status->desired_workers,
           status->automatic ? "automatic, by lag" : "as set by `billing scale`");
    if (status->takeovers)
        printf(" Take-overs: %" PRIu64 ", the last in %u ms.", status->takeovers, status->takeover_last_ms);
    if (status->zombies_refused)
        printf(" Late reports of lost leases, refused: %" PRIu64 ".", status->zombies_refused);
    putchar('\n');
    if (status->barrier) {
        calendar_format_month(wire_month(status->barrier_month), month);
        printf("Being closed or previewed: %s, %u of %zu partitions have answered.\n", month,
               status->barrier_answers, status->n_partitions);
    }
    if (status->tariff_differs)
        printf("tariff.json is not the tariff in force: `cakupan bill retariff` takes it over.\n");
}

static void workers_print(const Cakupan__BillingStatus *status, bool colour) {
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
        table_text(table, "%u", worker->pid);
        table_text(table, "%s", worker->local ? "ours" : "outside");
        table_text(table, "%u", worker->partitions);
        table_text(table, "%s ago", format_duration((int64_t)worker->heard_ms_ago, heard));
        table_text(table, "%s", format_bytes(worker->resident_bytes, memory));
        table_count(table, worker->records);
    }
    putchar('\n');
    table_print(table, stdout, colour);
    table_destroy(&table);
}

static void partitions_print(const Cakupan__BillingStatus *status, bool colour) {
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
        table_count(table, behind(status, partition->position));
        table_count(table, partition->members);
    }
    putchar('\n');
    table_print(table, stdout, colour);
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
static void stuck_print(const Cakupan__BillingStatus *status, bool colour) {
    static const struct table_column columns[] = {
        {"Who", TABLE_LEFT}, {"Since", TABLE_LEFT}, {"Why", TABLE_LEFT}};
    if (!is_stuck(status))
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
    printf("\nCAN'T GO ON until this is over:\n");
    table_print(table, stdout, colour);
    table_destroy(&table);
}

static void failures_print(const Cakupan__BillingStatus *status, bool colour) {
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
    printf("\nPARKED, waiting for a person (`cakupan billing settle ID` when it is dealt with):\n");
    table_print(table, stdout, colour);
    table_destroy(&table);
}

static json_t *workers_json(const Cakupan__BillingStatus *status) {
    json_t *list = json_array();
    for (size_t i = 0; i < status->n_workers; i++) {
        const Cakupan__WorkerStatus *worker = status->workers[i];
        json_array_append_new(
            list, json_pack("{s:I, s:s, s:I, s:b, s:I, s:I, s:I, s:I}", "number", (json_int_t)worker->number,
                            "name", worker->name, "pid", (json_int_t)worker->pid, "local", worker->local,
                            "partitions", (json_int_t)worker->partitions, "heard_ms_ago",
                            (json_int_t)worker->heard_ms_ago, "resident_bytes",
                            (json_int_t)worker->resident_bytes, "records", (json_int_t)worker->records));
    }
    return list;
}

static json_t *partitions_json(const Cakupan__BillingStatus *status) {
    json_t *list = json_array();
    for (size_t i = 0; i < status->n_partitions; i++) {
        const Cakupan__PartitionStatus *partition = status->partitions[i];
        json_array_append_new(
            list, json_pack("{s:I, s:I, s:I, s:I, s:I, s:b, s:I, s:s, s:s, s:I}", "partition",
                            (json_int_t)partition->partition, "worker", (json_int_t)partition->worker,
                            "epoch", (json_int_t)partition->epoch, "offset", (json_int_t)partition->position,
                            "lag", (json_int_t)behind(status, partition->position), "ready", partition->ready,
                            "members", (json_int_t)partition->members, "code", partition->code, "sentence",
                            partition->sentence, "since_ms", (json_int_t)partition->since_ms));
    }
    return list;
}

static json_t *failures_json(const Cakupan__BillingStatus *status) {
    json_t *list = json_array();
    for (size_t i = 0; i < status->n_failures; i++) {
        const Cakupan__ParkedFailure *failure = status->failures[i];
        char month[CALENDAR_TEXT] = "";
        if (failure->month)
            calendar_format_month(wire_month(failure->month), month);
        json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:I, s:s}", "id", (json_int_t)failure->id,
                                              "code", failure->code, "sentence", failure->sentence, "time_ms",
                                              (json_int_t)failure->time_ms, "month", month));
    }
    return list;
}

static json_t *status_json(const Cakupan__BillingStatus *status) {
    char first[CALENDAR_TEXT] = "", open[CALENDAR_TEXT] = "";
    if (status->first_month)
        calendar_format_month(wire_month(status->first_month), first);
    if (status->open_month)
        calendar_format_month(wire_month(status->open_month), open);
    return json_pack(
        "{s:s, s:I, s:I, s:s, s:s, s:I, s:I, s:I, s:b, s:I, s:I, s:I, s:I, s:b, s:s, s:s, s:I, s:o, s:o, "
        "s:o}",
        "version", status->version, "pid", (json_int_t)status->pid, "head", (json_int_t)status->head,
        "first_month", first, "open_month", open, "lag_records", (json_int_t)status->lag_records, "lag_ms",
        (json_int_t)status->lag_ms, "desired_workers", (json_int_t)status->desired_workers, "automatic",
        status->automatic, "takeovers", (json_int_t)status->takeovers, "takeover_last_ms",
        (json_int_t)status->takeover_last_ms, "zombies_refused", (json_int_t)status->zombies_refused,
        "decisions", (json_int_t)status->decisions, "tariff_differs", status->tariff_differs, "code",
        status->code, "sentence", status->sentence, "since_ms", (json_int_t)status->since_ms, "workers",
        workers_json(status), "partitions", partitions_json(status), "failures", failures_json(status));
}

static void status_print(const Cakupan__BillingStatus *status) {
    bool colour = terminal_colours(stdout);
    head_print(status);
    workers_print(status, colour);
    partitions_print(status, colour);
    stuck_print(status, colour);
    failures_print(status, colour);
}

/* Everything counted, nobody stuck and nothing parked. */
static bool is_well(const Cakupan__BillingStatus *status) {
    bool well = status->n_failures == 0 && !is_stuck(status) && status->n_partitions > 0;
    for (size_t i = 0; i < status->n_partitions; i++)
        well = well && status->partitions[i]->ready;
    return well;
}

static int run(const struct command *command, int argc, char **argv) {
    const char *state = STATE_DEFAULT, *values[argc];
    bool json = false;
    const struct option_row rows[] = {
        {"json", OPTION_FLAG, &json, NULL, "JSON for programs", 0, 0}, OPTION_STATE(&state), {0}};
    options_read(command, rows, argc, argv, values);
    Cakupan__BillingStatusRequest status = CAKUPAN__BILLING_STATUS_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_STATUS;
    request.status = &status;
    struct billing_client *client;
    const Cakupan__BillingReply *reply = NULL;
    struct failure why;
    enum result result = billing_open(&client, state, false, &why);
    if (result == RESULT_OK)
        result = billing_ask(client, &request, BILLING_PATIENCE_MS, &reply, &why);
    if (result == RESULT_OK && !reply->status)
        result = fail(&why, RESULT_CORRUPT, "ANSWER_MALFORMED", "Billing's answer holds no status.");
    bool well = result == RESULT_OK && is_well(reply->status);
    if (result == RESULT_OK && json)
        json_print(stdout, status_json(reply->status), false);
    else if (result == RESULT_OK)
        status_print(reply->status);
    billing_close(&client);
    if (result != RESULT_OK)
        return bill_failed(command, &why);
    return well ? EXIT_FINE : EXIT_REFUSED;
}

const struct command command_billing_status = {
    .name = "billing status",
    .arguments = "",
    .summary = "workers, partitions, lag, parked failures",
    .details = "Lag is what the slowest partition has not counted yet, in records and as the age of the "
               "oldest one.\n",
    .examples = "cakupan billing status\ncakupan billing status --json | jq .lag_records",
    .exit_codes =
        "0  every partition is ready, nothing is parked\n1  a partition is not ready or can't go on, "
        "or a failure is parked\n"
        "2  the command line is wrong\n3  billing can't be asked",
    .run = run,
};
