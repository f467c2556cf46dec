/* suppress.c - which figures the public may not see (suppress.h). */
#include "suppress.h"

#include <assert.h>
#include <string.h>

static_assert(FIELD_END == TOTALS_FIELDS && TOTALS_FIELDS <= 64, "a bit for every field");

enum group {
    GROUP_TOTALS,
    GROUP_CITY_PAID, /* whom the city pays for; with it all segments */
    GROUP_SEGMENTS,  /* the others */
    GROUP_PAIR,
    GROUP_STATUSES,
    GROUP_CAME,
    GROUP_LEFT,
    GROUP_FLOWS, /* from here on one flow each */
    GROUP_COUNT = GROUP_FLOWS + FLOW_COUNT,
};

/* The flows by which the registered become more, or fewer, from one day to the next. */
#define CAME_OR_LEFT 3
static const enum flow flows_came[CAME_OR_LEFT] = {FLOW_ENROLLED, FLOW_BORN, FLOW_MOVED_IN};
static const enum flow flows_left[CAME_OR_LEFT] = {FLOW_MOVED_OUT, FLOW_DIED, FLOW_MERGED};

enum { COLUMNS_MAX = 3 * SEGMENT_COUNT, PARTS_MAX = KELURAHAN_MAX };

/* What can be read of a region where the group is published: its counts, and differences of two of them. */
struct columns {
    unsigned count;
    int64_t people[COLUMNS_MAX];
};

static void column_add(struct columns *columns, uint32_t people) {
    columns->people[columns->count++] = people;
}

static void columns_of_segment(const struct totals_line *line, enum segment segment,
                               struct columns *columns) {
    uint32_t registered = line->registered_by_segment[segment], active = line->active_by_segment[segment];
    column_add(columns, registered);
    column_add(columns, active);
    column_add(columns, registered - active);
}

static bool is_of_pair(enum segment segment) {
    return segment == SEGMENT_PPU_PN || segment == SEGMENT_BP;
}

static bool is_paid_by_others(enum segment segment) {
    return segment != SEGMENT_PBPU_PEMDA;
}

/* What those segments have together that a group of fewer fields hides one by one. */
static void columns_together(const struct totals_line *line, bool belongs(enum segment),
                             struct columns *columns) {
    uint32_t registered = 0, active = 0;
    for (unsigned segment = SEGMENT_NONE + 1; segment < SEGMENT_COUNT; segment++) {
        if (!belongs(segment))
            continue;
        registered += line->registered_by_segment[segment];
        active += line->active_by_segment[segment];
    }
    column_add(columns, registered);
    column_add(columns, active);
    column_add(columns, registered - active);
}

static void columns_of(const struct totals_line *line, enum group group, struct columns *columns) {
    columns->count = 0;
    switch (group) {
    case GROUP_TOTALS:
        column_add(columns, line->registered);
        column_add(columns, line->active);
        column_add(columns, line->registered - line->active);
        return;
    case GROUP_CITY_PAID:
        columns_of_segment(line, SEGMENT_PBPU_PEMDA, columns);
        columns_together(line, is_paid_by_others, columns);
        column_add(columns, line->city_paid);
        column_add(columns, line->active_by_segment[SEGMENT_PBPU_PEMDA] - line->city_paid);
        return;
    case GROUP_SEGMENTS:
        for (unsigned segment = SEGMENT_NONE + 1; segment < SEGMENT_COUNT; segment++)
            if (is_paid_by_others(segment) && !is_of_pair(segment))
                columns_of_segment(line, segment, columns);
        columns_together(line, is_of_pair, columns);
        return;
    case GROUP_PAIR:
        columns_of_segment(line, SEGMENT_PPU_PN, columns);
        columns_of_segment(line, SEGMENT_BP, columns);
        return;
    case GROUP_STATUSES:
        for (unsigned status = STATUS_ACTIVE; status <= STATUS_SUSPENDED; status++)
            column_add(columns, line->by_status[status]);
        return;
    case GROUP_CAME:
    case GROUP_LEFT:
        for (unsigned i = 0; i < CAME_OR_LEFT; i++)
            column_add(columns, line->flows[(group == GROUP_CAME ? flows_came : flows_left)[i]]);
        return;
    default:
        column_add(columns, line->flows[group - GROUP_FLOWS]);
    }
}

