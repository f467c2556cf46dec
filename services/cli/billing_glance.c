/* billing_glance.c - billing in one line (billing_glance.h). */
#include "billing_glance.h"

#include "billing_client.h"
#include "wire/wire_billing.h"

#include <stdio.h>

static void glance_fill(const Cakupan__BillingStatus *status, struct billing_glance *out) {
    *out = (struct billing_glance){.offset = status->head,
                                   .workers = (uint32_t)status->n_workers,
                                   .partitions = (uint32_t)status->n_partitions,
                                   .failures = (uint32_t)status->n_failures,
                                   .open_month = wire_month(status->open_month)};
    if (status->n_failures > 0)
        snprintf(out->failure, sizeof out->failure, "%s [%s]", status->failures[0]->sentence,
                 status->failures[0]->code);
    for (size_t i = 0; i < status->n_partitions; i++) {
        const Cakupan__PartitionStatus *partition = status->partitions[i];
        out->ready += partition->ready;
        if (partition->position < out->offset)
            out->offset = partition->position;
    }
}

enum result billing_glance(const char *state, struct billing_glance *out, struct failure *why) {
    Cakupan__BillingStatusRequest status = CAKUPAN__BILLING_STATUS_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    const Cakupan__BillingReply *reply;
    struct billing_client *client;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_STATUS;
    request.status = &status;
    enum result result = billing_open(&client, state, false, why);
    if (result == RESULT_OK)
        result = billing_ask(client, &request, 0, &reply, why);
    if (result == RESULT_OK && !reply->status)
        result = fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED", "Billing's answer holds no status.");
    if (result == RESULT_OK)
        glance_fill(reply->status, out);
    billing_close(&client);
    return result;
}

void billing_glance_text(const struct billing_glance *glance, char *out, size_t size) {
    char month[CALENDAR_TEXT] = "-", failures[80] = "";
    if (glance->open_month != MONTH_NONE)
        calendar_format_month(glance->open_month, month);
    if (glance->failures)
        snprintf(failures, sizeof failures, "; %u FAILURES PARKED, see `cakupan billing status`",
                 glance->failures);
    snprintf(out, size, "%u worker%s, %u of %u partitions ready, open month %s%s", glance->workers,
             glance->workers == 1 ? "" : "s", glance->ready, glance->partitions, month, failures);
}
