/* command_device.c - `cakupan device`: who may send. Pairs, lists and revokes. */
#include "commands.h"

#include "device_web.h"
#include "view/format.h"
#include "instance_info.h"
#include "local_device.h"
#include "store/city.h"
#include "table.h"
#include "terminal.h"
#include "totals_print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct device_options {
    const char *state, *name, *role, *out, *key, *endpoint, *url;
    uint64_t area;
    bool web, token, json;
};

static enum result add_check(const struct device_options *options, struct failure *why) {
    if (!options->name || !options->role || !options->area)
        return fail(why, RESULT_INVALID, "ARGUMENT_MISSING",
                    "`cakupan device add` needs --name, --role and --area.");
    if ((options->out != NULL) + (options->key != NULL) + options->web + options->token != 1)
        return fail(why, RESULT_INVALID, "ARGUMENT_MISSING",
                    "`cakupan device add` needs one of --out FILE (an app with a key), --web (a browser), "
                    "--token (a program that speaks HTTP) and --key FILE (a program with a key of its own).");
    if (role_from_name(options->role) == ROLE_NONE)
        return fail(why, RESULT_INVALID, "OPTION_VALUE",
                    "--role takes kader, labour-office, bpjs, health-office, finance, reader or service, not "
                    "'%.40s'.",
                    options->role);
    return RESULT_OK;
}

/* The city, one of its kecamatan or one of its kelurahan: another area would hold nobody. */
static bool area_exists(const struct region_table *regions, uint32_t area) {
    if (area == regions->city_code || region_index(regions, area) != REGION_NOWHERE)
        return true;
    for (size_t i = 0; i < regions->kecamatan_count; i++)
        if (regions->kecamatan[i].code == area)
            return true;
    return false;
}

static enum result area_check(const char *city_directory, uint32_t area, struct failure *why) {
    static struct city city; /* too big for a stack */
    enum result result = city_load(&city, city_directory, why);
    if (result == RESULT_OK && !area_exists(&city.regions, area))
        return fail(why, RESULT_INVALID, "REGION_UNKNOWN",
                    "%u is no area of this city; give %u, a kecamatan (6 digits) or a kelurahan (10).", area,
                    city.regions.city_code);
    return result;
}

static enum result web_add(struct control_client *client, const struct device_options *options,
                           const struct instance_info *info, struct failure *why) {
    const struct device_web device = {.name = options->name,
                                      .role = options->role,
                                      .area = (uint32_t)options->area,
                                      .url = options->url ? options->url : info->gateway,
                                      .json = options->json};
    return options->web ? device_web_pair(client, &device, why) : device_web_token(client, &device, why);
}

static enum result key_add(struct control_client *client, const struct device_options *options,
                           const struct instance_info *info, struct failure *why) {
    const char *endpoint = options->endpoint ? options->endpoint : info->endpoint;
    const char *file = options->out ? options->out : options->key;
    const enum role role = role_from_name(options->role);
    uint32_t id;
    enum result result =
        options->out ? device_pair(client, options->state, endpoint, options->name, role,
                                   (uint32_t)options->area, file, &id, why)
                     : device_register(client, options->name, role, (uint32_t)options->area, file, &id, why);
    if (result != RESULT_OK)
        return result;
    if (options->json)
        json_print(stdout, json_pack("{s:i, s:s}", "id", (int)id, "file", file), false);
    else if (options->out)
        printf("Device %u is paired; %s holds its secret key: hand it over, keep no copy.\n", id, file);
    else
        printf("Device %u is whoever holds the secret key to %s.\n", id, file);
    return RESULT_OK;
}

static enum result device_add(struct control_client *client, const struct device_options *options,
                              struct failure *why) {
    struct instance_info info;
    enum result result = instance_info_load(options->state, &info, why);
    if (result == RESULT_OK)
        result = area_check(info.city, (uint32_t)options->area, why);
    if (result != RESULT_OK)
        return result;
    return options->web || options->token ? web_add(client, options, &info, why)
                                          : key_add(client, options, &info, why);
}

