/* self_audit.h - the fold that looks for what auditors would find in a roster, before they do.
 *
 * Pure. Takes every record of the journal from its beginning (whoever runs it: the command line, beside the
 * services), keeps some 56 bytes a member, and then judges a roster. Lists, never blocks. A member may be
 * found for several reasons.
 */
#ifndef CAKUPAN_SELF_AUDIT_H
#define CAKUPAN_SELF_AUDIT_H

#include "cakupan/ledger.h"
#include "cakupan/policy.h"

/* Names are public: only add. */
enum finding {
    FINDING_CHARGED_TWICE = 0,     /* two members with one identity, or with family card, birth date, sex and
                                   name alike (a hash of the name in capitals without spaces)          */
    FINDING_DECEASED,              /* died before the month began                                         */
    FINDING_MOVED_OUT,             /* moved out before the month began                                    */
    FINDING_ALSO_PPU,              /* alike as above, and the other one is a wage worker                  */
    FINDING_NIK_INVALID,           /* nik_check refuses it                                                */
    FINDING_TEMPORARY_OLD,         /* a temporary id, older than policy.newborn_nik_months                */
    FINDING_VULNERABLE_UNAPPROVED, /* vulnerable, and no approver was recorded                         */
    FINDING_LAYOFF_UNPROVED,       /* laid off without a proof                                            */
    FINDING_LAYOFF_DISPUTED,       /* in dispute: the employer still owes                                 */
    FINDING_COUNT
};
const char *finding_name(enum finding finding); /* "CHARGED_TWICE" */

struct self_audit;
struct self_audit *self_audit_new(const struct policy *policy);
void self_audit_destroy(struct self_audit **audit);
/* Takes the next record (unfiltered). RESULT_CORRUPT where its offset is not the next one. */
MUST_USE enum result self_audit_step(struct self_audit *audit, const struct record *record,
                                     struct failure *why);
/* Then the roster: a ledger_on_roster with the audit as its context. Where the asker's role leaves identities
 * out (0), the journal's stand in. */
void self_audit_entry(void *audit, const struct roster_entry *entry);
/* Tells all findings by kind and then by member, and begins anew for another roster. */
struct audit_finding {
    uint8_t finding; /* enum finding */
    struct roster_entry entry;
    uint32_t other_member_id; /* the one alike, else 0 */
    day_t day;                /* of death, move, ... */
    uint64_t cause_offset;    /* of the record that shows it */
};
typedef void self_audit_on_finding(void *context, const struct audit_finding *finding);
void self_audit_judge(struct self_audit *audit, month_t month, day_t today, self_audit_on_finding *on_finding,
                      void *context);

#endif
