/* registry_enrol.c - how people become members: enrolment, birth, moving in.
 *
 * Who moved out and comes back goes on in the same row, so that one person is one member for life.
 */
#include "registry_decision.h"

#include <stddef.h>

#define NEWBORN_MONTHS_MAX 12 /* older than a year is an enrolment, not a birth */

/* Registered already: said with the segment, so that a kader sees who covers the person now. */
static enum refusal check_free(struct decision *decision, enum segment wanted) {
    const struct member *before = decision->before;
    if (!before || !status_is_registered((enum status)before->status))
        return REFUSAL_NONE;
    bool same = before->segment == wanted;
    return refuse_text(decision, same ? REFUSAL_ALREADY_REGISTERED : REFUSAL_COVERED_ELSEWHERE,
                       segment_name((enum segment)before->segment));
}

static enum refusal join(struct decision *decision, enum segment segment, bool vulnerable) {
    enum refusal refusal = check_free(decision, segment);
    if (refusal != REFUSAL_NONE)
        return refusal;
    uint8_t care_class = 0;
    refusal = segment_check(decision, segment, vulnerable, &care_class);
    if (refusal != REFUSAL_NONE)
        return refusal;
    segment_enter(decision, segment, care_class, segment_payer_month(decision));
    segment_begin_cover(decision);
    decision->after.kelurahan = decision->event->kelurahan;
    decision_take_person(decision);
    return REFUSAL_NONE;
}

enum refusal decide_enrol(struct decision *decision) {
    return join(decision, (enum segment)decision->event->segment, false);
}

/* City-paid without the local card, on a budget of its own: somebody has to answer for it (seed article of
 * 2024-05-29). */
enum refusal decide_enrol_vulnerable(struct decision *decision) {
    if (!decision_has(decision, FIELD_APPROVER))
        return refuse_text(decision, REFUSAL_APPROVER_MISSING, event_field_name(FIELD_APPROVER));
    enum refusal refusal = join(decision, SEGMENT_PBPU_PEMDA, true);
    if (refusal == REFUSAL_NONE)
        decision->after.flags |= MEMBER_VULNERABLE;
    return refusal;
}

/* Who was a member before keeps the segment; of somebody unknown it has to be said. */
enum refusal decide_move_in(struct decision *decision) {
    const struct member *before = decision->before;
    bool said = decision_has(decision, FIELD_SEGMENT);
    if (!before || said) {
        if (!said)
            return refuse_text(decision, REFUSAL_FIELD_MISSING, event_field_name(FIELD_SEGMENT));
        if (!before && !decision_has(decision, FIELD_BIRTH_DAY))
            return refuse_text(decision, REFUSAL_FIELD_MISSING, event_field_name(FIELD_BIRTH_DAY));
        return join(decision, (enum segment)decision->event->segment, false);
    }
    enum refusal refusal = check_free(decision, (enum segment)before->segment);
    if (refusal != REFUSAL_NONE)
        return refusal;
    bool ended =
        before->flags & MEMBER_ENDED_DAY; /* else the day is that of grace, kept by decide_move_out */
    bool grace = !ended && before->due_day != DAY_NONE;
    decision->after.status = grace ? STATUS_GRACE : STATUS_ACTIVE;
    decision->after.due_day = grace ? before->due_day : DAY_NONE;
    decision->after.flags &= (uint8_t)~MEMBER_ENDED_DAY;
    decision->after.kelurahan = decision->event->kelurahan;
    decision->after.payer_month = segment_payer_month(decision);
    decision_take_person(decision);
    return REFUSAL_NONE;
}

/* A temporary id will do for the first months (BPJS regulation 6/2018 art. 26, 29). */
static enum refusal check_newborn(struct decision *decision) {
    const struct event *event = decision->event;
    const struct member *mother = decision->other;
    if (!mother)
        return refuse_identity(decision, REFUSAL_MOTHER_UNKNOWN, event->other);
    if (mother->status == STATUS_MOVED_OUT)
        return refuse_identity(decision, REFUSAL_MEMBER_MOVED_OUT, event->other);
    if (decision->before)
        return refuse_text(decision, REFUSAL_ALREADY_REGISTERED,
                           segment_name((enum segment)decision->before->segment));
    if (mother->birth_day >= event->birth_day)
        return refuse_day(decision, REFUSAL_DATE_BEFORE_BIRTH, event->birth_day);
    if (decision->day > calendar_add_months(event->birth_day, NEWBORN_MONTHS_MAX))
        return refuse_day(decision, REFUSAL_NEWBORN_TOO_OLD, event->birth_day);
    if ((event->identity & IDENTITY_TEMPORARY) &&
        decision->day > calendar_add_months(event->birth_day, decision->terms->newborn_nik_months))
        return refuse_identity(decision, REFUSAL_TEMPORARY_NOT_ALLOWED, event->identity);
    return REFUSAL_NONE;
}

/* Perpres 82/2018 art. 16: covered from birth, in the mother's segment (the baby of a PBI mother is PBI);
 * registered after 28 days, the premium goes back to the month of birth. In grace after a layoff, the family
 * shares it (art. 27). */
enum refusal decide_birth(struct decision *decision) {
    enum refusal refusal = check_newborn(decision);
    if (refusal != REFUSAL_NONE)
        return refusal;
    const struct event *event = decision->event;
    const struct member *mother = decision->other;
    bool late = decision->day - event->birth_day > decision->terms->newborn_days;
    bool grace = mother->status == STATUS_GRACE;
    decision->after = (struct member){
        .identity = event->identity,
        .family = mother->family,
        .employer = mother->employer,
        .kelurahan = decision_has(decision, FIELD_KELURAHAN) ? event->kelurahan : mother->kelurahan,
        .segment_day = event->birth_day,
        .due_day = grace ? mother->due_day : DAY_NONE,
        .payer_month = late ? calendar_month(event->birth_day) : segment_payer_month(decision),
        .segment = mother->segment,
        .status = grace ? STATUS_GRACE : STATUS_ACTIVE,
        .care_class = mother->care_class,
        .flags = mother->flags & (MEMBER_LOCAL_CARD | MEMBER_VULNERABLE),
    };
    decision->day = event->birth_day; /* from which it holds, whenever it was reported */
    decision_take_person(decision);
    if (event->identity & IDENTITY_TEMPORARY)
        decision->warning = WARNING_NIK_NEEDED;
    if (late) /* it moves money, so it is said first */
        decision->warning = WARNING_NEWBORN_LATE;
    return REFUSAL_NONE;
}
