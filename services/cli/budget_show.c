/* budget_show.c - `cakupan budget show`: spent, committed, forecast, and when the year's money runs out. */
#include "commands.h"

#include "bill_command.h"
#include "budget_command.h"
#include "cakupan/charge_pack.h"
#include "view/format.h"
#include "store/city_tariff.h"
#include "table.h"
#include "terminal.h"
#include "totals_print.h"
#include "wire/wire_billing.h"

#define BUDGET_BOTH 0u /* of BudgetLine.payer */

static const char *line_title(uint32_t payer) {
    return payer == BUDGET_BOTH ? "both" : bill_budget_line((enum payer)payer);
}

static int64_t line_of(const int64_t *by_payer, size_t count, enum payer payer) {
    return payer < count ? by_payer[payer] : 0;
}

static void lines_print(const Cakupan__BudgetReply *budget, bool colour) {
    static const struct table_column columns[] = {
        {"Budget line", TABLE_LEFT}, {"Ceiling", TABLE_RIGHT},  {"Spent", TABLE_RIGHT},
        {"Committed", TABLE_RIGHT},  {"Forecast", TABLE_RIGHT}, {"Left at the end", TABLE_RIGHT},
        {"Runs out", TABLE_LEFT}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < budget->n_lines; i++) {
        const Cakupan__BudgetLine *line = budget->lines[i];
        char amount[RUPIAH_TEXT], date[FORMAT_TEXT];
        int64_t needed = line->spent_rupiah + line->committed_rupiah + line->forecast_rupiah;
        bool set = line->ceiling_rupiah > 0;
        table_text(table, "%s", line_title(line->payer));
        table_text(table, "%s", set ? format_rupiah(line->ceiling_rupiah, amount) : "not set");
        table_text(table, "%s", format_rupiah(line->spent_rupiah, amount));
        table_text(table, "%s", format_rupiah(line->committed_rupiah, amount));
        table_text(table, "%s", format_rupiah(line->forecast_rupiah, amount));
        table_text(table, "%s", set ? format_rupiah(line->ceiling_rupiah - needed, amount) : "-");
        table_text(table, "%s",
                   !set                  ? "-"
                   : line->runs_out_date ? format_date(line->runs_out_date, date)
                                         : "it lasts");
        if (line->payer == BUDGET_BOTH)
            table_emphasise(table);
    }
    table_print(table, stdout, colour);
    table_destroy(&table);
}

static void months_print(const Cakupan__BudgetReply *budget, bool colour) {
    static const struct table_column columns[] = {{"Month", TABLE_LEFT},  {"", TABLE_LEFT},
                                                  {"Iuran", TABLE_RIGHT}, {"Bantuan iuran", TABLE_RIGHT},
                                                  {"Both", TABLE_RIGHT},  {"Paid", TABLE_RIGHT}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < budget->n_months; i++) {
        const Cakupan__BudgetMonth *month = budget->months[i];
        char text[CALENDAR_TEXT], amount[RUPIAH_TEXT];
        int64_t iuran = line_of(month->amount_rupiah, month->n_amount_rupiah, PAYER_CITY_IURAN);
        int64_t bantuan = line_of(month->amount_rupiah, month->n_amount_rupiah, PAYER_CITY_BANTUAN);
        int64_t paid = line_of(month->paid_rupiah, month->n_paid_rupiah, PAYER_CITY_IURAN) +
                       line_of(month->paid_rupiah, month->n_paid_rupiah, PAYER_CITY_BANTUAN);
        calendar_format_month(wire_month(month->month), text);
        table_text(table, "%s", text);
        table_text(table, "%s", month->closed ? "closed" : "forecast");
        table_text(table, "%s", format_rupiah(iuran, amount));
        table_text(table, "%s", format_rupiah(bantuan, amount));
        table_text(table, "%s", format_rupiah(iuran + bantuan, amount));
        table_text(table, "%s", paid ? format_rupiah(paid, amount) : "-");
    }
    table_print(table, stdout, colour);
    table_destroy(&table);
}

