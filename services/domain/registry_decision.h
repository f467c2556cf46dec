/* registry_decision.h - one event under decision; shared by registry_decide.c and the files with the rules
 * per kind.
 *
 * A rule is a function that reads `event` and `before`, writes `after` and perhaps a warning, and returns
 * REFUSAL_NONE or why not. It changes nothing else, so that a dry run is the same code.
 */
#ifndef DOMAIN_REGISTRY_DECISION_H
#define DOMAIN_REGISTRY_DECISION_H

#include "registry_state.h"

#include "cakupan/nik.h"

#define DECISION_VALUE_SIZE 64

struct decision {
    const struct registry *registry;
    const struct device *device;
    const struct event *event;
    day_t today;                    /* the business day on which the event is decided             */
    day_t day;                      /* the day it happened: as given, else the day of its capture */
    const struct policy_row *terms; /* that hold today                                            */
    uint32_t id;                    /* the member it is about, 0 where nobody is known            */
    uint32_t other_id;              /* the member named by `other`, 0 where nobody is known       */
    const struct member *before;    /* NULL where nobody is known                                 */
    const struct member *other;     /* NULL where nobody is known                                 */
    struct member after;            /* begins as `before`, or empty with the identity             */
    enum refusal warning;
    char *value; /* the value at fault, masked; DECISION_VALUE_SIZE */
};

static inline bool decision_has(const struct decision *decision, enum event_field field) {
    return (decision->event->present & field) != 0;
}

/* Write the value at fault and return `code`, so that a rule can end with them. */
enum refusal refuse_text(struct decision *decision, enum refusal code, const char *text);
enum refusal refuse_number(struct decision *decision, enum refusal code, uint64_t number);
enum refusal refuse_day(struct decision *decision, enum refusal code, day_t day);
enum refusal refuse_identity(struct decision *decision, enum refusal code, identity_t identity);
/* REFUSAL_OLDER_THAN_KNOWN: what is known since `known` would be undone by it. */
enum refusal refuse_older(struct decision *decision, day_t known);

/* registry_segment.c: what it takes to be in a segment, and what being there means. */
enum refusal segment_check(struct decision *decision, enum segment segment, bool vulnerable,
                           uint8_t *care_class);
void segment_enter(struct decision *decision, enum segment segment, uint8_t care_class, month_t payer_month);
void segment_begin_cover(struct decision *decision);
month_t segment_payer_month(const struct decision *decision);

/* registry_life.c: the day of the layoff whose months of grace are over on `end`, or, where the months differ
 * in length, a day shortly before it; `end` itself where the policy of that time gave no months of grace. */
day_t grace_begin_day(const struct policy *policy, day_t end);

/* Takes the family, birth day, sex and card that the event gives; warns where the NIK disagrees. */
void decision_take_person(struct decision *decision);

/* The rules, one function a kind. registry_enrol.c: */
enum refusal decide_enrol(struct decision *decision);
enum refusal decide_enrol_vulnerable(struct decision *decision);
enum refusal decide_birth(struct decision *decision);
enum refusal decide_move_in(struct decision *decision);
/* registry_work.c: */
enum refusal decide_layoff(struct decision *decision);
enum refusal decide_rehire(struct decision *decision);
/* registry_segment.c: */
enum refusal decide_switch_segment(struct decision *decision);
/* registry_life.c: */
enum refusal decide_move_out(struct decision *decision);
enum refusal decide_move_within(struct decision *decision);
enum refusal decide_death(struct decision *decision);
enum refusal decide_suspend(struct decision *decision);
enum refusal decide_resume(struct decision *decision);
/* registry_identity.c: */
enum refusal decide_correct_identity(struct decision *decision);
enum refusal decide_merge(struct decision *decision);

#endif
