/* command_grace.c - `cakupan grace`: whose cover without premium after a layoff ends in a month. */
#include "commands.h"

#include "bill_command.h"
#include "control_client.h"
#include "grace_list.h"
#include "journal_follow.h"
#include "member_names.h"
#include "person.h"
#include "runtime/clock.h"
#include "table.h"
#include "terminal.h"
#include "totals_print.h"
#include "view/format.h"
#include "view/place.h"

#include <stdlib.h>

struct grace_work {
    const char *state;
    bool json;
    uint64_t limit, area;
    month_t month;
    uint64_t offset; /* of the last record that was looked at */
    struct city city;
    struct grace_list *list;
    struct member_names *names;
    struct grace_person *people;
    size_t count;
};

static enum result on_record(void *context, const struct batch_header *batch, const struct record *record,
                             struct failure *why) {
    struct grace_work *work = context;
    (void)batch;
    (void)why;
    grace_list_step(work->list, record);
    member_names_step(work->names, record);
    return RESULT_OK;
}

/* Up to what is acknowledged now; without a month that of enrollment's day. */
static enum result journal_read(struct grace_work *work, struct failure *why) {
    Cakupan__ControlReply *status;
    struct journal_follow *follow = NULL;
    enum result result = control_status(work->state, &status, why);
    if (result != RESULT_OK)
        return result;
    uint64_t head = status->status->head;
    day_t today = calendar_from_number(status->status->day);
    control_reply_free(&status);
    if (work->month == MONTH_NONE)
        work->month = calendar_month(today != DAY_NONE ? today : calendar_day_of_time(clock_now_ms()));
    result = journal_follow_open(&follow, work->state, on_record, work, why);
    if (result == RESULT_OK)
        result = journal_follow_until(follow, head, "Reading layoffs", why);
    work->offset = follow ? journal_follow_offset(follow) : 0;
    journal_follow_close(&follow);
    return result;
}

static enum result work_run(struct grace_work *work, struct failure *why) {
    enum result result = person_city(work->state, &work->city, why);
    if (result != RESULT_OK)
        return result;
    work->list = grace_list_new();
    work->names = member_names_new();
    result = journal_read(work, why);
    uint32_t area = work->area ? (uint32_t)work->area : work->city.regions.city_code;
    if (result == RESULT_OK)
        work->count = grace_list_month(work->list, work->month, area, &work->people);
    return result;
}

static const char *day_text(day_t day, char out[CALENDAR_TEXT]) {
    out[0] = '\0';
    if (day != DAY_NONE)
        calendar_format(day, out);
    return out;
}

static json_t *person_json(const struct grace_work *work, const struct grace_person *person) {
    char nik[24], place[PLACE_TEXT], laid_off[CALENDAR_TEXT], ends[CALENDAR_TEXT];
    struct text name = member_names_of(work->names, person->member_id);
    json_t *object = json_pack(
        "{s:s, s:I, s:s, s:o, s:s, s:I}", "nik", person_name_identity(person->identity, false, nik),
        "kelurahan", (json_int_t)person->kelurahan, "place",
        place_name(&work->city.regions, person->kelurahan, place), "laid_off",
        person->laid_off != DAY_NONE ? json_string(day_text(person->laid_off, laid_off)) : json_null(),
        "ends", day_text(person->last_day, ends), "member", (json_int_t)person->member_id);
    json_t *text = name.size ? json_stringn(name.data, name.size) : json_string("");
    json_object_set_new(object, "name", text ? text : json_string("?"));
    return object;
}

static void json_show(const struct grace_work *work) {
    char month[CALENDAR_TEXT];
    json_t *people = json_array();
    for (size_t i = 0; i < work->count && i < work->limit; i++)
        json_array_append_new(people, person_json(work, &work->people[i]));
    calendar_format_month(work->month, month);
    json_print(stdout,
               json_pack("{s:s, s:I, s:I, s:o}", "month", month, "as_of_offset", (json_int_t)work->offset,
                         "count", (json_int_t)work->count, "people", people),
               false);
}

static void table_show(const struct grace_work *work) {
    static const struct table_column columns[] = {{"Ends", TABLE_LEFT},     {"Laid off", TABLE_LEFT},
                                                  {"NIK", TABLE_LEFT},      {"Name", TABLE_LEFT},
                                                  {"Lives in", TABLE_LEFT}, {"Member", TABLE_RIGHT}};
    char month[CALENDAR_TEXT], count[FORMAT_TEXT], nik[24], place[PLACE_TEXT], day[CALENDAR_TEXT];
    struct table *table = table_new(columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < work->count && i < work->limit; i++) {
        const struct grace_person *person = &work->people[i];
        struct text name = member_names_of(work->names, person->member_id);
        table_text(table, "%s", day_text(person->last_day, day));
        table_text(table, "%s", person->laid_off != DAY_NONE ? day_text(person->laid_off, day) : "-");
        table_text(table, "%s", person_name_identity(person->identity, false, nik));
        table_text(table, "%.*s", name.size ? (int)name.size : 1, name.size ? name.data : "-");
        table_text(table, "%s", place_name(&work->city.regions, person->kelurahan, place));
        table_text(table, "%u", person->member_id);
    }
    calendar_format_month(work->month, month);
    printf("Cover without premium ends in %s for %s people.\n", month, format_count(work->count, count));
    if (work->count)
        table_print(table, stdout, terminal_colours(stdout));
    table_destroy(&table);
}

static int run(const struct command *command, int argc, char **argv) {
    static struct grace_work work = {.state = STATE_DEFAULT, .limit = UINT64_MAX};
    const char *values[argc];
    const struct option_row rows[] = {
        {"area", OPTION_NUMBER, &work.area, "CODE", "only who lives there: 4, 6 or 10 digits", 1000,
         UINT32_MAX},
        {"limit", OPTION_NUMBER, &work.limit, "N", "show at most N; the count is of all", 1, UINT32_MAX},
        {"json", OPTION_FLAG, &work.json, NULL, "JSON for programs", 0, 0},
        OPTION_STATE(&work.state),
        {0}};
    struct failure why;
    int count = options_read(command, rows, argc, argv, values);
    work.month = count ? bill_month_argument(command, values[0]) : MONTH_NONE;
    enum result result = work_run(&work, &why);
    if (result == RESULT_OK && work.json)
        json_show(&work);
    else if (result == RESULT_OK)
        table_show(&work);
    if (work.list) {
        grace_list_destroy(&work.list);
        member_names_destroy(&work.names);
    }
    free(work.people);
    return result == RESULT_OK ? EXIT_FINE : report_failure(command->name, &why, EXIT_FAILED);
}

const struct command command_grace = {
    .name = "grace",
    .arguments = "[MONTH]",
    .argument_maximum = 1,
    .summary = "whose cover without premium ends in a month",
    .details =
        "Who was laid off is covered for six months without premium (Perpres 82/2018 art. 27). This lists\n"
        "those whose last such day lies in the month (default: this one), so that their office can see "
        "to\nwhat comes after. NIKs are masked.\n",
    .examples = "cakupan grace\n"
                "cakupan grace 2027-05 --area 367105\n"
                "cakupan grace --json --limit 100 | jq .count",
    .exit_codes = "0  printed\n2  the command line is wrong\n3  enrollment can't be asked",
    .run = run,
};
