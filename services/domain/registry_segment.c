/* registry_segment.c - segments: who may be in one, from when who pays, and which may follow which.
 *
 * One person has one segment at a time (Perpres 82/2018 art. 2-4): the same person paid for in two is the
 * classic finding of auditors.
 */
#include "registry_decision.h"

#include <stddef.h>

#define SEGMENT_BIT(segment) (1u << (segment))
/* What a kader may put somebody into; the rest is decided by the centre, by employers, or by BPJS. */
#define KADER_SEGMENTS (SEGMENT_BIT(SEGMENT_PBPU_PEMDA) | SEGMENT_BIT(SEGMENT_PBPU) | SEGMENT_BIT(SEGMENT_BP))
#define WORK_SEGMENTS  (SEGMENT_BIT(SEGMENT_PPU_PN) | SEGMENT_BIT(SEGMENT_PPU_BU))
/* Poor or city-paid: class III only (Perpres 82/2018 art. 51; the city's own rule). */
#define CLASS_3_SEGMENTS (SEGMENT_BIT(SEGMENT_PBI_JK) | SEGMENT_BIT(SEGMENT_PBPU_PEMDA))
/* PPU up to this wage are in class II, above it in class I (Perpres 82/2018 art. 51). */
#define CLASS_2_WAGE_MAX_RUPIAH 4000000u

static bool is_in(enum segment segment, unsigned segments) {
    return (SEGMENT_BIT(segment) & segments) != 0;
}

static enum refusal check_class(struct decision *decision, enum segment segment, uint8_t *care_class) {
    const struct event *event = decision->event;
    if (decision_has(decision, FIELD_CARE_CLASS))
        *care_class = event->care_class;
    else if (is_in(segment, CLASS_3_SEGMENTS))
        *care_class = 3;
    else if (is_in(segment, WORK_SEGMENTS))
        *care_class = event->wage_rupiah > CLASS_2_WAGE_MAX_RUPIAH ? 1 : 2;
    else
        return refuse_text(decision, REFUSAL_FIELD_MISSING, event_field_name(FIELD_CARE_CLASS));
    if (is_in(segment, CLASS_3_SEGMENTS) && *care_class != 3)
        return refuse_number(decision, REFUSAL_CLASS_NOT_ALLOWED, *care_class);
    return REFUSAL_NONE;
}

/* City eligibility: the city's identity card, or vulnerable with a reason and an approver (seed article of
 * 2024-05-29). */
enum refusal segment_check(struct decision *decision, enum segment segment, bool vulnerable,
                           uint8_t *care_class) {
    if (decision->device->role == ROLE_KADER && !is_in(segment, KADER_SEGMENTS))
        return refuse_text(decision, REFUSAL_ROLE_NOT_ALLOWED, segment_name(segment));
    if (!is_in(segment, WORK_SEGMENTS)) {
        enum event_field work = decision_has(decision, FIELD_WAGE) ? FIELD_WAGE : FIELD_EMPLOYER;
        if (decision_has(decision, work))
            return refuse_text(decision, REFUSAL_FIELD_FOREIGN, event_field_name(work));
    }
    bool card = decision->event->local_card || decision->after.flags & MEMBER_LOCAL_CARD;
    if (segment == SEGMENT_PBPU_PEMDA && !card && !vulnerable)
        return refuse_text(decision, REFUSAL_NOT_ELIGIBLE_CARD, event_field_name(FIELD_LOCAL_CARD));
    return check_class(decision, segment, care_class);
}

/* A change handed in up to the cut-off day counts from the next month, a later one from the month after next
 * (submission cut-off; setting). BPJS's master list says what holds already: there the day itself counts. */
month_t segment_payer_month(const struct decision *decision) {
    day_t submitted = decision->device->role == ROLE_BPJS ? decision->day : decision->today;
    int year, month, day_of_month;
    calendar_civil(submitted, &year, &month, &day_of_month);
    bool in_time = day_of_month <= decision->terms->cut_off_day;
    return (month_t)((year - 1900) * 12 + month + (in_time ? 1 : 2)); /* calendar.h: 1 is January 1900 */
}

