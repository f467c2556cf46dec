/* registry_life.c - moves, deaths, suspension: what changes a member's status or place, not the segment. */
#include "registry_decision.h"

#include <stddef.h>

/* The last kelurahan stays known: that is where a departure is counted. */
static void set_status(struct decision *decision, enum status status) {
    decision->after.status = (uint8_t)status;
    decision->after.due_day = DAY_NONE;
    decision->after.flags &= (uint8_t)~MEMBER_ENDED_DAY;
}

/* Suspended, deceased or moved out: the day stays known, so that nothing older undoes it. */
static void set_end(struct decision *decision, enum status status) {
    decision->after.status = (uint8_t)status;
    decision->after.due_day = decision->day;
    decision->after.flags |= MEMBER_ENDED_DAY;
}

/* A month may end up to three days before the day that a longer one has: from 28 February, six months back is
 * 28 August, though the layoff may have been on the 31st. */
#define MONTH_ENDS_DIFFER_DAYS 3

day_t grace_begin_day(const struct policy *policy, day_t end) {
    day_t earliest = end;
    for (unsigned i = 0; i < policy->count; i++) {
        const struct policy_row *row = &policy->rows[i];
        day_t begin = calendar_add_months(end, -row->grace_months);
        bool held = policy_at(policy, begin) == row ||
                    policy_at(policy, (day_t)(begin + MONTH_ENDS_DIFFER_DAYS)) == row;
        if (held && row->layoff_payer == LAYOFF_CITY_AFTER_GRACE && begin < earliest)
            earliest = begin;
    }
    return earliest;
}

/* Grace after a layoff holds wherever one lives: its end stays known for the day of return, or of the report
 * that was wrong. */
static enum refusal leave(struct decision *decision, enum status status) {
    if (decision->before->status == STATUS_GRACE)
        decision->after.status = (uint8_t)status;
    else
        set_end(decision, status);
    return REFUSAL_NONE;
}

enum refusal decide_move_out(struct decision *decision) {
    return leave(decision, STATUS_MOVED_OUT);
}

enum refusal decide_death(struct decision *decision) {
    return leave(decision, STATUS_DECEASED);
}

enum refusal decide_move_within(struct decision *decision) {
    const struct event *event = decision->event;
    bool same_family = !decision_has(decision, FIELD_FAMILY) || event->family == decision->before->family;
    if (event->kelurahan == decision->before->kelurahan && same_family)
        return refuse_number(decision, REFUSAL_NOTHING_CHANGES, event->kelurahan);
    decision->after.kelurahan = event->kelurahan;
    if (!same_family)
        decision->after.family = event->family;
    return REFUSAL_NONE;
}

/* Benefit in grace is due by law whoever pays (Perpres 82/2018 art. 27), so it can't be suspended. */
enum refusal decide_suspend(struct decision *decision) {
    if (decision->before->status == STATUS_SUSPENDED)
        return refuse_identity(decision, REFUSAL_ALREADY_SUSPENDED, decision->event->identity);
    if (decision->before->status == STATUS_GRACE)
        return refuse_text(decision, REFUSAL_SEGMENT_TRANSITION, status_name(STATUS_GRACE));
    set_end(decision, STATUS_SUSPENDED);
    return REFUSAL_NONE;
}

/* The first day from which the member may be back: that of the end, or, of somebody who left in months of
 * grace, that of the layoff before them. DAY_NONE where none is known. */
static day_t first_resume_day(const struct decision *decision) {
    const struct member *before = decision->before;
    if (before->flags & MEMBER_ENDED_DAY || before->due_day == DAY_NONE)
        return before->due_day;
    return grace_begin_day(decision->registry->policy, before->due_day);
}

/* Of somebody suspended; or, by an office that answers for the list, of somebody who is said to have died or
 * left and has not: what that report has taken back is owed again, as new postings. Who left in months of
 * grace is in them again. Who was suspended before is active: a suspension of its own day puts that right. */
enum refusal decide_resume(struct decision *decision) {
    const struct member *before = decision->before;
    enum status status = (enum status)before->status;
    bool left = !status_is_registered(status);
    if (left && decision->device->role == ROLE_KADER)
        return refuse_identity(decision,
                               status == STATUS_DECEASED ? REFUSAL_MEMBER_DECEASED : REFUSAL_MEMBER_MOVED_OUT,
                               decision->event->identity);
    if (!left && status != STATUS_SUSPENDED)
        return refuse_text(decision, REFUSAL_NOT_SUSPENDED, status_name(status));
    if (decision->day < first_resume_day(decision))
        return refuse_older(decision, first_resume_day(decision));
    if (!(before->flags & MEMBER_ENDED_DAY) && before->due_day != DAY_NONE)
        decision->after.status = STATUS_GRACE;
    else
        set_status(decision, STATUS_ACTIVE);
    return REFUSAL_NONE;
}
