/* history.c - the figures of all days, in memory (history.h). */
#include "history.h"

#include "runtime/clock.h"
#include "runtime/require.h"
#include "view/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGES_KEPT       32u
#define PAGE_AGE_MS      1000   /* the present day's figures are so old at most */
#define WORK_A_SECOND_US 250000 /* spent on making pages, so that odd ranges hold up nobody */
#define RETRY_MS         1000
#define DAYS_A_TURN      8u /* made into text, beside other work */

struct line {
    uint32_t code;
    struct totals_line figures;
    char *text[AUDIENCE_COUNT]; /* its JSON; NULL: not made yet */
};

struct day {
    day_t day;
    uint64_t offset;
    uint32_t count;
    struct line *lines;
};

struct kept {
    struct page *page;
    day_t from, to;
    uint32_t region;
    enum audience audience;
    uint64_t offset;
    int64_t stale_since_ms, made_ms;
};

struct history {
    struct history_link *link;
    const struct coverage_link *coverage;
    struct live *live;
    const struct policy *policy;
    struct day *days; /* ascending, all before `until` */
    size_t count;
    day_t until; /* the present day when they were asked for last */
    uint64_t until_offset;
    size_t written; /* days from the last one back whose texts are made */
    day_t asked_to; /* of the question that is open; DAY_NONE: none */
    bool complete;
    int64_t now_ms, retry_ms;
    struct kept kept[PAGES_KEPT];
    unsigned next_kept;
    int64_t second, spent_us;
    struct coverage_view picture; /* of one day */
    struct suppression hidden;
};

static void day_free(struct day *day) {
    for (uint32_t i = 0; i < day->count; i++)
        for (unsigned audience = 0; audience < AUDIENCE_COUNT; audience++)
            free(day->lines[i].text[audience]);
    free(day->lines);
}

static void pages_forget(struct history *history) {
    for (unsigned i = 0; i < PAGES_KEPT; i++)
        page_release(&history->kept[i].page);
}

static void forget(struct history *history) {
    for (size_t i = 0; i < history->count; i++)
        day_free(&history->days[i]);
    history->count = history->written = 0;
    history->complete = false;
    pages_forget(history);
}

/* Answers come from the newest days to the oldest: each is put before what is here. */
static void days_put(struct history *history, const struct wire_totals_reply *reply) {
    size_t more = reply->history_count;
    struct day *days = calloc(history->count + more + 1, sizeof *days);
    if (!days)
        abort();
    for (size_t d = 0; d < more; d++) {
        const struct wire_history_day *from = &reply->history[d];
        days[d] = (struct day){.day = from->day, .offset = from->offset, .count = from->line_count};
        days[d].lines = calloc(from->line_count + 1u, sizeof *days[d].lines);
        if (!days[d].lines)
            abort();
        for (uint32_t i = 0; i < from->line_count; i++) {
            days[d].lines[i].code = from->lines[i].code;
            days[d].lines[i].figures = from->lines[i].line;
        }
    }
    if (history->count > 0)
        memcpy(days + more, history->days, history->count * sizeof *days);
    free(history->days);
    history->days = days;
    history->count += more;
}

static void ask_before(struct history *history, day_t day) {
    history->asked_to = (day_t)(day - 1);
    history_link_ask(history->link, DAY_NONE, history->asked_to, history->now_ms);
}

/* Goes on into the past until there is no more. */
static void answered(void *context, const struct wire_totals_reply *reply) {
    struct history *history = context;
    day_t asked_to = history->asked_to;
    history->asked_to = DAY_NONE;
    if (!reply) {
        history->retry_ms = history->now_ms + RETRY_MS;
        return;
    }
    bool fits = reply->history_count == 0 || reply->history[reply->history_count - 1].day <= asked_to;
    if (!fits)
        return;
    days_put(history, reply);
    if (reply->history_count == 0 || reply->history[0].day <= 1)
        history->complete = true;
    else
        ask_before(history, reply->history[0].day);
}

