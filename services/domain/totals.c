/* totals.c - the fold of coverage: one record in, counts by kelurahan, segment and status out (totals.h).
 *
 * A record is checked against the whole state before anything changes: a step counts all of it or nothing.
 */
#include "totals_grace.h"

#include <string.h>

static const char *const FLOW_NAMES[FLOW_COUNT] = {
    [FLOW_ENROLLED] = "enrolled",
    [FLOW_BORN] = "born",
    [FLOW_MOVED_IN] = "moved_in",
    [FLOW_MOVED_OUT] = "moved_out",
    [FLOW_MOVED_WITHIN] = "moved_within",
    [FLOW_DIED] = "died",
    [FLOW_LAID_OFF] = "laid_off",
    [FLOW_REHIRED] = "rehired",
    [FLOW_SWITCHED] = "switched",
    [FLOW_SUSPENDED] = "suspended",
    [FLOW_RESUMED] = "resumed",
    [FLOW_CORRECTED] = "corrected",
    [FLOW_MERGED] = "merged",
    [FLOW_ACTIVATED] = "activated",
    [FLOW_GRACE_ENDED] = "grace_ended",
    [FLOW_REFUSED] = "refused",
};

/* Flow + 1 of each kind; 0: not counted (a new day, devices). */
static const uint8_t FLOW_OF_KIND[CHANGE_MAX] = {
    [CHANGE_ENROL] = FLOW_ENROLLED + 1,
    [CHANGE_ENROL_VULNERABLE] = FLOW_ENROLLED + 1,
    [CHANGE_BIRTH] = FLOW_BORN + 1,
    [CHANGE_MOVE_IN] = FLOW_MOVED_IN + 1,
    [CHANGE_MOVE_OUT] = FLOW_MOVED_OUT + 1,
    [CHANGE_MOVE_WITHIN] = FLOW_MOVED_WITHIN + 1,
    [CHANGE_DEATH] = FLOW_DIED + 1,
    [CHANGE_LAYOFF] = FLOW_LAID_OFF + 1,
    [CHANGE_REHIRE] = FLOW_REHIRED + 1,
    [CHANGE_SWITCH_SEGMENT] = FLOW_SWITCHED + 1,
    [CHANGE_SUSPEND] = FLOW_SUSPENDED + 1,
    [CHANGE_RESUME] = FLOW_RESUMED + 1,
    [CHANGE_CORRECT_IDENTITY] = FLOW_CORRECTED + 1,
    [CHANGE_MERGE] = FLOW_MERGED + 1,
    [CHANGE_ACTIVATED] = FLOW_ACTIVATED + 1,
    [CHANGE_GRACE_ENDED] = FLOW_GRACE_ENDED + 1,
};

const char *flow_name(enum flow flow) {
    return (unsigned)flow < FLOW_COUNT ? FLOW_NAMES[flow] : NULL;
}

enum flow flow_of(enum change kind, bool *counted) {
    uint8_t entry = (unsigned)kind < CHANGE_MAX ? FLOW_OF_KIND[kind] : 0;
    *counted = entry != 0;
    return entry ? (enum flow)(entry - 1) : FLOW_COUNT;
}

void totals_init(struct totals *totals) {
    memset(totals, 0, sizeof *totals);
}

/* Where one side of a record counts: a cell of a kelurahan, or nowhere (outside the city). */
struct place {
    uint16_t kelurahan; /* REGION_NOWHERE: not counted */
    uint8_t segment, status;
    month_t grace; /* in which the months of grace end; MONTH_NONE: not in grace */
};

static enum result find_place(const struct region_table *regions, day_t today, const struct record *record,
                              bool present, const struct member *member, struct place *place,
                              struct failure *why) {
    *place = (struct place){.kelurahan = REGION_NOWHERE};
    if (!present || member->kelurahan == 0)
        return RESULT_OK;
    place->kelurahan = region_index(regions, member->kelurahan);
    place->segment = member->segment;
    place->status = member->status;
    place->grace = grace_month(member, today);
    if (place->kelurahan == REGION_NOWHERE)
        return fail(
            why, RESULT_CORRUPT, "TOTALS_REGION",
            "Record %llu names kelurahan %u, which is not in the city's table of regions: was regions.csv "
            "changed? Put the old file back.",
            (unsigned long long)record->offset, member->kelurahan);
    if (place->segment >= SEGMENT_COUNT || place->status >= STATUS_COUNT)
        return fail(why, RESULT_CORRUPT, "TOTALS_MEMBER",
                    "Record %llu has segment %u and status %u, which this version does not know.",
                    (unsigned long long)record->offset, place->segment, place->status);
    return RESULT_OK;
}

