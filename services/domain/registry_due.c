/* registry_due.c - what falls due by itself: cover that begins, months of grace that end.
 *
 * The rows are walked once a business day; two million of them are 96 MB, read in order, a slice a call, so
 * that nobody's event waits for it.
 */
#include "registry_state.h"

#define DUE_SLICE 65536u

/* After the months without premium the city pays, from the month that follows the last of them (Perpres
 * 82/2018 art. 27; setting layoff.city_pays_from = after_grace). */
static void end_grace(struct member *member) {
    member->segment = SEGMENT_PBPU_PEMDA;
    member->care_class = 3;
    member->segment_day = member->due_day;
    member->payer_month = (month_t)(calendar_month((day_t)(member->due_day - 1)) + 1);
    member->wage_rupiah = 0;
    member->flags = (member->flags & MEMBER_LOCAL_CARD) | MEMBER_LAID_OFF;
}

static void fill_due(const struct member_row *row, uint32_t id, day_t today, struct record *record) {
    bool grace = row->member.status == STATUS_GRACE;
    *record = (struct record){.previous_offset = row->last_offset,
                              .member_id = id,
                              .kind = grace ? CHANGE_GRACE_ENDED : CHANGE_ACTIVATED,
                              .captured_at_ms = calendar_time_of_day(today),
                              .effective_day = row->member.due_day,
                              .has_before = true,
                              .has_after = true,
                              .before = row->member,
                              .after = row->member};
    if (grace)
        end_grace(&record->after);
    record->after.status = STATUS_ACTIVE;
    record->after.due_day = DAY_NONE;
}

enum result registry_due(const struct registry *registry, day_t today, uint32_t *cursor,
                         struct record *record) {
    uint32_t count = registry->rows.count;
    uint32_t end = *cursor + DUE_SLICE < count ? *cursor + DUE_SLICE : count;
    while (*cursor < end) {
        uint32_t id = ++*cursor;
        const struct member_row *row = member_rows_at(&registry->rows, id);
        if (row->member.due_day == DAY_NONE || row->member.due_day > today)
            continue;
        if (row->member.status != STATUS_PENDING && row->member.status != STATUS_GRACE)
            continue; /* moved out in grace: it ends after the return */
        fill_due(row, id, today, record);
        return RESULT_OK;
    }
    return *cursor < count ? RESULT_AGAIN : RESULT_NOT_FOUND;
}
