/* bill_audit.c - `cakupan bill audit`: what auditors would find in a month's roster, before they do. */
#include "commands.h"

#include "bill_audit_run.h"
#include "bill_command.h"
#include "terminal.h"
#include "totals_print.h"

enum { LIST_DEFAULT = 10, LIST_MAX = 1000 };

struct audit_options {
    const char *state, *out;
    uint64_t list, limit;
    bool json, finance;
};

static void result_print(const struct bill_audit *audit, const struct audit_options *options) {
    if (options->json) {
        json_print(stdout, bill_audit_json(audit, options->limit), false);
        return;
    }
    bill_audit_print(audit, options->list, stdout, terminal_colours(stdout));
    if (options->out)
        printf("Written: %s\n", options->out);
}

static int run(const struct command *command, int argc, char **argv) {
    static struct bill_audit audit;
    struct audit_options options = {.state = STATE_DEFAULT, .list = LIST_DEFAULT, .limit = UINT64_MAX};
    const char *values[argc];
    const struct option_row rows[] = {
        {"list", OPTION_NUMBER, &options.list, "N", "show N people of each finding, masked (default 10)", 0,
         LIST_MAX},
        {"out", OPTION_TEXT, &options.out, "FILE", "write every finding as CSV", 0, 0},
        {"finance", OPTION_FLAG, &options.finance, NULL, "as the finance office: NIKs whole in the file", 0,
         0},
        {"json", OPTION_FLAG, &options.json, NULL, "JSON for programs, every finding", 0, 0},
        {"limit", OPTION_NUMBER, &options.limit, "N", "with --json: at most N findings; counts are of all", 1,
         UINT32_MAX},
        OPTION_STATE(&options.state),
        {0}};
    struct failure why;
    options_read(command, rows, argc, argv, values);
    month_t month = bill_month_argument(command, values[0]);
    enum result result = bill_audit_run(&audit, options.state, month, options.finance, &why);
    if (result == RESULT_OK && options.out)
        result = bill_audit_write(&audit, options.out, options.finance, &why);
    if (result == RESULT_OK)
        result_print(&audit, &options);
    bool clean = audit.count == 0;
    bill_audit_free(&audit);
    if (result != RESULT_OK)
        return bill_failed(command, &why);
    return clean ? EXIT_FINE : EXIT_REFUSED;
}

const struct command command_bill_audit = {
    .name = "bill audit",
    .arguments = "MONTH",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .summary = "what auditors would find in the month's roster",
    .details =
        "Charged twice, deceased, moved out, also a wage worker, a NIK that can't be, a temporary id for "
        "too\n"
        "long, vulnerable without an approver, laid off without a proof or in dispute. Lists, never blocks:\n"
        "`bill close` runs it, too. Of a closed month the frozen roster is judged by what is known today.\n",
    .examples = "cakupan bill audit 2026-12\n"
                "cakupan bill audit 2026-12 --out findings.csv --finance\n"
                "cakupan bill audit 2026-12 --json | jq .counts",
    .exit_codes =
        "0  nothing found\n1  findings to look at, or billing says no\n2  the command line is wrong\n"
        "3  billing or the journal can't be read",
    .run = run,
};
