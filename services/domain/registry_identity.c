/* registry_identity.c - who somebody is: corrections, and duplicates that become one member. */
#include "registry_decision.h"

#include <stddef.h>

/* The new identity is free, or was this member's own (of a duplicate merged into it). */
static enum refusal take_identity(struct decision *decision) {
    const struct event *event = decision->event;
    if (event->other & IDENTITY_TEMPORARY)
        return refuse_identity(decision, REFUSAL_TEMPORARY_NOT_ALLOWED, event->other);
    if (decision->other_id != 0 && decision->other_id != decision->id)
        return refuse_identity(decision, REFUSAL_IDENTITY_TAKEN, event->other);
    decision->after.identity = event->other;
    return REFUSAL_NONE;
}

enum refusal decide_correct_identity(struct decision *decision) {
    if (decision_has(decision, FIELD_OTHER)) {
        enum refusal refusal = take_identity(decision);
        if (refusal != REFUSAL_NONE)
            return refusal;
    }
    decision->other_id = 0; /* the other identity names no other member */
    decision_take_person(decision);
    bool named = decision_has(decision, FIELD_NAME); /* names are in records only: each one given is news */
    if (!named && member_equal(&decision->after, decision->before))
        return refuse_identity(decision, REFUSAL_NOTHING_CHANGES, decision->event->identity);
    return REFUSAL_NONE;
}

static bool persons_differ(const struct member *a, const struct member *b) {
    bool birth = a->birth_day != DAY_NONE && b->birth_day != DAY_NONE && a->birth_day != b->birth_day;
    bool sex = a->sex != SEX_UNKNOWN && b->sex != SEX_UNKNOWN && a->sex != b->sex;
    return birth || sex;
}

/* The record is the duplicate's: it ends, and the survivor's row stays as it is. Two people with other birth
 * days are no duplicates before one of them is corrected (openg2p-erp #45: an override has to leave a trail).
 */
enum refusal decide_merge(struct decision *decision) {
    const struct event *event = decision->event;
    const struct member *survivor = decision->before, *duplicate = decision->other;
    if (!duplicate)
        return refuse_identity(decision, REFUSAL_MEMBER_UNKNOWN, event->other);
    if (decision->id == decision->other_id)
        return refuse_identity(decision, REFUSAL_SAME_MEMBER, event->other);
    if (persons_differ(survivor, duplicate))
        return refuse_identity(decision, REFUSAL_DUPLICATE_DIFFERS, event->other);
    uint32_t survivor_id = decision->id;
    decision->id = decision->other_id;
    decision->other_id = survivor_id;
    decision->before = duplicate;
    decision->after = *duplicate;
    decision->after.status = STATUS_MERGED;
    decision->after.due_day = DAY_NONE;
    decision->after.flags &= (uint8_t)~MEMBER_ENDED_DAY;
    return REFUSAL_NONE;
}
