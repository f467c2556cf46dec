/* command_history.c - `cakupan history`: all that was ever changed about one person, newest first. */
#include "commands.h"

#include "view/format.h"
#include "person_command.h"
#include "table.h"
#include "terminal.h"
#include "totals_print.h"
#include "wire/wire_record.h"

#include <stdio.h>

enum { HISTORY_ARENA_BYTES = 1 << 20, CHANGE_TEXT = 400 };

static enum result entry_decode(const Cakupan__HistoryEntry *entry, struct arena *arena,
                                struct record *record, struct failure *why) {
    arena_reset(arena);
    if (wire_record_decode(entry->record.data, entry->record.len, arena, record) == RESULT_OK)
        return RESULT_OK;
    return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED",
                "Enrollment's answer holds a record that can't be read.");
}

static const char *change_text(uint8_t kind) {
    const char *name = change_name((enum change)kind);
    return name ? name : "?";
}

static enum result print(const Cakupan__MemberReply *member, const struct city *city, struct failure *why) {
    static const struct table_column columns[] = {{"Recorded", TABLE_LEFT}, {"Offset", TABLE_RIGHT},
                                                  {"Change", TABLE_LEFT},   {"From", TABLE_LEFT},
                                                  {"Author", TABLE_LEFT},   {"What", TABLE_LEFT}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    struct arena arena;
    arena_init(&arena, HISTORY_ARENA_BYTES);
    enum result result = RESULT_OK;
    for (size_t i = 0; i < member->n_history && result == RESULT_OK; i++) {
        struct record record;
        char when[FORMAT_TEXT], day[FORMAT_TEXT], what[CHANGE_TEXT];
        result = entry_decode(member->history[i], &arena, &record, why);
        if (result != RESULT_OK)
            break;
        person_change(city, &record, what, sizeof what);
        table_text(table, "%s", format_instant(member->history[i]->time_ms, when));
        table_count(table, record.offset);
        table_text(table, "%s", change_text(record.kind));
        table_text(table, "%s", format_date(calendar_to_number(record.effective_day), day));
        table_text(table, "%.*s", (int)record.author.size, record.author.data);
        table_text(table, "%s", what);
    }
    if (result == RESULT_OK)
        table_print(table, stdout, terminal_colours(stdout));
    arena_free(&arena);
    table_destroy(&table);
    return result;
}

static json_t *member_state_json(const struct member *member) {
    return json_pack("{s:s, s:s, s:I, s:i}", "segment", segment_name((enum segment)member->segment), "status",
                     status_name((enum status)member->status), "kelurahan", (json_int_t)member->kelurahan,
                     "care_class", (int)member->care_class);
}

static enum result print_json(const Cakupan__MemberReply *member, const struct city *city,
                              struct failure *why) {
    json_t *list = json_array();
    struct arena arena;
    arena_init(&arena, HISTORY_ARENA_BYTES);
    enum result result = RESULT_OK;
    for (size_t i = 0; i < member->n_history && result == RESULT_OK; i++) {
        struct record record;
        char day[FORMAT_TEXT], what[CHANGE_TEXT];
        result = entry_decode(member->history[i], &arena, &record, why);
        if (result != RESULT_OK)
            break;
        person_change(city, &record, what, sizeof what);
        json_t *entry =
            json_pack("{s:I, s:I, s:s, s:s, s:i, s:I, s:s}", "offset", (json_int_t)record.offset, "time_ms",
                      (json_int_t)member->history[i]->time_ms, "change", change_text(record.kind),
                      "effective", format_date(calendar_to_number(record.effective_day), day), "device",
                      (int)record.device, "sequence", (json_int_t)record.sequence, "what", what);
        json_object_set_new(entry, "author", json_stringn(record.author.data, record.author.size));
        if (record.has_before)
            json_object_set_new(entry, "before", member_state_json(&record.before));
        if (record.has_after)
            json_object_set_new(entry, "after", member_state_json(&record.after));
        json_array_append_new(list, entry);
    }
    arena_free(&arena);
    if (result == RESULT_OK)
        json_print(stdout, list, false);
    else
        json_decref(list);
    return result;
}

static enum result show(const struct person_view *view, const Cakupan__MemberReply *reply,
                        struct failure *why) {
    return view->json ? print_json(reply, &view->city, why) : print(reply, &view->city, why);
}

static int run(const struct command *command, int argc, char **argv) {
    return person_command(command, argc, argv, true, show);
}

const struct command command_history = {
    .name = "history",
    .arguments = "NIK",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .summary = "what was changed about one person, newest first",
    .details =
        "At most the last 1,000 changes. `-` reads the NIK from standard input. Every look is logged.\n",
    .examples = "cakupan history 3671054107900001\n"
                "echo 3671054107900001 | cakupan history - --json",
    .exit_codes = "0  printed\n1  nobody is known by this NIK\n2  the command line is wrong\n3  enrollment "
                  "can't be asked",
    .run = run,
};
