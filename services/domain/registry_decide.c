/* registry_decide.c - from an event to a record: what holds for every kind, then the rule of its own.
 *
 * The order is that of usefulness to the sender: form, right, fields, numbers, dates, person, place, rule.
 * The first thing wrong is what the record says.
 */
#include "registry_decision.h"

#include "event_rules.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CAPTURE_AHEAD_MAX_MS INT64_C(86400000) /* a device's clock may be ahead by a day */

typedef enum refusal decide_kind(struct decision *decision);
static decide_kind *const rules_by_kind[CHANGE_DEVICE_COUNT] = {
    [CHANGE_ENROL] = decide_enrol,
    [CHANGE_BIRTH] = decide_birth,
    [CHANGE_MOVE_IN] = decide_move_in,
    [CHANGE_MOVE_OUT] = decide_move_out,
    [CHANGE_MOVE_WITHIN] = decide_move_within,
    [CHANGE_DEATH] = decide_death,
    [CHANGE_LAYOFF] = decide_layoff,
    [CHANGE_REHIRE] = decide_rehire,
    [CHANGE_SWITCH_SEGMENT] = decide_switch_segment,
    [CHANGE_SUSPEND] = decide_suspend,
    [CHANGE_RESUME] = decide_resume,
    [CHANGE_CORRECT_IDENTITY] = decide_correct_identity,
    [CHANGE_MERGE] = decide_merge,
    [CHANGE_ENROL_VULNERABLE] = decide_enrol_vulnerable,
};

enum refusal refuse_text(struct decision *decision, enum refusal code, const char *text) {
    snprintf(decision->value, DECISION_VALUE_SIZE, "%s", text);
    return code;
}

enum refusal refuse_number(struct decision *decision, enum refusal code, uint64_t number) {
    snprintf(decision->value, DECISION_VALUE_SIZE, "%" PRIu64, number);
    return code;
}

enum refusal refuse_day(struct decision *decision, enum refusal code, day_t day) {
    char text[CALENDAR_TEXT];
    calendar_format(day, text);
    return refuse_text(decision, code, text);
}

enum refusal refuse_older(struct decision *decision, day_t known) {
    char sent_text[CALENDAR_TEXT], known_text[CALENDAR_TEXT];
    calendar_format(decision->day, sent_text);
    calendar_format(known, known_text);
    snprintf(decision->value, DECISION_VALUE_SIZE, "%s < %s", sent_text, known_text);
    return REFUSAL_OLDER_THAN_KNOWN;
}

enum refusal refuse_identity(struct decision *decision, enum refusal code, identity_t identity) {
    char masked[24];
    identity_mask(identity, masked);
    return refuse_text(decision, code, masked);
}

static enum refusal check_form(struct decision *decision) {
    const struct event *event = decision->event;
    if (event->malformed != REFUSAL_NONE) {
        snprintf(decision->value, DECISION_VALUE_SIZE, "%.*s", (int)event->malformed_field.size,
                 event->malformed_field.data ? event->malformed_field.data : "");
        return (enum refusal)event->malformed;
    }
    return event_rule(event->kind) ? REFUSAL_NONE
                                   : refuse_number(decision, REFUSAL_KIND_UNKNOWN, event->kind);
}

static enum refusal check_sender(struct decision *decision) {
    const struct device *device = decision->device;
    if (device->revoked)
        return refuse_text(decision, REFUSAL_DEVICE_REVOKED, device->name);
    const struct event_rule *rule = event_rule(decision->event->kind);
    if (device->role >= ROLE_COUNT || !((rule->roles | rule->reporters) & 1u << device->role))
        return refuse_text(decision, REFUSAL_ROLE_NOT_ALLOWED,
                           change_name((enum change)decision->event->kind));
    return REFUSAL_NONE;
}

static enum refusal refuse_field(struct decision *decision, enum refusal code, uint32_t fields) {
    return refuse_text(decision, code, event_field_name(fields & -fields));
}

static enum refusal check_fields(struct decision *decision) {
    const struct event *event = decision->event;
    const struct event_rule *rule = event_rule(event->kind);
    if (!decision_has(decision, FIELD_IDENTITY) || event->identity == 0)
        return REFUSAL_IDENTITY_MISSING;
    uint32_t missing = rule->needed & ~event->present;
    if (missing)
        return refuse_field(decision, REFUSAL_FIELD_MISSING, missing);
    uint32_t foreign = event->present & ~(rule->needed | rule->allowed);
    if (foreign)
        return refuse_field(decision, REFUSAL_FIELD_FOREIGN, foreign);
    return REFUSAL_NONE;
}