enum result history_open(struct history **out, const char *endpoint, const struct coverage_link *coverage,
                         struct live *live, const struct policy *policy, struct failure *why) {
    struct history *history = calloc(1, sizeof *history);
    if (!history)
        abort();
    enum result result = history_link_open(&history->link, endpoint, answered, history, why);
    if (result != RESULT_OK) {
        free(history);
        return result;
    }
    history->coverage = coverage;
    history->live = live;
    history->policy = policy;
    *out = history;
    return RESULT_OK;
}

void history_close(struct history **history) {
    if (!*history)
        return;
    forget(*history);
    history_link_close(&(*history)->link);
    free((*history)->days);
    free(*history);
    *history = NULL;
}

struct history_link *history_socket_owner(struct history *history) {
    return history->link;
}

bool history_pending(const struct history *history) {
    return history->complete && history->written < history->count;
}

bool history_complete(const struct history *history) {
    return history->complete;
}

/* The day's lines as a picture; `view` names its regions. */
static void picture_of(const struct day *day, const struct coverage_view *view, const struct policy *policy,
                       struct coverage_view *out) {
    memset(out, 0, sizeof *out);
    out->offset = day->offset;
    out->day = day->day;
    out->population_as_of = view->population_as_of;
    memcpy(out->population_source, view->population_source, sizeof out->population_source);
    for (uint32_t i = 0; i < day->count && out->count < TOTALS_LINES_MAX; i++) {
        struct coverage_region *region = &out->regions[out->count++];
        const struct coverage_region *named = coverage_view_region(view, day->lines[i].code);
        region->code = day->lines[i].code;
        region->line = day->lines[i].figures;
        snprintf(region->name, sizeof region->name, "%s", named ? named->name : "");
    }
    if (out->count > 0)
        out->uhc = totals_uhc(&out->regions[0].line, policy_at(policy, day->day));
}

static const struct day *day_find(const struct history *history, day_t day) {
    for (size_t i = 0; i < history->count; i++)
        if (history->days[i].day == day)
            return &history->days[i];
    return NULL;
}

bool history_day(const struct history *history, day_t day, struct coverage_view *out) {
    const struct day *found = day_find(history, day);
    if (found)
        picture_of(found, coverage_link_view(history->coverage), history->policy, out);
    return found != NULL;
}

static char *line_text(const struct coverage_view *picture, size_t index, const struct suppression *hidden) {
    const struct coverage_region *region = &picture->regions[index];
    json_t *object = totals_figures_json(picture, region, hidden);
    json_object_set_new(object, "flows", totals_flows_json(picture, region, hidden));
    char *text = json_dumps(object, JSON_COMPACT | JSON_TEXT_FLAGS);
    json_decref(object);
    require(text, "a region's figures are JSON");
    return text;
}

/* Texts of all its regions. */
static void day_write(struct history *history, struct day *day, enum audience audience) {
    if (day->count == 0 || day->lines[0].text[audience])
        return;
    picture_of(day, coverage_link_view(history->coverage), history->policy, &history->picture);
    const struct suppression *hidden = audience == AUDIENCE_OFFICER ? NULL : &history->hidden;
    if (hidden)
        suppress_view(&history->picture, &history->hidden);
    for (uint32_t i = 0; i < day->count && i < history->picture.count; i++)
        day->lines[i].text[audience] = line_text(&history->picture, i, hidden);
}

/* Newest first, so that who asks for a whole year soon after the start holds up nobody. */
static void write_some(struct history *history) {
    for (unsigned i = 0; i < DAYS_A_TURN && history->written < history->count; i++, history->written++)
        for (unsigned audience = 0; audience < AUDIENCE_COUNT; audience++)
            day_write(history, &history->days[history->count - 1 - history->written],
                      (enum audience)audience);
}

/* A new day ends the one before; a picture from further back is of a coverage that counts anew. */
void history_work(struct history *history, int64_t now_ms) {
    const struct coverage_view *view = coverage_link_view(history->coverage);
    history->now_ms = now_ms;
    history_link_work(history->link, now_ms);
    if (!view || history_link_busy(history->link) || now_ms < history->retry_ms)
        return;
    bool turned = view->day != history->until || view->offset < history->until_offset;
    history->until_offset = view->offset;
    if (!turned && (history->complete || history->asked_to != DAY_NONE)) {
        write_some(history);
        return;
    }
    forget(history);
    history->until = view->day;
    if (view->day > 1)
        ask_before(history, view->day);
    else
        history->complete = true;
}

