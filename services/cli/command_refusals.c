/* command_refusals.c - `cakupan refusals`: events that were refused, and why, newest first. */
#include "commands.h"

#include "cakupan/calendar.h"
#include "cakupan/nik.h"
#include "control_client.h"
#include "view/format.h"
#include "table.h"
#include "terminal.h"
#include "totals_print.h"
#include "view/refusal_json.h"
#include "wire/wire_event.h"
#include "wire/wire_record.h"

#include <stdio.h>
#include <string.h>

enum { REFUSAL_ARENA_BYTES = 1 << 20, LIMIT_MAX = 1000 };

struct refusals_view {
    enum language language;
    bool json;
    struct table *table;
    json_t *list;
    bool unmasked; /* the NIKs of layoff reports */
};

static const char *kind_text(uint8_t kind) {
    const char *name = change_name((enum change)kind);
    return name ? name : "?";
}

/* What the labour office asks: who, where, when, employer, and by whom it was seen. */
static void report_words(const Cakupan__LayoffReport *report, const struct event *event, char *out,
                         size_t size) {
    char day[CALENDAR_TEXT];
    calendar_format(refusal_report_day(event), day);
    snprintf(out, size, "%s: %s, kelurahan %u, laid off %s, employer %u; seen by %.*s%s%.*s",
             report->open ? "to be confirmed" : "settled", report->name[0] ? report->name : "no name known",
             report->kelurahan, day, report->employer, (int)event->author.size,
             event->author.size ? event->author.data : "", event->reason.size ? ": " : "",
             (int)event->reason.size, event->reason.size ? event->reason.data : "");
}

static json_t *entry_json(const struct refusals_view *view, const Cakupan__RefusedEvent *entry,
                          const struct record *record, const struct event *event) {
    const Cakupan__LayoffReport *from = entry->report;
    struct refusal_report report;
    if (from)
        report = (struct refusal_report){from->open, from->kelurahan, from->employer, from->name};
    return refusal_json(entry->time_ms, record, event, from ? &report : NULL, from && view->unmasked,
                        view->language);
}

static void entry_show(struct refusals_view *view, const Cakupan__RefusedEvent *entry,
                       const struct record *record, const struct event *event) {
    char when[FORMAT_TEXT], identity[24] = "-", value[64], sentence[640];
    const char *code = refusal_name((enum refusal)record->refusal);
    if (view->json) {
        json_array_append_new(view->list, entry_json(view, entry, record, event));
        return;
    }
    if (event->identity && view->unmasked && entry->report)
        identity_format(event->identity, identity);
    else if (event->identity)
        identity_mask(event->identity, identity);
    snprintf(value, sizeof value, "%.*s", (int)record->refused_value.size, record->refused_value.data);
    if (entry->report)
        report_words(entry->report, event, sentence, sizeof sentence);
    else
        refusal_sentence((enum refusal)record->refusal, view->language, value, sentence, sizeof sentence);
    table_text(view->table, "%s", format_instant(entry->time_ms, when));
    table_count(view->table, record->offset);
    table_text(view->table, "%u", record->device);
    table_text(view->table, "%s", kind_text(event->kind));
    table_text(view->table, "%s", identity);
    table_text(view->table, "%s", code ? code : "?");
    table_text(view->table, "%s", sentence);
}

static enum result list_show(struct refusals_view *view, const Cakupan__RefusalsReply *refusals,
                             struct failure *why) {
    struct arena arena;
    arena_init(&arena, REFUSAL_ARENA_BYTES);
    for (size_t i = 0; i < refusals->n_refused; i++) {
        const Cakupan__RefusedEvent *entry = refusals->refused[i];
        struct record record;
        struct event event;
        arena_reset(&arena);
        if (wire_record_decode(entry->record.data, entry->record.len, &arena, &record) != RESULT_OK) {
            arena_free(&arena);
            return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED",
                        "Enrollment's answer holds a record that can't be read.");
        }
        wire_event_decode((const uint8_t *)record.refused_event.data, record.refused_event.size,
                          record.sequence, &arena, &event);
        entry_show(view, entry, &record, &event);
    }
    arena_free(&arena);
    return RESULT_OK;
}

static void view_finish(struct refusals_view *view, size_t count) {
    if (view->json) {
        json_print(stdout, view->list, false);
        return;
    }
    if (count)
        table_print(view->table, stdout, terminal_colours(stdout));
    else
        printf("No refused events.\n");
    table_destroy(&view->table);
}