/* The decoder has checked the same; a fold trusts nobody with the width of its own rows. */
static enum refusal check_ranges(struct decision *decision) {
    const struct event *event = decision->event;
    uint32_t wrong = 0;
    if (decision_has(decision, FIELD_SEX) && (event->sex < SEX_FEMALE || event->sex > SEX_MALE))
        wrong |= FIELD_SEX;
    if (decision_has(decision, FIELD_SEGMENT) &&
        (event->segment == SEGMENT_NONE || event->segment >= SEGMENT_COUNT))
        wrong |= FIELD_SEGMENT;
    if (decision_has(decision, FIELD_CARE_CLASS) && (event->care_class < 1 || event->care_class > 3))
        wrong |= FIELD_CARE_CLASS;
    if (decision_has(decision, FIELD_PROOF) && (event->proof == PROOF_NONE || event->proof >= PROOF_COUNT))
        wrong |= FIELD_PROOF;
    if (decision_has(decision, FIELD_DESTINATION) && event->destination > 9999)
        wrong |= FIELD_DESTINATION;
    return wrong ? refuse_field(decision, REFUSAL_VALUE_RANGE, wrong) : REFUSAL_NONE;
}

static enum refusal check_number(struct decision *decision, identity_t identity) {
    if (identity & IDENTITY_TEMPORARY)
        return REFUSAL_NONE;
    enum refusal refusal = nik_check(identity);
    return refusal ? refuse_identity(decision, refusal, identity) : REFUSAL_NONE;
}

static enum refusal check_numbers(struct decision *decision) {
    const struct event *event = decision->event;
    enum refusal refusal = check_number(decision, event->identity);
    if (refusal == REFUSAL_NONE && decision_has(decision, FIELD_OTHER))
        refusal = check_number(decision, event->other);
    if (refusal != REFUSAL_NONE || !decision_has(decision, FIELD_FAMILY))
        return refusal;
    refusal = kk_check(event->family);
    return refusal ? refuse_identity(decision, refusal, event->family) : REFUSAL_NONE;
}

/* A clock that is ahead by less than a day gives today, not tomorrow. */
static enum refusal check_dates(struct decision *decision, int64_t now_ms) {
    const struct event *event = decision->event;
    day_t captured = calendar_day_of_time(event->captured_at_ms);
    if (event->captured_at_ms > now_ms + CAPTURE_AHEAD_MAX_MS)
        return refuse_day(decision, REFUSAL_CAPTURED_FUTURE, captured);
    bool born = decision_has(decision, FIELD_BIRTH_DAY);
    if (captured == DAY_NONE || (born && event->birth_day == DAY_NONE) ||
        (decision_has(decision, FIELD_DAY) && event->day == DAY_NONE))
        return refuse_text(decision, REFUSAL_DATE_INVALID, captured == DAY_NONE ? "captured_at_ms" : "");
    decision->day = captured < decision->today ? captured : decision->today;
    if (decision_has(decision, FIELD_DAY))
        decision->day = event->day;
    if (decision->day > decision->today)
        return refuse_day(decision, REFUSAL_DATE_FUTURE, decision->day);
    if (born && event->birth_day > decision->today)
        return refuse_day(decision, REFUSAL_DATE_FUTURE, event->birth_day);
    return REFUSAL_NONE;
}

static unsigned subject_of(const struct member *member) {
    if (!member)
        return SUBJECT_NOBODY;
    if (member->status == STATUS_DECEASED)
        return SUBJECT_DECEASED;
    return member->status == STATUS_MOVED_OUT ? SUBJECT_MOVED_OUT : SUBJECT_REGISTERED;
}

/* A temporary id stands for a newborn: nobody else becomes known under one (Perpres 82/2018 art. 16). */
static enum refusal check_person(struct decision *decision) {
    const struct event *event = decision->event;
    decision->before = registry_find(decision->registry, event->identity, &decision->id);
    if (decision_has(decision, FIELD_OTHER))
        decision->other = registry_find(decision->registry, event->other, &decision->other_id);
    unsigned subject = subject_of(decision->before);
    if (!(event_rule(event->kind)->subject & subject)) {
        enum refusal why = subject == SUBJECT_NOBODY     ? REFUSAL_MEMBER_UNKNOWN
                           : subject == SUBJECT_DECEASED ? REFUSAL_MEMBER_DECEASED
                                                         : REFUSAL_MEMBER_MOVED_OUT;
        return refuse_identity(decision, why, event->identity);
    }
    if (subject == SUBJECT_NOBODY && event->kind != CHANGE_BIRTH && (event->identity & IDENTITY_TEMPORARY))
        return refuse_identity(decision, REFUSAL_TEMPORARY_NOT_ALLOWED, event->identity);
    day_t birth_day = decision_has(decision, FIELD_BIRTH_DAY) ? event->birth_day
                      : decision->before                      ? decision->before->birth_day
                                                              : DAY_NONE;
    if (event->kind != CHANGE_CORRECT_IDENTITY && decision->day < birth_day)
        return refuse_day(decision, REFUSAL_DATE_BEFORE_BIRTH, decision->day);
    return REFUSAL_NONE;
}

/* Whether the sender answers for the place. An office without an area answers for the whole city. */
static bool in_area(const struct decision *decision, uint32_t kelurahan) {
    const struct device *device = decision->device;
    if (device->area == 0 && device->role != ROLE_KADER)
        return true;
    return area_holds(device->area, kelurahan);
}

