/* bill_show.c - `cakupan bill show`: a closed month's invoice, and what is paid of it. */
#include "commands.h"

#include "bill_command.h"
#include "terminal.h"
#include "totals_print.h"

#include <stdio.h>

struct show_options {
    const char *state;
    bool json, by_kecamatan, raw;
};

static json_t *show_json(const struct show_options *options, const struct bill_view *view,
                         const Cakupan__MonthReply *month) {
    json_t *object = bill_view_json(view, options->by_kecamatan);
    if (month)
        json_object_set_new(object, "payment", bill_month_json(month));
    return object;
}

static void show(const struct show_options *options, const struct bill_view *view,
                 const Cakupan__BillingReply *reply) {
    if (options->raw) {
        fwrite(reply->invoice.data, 1, reply->invoice.len, stdout);
        return;
    }
    if (options->json) {
        json_print(stdout, show_json(options, view, reply->month), false);
        return;
    }
    bill_view_print(view, options->by_kecamatan, stdout, terminal_colours(stdout));
    putchar('\n');
    if (reply->month) {
        bill_payments_print(reply->month, stdout, terminal_colours(stdout));
        bill_month_print(reply->month, stdout);
    }
    printf("Invoice %s\n", view->hash);
}

static int run(const struct command *command, int argc, char **argv) {
    struct show_options options = {.state = STATE_DEFAULT};
    const char *values[argc];
    const struct option_row rows[] = {
        {"by-kecamatan", OPTION_FLAG, &options.by_kecamatan, NULL, "a line for each kecamatan", 0, 0},
        {"raw", OPTION_FLAG, &options.raw, NULL, "the frozen bytes themselves", 0, 0},
        {"json", OPTION_FLAG, &options.json, NULL, "JSON for programs", 0, 0},
        OPTION_STATE(&options.state),
        {0}};
    options_read(command, rows, argc, argv, values);
    month_t month = bill_month_argument(command, values[0]);
    struct billing_client *client;
    struct bill_view view = {0};
    const Cakupan__BillingReply *reply;
    struct failure why;
    enum result result = billing_open(&client, options.state, false, &why);
    if (result == RESULT_OK)
        result = bill_ask_invoice(client, month, &view, &reply, &why);
    if (result == RESULT_OK)
        show(&options, &view, reply);
    billing_close(&client);
    bill_view_free(&view);
    return result == RESULT_OK ? EXIT_FINE : bill_failed(command, &why);
}

const struct command command_bill_show = {
    .name = "bill show",
    .arguments = "MONTH",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .summary = "a closed month's invoice, and what is paid of it",
    .details = "Payments stand in the order of booking; a reversal is a line of its own, below zero.\n"
               "--raw gives the bytes as they were frozen; their BLAKE2b-256 is the invoice's hash.\n",
    .examples = "cakupan bill show 2026-12\n"
                "cakupan bill show 2026-12 --raw | b2sum -l 256",
    .exit_codes =
        "0  shown\n1  the month is not closed\n2  the command line is wrong\n3  billing can't be asked",
    .run = run,
};