static enum result refusals_ask(const char *state, Cakupan__RefusalsRequest *refusals,
                                Cakupan__ControlReply **reply, struct failure *why) {
    struct control_client *client;
    enum result result = control_open(&client, state, why);
    if (result != RESULT_OK)
        return result;
    Cakupan__ControlRequest request = CAKUPAN__CONTROL_REQUEST__INIT;
    request.ask_case = CAKUPAN__CONTROL_REQUEST__ASK_REFUSALS;
    request.refusals = refusals;
    result = control_ask(client, &request, reply, why);
    control_close(&client);
    if (result == RESULT_OK && !(*reply)->refusals)
        return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED", "Enrollment's answer holds no list.");
    return result;
}

static int run(const struct command *command, int argc, char **argv) {
    static const struct table_column columns[] = {
        {"Refused", TABLE_LEFT}, {"Offset", TABLE_RIGHT}, {"Device", TABLE_RIGHT}, {"Event", TABLE_LEFT},
        {"NIK", TABLE_LEFT},     {"Code", TABLE_LEFT},    {"Why", TABLE_LEFT}};
    const char *state = STATE_DEFAULT, *code = NULL, *reason = "";
    uint64_t device = 0, limit = 20;
    struct refusals_view view = {.language = LANGUAGE_ENGLISH};
    const struct option_row rows[] = {
        {"code", OPTION_TEXT, &code, "CODE", "only this code, such as NIK_DATE", 0, 0},
        {"device", OPTION_NUMBER, &device, "ID", "only events of this device", 1, UINT32_MAX},
        {"limit", OPTION_NUMBER, &limit, "N", "at most N, the newest (default 20)", 1, LIMIT_MAX},
        {"reason", OPTION_TEXT, &reason, "TEXT", "with --code LAYOFF_REPORTED: show NIKs whole; logged", 0,
         0},
        OPTION_LANGUAGE_ROW(&view.language),
        {"json", OPTION_FLAG, &view.json, NULL, "JSON for programs", 0, 0},
        OPTION_STATE(&state),
        {0}};
    const char *values[argc];
    options_read(command, rows, argc, argv, values);
    struct failure why;
    Cakupan__RefusalsRequest request = CAKUPAN__REFUSALS_REQUEST__INIT;
    if (code && !(request.refusal = refusal_from_name(code))) {
        fail(&why, RESULT_INVALID, "OPTION_VALUE", "--code takes a code such as NIK_DATE, not '%.40s'.",
             code);
        return report_failure(command->name, &why, EXIT_USAGE);
    }
    request.device = (uint32_t)device;
    request.limit = (uint32_t)limit;
    request.reason = (char *)reason;
    Cakupan__ControlReply *reply = NULL;
    enum result result = refusals_ask(state, &request, &reply, &why);
    if (result == RESULT_OK) {
        view.unmasked = reply->refusals->unmasked;
        view.table = view.json ? NULL : table_new(columns, sizeof columns / sizeof columns[0]);
        view.list = view.json ? json_array() : NULL;
        result = list_show(&view, reply->refusals, &why);
        view_finish(&view, reply->refusals->n_refused);
    }
    control_reply_free(&reply);
    return result == RESULT_OK ? EXIT_FINE : report_failure(command->name, &why, EXIT_FAILED);
}

const struct command command_refusals = {
    .name = "refusals",
    .arguments = "",
    .summary = "events that were refused, and why",
    .details =
        "Every refused event is kept with its code. Codes never change; the sentences are those that the\n"
        "device was given. NIKs are masked. A layoff that a kader saw is listed as LAYOFF_REPORTED, with "
        "what\n"
        "the city knows of the person, until the labour office has sent it with its proof.\n",
    .examples = "cakupan refusals\n"
                "cakupan refusals --code COVERED_ELSEWHERE --limit 100\n"
                "cakupan refusals --device 7 --language id\n"
                "cakupan refusals --code LAYOFF_REPORTED --reason \"asking the employer for the proof\"\n"
                "cakupan refusals --json --limit 1000 | jq -r '.[].code' | sort | uniq -c",
    .exit_codes = "0  printed\n2  the command line is wrong\n3  enrollment can't be asked",
    .run = run,
};
