/* bill_preview.c - `cakupan bill preview`: what closing a month would give, as of now. */
#include "commands.h"

#include "bill_command.h"
#include "terminal.h"
#include "totals_print.h"
#include "wire/wire_billing.h"

static int run(const struct command *command, int argc, char **argv) {
    const char *state = STATE_DEFAULT, *values[argc];
    bool json = false, by_kecamatan = false;
    const struct option_row rows[] = {
        {"by-kecamatan", OPTION_FLAG, &by_kecamatan, NULL, "a line for each kecamatan", 0, 0},
        {"json", OPTION_FLAG, &json, NULL, "JSON for programs", 0, 0},
        OPTION_STATE(&state),
        {0}};
    options_read(command, rows, argc, argv, values);
    Cakupan__PreviewRequest preview = CAKUPAN__PREVIEW_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    preview.month = wire_month_number(bill_month_argument(command, values[0]));
    preview.months = 1;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_PREVIEW;
    request.preview = &preview;
    struct billing_client *client;
    struct bill_view view = {0};
    struct failure why;
    enum result result = billing_open(&client, state, false, &why);
    if (result == RESULT_OK)
        result = bill_ask(client, &request, &view, NULL, &why);
    billing_close(&client);
    if (result != RESULT_OK)
        return bill_failed(command, &why);
    if (json)
        json_print(stdout, bill_view_json(&view, by_kecamatan), false);
    else
        bill_view_print(&view, by_kecamatan, stdout, terminal_colours(stdout));
    bill_view_free(&view);
    return EXIT_FINE;
}

const struct command command_bill_preview = {
    .name = "bill preview",
    .arguments = "MONTH",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .summary = "what closing the month would give, as of now",
    .details =
        "The same computation as the close, over all that is accepted when it is asked; nothing changes.\n"
        "A month after the open one is a forecast.\n",
    .examples = "cakupan bill preview 2026-12\n"
                "cakupan bill preview 2026-12 --by-kecamatan\n"
                "cakupan bill preview 2026-12 --json | jq .totals.city",
    .exit_codes = "0  shown\n1  billing says no (the month is closed, or before the first one)\n"
                  "2  the command line is wrong\n3  billing can't be asked",
    .run = run,
};
