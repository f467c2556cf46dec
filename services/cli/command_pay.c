/* command_pay.c - `cakupan pay`: a payment of the city for a closed month, once, with its SP2D number; or the
 * reversal of one that was booked wrongly. */
#include "commands.h"

#include "bill_command.h"
#include "wire/wire_billing.h"
#include "totals_print.h"

struct pay_options {
    const char *state, *author, *sp2d, *reverse, *reason;
    uint64_t amount, iuran, bantuan;
    day_t date;
    bool json;
};

static enum result reversal_check(const struct pay_options *options, struct failure *why) {
    if (!options->reverse || !options->reason)
        return fail(why, RESULT_INVALID, "ARGUMENT_MISSING",
                    "A reversal needs --reverse with the payment's SP2D number, and --reason.");
    if (options->sp2d || options->date != DAY_NONE || options->amount || options->iuran || options->bantuan)
        return fail(why, RESULT_INVALID, "OPTION_VALUE",
                    "--reverse takes a whole payment back: leave --sp2d, --date and amounts out.");
    return RESULT_OK;
}

static enum result options_check(const struct pay_options *options, struct failure *why) {
    bool lines = options->iuran || options->bantuan;
    if (options->reverse || options->reason)
        return reversal_check(options, why);
    if (!options->sp2d || options->date == DAY_NONE || (!options->amount && !lines))
        return fail(why, RESULT_INVALID, "ARGUMENT_MISSING",
                    "A payment needs --sp2d, --date, and --amount (or --iuran and --bantuan).");
    if (options->amount && lines)
        return fail(why, RESULT_INVALID, "OPTION_VALUE",
                    "--amount is the whole payment: leave --iuran and --bantuan out, or it.");
    return RESULT_OK;
}

static enum result ask(struct billing_client *client, const struct pay_options *options,
                       Cakupan__BillingRequest *request, const Cakupan__BillingReply **reply,
                       struct failure *why) {
    request->author = (char *)options->author;
    enum result result = billing_ask(client, request, BILLING_PATIENCE_MS, reply, why);
    if (result == RESULT_OK && !(*reply)->month)
        return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED", "Billing's answer says nothing of the month.");
    return result;
}

static enum result reverse(struct billing_client *client, const struct pay_options *options, month_t month,
                           const Cakupan__BillingReply **reply, struct failure *why) {
    Cakupan__ReverseRequest reversal = CAKUPAN__REVERSE_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    reversal.month = wire_month_number(month);
    reversal.sp2d = (char *)options->reverse;
    reversal.reason = (char *)options->reason;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_REVERSE;
    request.reverse = &reversal;
    return ask(client, options, &request, reply, why);
}

static enum result pay(struct billing_client *client, const struct pay_options *options, month_t month,
                       const Cakupan__BillingReply **reply, struct failure *why) {
    int64_t lines[PAYER_COUNT] = {
        [PAYER_CITY_IURAN] = (int64_t)options->iuran, [PAYER_CITY_BANTUAN] = (int64_t)options->bantuan};
    Cakupan__PayRequest payment = CAKUPAN__PAY_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    payment.month = wire_month_number(month);
    payment.amount_rupiah = (int64_t)options->amount;
    if (!options->amount) {
        payment.line_rupiah = lines;
        payment.n_line_rupiah = PAYER_COUNT;
    }
    payment.sp2d = (char *)options->sp2d;
    payment.date = calendar_to_number(options->date);
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_PAY;
    request.pay = &payment;
    return ask(client, options, &request, reply, why);
}

static void result_print(const struct pay_options *options, const Cakupan__MonthReply *month) {
    const char *sp2d = options->reverse ? options->reverse : options->sp2d;
    const char *done = options->reverse ? "reversed" : "booked";
    if (options->json) {
        json_t *object = bill_month_json(month);
        json_object_set_new(object, "sp2d", json_string(sp2d));
        json_print(stdout, object, false);
        return;
    }
    if (month->repeated_ask)
        printf("The payment %s was %s before: nothing changed.\n", sp2d, done);
    else
        printf("The payment %s is %s.\n", sp2d, done);
    bill_month_print(month, stdout);
}

static int run(const struct command *command, int argc, char **argv) {
    struct pay_options options = {.state = STATE_DEFAULT, .author = bill_author_default()};
    const char *values[argc];
    const struct option_row rows[] = {
        {"amount", OPTION_NUMBER, &options.amount, "RUPIAH",
         "the whole payment: iuran first, then bantuan iuran", 1, RUPIAH_MAX},
        {"iuran", OPTION_NUMBER, &options.iuran, "RUPIAH", "or by budget line", 1, RUPIAH_MAX},
        {"bantuan", OPTION_NUMBER, &options.bantuan, "RUPIAH", "(both or one of them)", 1, RUPIAH_MAX},
        {"sp2d", OPTION_TEXT, &options.sp2d, "NUMBER", "the treasury's order to pay (SP2D), once", 0, 0},
        {"date", OPTION_DAY, &options.date, "DATE", "day of the payment", 0, 0},
        {"reverse", OPTION_TEXT, &options.reverse, "SP2D", "take back this payment, which was booked wrongly",
         0, 0},
        {"reason", OPTION_TEXT, &options.reason, "TEXT", "what was wrong with it (of a reversal)", 0, 0},
        OPTION_AUTHOR(&options.author),
        {"json", OPTION_FLAG, &options.json, NULL, "JSON for programs", 0, 0},
        OPTION_STATE(&options.state),
        {0}};
    struct failure why;
    options_read(command, rows, argc, argv, values);
    month_t month = bill_month_argument(command, values[0]);
    if (options_check(&options, &why) != RESULT_OK)
        return report_failure(command->name, &why, EXIT_USAGE);
    struct billing_client *client;
    const Cakupan__BillingReply *reply;
    enum result result = billing_open(&client, options.state, false, &why);
    if (result == RESULT_OK && options.reverse)
        result = reverse(client, &options, month, &reply, &why);
    else if (result == RESULT_OK)
        result = pay(client, &options, month, &reply, &why);
    if (result == RESULT_OK)
        result_print(&options, reply->month);
    billing_close(&client);
    return result == RESULT_OK ? EXIT_FINE : bill_failed(command, &why);
}

const struct command command_pay = {
    .name = "pay",
    .arguments = "MONTH",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .summary = "book a payment of the city, with its SP2D number, or reverse one",
    .details = "For a closed month, at most what is still owed. The same SP2D number again with the same "
               "amount, month\n"
               "and date changes nothing; with others it is refused.\n"
               "--reverse takes back a payment that was booked wrongly, by a decision of its own: the amount "
               "counts no\n"
               "more, and the SP2D number can be booked again, for the right month. The same reversal again "
               "changes\n"
               "nothing. `cakupan bill show MONTH` lists both.\n",
    .examples = "cakupan pay 2026-12 --amount 14499588600 --sp2d 00123/SP2D/2027 --date 2027-01-08\n"
                "cakupan pay 2026-12 --iuran 13425545000 --sp2d 00123/SP2D/2027 --date 2027-01-08\n"
                "cakupan pay 2026-11 --reverse 00123/SP2D/2027 --reason 'it pays for December'",
    .exit_codes =
        "0  booked or reversed, now or before\n"
        "1  billing says no: not closed, too much, number taken; not booked so, or reversed already\n"
        "2  the command line is wrong\n3  billing can't be asked",
    .run = run,
};
