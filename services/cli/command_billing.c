/* command_billing.c - `cakupan billing`: workers and partitions of billing, and what waits for a person. */
#include "commands.h"

#include "subcommands.h"

static const struct command *const actions[] = {&command_billing_status, &command_billing_scale,
                                                &command_billing_settle, NULL};

static int run(const struct command *command, int argc, char **argv) {
    return subcommands_run(command, actions, argc, argv);
}

const struct command command_billing = {
    .name = "billing",
    .arguments = "ACTION",
    .summary = "billing's workers: who counts what, how far, how many",
    .details = "",
    .examples = "",
    .exit_codes = "",
    .run = run,
};