static void list_print(const Cakupan__ControlReply *reply) {
    static const struct table_column columns[] = {{"Id", TABLE_RIGHT},   {"Name", TABLE_LEFT},
                                                  {"Role", TABLE_LEFT},  {"Area", TABLE_LEFT},
                                                  {"Next", TABLE_RIGHT}, {"State", TABLE_LEFT}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    char area[FORMAT_TEXT];
    for (size_t i = 0; i < reply->n_devices; i++) {
        const Cakupan__DeviceInfo *device = reply->devices[i];
        table_text(table, "%u", device->id);
        table_text(table, "%s", device->name);
        table_text(table, "%s", device->role);
        table_text(table, "%s", format_region(device->area, area));
        table_count(table, device->next_sequence);
        table_text(table, "%s", device->revoked ? "revoked" : "may send");
    }
    table_print(table, stdout, terminal_colours(stdout));
    table_destroy(&table);
}

static json_t *list_json(const Cakupan__ControlReply *reply) {
    json_t *list = json_array();
    for (size_t i = 0; i < reply->n_devices; i++) {
        const Cakupan__DeviceInfo *device = reply->devices[i];
        json_array_append_new(list, json_pack("{s:i, s:s, s:s, s:I, s:I, s:b}", "id", (int)device->id, "name",
                                              device->name, "role", device->role, "area",
                                              (json_int_t)device->area, "next_sequence",
                                              (json_int_t)device->next_sequence, "revoked", device->revoked));
    }
    return list;
}

static enum result device_list(struct control_client *client, const struct device_options *options,
                               struct failure *why) {
    Cakupan__DeviceList list = CAKUPAN__DEVICE_LIST__INIT;
    Cakupan__ControlRequest request = CAKUPAN__CONTROL_REQUEST__INIT;
    request.ask_case = CAKUPAN__CONTROL_REQUEST__ASK_DEVICE_LIST;
    request.device_list = &list;
    Cakupan__ControlReply *reply;
    enum result result = control_ask(client, &request, &reply, why);
    if (result != RESULT_OK)
        return result;
    if (options->json)
        json_print(stdout, list_json(reply), false);
    else
        list_print(reply);
    control_reply_free(&reply);
    return RESULT_OK;
}

static enum result device_revoke(struct control_client *client, uint32_t id, struct failure *why) {
    Cakupan__DeviceRevoke revoke = CAKUPAN__DEVICE_REVOKE__INIT;
    revoke.id = id;
    Cakupan__ControlRequest request = CAKUPAN__CONTROL_REQUEST__INIT;
    request.ask_case = CAKUPAN__CONTROL_REQUEST__ASK_DEVICE_REVOKE;
    request.device_revoke = &revoke;
    Cakupan__ControlReply *reply;
    enum result result = control_ask(client, &request, &reply, why);
    if (result != RESULT_OK)
        return result;
    printf("Device %u (%s) may send no more; its open connections are refused, too.\n", id,
           reply->n_devices ? reply->devices[0]->name : "");
    control_reply_free(&reply);
    return RESULT_OK;
}

/* The id of `revoke ID`; 0 where it is no number. */
static uint32_t id_read(const char *text) {
    char *end;
    errno = 0;
    unsigned long id = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && id <= UINT32_MAX ? (uint32_t)id
                                                                                              : 0;
}

static enum result dispatch(const struct device_options *options, const char *const *values, int count,
                            bool *usage, struct failure *why) {
    bool add = strcmp(values[0], "add") == 0, list = strcmp(values[0], "list") == 0;
    bool revoke = strcmp(values[0], "revoke") == 0;
    enum result result = RESULT_OK;
    if (!add && !list && !revoke)
        result = fail(why, RESULT_INVALID, "ARGUMENT_UNKNOWN",
                      "`cakupan device` knows add, list and revoke, not '%.40s'.", values[0]);
    else if ((revoke && (count != 2 || !id_read(values[1]))) || (!revoke && count != 1))
        result = fail(why, RESULT_INVALID, "ARGUMENT_MISSING",
                      "`cakupan device revoke` takes one device number, add and list take none; see --help.");
    else if (add)
        result = add_check(options, why);
    *usage = result != RESULT_OK;
    if (*usage)
        return result;
    struct control_client *client;
    result = control_open(&client, options->state, why);
    if (result != RESULT_OK)
        return result;
    result = add      ? device_add(client, options, why)
             : revoke ? device_revoke(client, id_read(values[1]), why)
                      : device_list(client, options, why);
    control_close(&client);
    return result;
}

static int run(const struct command *command, int argc, char **argv) {
    struct device_options options = {.state = STATE_DEFAULT};
    const struct option_row rows[] = {
        {"name", OPTION_TEXT, &options.name, "N", "add: what people call it, such as \"Siti, Gondrong\"", 0,
         0},
        {"role", OPTION_TEXT, &options.role, "R",
         "add: kader, labour-office, bpjs, health-office, finance, reader, service", 0, 0},
        {"area", OPTION_NUMBER, &options.area, "CODE",
         "add: 3671, a kecamatan (6 digits) or a kelurahan (10)", 1000, UINT32_MAX},
        {"out", OPTION_TEXT, &options.out, "FILE", "add: pairing file to write, mode 0600", 0, 0},
        {"key", OPTION_TEXT, &options.key, "FILE", "add: public key of a service on another machine", 0, 0},
        {"web", OPTION_FLAG, &options.web, NULL, "add: a browser, paired by a code or by scanning it", 0, 0},
        {"token", OPTION_FLAG, &options.token, NULL, "add: a program that speaks HTTP; prints its token", 0,
         0},
        {"url", OPTION_TEXT, &options.url, "URL", "add: where the device will reach the gateway", 0, 0},
        {"endpoint", OPTION_TEXT, &options.endpoint, "URL", "add: where the device will reach enrollment", 0,
         0},
        {"json", OPTION_FLAG, &options.json, NULL, "JSON for programs", 0, 0},
        OPTION_STATE(&options.state),
        {0}};
    const char *values[argc];
    struct failure why;
    bool usage;
    int count = options_read(command, rows, argc, argv, values);
    if (dispatch(&options, values, count, &usage, &why) == RESULT_OK)
        return EXIT_FINE;
    return report_failure(command->name, &why,
                          usage                          ? EXIT_USAGE
                          : why.result == RESULT_INVALID ? EXIT_REFUSED
                                                         : EXIT_FAILED);
}

const struct command command_device = {
    .name = "device",
    .arguments = "add|list|revoke [ID]",
    .argument_minimum = 1,
    .argument_maximum = 2,
    .summary = "who may send: pair, list and revoke devices",
    .details =
        "A device is known by its key. `add` makes the key pair, registers it with its role and area, "
        "and writes\n"
        "the pairing file that an app opens. With --web it shows a code instead, which the kader's page\n"
        "in a browser exchanges for a token within 15 minutes; with --token it prints the token\n"
        "(alone, where standard output is no terminal). With --key it registers a key that exists already.\n"
        "`revoke` works at once, also on open connections.\n",
    .examples =
        "cakupan device add --name \"Siti, Gondrong\" --role kader --area 3671051004 --out siti.device\n"
        "cakupan device add --name \"Siti, Gondrong\" --role kader --area 3671051004 --web\n"
        "cakupan device add --name \"Dashboard, Dinkes\" --role health-office --area 3671 --token\n"
        "cakupan device add --name worker-2 --role service --area 3671 --key var/keys/billing-worker.pub\n"
        "cakupan device list\n"
        "cakupan device revoke 7",
    .exit_codes = "0  done\n1  enrollment says no\n2  the command line is wrong\n3  it could not be done",
    .run = run,
};