static uint32_t *cell(struct totals *totals, const struct place *place) {
    return &totals->kelurahan[place->kelurahan].people[place->segment][place->status];
}

static void count_flow(struct totals *totals, enum flow flow, uint16_t kelurahan) {
    totals->city_flows[flow]++;
    if (kelurahan != REGION_NOWHERE)
        totals->flows[kelurahan][flow]++;
}

static enum result check_order(const struct totals *totals, const struct batch_header *batch,
                               const struct record *record, struct failure *why) {
    if (record->offset != totals->offset + 1)
        return fail(why, RESULT_CORRUPT, "TOTALS_GAP",
                    "Record %llu came where %llu is the next to be counted.",
                    (unsigned long long)record->offset, (unsigned long long)totals->offset + 1);
    if (batch->day < totals->day)
        return fail(why, RESULT_CORRUPT, "TOTALS_DAY",
                    "Record %llu is of business day %u, but day %u was counted already: days never go back.",
                    (unsigned long long)record->offset, batch->day, totals->day);
    return RESULT_OK;
}

/* What is taken out must have been counted, and what comes must have room. */
static enum result check_counts(struct totals *totals, const struct record *record,
                                const struct place *before, const struct place *after, struct failure *why) {
    bool nobody = before->kelurahan != REGION_NOWHERE && *cell(totals, before) == 0;
    bool nobody_in_grace = before->grace != MONTH_NONE && grace_people(totals, before->grace) == 0;
    if (nobody || nobody_in_grace)
        return fail(
            why, RESULT_CORRUPT, "TOTALS_UNDERFLOW",
            "Record %llu takes a person from kelurahan %u, segment %u, status %u, where nobody is counted.",
            (unsigned long long)record->offset, record->before.kelurahan, before->segment, before->status);
    if (!grace_has_room(totals, after->grace))
        return fail(why, RESULT_CORRUPT, "TOTALS_GRACE",
                    "Record %llu brings a month of grace where %u others are open: no layoff lasts so long.",
                    (unsigned long long)record->offset, TOTALS_GRACE_MONTHS);
    return RESULT_OK;
}

static void begin_day(struct totals *totals, day_t day) {
    if (day == totals->day)
        return;
    memset(totals->flows, 0, sizeof totals->flows);
    memset(totals->city_flows, 0, sizeof totals->city_flows);
    totals->day = day;
}

enum result totals_step(struct totals *totals, const struct region_table *regions,
                        const struct batch_header *batch, const struct record *record, struct failure *why) {
    bool accepted = record->refusal == REFUSAL_NONE;
    struct place before, after;
    enum result result = check_order(totals, batch, record, why);
    if (result == RESULT_OK)
        grace_turn_to(totals, batch->day);
    if (result == RESULT_OK)
        result = find_place(regions, batch->day, record, accepted && record->has_before, &record->before,
                            &before, why);
    if (result == RESULT_OK)
        result = find_place(regions, batch->day, record, accepted && record->has_after, &record->after,
                            &after, why);
    if (result == RESULT_OK)
        result = check_counts(totals, record, &before, &after, why);
    if (result != RESULT_OK)
        return result;

    begin_day(totals, batch->day);
    totals->offset = record->offset;
    totals->as_of_ms = batch->time_ms;
    if (!accepted) {
        totals->refused++;
        count_flow(totals, FLOW_REFUSED, REGION_NOWHERE);
        return RESULT_OK;
    }
    if (before.kelurahan != REGION_NOWHERE)
        --*cell(totals, &before);
    if (after.kelurahan != REGION_NOWHERE)
        ++*cell(totals, &after);
    grace_remove(totals, before.grace);
    grace_add(totals, after.grace);
    bool counted;
    enum flow flow = flow_of(record->kind, &counted);
    if (counted) /* where the person now lives; one who left is counted where he or she lived */
        count_flow(totals, flow, after.kelurahan != REGION_NOWHERE ? after.kelurahan : before.kelurahan);
    return RESULT_OK;
}