static void day_print(FILE *out, const struct day *day, uint32_t region, enum audience audience, bool first) {
    char date[FORMAT_TEXT];
    bool comma = false;
    fprintf(out, "%s{\"date\":\"%s\",\"offset\":%llu,\"regions\":[", first ? "" : ",",
            format_date(calendar_to_number(day->day), date), (unsigned long long)day->offset);
    for (uint32_t i = 0; i < day->count; i++) {
        if ((region && day->lines[i].code != region) || !day->lines[i].text[audience])
            continue;
        fprintf(out, "%s%s", comma ? "," : "", day->lines[i].text[audience]);
        comma = true;
    }
    fputs("]}", out);
}

/* The present day, of the live picture. */
static void today_take(const struct coverage_view *view, struct day *out) {
    *out = (struct day){.day = view->day, .offset = view->offset};
    out->lines = calloc(view->count + 1, sizeof *out->lines);
    if (!out->lines)
        abort();
    for (size_t i = 0; i < view->count && view->regions[i].code < 1000000; i++) {
        out->lines[out->count].code = view->regions[i].code;
        out->lines[out->count++].figures = view->regions[i].line;
    }
}

static char *body_make(struct history *history, const struct kept *key, size_t *size) {
    const struct coverage_view *view = coverage_link_view(history->coverage);
    char *text = NULL;
    bool first = true;
    FILE *out = open_memstream(&text, size);
    if (!out)
        abort();
    fputs("{\"days\":[", out);
    for (size_t i = 0; i < history->count; i++) {
        struct day *day = &history->days[i];
        if (day->day < key->from || day->day > key->to)
            continue;
        day_write(history, day, key->audience);
        day_print(out, day, key->region, key->audience, first);
        first = false;
    }
    if (view->day >= key->from && view->day <= key->to) {
        struct day today;
        today_take(view, &today);
        day_write(history, &today, key->audience);
        day_print(out, &today, key->region, key->audience, first);
        day_free(&today);
    }
    json_t *rest = json_object();
    live_put(history->live, rest, key->audience);
    char *end = json_dumps(rest, JSON_COMPACT);
    json_decref(rest);
    require(end, "what every answer says is JSON");
    fprintf(out, "],%s", end + 1); /* goes on in its object */
    free(end);
    require(fclose(out) == 0 && text, "there is memory for a page");
    return text;
}

static bool may_work(struct history *history) {
    if (history->now_ms / 1000 != history->second) {
        history->second = history->now_ms / 1000;
        history->spent_us = 0;
    }
    return history->spent_us < WORK_A_SECOND_US;
}

static struct kept *kept_find(struct history *history, const struct kept *key) {
    for (unsigned i = 0; i < PAGES_KEPT; i++) {
        struct kept *kept = &history->kept[i];
        if (kept->page && kept->from == key->from && kept->to == key->to && kept->region == key->region &&
            kept->audience == key->audience)
            return kept;
    }
    return NULL;
}

static bool is_fresh(const struct history *history, const struct kept *kept, const struct kept *key) {
    bool same = kept->offset == key->offset && kept->stale_since_ms == key->stale_since_ms;
    return same || history->now_ms - kept->made_ms < PAGE_AGE_MS;
}

struct page *history_page(struct history *history, day_t from, day_t to, uint32_t region,
                          enum audience audience) {
    struct kept key = {.from = from,
                       .to = to,
                       .region = region,
                       .audience = audience,
                       .offset = coverage_link_view(history->coverage)->offset,
                       .stale_since_ms = live_stale_since_ms(history->live),
                       .made_ms = history->now_ms};
    struct kept *kept = kept_find(history, &key);
    if (kept && is_fresh(history, kept, &key))
        return kept->page;
    if (!may_work(history))
        return NULL;
    int64_t begun_us = clock_monotonic_us();
    size_t size;
    char *text = body_make(history, &key, &size);
    if (!kept)
        kept = &history->kept[history->next_kept++ % PAGES_KEPT];
    page_release(&kept->page);
    *kept = key;
    kept->page = live_page_of_text(text, size, key.offset);
    free(text);
    history->spent_us += clock_monotonic_us() - begun_us;
    return kept->page;
}