void segment_enter(struct decision *decision, enum segment segment, uint8_t care_class, month_t payer_month) {
    struct member *after = &decision->after;
    bool same_work = after->segment == segment && !decision_has(decision, FIELD_EMPLOYER);
    if (decision_has(decision, FIELD_WAGE) || !same_work)
        after->wage_rupiah = decision->event->wage_rupiah;
    after->segment = (uint8_t)segment;
    after->care_class = care_class & 3;
    after->segment_day = decision->day;
    after->payer_month = payer_month;
    after->flags &= MEMBER_LOCAL_CARD;
    if (decision_has(decision, FIELD_EMPLOYER))
        after->employer = decision->event->employer; /* else the last one stays known */
}

/* Covered the same day where the city is UHC Prioritas (non cut off), else from the first month paid for.
 * Poor and employed people are covered by others than the city's agreement, at once. */
void segment_begin_cover(struct decision *decision) {
    struct member *after = &decision->after;
    after->status = STATUS_ACTIVE;
    after->due_day = DAY_NONE;
    if (decision->terms->activation == ACTIVATION_SAME_DAY ||
        !is_in((enum segment)after->segment, KADER_SEGMENTS))
        return;
    day_t begins = calendar_first_day(after->payer_month);
    if (begins <= decision->today)
        return;
    after->status = STATUS_PENDING;
    after->due_day = begins;
}

/* From a row to its columns. Wage workers come to the city or the poor by a layoff alone: as long as an
 * employer has to pay, nobody else may (Perpres 82/2018 art. 27). */
static bool may_follow(enum segment from, enum segment to) {
    static const uint8_t next[SEGMENT_COUNT] = {
        [SEGMENT_PBI_JK] = KADER_SEGMENTS | WORK_SEGMENTS,
        [SEGMENT_PBPU_PEMDA] = SEGMENT_BIT(SEGMENT_PBI_JK) | KADER_SEGMENTS | WORK_SEGMENTS,
        [SEGMENT_PPU_PN] = SEGMENT_BIT(SEGMENT_PBPU) | SEGMENT_BIT(SEGMENT_BP) | WORK_SEGMENTS,
        [SEGMENT_PPU_BU] = SEGMENT_BIT(SEGMENT_PBPU) | SEGMENT_BIT(SEGMENT_BP) | WORK_SEGMENTS,
        [SEGMENT_PBPU] = SEGMENT_BIT(SEGMENT_PBI_JK) | KADER_SEGMENTS | WORK_SEGMENTS,
        [SEGMENT_BP] = SEGMENT_BIT(SEGMENT_PBI_JK) | KADER_SEGMENTS | WORK_SEGMENTS,
    };
    return is_in(to, next[from]);
}

/* Who is covered stays covered while the payer changes; who is not begins anew. A switch within a segment is
 * one of class. */
enum refusal decide_switch_segment(struct decision *decision) {
    const struct member *before = decision->before;
    enum segment from = (enum segment)before->segment, to = (enum segment)decision->event->segment;
    if (from != to && !may_follow(from, to))
        return refuse_text(decision, REFUSAL_SEGMENT_TRANSITION, segment_name(from));
    uint8_t care_class = 0;
    enum refusal refusal = segment_check(decision, to, false, &care_class);
    if (refusal != REFUSAL_NONE)
        return refusal;
    if (from == to && (!decision_has(decision, FIELD_CARE_CLASS) || care_class == before->care_class))
        return refuse_text(decision, REFUSAL_NOTHING_CHANGES, segment_name(to));
    segment_enter(decision, to, care_class, segment_payer_month(decision));
    if (is_in(to, WORK_SEGMENTS))
        decision->after.flags |= before->flags & MEMBER_REHIRED;
    if (from == to && decision->after.employer == before->employer)
        decision->after.segment_day = before->segment_day; /* another class is not another beginning */
    if (decision->event->local_card)
        decision->after.flags |= MEMBER_LOCAL_CARD;
    if (!status_is_active((enum status)before->status)) {
        segment_begin_cover(decision);
        return REFUSAL_NONE;
    }
    decision->after.status = STATUS_ACTIVE;
    decision->after.due_day = DAY_NONE;
    return REFUSAL_NONE;
}