static uint64_t bit(unsigned field) {
    return UINT64_C(1) << field;
}

static uint64_t bits_of_segment(enum segment segment) {
    return bit(FIELD_FIRST_REGISTERED + segment - 1) | bit(FIELD_FIRST_ACTIVE + segment - 1);
}

static uint64_t bits_of(enum group group) {
    uint64_t bits = 0;
    switch (group) {
    case GROUP_TOTALS:
        return bit(FIELD_REGISTERED) | bit(FIELD_ACTIVE);
    case GROUP_CITY_PAID:
        return bits_of_segment(SEGMENT_PBPU_PEMDA) | bit(FIELD_CITY_PAID);
    case GROUP_SEGMENTS:
        for (unsigned segment = SEGMENT_NONE + 1; segment < SEGMENT_COUNT; segment++)
            if (is_paid_by_others(segment))
                bits |= bits_of_segment(segment);
        return bits;
    case GROUP_PAIR:
        return bits_of_segment(SEGMENT_PPU_PN) | bits_of_segment(SEGMENT_BP);
    case GROUP_STATUSES:
        for (unsigned status = STATUS_ACTIVE; status <= STATUS_SUSPENDED; status++)
            bits |= bit(FIELD_FIRST_STATUS + status - 1);
        return bits | bit(FIELD_GRACE);
    case GROUP_CAME:
    case GROUP_LEFT:
        for (unsigned i = 0; i < CAME_OR_LEFT; i++)
            bits |= bit(FIELD_FIRST_FLOW + (group == GROUP_CAME ? flows_came : flows_left)[i]);
        return bits;
    default:
        return bit(FIELD_FIRST_FLOW + group - GROUP_FLOWS);
    }
}

/* Running sums of those who left: today's less yesterday's is the day's flow, whatever its size. */
static uint64_t bits_of_gone(void) {
    uint64_t bits = 0;
    for (unsigned status = STATUS_DECEASED; status < STATUS_COUNT; status++)
        bits |= bit(FIELD_FIRST_STATUS + status - 1);
    return bits;
}

static bool is_small(int64_t people) {
    return people > 0 && people < SUPPRESS_BELOW;
}

static bool has_small(const struct columns *columns) {
    for (unsigned i = 0; i < columns->count; i++)
        if (is_small(columns->people[i]))
            return true;
    return false;
}

static bool is_sensitive(const struct totals_line *line, enum group group) {
    struct columns columns;
    columns_of(line, group, &columns);
    return has_small(&columns);
}

/* The parts of one region, and which of them withhold the group. */
struct sum {
    enum group group;
    bool parent; /* withheld itself */
    unsigned count, withheld;
    struct columns together; /* of the parts withheld */
    const struct coverage_region *parts[PARTS_MAX];
    bool *slots[PARTS_MAX];
};

static void columns_join(struct columns *sum, const struct columns *more) {
    sum->count = more->count;
    for (unsigned i = 0; i < more->count; i++)
        sum->people[i] += more->people[i];
}

static void part_withhold(struct sum *sum, unsigned part) {
    struct columns columns;
    columns_of(&sum->parts[part]->line, sum->group, &columns);
    columns_join(&sum->together, &columns);
    *sum->slots[part] = true;
    sum->withheld++;
}

static bool is_safe(const struct sum *sum, unsigned withheld, const struct columns *together) {
    if (sum->parent)
        return withheld >= 1;
    return withheld == 0 || (withheld >= 2 && !has_small(together));
}

static uint32_t size_of(const struct sum *sum, unsigned part) {
    const struct totals_line *line = &sum->parts[part]->line;
    return sum->group >= GROUP_FLOWS ? line->flows[sum->group - GROUP_FLOWS] : line->registered;
}

/* The smallest part that makes the sum safe; where none does alone, the largest. */
static bool partner_find(const struct sum *sum, unsigned *out) {
    bool found = false, safe = false;
    for (unsigned part = 0; part < sum->count; part++) {
        struct columns together = sum->together, columns;
        if (*sum->slots[part])
            continue;
        columns_of(&sum->parts[part]->line, sum->group, &columns);
        columns_join(&together, &columns);
        bool does = is_safe(sum, sum->withheld + 1, &together);
        uint32_t size = size_of(sum, part);
        if (!found || (does && !safe) ||
            (does == safe && (safe ? size < size_of(sum, *out) : size > size_of(sum, *out))))
            *out = part;
        found = true;
        safe = safe || does;
    }
    return found;
}

