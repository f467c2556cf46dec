/* command_budget.c - `cakupan budget`: the year's ceiling per budget line, and whether it lasts. */
#include "commands.h"

#include "subcommands.h"

static const struct command *const actions[] = {&command_budget_set, &command_budget_show, NULL};

static int run(const struct command *command, int argc, char **argv) {
    return subcommands_run(command, actions, argc, argv);
}

const struct command command_budget = {
    .name = "budget",
    .arguments = "ACTION",
    .summary = "the year's ceiling per budget line, and whether it lasts",
    .details = "The city pays from two lines: iuran and bantuan iuran.\n",
    .examples = "",
    .exit_codes = "",
    .run = run,
};
