/* command_bill.c - `cakupan bill`: what the city owes, month by month. */
#include "commands.h"

#include "subcommands.h"

static const struct command *const actions[] = {&command_bill_list,     &command_bill_preview,
                                                &command_bill_close,    &command_bill_show,
                                                &command_bill_roster,   &command_bill_minutes,
                                                &command_bill_audit,    &command_bill_reconcile,
                                                &command_bill_retariff, NULL};

static int run(const struct command *command, int argc, char **argv) {
    return subcommands_run(command, actions, argc, argv);
}

const struct command command_bill = {
    .name = "bill",
    .arguments = "ACTION",
    .summary = "preview, close and prove a month's bill",
    .details = "What the city owes for whom and why. Months are written as 2026-12.\n",
    .examples = "",
    .exit_codes = "",
    .run = run,
};
