/* event_rules.c - the table of event_rules.h.
 *
 * Roles follow who answers for a change: kader for what happens in families, the labour office for work, BPJS
 * for its master list, the health office for all of the city's own. What a role may only report is kept for
 * who answers for it: a kader sees a layoff at the door, the labour office has the proof. What depends on
 * more than presence (the approver, a proof, the class of a segment) is in the registry's functions per kind.
 */
#include "event_rules.h"

#define KADER  (1u << ROLE_KADER)
#define LABOUR (1u << ROLE_LABOUR_OFFICE)
#define BPJS   (1u << ROLE_BPJS)
#define HEALTH (1u << ROLE_HEALTH_OFFICE)
#define PERSON (KADER | BPJS | HEALTH) /* personal events */

#define NEW   (SUBJECT_NOBODY | SUBJECT_REGISTERED | SUBJECT_MOVED_OUT) /* registered: refused with where */
#define HERE  SUBJECT_REGISTERED
#define KNOWN (SUBJECT_REGISTERED | SUBJECT_DECEASED | SUBJECT_MOVED_OUT)

#define ID       FIELD_IDENTITY
#define FAMILY   FIELD_FAMILY
#define WHO      (FIELD_FAMILY | FIELD_NAME)
#define BIRTH    FIELD_BIRTH_DAY
#define SEX      FIELD_SEX
#define BORN     (BIRTH | SEX)
#define WHERE    FIELD_KELURAHAN
#define WHAT     FIELD_SEGMENT
#define CLASS    FIELD_CARE_CLASS
#define WAGE     FIELD_WAGE
#define EMPLOYER FIELD_EMPLOYER
#define WORK     (WAGE | EMPLOYER)
#define DAY      FIELD_DAY
#define PROOF    FIELD_PROOF
#define DISPUTED FIELD_DISPUTED
#define OTHER    FIELD_OTHER
#define WHY      FIELD_REASON
#define APPROVER FIELD_APPROVER
#define TO       FIELD_DESTINATION
#define CARD     FIELD_LOCAL_CARD
#define ENROLLED (ID | BORN | WHERE)

/* clang-format off: one row a kind, one column a question */
static const struct event_rule rules[CHANGE_DEVICE_COUNT] = {
    /*                           who            about  needed      further, with or without, who may report */
    [CHANGE_ENROL] = {PERSON, NEW, ENROLLED | WHAT, WHO | CLASS | WORK | DAY | CARD, 0},
    [CHANGE_BIRTH] = {PERSON, NEW, ID | OTHER | BIRTH, WHO | SEX | WHERE | DAY, 0},
    [CHANGE_MOVE_IN] = {PERSON, NEW, ID | WHERE, WHO | BORN | WHAT | CLASS | WORK | DAY | CARD, 0},
    [CHANGE_MOVE_OUT] = {PERSON, HERE, ID, TO | DAY | WHY, 0},
    [CHANGE_MOVE_WITHIN] = {PERSON, HERE, ID | WHERE, FAMILY | DAY, 0},
    [CHANGE_DEATH] = {PERSON, HERE, ID, DAY | WHY, 0},
    [CHANGE_LAYOFF] = {LABOUR, HERE, ID, EMPLOYER | DAY | PROOF | DISPUTED | WHY, KADER},
    [CHANGE_REHIRE] = {LABOUR | BPJS, HERE, ID | EMPLOYER, WAGE | CLASS | DAY, 0},
    [CHANGE_SWITCH_SEGMENT] = {PERSON, HERE, ID | WHAT, CLASS | WORK | DAY | CARD | WHY, 0},
    [CHANGE_SUSPEND] = {PERSON, HERE, ID, DAY | WHY, 0},
    [CHANGE_RESUME] = {PERSON, KNOWN, ID, DAY | WHY, 0},
    [CHANGE_CORRECT_IDENTITY] = {PERSON, KNOWN, ID, OTHER | WHO | BORN | DAY | CARD | WHY, 0},
    [CHANGE_MERGE] = {PERSON, KNOWN, ID | OTHER, DAY | WHY, 0},
    [CHANGE_ENROL_VULNERABLE] = {PERSON, NEW, ENROLLED | WHY, WHO | APPROVER | CLASS | DAY, 0},
};
/* clang-format on */

const struct event_rule *event_rule(unsigned kind) {
    return kind < CHANGE_DEVICE_COUNT && rules[kind].roles ? &rules[kind] : NULL;
}