/* Withholds more parts until the sum betrays none. Where even all of them together are few, which only what
 * counts for the city and has no place in it makes possible, the region itself withholds the group, too. */
static void sum_close(const struct coverage_view *view, size_t parent, enum group group,
                      bool withheld[TOTALS_LINES_MAX]) {
    struct sum sum = {.group = group, .parent = withheld[parent]};
    unsigned part;
    for (size_t i = parent + 1; i < view->count && sum.count < PARTS_MAX; i++) {
        if (!region_is_below(view->regions[i].code, view->regions[parent].code))
            continue;
        sum.parts[sum.count] = &view->regions[i];
        sum.slots[sum.count++] = &withheld[i];
    }
    for (part = 0; part < sum.count; part++)
        if (*sum.slots[part])
            part_withhold(&sum, part);
    while (sum.count > 0 && !is_safe(&sum, sum.withheld, &sum.together)) {
        if (partner_find(&sum, &part))
            part_withhold(&sum, part);
        else
            withheld[parent] = sum.parent = true;
    }
}

/* From the top down: a region is decided with those beside it before its own parts are. */
static void group_close(const struct coverage_view *view, enum group group, bool withheld[TOTALS_LINES_MAX]) {
    for (size_t i = 0; i < view->count; i++)
        withheld[i] = withheld[i] || is_sensitive(&view->regions[i].line, group);
    if (group == GROUP_FLOWS + FLOW_REFUSED)
        return; /* counted for the city alone: no sum binds it */
    for (size_t i = 0; i < view->count && view->regions[i].code < 1000000; i++)
        sum_close(view, i, group, withheld);
}

static void group_suppress(const struct coverage_view *view, enum group group,
                           const bool above[TOTALS_LINES_MAX], bool withheld[TOTALS_LINES_MAX],
                           struct suppression *out) {
    if (above)
        memcpy(withheld, above, TOTALS_LINES_MAX * sizeof *withheld);
    else
        memset(withheld, 0, TOTALS_LINES_MAX * sizeof *withheld);
    group_close(view, group, withheld);
    for (size_t i = 0; i < view->count; i++)
        if (withheld[i])
            out->withheld[i] |= bits_of(group);
}

/* Members by payer stand for those by segment. */
static bool bill_is_small(const struct billing_summary *summary) {
    for (unsigned payer = PAYER_NONE + 1; payer < PAYER_COUNT; payer++)
        if (is_small(summary->open[payer].people) || is_small(summary->next[payer].people))
            return true;
    return false;
}

static bool grace_is_small(const struct totals_grace grace[TOTALS_GRACE_MONTHS]) {
    for (unsigned i = 0; i < TOTALS_GRACE_MONTHS; i++)
        if (grace[i].month != MONTH_NONE && is_small(grace[i].people))
            return true;
    return false;
}

void suppress_view(const struct coverage_view *view, struct suppression *out) {
    bool totals[TOTALS_LINES_MAX], paid[TOTALS_LINES_MAX], segments[TOTALS_LINES_MAX];
    bool pair[TOTALS_LINES_MAX], other[TOTALS_LINES_MAX];
    memset(out, 0, sizeof *out);
    if (view->count == 0)
        return;
    group_suppress(view, GROUP_TOTALS, NULL, totals, out);
    group_suppress(view, GROUP_CITY_PAID, totals, paid, out);
    group_suppress(view, GROUP_SEGMENTS, paid, segments, out);
    group_suppress(view, GROUP_PAIR, segments, pair, out);
    group_suppress(view, GROUP_STATUSES, totals, other, out);
    for (unsigned group = GROUP_CAME; group < GROUP_COUNT; group++)
        group_suppress(view, group, NULL, other, out);
    for (size_t i = 0; i < view->count; i++)
        out->withheld[i] |= bits_of_gone();
    out->bill = bill_is_small(&view->billing.summary) || segments[0];
    out->bill_pair = pair[0]; /* members who pay are those of PBPU and of BP */
    out->grace_windows = grace_is_small(view->grace) || suppressed(out, 0, FIELD_GRACE);
}
