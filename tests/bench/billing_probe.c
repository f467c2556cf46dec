/* billing_probe.c - asks a running city's billing, and takes the time.
 *
 * usage: billing_probe STATE PREFIX close|preview MONTH   milliseconds to the answer
 *        billing_probe STATE PREFIX status                members, workers, their memory
 *        billing_probe STATE PREFIX ready                 waits until everything is counted
 *        billing_probe STATE PREFIX takeover              kills the busiest worker; milliseconds until all of
 *                                                         its partitions are ready elsewhere
 */
#include "support/measure.h"

#include "cli/billing_client.h"
#include "wire/wire_billing.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 120000
#define WAIT_US     INT64_C(120000000)
#define PAUSE_US    2000

static struct billing_client *client;

static const Cakupan__BillingReply *ask(Cakupan__BillingRequest *request) {
    const Cakupan__BillingReply *reply;
    struct failure why;
    request->author = (char *)"benchmark";
    if (billing_ask(client, request, PATIENCE_MS, &reply, &why) != RESULT_OK)
        measure_die("%s: %s", why.code, why.sentence);
    return reply;
}

static const Cakupan__BillingStatus *ask_status(void) {
    Cakupan__BillingStatusRequest status = CAKUPAN__BILLING_STATUS_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_STATUS;
    request.status = &status;
    return ask(&request)->status;
}

static void report(const char *prefix, const char *what, double value) {
    char name[96];
    snprintf(name, sizeof name, "%s.%s", prefix, what);
    measure_report(name, value);
}

static uint32_t month_number(const char *text) {
    month_t month;
    if (!calendar_parse_month(text, strlen(text), &month))
        measure_die("'%s' is no month.", text);
    return wire_month_number(month);
}

static void measure_month(const char *prefix, const char *mode, const char *month) {
    Cakupan__CloseRequest close = CAKUPAN__CLOSE_REQUEST__INIT;
    Cakupan__PreviewRequest preview = CAKUPAN__PREVIEW_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    bool closes = strcmp(mode, "close") == 0;
    close.month = preview.month = month_number(month);
    request.ask_case = closes ? CAKUPAN__BILLING_REQUEST__ASK_CLOSE : CAKUPAN__BILLING_REQUEST__ASK_PREVIEW;
    if (closes)
        request.close = &close;
    else
        request.preview = &preview;
    int64_t start_us = measure_now_us();
    size_t size = ask(&request)->invoice.len;
    report(prefix, closes ? "close_ms" : "preview_ms", (double)(measure_now_us() - start_us) / 1000);
    if (size == 0)
        measure_die("Billing answered without an invoice.");
}

static bool all_ready(const Cakupan__BillingStatus *status) {
    size_t ready = 0;
    for (size_t i = 0; i < status->n_partitions; i++)
        ready += status->partitions[i]->ready;
    return status->n_partitions > 0 && ready == status->n_partitions && status->lag_records == 0;
}

static void wait_ready(void) {
    int64_t start_us = measure_now_us();
    while (!all_ready(ask_status())) {
        if (measure_now_us() - start_us > WAIT_US)
            measure_die("Billing is not ready after 120 s.");
        usleep(PAUSE_US);
    }
}

static void report_status(const char *prefix) {
    const Cakupan__BillingStatus *status = ask_status();
    uint64_t members = 0, bytes = 0;
    for (size_t i = 0; i < status->n_partitions; i++)
        members += status->partitions[i]->members;
    for (size_t i = 0; i < status->n_workers; i++)
        bytes += status->workers[i]->resident_bytes;
    report(prefix, "members", (double)members);
    report(prefix, "workers", (double)status->n_workers);
    report(prefix, "resident_bytes", (double)bytes);
}

/* Whether every partition that had an owner then has another one now, and is ready. */
static bool taken_over(const uint32_t before[LEDGER_PARTITIONS_MAX], uint32_t lost) {
    const Cakupan__BillingStatus *status = ask_status();
    if (!all_ready(status))
        return false;
    for (size_t i = 0; i < status->n_partitions; i++)
        if (before[i] == lost && status->partitions[i]->worker == lost)
            return false;
    return true;
}

static void measure_takeover(const char *prefix) {
    uint32_t before[LEDGER_PARTITIONS_MAX] = {0};
    const Cakupan__BillingStatus *status = ask_status();
    const Cakupan__WorkerStatus *busiest = NULL;
    for (size_t i = 0; i < status->n_workers; i++)
        if (!busiest || status->workers[i]->partitions > busiest->partitions)
            busiest = status->workers[i];
    for (size_t i = 0; i < status->n_partitions && i < LEDGER_PARTITIONS_MAX; i++)
        before[i] = status->partitions[i]->worker;
    if (!busiest || busiest->pid == 0)
        measure_die("There is no worker to kill.");
    uint32_t lost = busiest->number;
    int64_t start_us = measure_now_us();
    if (kill((pid_t)busiest->pid, SIGKILL) != 0)
        measure_die("Worker %u can't be killed.", lost);
    while (!taken_over(before, lost)) {
        if (measure_now_us() - start_us > WAIT_US)
            measure_die("Nobody has taken over after 120 s.");
        usleep(PAUSE_US);
    }
    report(prefix, "takeover_ms", (double)(measure_now_us() - start_us) / 1000);
}

int main(int argc, char **argv) {
    struct failure why;
    if (argc < 4)
        measure_die("usage: billing_probe STATE PREFIX close|preview|status|ready|takeover [MONTH]");
    if (billing_open(&client, argv[1], false, &why) != RESULT_OK)
        measure_die("%s: %s", why.code, why.sentence);
    if (strcmp(argv[3], "status") == 0)
        report_status(argv[2]);
    else if (strcmp(argv[3], "ready") == 0)
        wait_ready();
    else if (strcmp(argv[3], "takeover") == 0)
        measure_takeover(argv[2]);
    else if (argc > 4)
        measure_month(argv[2], argv[3], argv[4]);
    billing_close(&client);
    return 0;
}
