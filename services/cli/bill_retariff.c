/* bill_retariff.c - `cakupan bill retariff`: another tariff from now on, and backwards where its dates
 * say so. */
#include "commands.h"

#include "bill_command.h"
#include "cakupan/charge_pack.h"
#include "instance_info.h"
#include "store/city_tariff.h"

#include <string.h>

/* Another file of the city, or a spreadsheet's, is taken for a tariff easily. */
static enum result tariff_file_read(struct tariff *tariff, const char *file, struct failure *why) {
    struct failure form;
    enum result result = tariff_load_file(tariff, file, &form);
    if (result == RESULT_INVALID && strcmp(form.code, "CITY_FILE_INVALID") == 0)
        return fail(why, result, form.code, "%.200s is no tariff, in the form of tariff.json: %s", file,
                    form.sentence);
    *why = form;
    return result;
}

static enum result tariff_read(struct tariff *tariff, const char *state, const char *file,
                               struct failure *why) {
    struct instance_info info;
    if (file)
        return tariff_file_read(tariff, file, why);
    enum result result = instance_info_load(state, &info, why);
    return result == RESULT_OK ? tariff_load(tariff, info.city, why) : result;
}

static enum result retariff(const char *state, const char *author, const struct tariff *tariff,
                            struct failure *why) {
    uint8_t packed[TARIFF_PACKED_MAX];
    Cakupan__RetariffRequest change = CAKUPAN__RETARIFF_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    const Cakupan__BillingReply *reply;
    struct billing_client *client;
    change.tariff = (ProtobufCBinaryData){tariff_pack(tariff, packed), packed};
    request.author = (char *)author;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_RETARIFF;
    request.retariff = &change;
    enum result result = billing_open(&client, state, false, why);
    if (result == RESULT_OK)
        result = billing_ask(client, &request, BILLING_PATIENCE_MS, &reply, why);
    billing_close(&client);
    return result;
}

static int run(const struct command *command, int argc, char **argv) {
    const char *state = STATE_DEFAULT, *author = bill_author_default(), *file = NULL, *values[argc];
    static struct tariff tariff;
    const struct option_row rows[] = {
        {"tariff", OPTION_TEXT, &file, "FILE", "the tariff (default: tariff.json of the running city)", 0, 0},
        OPTION_AUTHOR(&author),
        OPTION_STATE(&state),
        {0}};
    struct failure why;
    options_read(command, rows, argc, argv, values);
    if (tariff_read(&tariff, state, file, &why) != RESULT_OK)
        return report_failure(command->name, &why, EXIT_FAILED);
    if (retariff(state, author, &tariff, &why) != RESULT_OK)
        return bill_failed(command, &why);
    printf("The tariff holds. Differences for closed months are corrections of the open one:\n"
           "`cakupan bill preview MONTH` shows them.\n");
    return EXIT_FINE;
}

const struct command command_bill_retariff = {
    .name = "bill retariff",
    .arguments = "",
    .summary = "take another tariff over, also backwards",
    .details =
        "A changed tariff.json changes nothing by itself (`billing status` says that it differs): this "
        "command\n"
        "puts it in force at one offset for all. Closed months stay as they are; where the new tariff says\n"
        "another amount for them, the difference is posted as a correction of the open month.\n",
    .examples = "cakupan bill retariff\ncakupan bill retariff --tariff tariff-2027.json",
    .exit_codes = "0  in force\n1  billing says no: unchanged, or not valid\n2  the command line is wrong\n"
                  "3  the file or billing can't be read",
    .run = run,
};
