/* simulate_report.c - what a simulation got back, as tables and as JSON (simulate_report.h). */
#include "simulate_report.h"

#include "view/format.h"
#include "table.h"
#include "terminal.h"

static uint64_t answered(const struct simulator_figures *figures) {
    return figures->accepted + figures->refused;
}

static void group_print(struct table *table, const char *name, const struct simulator_figures *figures) {
    char p50[FORMAT_TEXT], p99[FORMAT_TEXT], most[FORMAT_TEXT];
    int64_t elapsed_ms = figures->elapsed_ms > 0 ? figures->elapsed_ms : 1;
    table_text(table, "%s", name);
    table_count(table, figures->devices);
    table_count(table, figures->sent);
    table_count(table, figures->accepted);
    table_count(table, figures->refused);
    table_count(table, figures->warned);
    table_count(table, answered(figures) * 1000 / (uint64_t)elapsed_ms);
    table_count(table, figures->busy_frames);
    table_text(table, "%s", format_microseconds(histogram_at(&figures->ack, 500), p50));
    table_text(table, "%s", format_microseconds(histogram_at(&figures->ack, 990), p99));
    table_text(table, "%s", format_microseconds(figures->ack.max_us, most));
}

static void groups_print(const struct simulator_summary *summary, const char *const names[SIMULATOR_GROUPS]) {
    static const struct table_column columns[] = {
        {"Who", TABLE_LEFT},       {"Devices", TABLE_RIGHT}, {"Sent", TABLE_RIGHT},
        {"Accepted", TABLE_RIGHT}, {"Refused", TABLE_RIGHT}, {"Warned", TABLE_RIGHT},
        {"Events/s", TABLE_RIGHT}, {"Busy", TABLE_RIGHT},    {"Ack p50", TABLE_RIGHT},
        {"p99", TABLE_RIGHT},      {"Slowest", TABLE_RIGHT}};
    static const enum simulator_group order[] = {SIMULATOR_BEFORE, SIMULATOR_KADERS, SIMULATOR_OTHER};
    struct table *table = table_new(columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (names[order[i]])
            group_print(table, names[order[i]], &summary->groups[order[i]]);
    table_print(table, stdout, terminal_colours(stdout));
    table_destroy(&table);
}

static uint64_t code_count(const struct simulator_summary *summary, int code) {
    uint64_t count = 0;
    for (int group = 0; group < SIMULATOR_GROUPS; group++)
        count += summary->groups[group].by_code[code];
    return count;
}

/* The most frequent first. */
static void codes_print(const struct simulator_summary *summary) {
    bool shown[SIMULATOR_CODES] = {0};
    char count[FORMAT_TEXT];
    for (;;) {
        int most = 0;
        for (int code = 1; code < SIMULATOR_CODES; code++)
            if (!shown[code] && refusal_name((enum refusal)code) &&
                code_count(summary, code) > (most ? code_count(summary, most) : 0))
                most = code;
        if (most == 0)
            return;
        shown[most] = true;
        printf("%12s  %s%s\n", format_count(code_count(summary, most), count),
               refusal_name((enum refusal)most), most >= WARNING_NIK_BIRTH_DIFFERS ? " (warning)" : "");
    }
}

void simulate_report_print(const struct simulator_summary *summary,
                           const char *const names[SIMULATOR_GROUPS]) {
    char took[FORMAT_TEXT], count[FORMAT_THINGS];
    groups_print(summary, names);
    printf("\n");
    codes_print(summary);
    printf("\nTook %s%s.\n", format_duration(summary->elapsed_ms, took),
           summary->stopped ? ", stopped by hand" : "");
    if (summary->unanswered)
        printf("%s got no answer.\n", format_things(summary->unanswered, "event", count));
}

static json_t *group_json(const struct simulator_figures *figures) {
    return json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:i, s:i}", "devices",
                     (int)figures->devices, "queued", (json_int_t)figures->queued, "sent",
                     (json_int_t)figures->sent, "accepted", (json_int_t)figures->accepted, "refused",
                     (json_int_t)figures->refused, "warned", (json_int_t)figures->warned, "busy_frames",
                     (json_int_t)figures->busy_frames, "resent_frames", (json_int_t)figures->resent_frames,
                     "elapsed_ms", (json_int_t)figures->elapsed_ms, "ack_p50_us",
                     (int)histogram_at(&figures->ack, 500), "ack_p99_us",
                     (int)histogram_at(&figures->ack, 990), "ack_max_us", (int)figures->ack.max_us);
}

json_t *simulate_report_json(const struct simulator_summary *summary,
                             const char *const names[SIMULATOR_GROUPS]) {
    static const char *const fields[SIMULATOR_GROUPS] = {"kaders", "other", "kaders_before"};
    json_t *object = json_object(), *codes = json_object();
    for (int group = 0; group < SIMULATOR_GROUPS; group++)
        if (names[group])
            json_object_set_new(object, fields[group], group_json(&summary->groups[group]));
    for (int code = 1; code < SIMULATOR_CODES; code++)
        if (code_count(summary, code) && refusal_name((enum refusal)code))
            json_object_set_new(codes, refusal_name((enum refusal)code),
                                json_integer((json_int_t)code_count(summary, code)));
    json_object_set_new(object, "codes", codes);
    json_object_set_new(object, "elapsed_ms", json_integer(summary->elapsed_ms));
    json_object_set_new(object, "stopped", json_boolean(summary->stopped));
    json_object_set_new(object, "unanswered", json_integer((json_int_t)summary->unanswered));
    return object;
}
