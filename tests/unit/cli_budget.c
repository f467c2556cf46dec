/* cli_budget.c - tests of what the commands of billing read from their line: --what-if, and families of
 * actions. */
#include "cli/budget_what_if.h"
#include "cli/subcommands.h"

#include <criterion/criterion.h>
#include <string.h>

static struct budget_what_if what_if;
static struct failure why;

static enum result read_text(const char *text) {
    return budget_what_if_read(text, &what_if, &why);
}

Test(cli_budget, either_or_both) {
    cr_assert_eq(read_text("layoffs=5000"), RESULT_OK);
    cr_assert_eq(what_if.layoffs, 5000);
    cr_assert_str_eq(what_if.tariff, "");
    cr_assert_eq(read_text("tariff=a/b.json"), RESULT_OK);
    cr_assert_str_eq(what_if.tariff, "a/b.json");
    cr_assert_eq(what_if.layoffs, 0);
    cr_assert_eq(read_text("tariff=x.json,layoffs=7"), RESULT_OK);
    cr_assert_eq(what_if.layoffs, 7);
    cr_assert_str_eq(what_if.tariff, "x.json");
}

Test(cli_budget, what_is_none) {
    static const char *const texts[] = {
        "",           ",",         "layoffs=",    "layoffs=-1",
        "layoffs=1x", "tariff=",   "lay=5",       "layoffs",
        "layoffs=0",  "5",         "layoffs= 5",  "layoffs=100000001",
        "tariff",     "Layoffs=5", "layoffs=1e3", "layoffs=99999999999999999999"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        cr_assert_eq(read_text(texts[i]), RESULT_INVALID, "'%s'", texts[i]);
        cr_assert_str_eq(why.code, "OPTION_VALUE");
    }
}

Test(cli_budget, too_long_a_text) {
    char text[2000];
    memset(text, 'a', sizeof text);
    memcpy(text, "tariff=", 7);
    text[sizeof text - 1] = '\0';
    cr_assert_eq(read_text(text), RESULT_INVALID);
}

static int ran;
static int run_one(const struct command *command, int argc, char **argv) {
    cr_assert_str_eq(command->name, "family one");
    cr_assert_eq(argc, 2);
    cr_assert_str_eq(argv[1], "--json");
    ran++;
    return 7;
}
static const struct command one = {.name = "family one", .summary = "does one thing", .run = run_one};
static const struct command family = {.name = "family", .summary = "does things", .details = ""};
static const struct command *const actions[] = {&one, NULL};

static int act(const char *first, const char *second) {
    char *line[] = {(char *)"family", (char *)first, (char *)second, NULL};
    return subcommands_run(&family, actions, 1 + (first != NULL) + (second != NULL), line);
}

Test(cli_budget, a_family_runs_the_action_that_is_named) {
    cr_assert_eq(act("one", "--json"), 7);
    cr_assert_eq(ran, 1);
}

Test(cli_budget, an_action_that_there_is_not) {
    cr_assert_eq(act("on", NULL), EXIT_USAGE);
    cr_assert_eq(act("ones", NULL), EXIT_USAGE);
    cr_assert_eq(act(NULL, NULL), EXIT_USAGE);
    cr_assert_eq(act("--help", NULL), EXIT_FINE);
    cr_assert_eq(ran, 0);
}
