/* billing_status.c - tests of `cakupan billing status` for people (services/cli/billing_status.h). */
#include "cli/billing_status.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *printed(const Cakupan__BillingStatus *status) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    billing_status_print(status, out, false);
    fclose(out);
    return text;
}

/* The line that names a worker, to its end. */
static void line_of(const char *text, const char *name, char out[160]) {
    const char *at = strstr(text, name);
    cr_assert_not_null(at, "%s is not in:\n%s", name, text);
    snprintf(out, 160, "%.*s", (int)strcspn(at, "\n"), at);
}

Test(billing_status, a_silent_feed_is_told) {
    Cakupan__BillingStatus status = CAKUPAN__BILLING_STATUS__INIT;
    char *text = printed(&status);
    cr_assert_null(strstr(text, "silent"), "%s", text);
    free(text);
    status.feed_silent_ms = 4999;
    cr_assert_not(billing_feed_is_silent(&status));
    status.feed_silent_ms = 75000;
    text = printed(&status);
    cr_assert_not_null(strstr(text, "feed has been silent for 1 min"), "%s", text);
    free(text);
}

Test(billing_status, a_worker_that_has_not_spoken_has_no_pid) {
    Cakupan__WorkerStatus quiet = CAKUPAN__WORKER_STATUS__INIT, spoken = CAKUPAN__WORKER_STATUS__INIT;
    Cakupan__WorkerStatus *workers[] = {&quiet, &spoken};
    Cakupan__BillingStatus status = CAKUPAN__BILLING_STATUS__INIT;
    char line[160];
    quiet.number = 1;
    quiet.name = (char *)"billing-worker-1";
    quiet.local = spoken.local = true;
    spoken.number = 2;
    spoken.name = (char *)"billing-worker-2";
    spoken.pid = 4711;
    spoken.resident_bytes = 5u << 20;
    status.n_workers = 2;
    status.workers = workers;
    char *text = printed(&status);
    line_of(text, "billing-worker-1", line);
    char pid[8], memory[16];
    cr_assert_eq(sscanf(line, "billing-worker-1 %7s ours %*u %*s s ago %15s", pid, memory), 2, "%s", line);
    cr_assert_str_eq(pid, "-");
    cr_assert_str_eq(memory, "-");
    line_of(text, "billing-worker-2", line);
    cr_assert_not_null(strstr(line, "4711"), "%s", line);
    free(text);
}
