/* verify_report.c - what `cakupan verify` found, as a table and as JSON (verify_report.h). */
#include "verify_report.h"

#include "view/format.h"
#include "table.h"
#include "terminal.h"

static const char *const state_words[] = {
    [CHECK_AGREES] = "agrees", [CHECK_DIFFERS] = "DIFFERS", [CHECK_SKIPPED] = "not checked"};

static void differences_print(const struct verify_check *check) {
    static const struct table_column columns[] = {
        {"Region", TABLE_LEFT}, {"Figure", TABLE_LEFT}, {"Recounted", TABLE_RIGHT}, {"Found", TABLE_RIGHT}};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < check->difference_count && i < VERIFY_DIFFERENCES_MAX; i++) {
        char code[FORMAT_TEXT];
        table_text(table, "%s", format_region(check->differences[i].code, code));
        table_text(table, "%s", check->differences[i].figure);
        table_count(table, check->differences[i].recounted);
        table_count(table, check->differences[i].found);
    }
    printf("\n%s: the first of %zu figures that differ\n", check->name, check->difference_count);
    table_print(table, stdout, terminal_colours(stdout));
    table_destroy(&table);
}

void verify_report_print(const struct verify_check *checks, size_t count, bool agrees) {
    static const struct table_column columns[] = {
        {"Check", TABLE_LEFT}, {"Offset", TABLE_RIGHT}, {"", TABLE_LEFT}, {"", TABLE_LEFT}};
    static const char *const styles[] = {
        [CHECK_AGREES] = STYLE_GREEN, [CHECK_DIFFERS] = STYLE_RED, [CHECK_SKIPPED] = STYLE_YELLOW};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    bool colour = terminal_colours(stdout);
    for (size_t i = 0; i < count; i++) {
        table_text(table, "%s", checks[i].name);
        table_count(table, checks[i].offset);
        table_text(table, "%s", state_words[checks[i].state]);
        table_text(table, "%s", checks[i].remark);
    }
    table_print(table, stdout, colour);
    table_destroy(&table);
    for (size_t i = 0; i < count; i++)
        if (checks[i].difference_count)
            differences_print(&checks[i]);
    printf("\n%s%s%s\n", colour ? styles[agrees ? CHECK_AGREES : CHECK_DIFFERS] : "",
           agrees ? "Everything agrees with the journal." : "Not everything agrees with the journal.",
           colour ? STYLE_OFF : "");
}

json_t *verify_report_json(const struct verify_check *checks, size_t count, bool agrees) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct verify_check *check = &checks[i];
        json_t *differences = json_array();
        for (size_t d = 0; d < check->difference_count && d < VERIFY_DIFFERENCES_MAX; d++)
            json_array_append_new(differences, json_pack("{s:I, s:s, s:I, s:I}", "region",
                                                         (json_int_t)check->differences[d].code, "figure",
                                                         check->differences[d].figure, "recounted",
                                                         (json_int_t)check->differences[d].recounted, "found",
                                                         (json_int_t)check->differences[d].found));
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:I, s:s, s:I, s:o}", "check", check->name, "state",
                                        state_words[check->state], "offset", (json_int_t)check->offset,
                                        "remark", check->remark, "difference_count",
                                        (json_int_t)check->difference_count, "differences", differences));
    }
    return json_pack("{s:b, s:o}", "agrees", agrees, "checks", list);
}
