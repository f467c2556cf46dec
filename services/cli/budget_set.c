/* budget_set.c - `cakupan budget set`: the year's ceiling (pagu) per budget line. */
#include "commands.h"

#include "bill_command.h"
#include "budget_command.h"
#include "totals_print.h"

static enum result set(struct billing_client *client, uint32_t year, const int64_t ceilings[PAYER_COUNT],
                       const char *author, struct failure *why) {
    Cakupan__BudgetSetRequest budget = CAKUPAN__BUDGET_SET_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    const Cakupan__BillingReply *reply;
    budget.year = year;
    budget.ceiling_rupiah = (int64_t *)(uintptr_t)ceilings;
    budget.n_ceiling_rupiah = PAYER_COUNT;
    request.author = (char *)author;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_BUDGET_SET;
    request.budget_set = &budget;
    return billing_ask(client, &request, BILLING_PATIENCE_MS, &reply, why);
}

/* The whole budget, as `budget show --json` has it. */
static enum result json_show(struct billing_client *client, uint32_t year, struct failure *why) {
    static const struct budget_what_if as_it_is = {0};
    const Cakupan__BudgetReply *budget;
    enum result result = budget_ask(client, year, &as_it_is, &budget, why);
    if (result == RESULT_OK)
        json_print(stdout, budget_json(budget), false);
    return result;
}

static int run(const struct command *command, int argc, char **argv) {
    const char *state = STATE_DEFAULT, *author = bill_author_default(), *values[argc];
    uint64_t iuran = 0, bantuan = 0;
    bool json = false;
    const struct option_row rows[] = {
        {"iuran", OPTION_NUMBER, &iuran, "RUPIAH", "ceiling of the line iuran", 1, RUPIAH_MAX},
        {"bantuan", OPTION_NUMBER, &bantuan, "RUPIAH", "ceiling of the line bantuan iuran", 1, RUPIAH_MAX},
        OPTION_AUTHOR(&author),
        {"json", OPTION_FLAG, &json, NULL, "JSON for programs: the budget as `budget show` has it", 0, 0},
        OPTION_STATE(&state),
        {0}};
    struct failure why;
    options_read(command, rows, argc, argv, values);
    if (!iuran || !bantuan) {
        fail(&why, RESULT_INVALID, "ARGUMENT_MISSING", "`cakupan budget set` needs --iuran and --bantuan.");
        return report_failure(command->name, &why, EXIT_USAGE);
    }
    const int64_t ceilings[PAYER_COUNT] = {
        [PAYER_CITY_IURAN] = (int64_t)iuran, [PAYER_CITY_BANTUAN] = (int64_t)bantuan};
    uint32_t year = budget_year_argument(command, values[0]);
    struct billing_client *client;
    enum result result = billing_open(&client, state, false, &why);
    if (result == RESULT_OK)
        result = set(client, year, ceilings, author, &why);
    if (result == RESULT_OK && json)
        result = json_show(client, year, &why);
    billing_close(&client);
    if (result != RESULT_OK)
        return bill_failed(command, &why);
    if (json)
        return EXIT_FINE;
    char first[RUPIAH_TEXT], second[RUPIAH_TEXT];
    printf("The budget of %u: iuran %s, bantuan iuran %s.\n", year, format_rupiah((int64_t)iuran, first),
           format_rupiah((int64_t)bantuan, second));
    return EXIT_FINE;
}

const struct command command_budget_set = {
    .name = "budget set",
    .arguments = "YEAR",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .summary = "set the year's ceiling (pagu) per budget line",
    .details = "A later one replaces an earlier one; both stay in the trail.\n",
    .examples = "cakupan budget set 2027 --iuran 165000000000 --bantuan 13500000000",
    .exit_codes = "0  set\n1  billing says no\n2  the command line is wrong\n3  billing can't be asked",
    .run = run,
};
