/* registry_work.c - layoffs and new work (Perpres 82/2018 art. 27, Perpres 59/2024), and what the city does
 * about them. */
#include "registry_decision.h"

#include "event_rules.h"

#include <stddef.h>

static bool is_employed(const struct member *member) {
    return member->segment == SEGMENT_PPU_BU || member->segment == SEGMENT_PPU_PN;
}

/* The day of the layoff or rehire that is known last, DAY_NONE where none is: an enrolment or a switch may
 * have been captured long after the work began, so its day says nothing about an older layoff. */
static day_t last_work_day(const struct decision *decision) {
    const struct member *before = decision->before;
    if (before->status == STATUS_GRACE)
        return grace_begin_day(decision->registry->policy, before->due_day);
    if (before->flags & MEMBER_LAID_OFF) /* perhaps by months of grace that are over */
        return grace_begin_day(decision->registry->policy, before->segment_day);
    return before->flags & MEMBER_REHIRED ? before->segment_day : DAY_NONE;
}

/* The labour office may send its list again: the same layoff is told from another by employer and day. */
static bool is_repeated(const struct decision *decision) {
    const struct member *before = decision->before;
    bool same_employer =
        !decision_has(decision, FIELD_EMPLOYER) || decision->event->employer == before->employer;
    if (!same_employer)
        return false;
    if (before->status == STATUS_GRACE)
        return true;
    if (before->flags & MEMBER_DISPUTED)
        return decision->event->disputed;
    return before->flags & MEMBER_LAID_OFF &&
           (decision->day == before->segment_day || decision->day == last_work_day(decision));
}

/* By somebody who sees it but can't prove it: kept for the labour office, and no reason to ask for a
 * proof. */
static bool is_report(const struct decision *decision) {
    return event_rule(decision->event->kind)->reporters & 1u << decision->device->role;
}

static enum refusal check_layoff(struct decision *decision) {
    const struct event *event = decision->event;
    const struct member *before = decision->before;
    if (is_repeated(decision))
        return refuse_day(decision, REFUSAL_ALREADY_LAID_OFF, decision->day);
    if (decision->day < last_work_day(decision))
        return refuse_older(decision, last_work_day(decision));
    if (!is_employed(before))
        return refuse_text(decision, REFUSAL_NOT_EMPLOYED, segment_name((enum segment)before->segment));
    if (is_report(decision))
        return REFUSAL_LAYOFF_REPORTED;
    if (decision_has(decision, FIELD_EMPLOYER) && before->employer != 0 &&
        event->employer != before->employer)
        return refuse_number(decision, REFUSAL_EMPLOYER_DIFFERS, event->employer);
    if (policy_at(decision->registry->policy, decision->day)->proof_required && event->proof == PROOF_NONE)
        return refuse_text(decision, REFUSAL_PROOF_MISSING, event_field_name(FIELD_PROOF));
    return REFUSAL_NONE;
}

/* Disputed: both sides go on paying (art. 27(4)); the same layoff without dispute settles it. Otherwise the
 * city pays by itself, from the next month or after the months without premium, as the policy of that day
 * says. */
enum refusal decide_layoff(struct decision *decision) {
    enum refusal refusal = check_layoff(decision);
    if (refusal != REFUSAL_NONE)
        return refusal;
    const struct policy_row *terms = policy_at(decision->registry->policy, decision->day);
    struct member *after = &decision->after;
    if (decision_has(decision, FIELD_EMPLOYER))
        after->employer = decision->event->employer;
    if (decision->event->disputed) {
        after->flags |= MEMBER_DISPUTED;
        decision->warning = WARNING_LAYOFF_DISPUTED;
        return REFUSAL_NONE;
    }
    if (terms->layoff_payer == LAYOFF_CITY_AFTER_GRACE) {
        after->flags &= MEMBER_LOCAL_CARD;
        after->status = STATUS_GRACE;
        after->due_day = calendar_add_months(decision->day, terms->grace_months);
        return REFUSAL_NONE;
    }
    month_t next_month = (month_t)(calendar_month(decision->day) + 1);
    segment_enter(decision, SEGMENT_PBPU_PEMDA, 3, next_month);
    after->flags |= MEMBER_LAID_OFF;
    after->status = STATUS_ACTIVE;
    after->due_day = DAY_NONE;
    return REFUSAL_NONE;
}

/* A wage worker again: the employer pays from the next month, and nobody else (labour office's need). */
enum refusal decide_rehire(struct decision *decision) {
    const struct event *event = decision->event;
    const struct member *before = decision->before;
    bool settled = before->status != STATUS_GRACE && !(before->flags & MEMBER_DISPUTED);
    if (before->segment == SEGMENT_PPU_BU && before->employer == event->employer && settled)
        return refuse_number(decision, REFUSAL_NOTHING_CHANGES, event->employer);
    if (decision->day < last_work_day(decision))
        return refuse_older(decision, last_work_day(decision));
    uint8_t care_class = 0;
    enum refusal refusal = segment_check(decision, SEGMENT_PPU_BU, false, &care_class);
    if (refusal != REFUSAL_NONE)
        return refusal;
    segment_enter(decision, SEGMENT_PPU_BU, care_class, (month_t)(calendar_month(decision->day) + 1));
    decision->after.flags |= MEMBER_REHIRED;
    decision->after.status = STATUS_ACTIVE;
    decision->after.due_day = DAY_NONE;
    return REFUSAL_NONE;
}
