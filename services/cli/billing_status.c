/* billing_status.c - `cakupan billing status`: workers, partitions, lag, and failures that wait for a
 * person. */
#include "commands.h"

#include "bill_command.h"
#include "billing_status.h"
#include "terminal.h"
#include "totals_print.h"
#include "wire/wire_billing.h"

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
            list,
            json_pack("{s:I, s:I, s:I, s:I, s:I, s:b, s:I, s:s, s:s, s:I}", "partition",
                      (json_int_t)partition->partition, "worker", (json_int_t)partition->worker, "epoch",
                      (json_int_t)partition->epoch, "offset", (json_int_t)partition->position, "lag",
                      (json_int_t)billing_behind(status, partition->position), "ready", partition->ready,
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
        "s:o, s:I}",
        "version", status->version, "pid", (json_int_t)status->pid, "head", (json_int_t)status->head,
        "first_month", first, "open_month", open, "lag_records", (json_int_t)status->lag_records, "lag_ms",
        (json_int_t)status->lag_ms, "desired_workers", (json_int_t)status->desired_workers, "automatic",
        status->automatic, "takeovers", (json_int_t)status->takeovers, "takeover_last_ms",
        (json_int_t)status->takeover_last_ms, "zombies_refused", (json_int_t)status->zombies_refused,
        "decisions", (json_int_t)status->decisions, "tariff_differs", status->tariff_differs, "code",
        status->code, "sentence", status->sentence, "since_ms", (json_int_t)status->since_ms, "workers",
        workers_json(status), "partitions", partitions_json(status), "failures", failures_json(status),
        "feed_silent_ms", (json_int_t)status->feed_silent_ms);
}

/* Everything counted that is known of, nobody stuck and nothing parked. */
static bool is_well(const Cakupan__BillingStatus *status) {
    bool well = status->n_failures == 0 && !billing_is_stuck(status) && !billing_feed_is_silent(status) &&
                status->n_partitions > 0;
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
        billing_status_print(reply->status, stdout, terminal_colours(stdout));
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
