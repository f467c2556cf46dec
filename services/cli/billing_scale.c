/* billing_scale.c - `cakupan billing scale` and `billing settle`: what an operator decides about billing. */
#include "commands.h"

#include "bill_command.h"
#include "cakupan/lease.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A whole number from 1 to `most` as the argument says; 0 where it is none. */
static uint64_t number_argument(const char *text, uint64_t most) {
    char *end = NULL;
    errno = 0;
    unsigned long long number = text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;
    return end && *end == '\0' && errno == 0 && number <= most ? number : 0;
}

static int decide(const struct command *command, const char *state, const char *author,
                  Cakupan__BillingRequest *request) {
    struct billing_client *client;
    const Cakupan__BillingReply *reply;
    struct failure why;
    request->author = (char *)author;
    enum result result = billing_open(&client, state, false, &why);
    if (result == RESULT_OK)
        result = billing_ask(client, request, BILLING_PATIENCE_MS, &reply, &why);
    billing_close(&client);
    return result == RESULT_OK ? EXIT_FINE : bill_failed(command, &why);
}

static int run_scale(const struct command *command, int argc, char **argv) {
    const char *state = STATE_DEFAULT, *author = bill_author_default(), *values[argc];
    const struct option_row rows[] = {OPTION_AUTHOR(&author), OPTION_STATE(&state), {0}};
    options_read(command, rows, argc, argv, values);
    bool automatic = strcmp(values[0], "auto") == 0;
    uint64_t workers = automatic ? 0 : number_argument(values[0], LEASE_WORKERS_MAX);
    if (!automatic && !workers) {
        struct failure why;
        fail(&why, RESULT_INVALID, "WORKERS_RANGE", "'%.40s' is no number of workers: 1 to %u, or auto.",
             values[0], LEASE_WORKERS_MAX);
        return report_failure(command->name, &why, EXIT_USAGE);
    }
    Cakupan__ScaleRequest scale = CAKUPAN__SCALE_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    scale.workers = (uint32_t)workers;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_SCALE;
    request.scale = &scale;
    int code = decide(command, state, author, &request);
    if (code == EXIT_FINE && automatic)
        printf("As many workers as the lag asks for, from now on.\n");
    else if (code == EXIT_FINE)
        printf("%u workers from now on; `cakupan billing status` shows them come and go.\n", scale.workers);
    return code;
}

static int run_settle(const struct command *command, int argc, char **argv) {
    const char *state = STATE_DEFAULT, *author = bill_author_default(), *values[argc];
    const struct option_row rows[] = {OPTION_AUTHOR(&author), OPTION_STATE(&state), {0}};
    options_read(command, rows, argc, argv, values);
    Cakupan__SettleRequest settle = CAKUPAN__SETTLE_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    settle.failure_id = number_argument(values[0], INT64_MAX);
    if (!settle.failure_id) {
        struct failure why;
        fail(&why, RESULT_INVALID, "FAILURE_UNKNOWN",
             "'%.40s' is no failure's id; `cakupan billing status` lists them.", values[0]);
        return report_failure(command->name, &why, EXIT_USAGE);
    }
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_SETTLE;
    request.settle = &settle;
    int code = decide(command, state, author, &request);
    if (code == EXIT_FINE)
        printf("Settled: what failed is tried again.\n");
    return code;
}

const struct command command_billing_scale = {
    .name = "billing scale",
    .arguments = "N|auto",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .summary = "set the number of workers, or leave it to the lag",
    .details = "Partitions move by themselves; nobody is charged twice or missed. `auto`: between the least "
               "and the\n"
               "most that billing was started with, more while the lag stays high, fewer a minute after it "
               "is gone.\n",
    .examples = "cakupan billing scale 4\ncakupan billing scale auto",
    .exit_codes = "0  decided\n1  billing says no\n2  the command line is wrong\n3  billing can't be asked",
    .run = run_scale,
};

const struct command command_billing_settle = {
    .name = "billing settle",
    .arguments = "ID",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .summary = "a parked failure is dealt with: try again",
    .details = "",
    .examples = "cakupan billing settle 3",
    .exit_codes =
        "0  settled\n1  there is no such failure\n2  the command line is wrong\n3  billing can't be asked",
    .run = run_settle,
};