static enum refusal check_place(struct decision *decision) {
    const struct event *event = decision->event;
    const struct member *before = decision->before, *other = decision->other;
    uint32_t target = before ? before->kelurahan : other ? other->kelurahan : 0;
    if (decision_has(decision, FIELD_KELURAHAN)) {
        target = event->kelurahan;
        if (region_index(decision->registry->regions, target) == REGION_NOWHERE)
            return refuse_number(decision, REFUSAL_REGION_UNKNOWN, target);
    }
    bool allowed = target == 0 || in_area(decision, target);
    if (event->kind == CHANGE_MOVE_WITHIN) /* either end may report a move */
        allowed = allowed || in_area(decision, before->kelurahan);
    if (event->kind == CHANGE_MERGE && other)
        allowed = allowed && in_area(decision, other->kelurahan);
    return allowed ? REFUSAL_NONE : refuse_number(decision, REFUSAL_REGION_OUTSIDE_AREA, target);
}

void decision_take_person(struct decision *decision) {
    const struct event *event = decision->event;
    struct member *after = &decision->after;
    if (decision_has(decision, FIELD_FAMILY))
        after->family = event->family;
    if (decision_has(decision, FIELD_BIRTH_DAY))
        after->birth_day = event->birth_day;
    if (decision_has(decision, FIELD_SEX))
        after->sex = event->sex & 3;
    if (event->local_card)
        after->flags |= MEMBER_LOCAL_CARD;
    /* RULES: a NIK keeps its date for life, so one that disagrees with a later correction is a warning at
     * most. */
    if (!(after->identity & IDENTITY_TEMPORARY) && after->birth_day != DAY_NONE &&
        !nik_agrees(after->identity, after->birth_day, (enum sex)after->sex))
        decision->warning = WARNING_NIK_BIRTH_DIFFERS;
}

static enum refusal check_all(struct decision *decision, int64_t now_ms) {
    enum refusal refusal = check_form(decision);
    if (refusal == REFUSAL_NONE)
        refusal = check_sender(decision);
    if (refusal == REFUSAL_NONE)
        refusal = check_fields(decision);
    if (refusal == REFUSAL_NONE)
        refusal = check_ranges(decision);
    if (refusal == REFUSAL_NONE)
        refusal = check_numbers(decision);
    if (refusal == REFUSAL_NONE)
        refusal = check_dates(decision, now_ms);
    if (refusal == REFUSAL_NONE)
        refusal = check_person(decision);
    if (refusal == REFUSAL_NONE)
        refusal = check_place(decision);
    return refusal;
}

/* What ends or moves a payer's duty is worth a word when the month it belongs to has been billed. */
static bool is_late(const struct decision *decision) {
    switch (decision->event->kind) {
    case CHANGE_MOVE_OUT:
    case CHANGE_DEATH:
    case CHANGE_LAYOFF:
    case CHANGE_REHIRE:
    case CHANGE_SWITCH_SEGMENT:
        return calendar_month(decision->day) < calendar_month(decision->today);
    default:
        return false;
    }
}

static void copy_event(const struct event *event, const struct device *device, day_t today,
                       struct record *record) {
    *record = (struct record){.kind = event_rule(event->kind) ? event->kind : CHANGE_NONE,
                              .device = device->id,
                              .sequence = event->sequence,
                              .content_hash = event->content_hash,
                              .captured_at_ms = event->captured_at_ms,
                              .effective_day = today,
                              .proof = event->proof,
                              .disputed = event->disputed,
                              .destination = event->destination,
                              .other = event->other,
                              .author = event->author,
                              .name = event->name,
                              .reason = event->reason,
                              .approver = event->approver};
}

static void fill_accepted(const struct decision *decision, struct record *record) {
    const struct registry *registry = decision->registry;
    record->warning = (uint16_t)decision->warning;
    if (decision->warning == REFUSAL_NONE && is_late(decision))
        record->warning = WARNING_LATE_REPORT;
    record->effective_day = decision->day;
    record->member_id = decision->id ? decision->id : registry->rows.count + 1;
    record->previous_offset = registry_last_offset(registry, decision->id);
    record->other_member_id = decision->other_id;
    record->has_before = decision->before != NULL;
    if (decision->before)
        record->before = *decision->before;
    record->has_after = true;
    record->after = decision->after;
}

void registry_decide(const struct registry *registry, const struct device *device, const struct event *event,
                     day_t today, int64_t now_ms, struct record *record, char value[DECISION_VALUE_SIZE]) {
    assert(registry && device && event && today != DAY_NONE &&
           "a decision needs a sender, an event and a day");
    struct decision decision = {.registry = registry,
                                .device = device,
                                .event = event,
                                .today = today,
                                .terms = policy_at(registry->policy, today),
                                .value = value};
    value[0] = '\0';
    copy_event(event, device, today, record);
    enum refusal refusal = check_all(&decision, now_ms);
    if (refusal == REFUSAL_NONE) {
        decision.after = decision.before ? *decision.before : (struct member){.identity = event->identity};
        refusal = rules_by_kind[event->kind](&decision);
    }
    record->refusal = (uint16_t)refusal;
    if (refusal == REFUSAL_NONE)
        fill_accepted(&decision, record);
    else
        record->refused_value = (struct text){value, (uint16_t)strlen(value)};
}