json_t *budget_json(const Cakupan__BudgetReply *budget) {
    json_t *lines = json_object(), *months = json_array();
    for (size_t i = 0; i < budget->n_lines; i++) {
        const Cakupan__BudgetLine *line = budget->lines[i];
        char month[CALENDAR_TEXT], date[FORMAT_TEXT];
        json_t *object =
            json_pack("{s:I, s:I, s:I, s:I}", "ceiling", (json_int_t)line->ceiling_rupiah, "spent",
                      (json_int_t)line->spent_rupiah, "committed", (json_int_t)line->committed_rupiah,
                      "forecast", (json_int_t)line->forecast_rupiah);
        if (line->runs_out_month)
            calendar_format_month(wire_month(line->runs_out_month), month);
        json_object_set_new(object, "runs_out_month",
                            line->runs_out_month ? json_string(month) : json_null());
        json_object_set_new(object, "runs_out_date",
                            line->runs_out_date ? json_string(format_date(line->runs_out_date, date))
                                                : json_null());
        json_object_set_new(lines, line_title(line->payer), object);
    }
    for (size_t i = 0; i < budget->n_months; i++) {
        const Cakupan__BudgetMonth *month = budget->months[i];
        char text[CALENDAR_TEXT];
        calendar_format_month(wire_month(month->month), text);
        json_array_append_new(
            months,
            json_pack("{s:s, s:b, s:I, s:I}", "month", text, "closed", month->closed, "iuran",
                      (json_int_t)line_of(month->amount_rupiah, month->n_amount_rupiah, PAYER_CITY_IURAN),
                      "bantuan iuran",
                      (json_int_t)line_of(month->amount_rupiah, month->n_amount_rupiah, PAYER_CITY_BANTUAN)));
    }
    return json_pack("{s:i, s:I, s:o, s:o}", "year", (int)budget->year, "as_of_offset",
                     (json_int_t)budget->as_of_offset, "lines", lines, "months", months);
}

enum result budget_ask(struct billing_client *client, uint32_t year, const struct budget_what_if *what_if,
                       const Cakupan__BudgetReply **budget, struct failure *why) {
    static struct tariff tariff;
    static uint8_t packed[TARIFF_PACKED_MAX];
    Cakupan__BudgetRequest ask = CAKUPAN__BUDGET_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    const Cakupan__BillingReply *reply;
    ask.year = year;
    ask.what_if_layoffs = what_if->layoffs;
    enum result result = RESULT_OK;
    if (what_if->tariff[0]) {
        result = tariff_load_file(&tariff, what_if->tariff, why);
        ask.what_if_tariff = (ProtobufCBinaryData){tariff_pack(&tariff, packed), packed};
    }
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_BUDGET;
    request.budget = &ask;
    if (result == RESULT_OK)
        result = billing_ask(client, &request, BILLING_PATIENCE_MS, &reply, why);
    if (result == RESULT_OK && !reply->budget)
        return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED", "Billing's answer holds no budget.");
    if (result == RESULT_OK)
        *budget = reply->budget;
    return result;
}

static void budget_print(const Cakupan__BudgetReply *budget, const struct budget_what_if *what_if,
                         bool json) {
    if (json) {
        json_print(stdout, budget_json(budget), false);
        return;
    }
    bool colour = terminal_colours(stdout);
    char offset[FORMAT_TEXT], layoffs[FORMAT_TEXT];
    printf("Budget of %u as of offset %s", budget->year, format_count(budget->as_of_offset, offset));
    if (what_if->tariff[0])
        printf(", if the tariff were %s", what_if->tariff);
    if (what_if->layoffs)
        printf(", with %s more city-paid people from the month after the open one on",
               format_count(what_if->layoffs, layoffs));
    printf(".\n\n");
    lines_print(budget, colour);
    putchar('\n');
    months_print(budget, colour);
}

static int run(const struct command *command, int argc, char **argv) {
    const char *state = STATE_DEFAULT, *text = NULL, *values[argc];
    bool json = false;
    const struct option_row rows[] = {
        {"what-if", OPTION_TEXT, &text, "WHAT", "tariff=FILE,layoffs=N: forecast with those", 0, 0},
        {"json", OPTION_FLAG, &json, NULL, "JSON for programs", 0, 0},
        OPTION_STATE(&state),
        {0}};
    struct failure why;
    struct budget_what_if what_if = {0};
    int count = options_read(command, rows, argc, argv, values);
    if (text && budget_what_if_read(text, &what_if, &why) != RESULT_OK)
        return report_failure(command->name, &why, EXIT_USAGE);
    uint32_t year = count ? budget_year_argument(command, values[0]) : 0;
    struct billing_client *client;
    const Cakupan__BudgetReply *budget;
    enum result result = billing_open(&client, state, false, &why);
    if (result == RESULT_OK)
        result = budget_ask(client, year, &what_if, &budget, &why);
    if (result == RESULT_OK)
        budget_print(budget, &what_if, json);
    billing_close(&client);
    return result == RESULT_OK ? EXIT_FINE : bill_failed(command, &why);
}

const struct command command_budget_show = {
    .name = "budget show",
    .arguments = "[YEAR]",
    .argument_maximum = 1,
    .summary = "spent, committed, forecast, and when it runs out",
    .details = "Spent is paid, committed is invoiced and not paid, forecast are the months of the year that "
               "are not\n"
               "closed. Without a YEAR that of the open month. --what-if asks what another tariff or further "
               "layoffs\n"
               "(paid by the city from the month after the open one) would cost; it changes nothing.\n",
    .examples = "cakupan budget show\n"
                "cakupan budget show 2027 --what-if layoffs=20000\n"
                "cakupan budget show 2027 --what-if tariff=tariff-2027.json,layoffs=5000 --json",
    .exit_codes =
        "0  shown\n1  billing says no\n2  the command line is wrong\n3  billing or the tariff can't be read",
    .run = run,
};
