/* up_counted.c - `cakupan up` waits until its services have counted all that is in the journal (up.h). */
#include "up.h"

#include "control_client.h"
#include "progress.h"
#include "runtime/clock.h"
#include "totals_client.h"

#include <stdio.h>

/* Billing that is longer behind than this goes on beside a city that runs already. */
enum { BILLING_WAIT_US = 30000000, STEP_MS = 50 };

/* How far coverage is, and billing as coverage has heard of it: what `totals` will show; and whether it
 * stands still with a failure. */
struct counted {
    uint64_t head, coverage, billing;
    bool stuck;
};

static enum result look(const struct up *up, struct counted *out, struct failure *why) {
    static struct coverage_view totals; /* too big for a stack */
    Cakupan__ControlReply *status = NULL;
    enum result result = control_status(up->state, &status, why);
    if (result != RESULT_OK)
        return result;
    result = totals_now(up->state, &totals, why);
    if (result == RESULT_OK)
        *out = (struct counted){.head = status->status->head, .coverage = totals.offset};
    if (result == RESULT_OK && totals.billing.known) {
        const struct billing_summary *billing = &totals.billing.summary;
        out->billing = billing->offset;
        out->stuck = billing->failures > 0 && billing->partitions_ready < billing->partitions;
    }
    control_reply_free(&status);
    return result;
}

enum result up_counted_wait(struct up *up, struct failure *why) {
    int64_t begun_us = clock_monotonic_us();
    struct progress progress;
    struct counted counted = {0};
    for (bool begun = false;;) {
        bool heard = look(up, &counted, why) == RESULT_OK;
        int64_t now_us = clock_monotonic_us();
        bool late = now_us - begun_us > BILLING_WAIT_US;
        if (heard && !begun)
            progress_begin(&progress, stdout, "Counting the bill", "records", counted.billing, counted.head,
                           now_us);
        begun = begun || heard;
        if (heard && counted.coverage >= counted.head &&
            (counted.billing >= counted.head || counted.stuck || late)) {
            if (progress.shown)
                progress_end(&progress, counted.billing, now_us);
            return RESULT_OK;
        }
        if (begun)
            progress_show(&progress, counted.billing, now_us);
        /* a service that is being restarted answers again soon, and its deaths are said */
        if (!supervisor_step(up->supervisor, STEP_MS))
            return fail(why, RESULT_AGAIN, "STOPPED", "Stopped while the totals were being counted.");
    }
}
