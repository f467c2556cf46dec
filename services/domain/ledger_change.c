/* ledger_change.c - what a record changes in what is owed, and from which month: the rules of ledger.h
 * (ledger_runs.h). */
#include "ledger_runs.h"

enum run_state run_state_of(enum status status) {
    switch (status) {
    case STATUS_GRACE:
        return RUN_GRACE;
    case STATUS_SUSPENDED:
        return RUN_SUSPENDED;
    case STATUS_DECEASED:
    case STATUS_MOVED_OUT:
    case STATUS_MERGED:
        return RUN_ENDED;
    default: /* active, or pending until the first month that is owed */
        return RUN_OWES;
    }
}

/* The first month after the months of grace, as enrollment will decide when they end (registry_due.c). */
static month_t grace_end_of(const struct member *member) {
    if (member->status != STATUS_GRACE || member->due_day == DAY_NONE)
        return MONTH_NONE;
    return (month_t)(calendar_month((day_t)(member->due_day - 1)) + 1);
}

/* Which tracks a record of that kind changes, and whether from the payer's month or from the month after the
 * day. */
static uint8_t tracks_of(const struct record *record, bool *from_payer_month) {
    *from_payer_month = true;
    switch (record->kind) {
    case CHANGE_ENROL:
    case CHANGE_ENROL_VULNERABLE:
    case CHANGE_BIRTH:
    case CHANGE_MOVE_IN:
        return TRACK_ALL;
    case CHANGE_SWITCH_SEGMENT:
    case CHANGE_REHIRE:
    case CHANGE_GRACE_ENDED:
        return TRACK_TERMS | TRACK_STATE;
    case CHANGE_LAYOFF:
        if (record->after.flags & MEMBER_DISPUTED) /* both sides go on paying, Perpres 82/2018 art. 27(4) */
            return 0;
        *from_payer_month = record->after.status != STATUS_GRACE;
        return *from_payer_month ? TRACK_TERMS | TRACK_STATE : TRACK_STATE;
    case CHANGE_MOVE_WITHIN:
        *from_payer_month = false;
        return TRACK_PLACE;
    case CHANGE_MOVE_OUT:
    case CHANGE_DEATH:
    case CHANGE_SUSPEND:
    case CHANGE_RESUME:
    case CHANGE_MERGE:
        *from_payer_month = false;
        return TRACK_STATE;
    default:
        return 0;
    }
}

bool run_change_of(const struct record *record, const struct region_table *regions, month_t first_month,
                   struct run_change *out) {
    const struct member *after = &record->after;
    bool from_payer_month;
    uint8_t tracks = tracks_of(record, &from_payer_month);
    if (tracks == 0)
        return false;
    month_t from =
        from_payer_month ? after->payer_month : (month_t)(calendar_month(record->effective_day) + 1);
    if (from < first_month ||
        record->kind == CHANGE_MERGE) /* what was before the state is not its business */
        from = first_month;
    *out = (struct run_change){
        .from = from,
        .tracks = tracks,
        .only_in_grace = record->kind == CHANGE_GRACE_ENDED,
        .value = {.cause_offset = record->offset,
                  .wage_rupiah = after->wage_rupiah,
                  .from = from,
                  .grace_end = grace_end_of(after),
                  .kelurahan =
                      tracks & TRACK_PLACE ? region_index(regions, after->kelurahan) : REGION_NOWHERE,
                  .segment = after->segment & 15,
                  .care_class = after->care_class,
                  .state = run_state_of((enum status)after->status) & 3,
                  .flags = after->flags & RUN_FLAGS},
    };
    return true;
}
