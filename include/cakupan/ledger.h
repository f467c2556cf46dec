/* ledger.h - the fold of billing: who owes which premium for which member and month, in double entry.
 *
 * Pure. One ledger per partition of members; it sees the partition's records in order. What a month costs
 * follows from the member's runs (from which month which segment, class, wage and place hold), so an
 * unchanged member costs no posting until the month is closed. Postings are never edited: what is learnt
 * late becomes a correction, which names the month it corrects and the record that caused it, and goes into
 * the invoice of the open month. The trial balance is zero after every step (checked in production, too).
 * Whole months; the tariff of the first day of the month holds.
 *
 * From which month a record counts (never before the first month, in which the state was created):
 *   enrolment, birth, move in, switch, layoff, rehire: `after.payer_month`, as enrollment has decided
 *   layoff with months of grace: the month after it; nobody pays (Perpres 82/2018 art. 27)
 *   grace ended: `after.payer_month`, of the months in grace
 *   death, move out, suspend, resume, move within: the month after the day; the month begun is owed whole
 *     (resume of who is said to have died or left and has not: what was taken back is owed again)
 *   merge: the first month; a duplicate never owed anything
 *   disputed layoff, corrected identity, activation: never; in a dispute both sides go on paying (art. 27(4))
 */
#ifndef CAKUPAN_LEDGER_H
#define CAKUPAN_LEDGER_H

#include "cakupan/record.h"
#include "cakupan/region.h"
#include "cakupan/result.h"
#include "cakupan/tariff.h"

/* Why a posting was made. Numbers are stored: only add. */
enum charge_cause {
    CHARGE_MONTH = 1,    /* the month's premium, at its close                    */
    CHARGE_BACK = 2,     /* owed for a closed month, learnt later (newborn, ...) */
    CHARGE_REVERSAL = 3, /* a charge of a closed month that was not owed         */
    CHARGE_TARIFF = 4,   /* difference by a tariff changed backwards             */
    CHARGE_CAUSE_COUNT
};
const char *charge_cause_name(enum charge_cause cause); /* "MONTH"; NULL for a number outside the enum */

/* One debit of a payer and the credit of BPJS's premium account, in one. Unique by member, month, payer,
 * cause and cause_offset; but a tariff may be changed twice with no record between, at one offset: then
 * differences by tariff are unique only together with the entry of the partition's journal that they stand
 * in (one a change), which audit.db has in its key. */
struct charge {
    uint32_t member_id;
    month_t month;         /* premium of this month                                   */
    month_t invoice_month; /* invoiced in this one: the open month when it was posted */
    uint8_t payer;         /* enum payer        */
    uint8_t cause;         /* enum charge_cause */
    uint8_t segment, care_class;
    bool vulnerable;       /* on the budget for people without the local card */
    uint32_t kecamatan;    /* six-digit code, 0 outside */
    int64_t amount_rupiah; /* negative: taken back      */
    uint64_t cause_offset; /* journal offset of the record that caused it, or began the run (CHARGE_MONTH) */
};

/* Called per posting, within a call by month and then by member ascending; the charge is valid during the
 * call. */
typedef void ledger_on_charge(void *context, const struct charge *charge);

/* Sums by payer x segment x class (x kecamatan): the lines of an invoice and the control totals. */
struct ledger_line {
    uint64_t people; /* members charged for the month itself; corrections are counted in `corrections` */
    int64_t amount_rupiah;
    uint64_t corrections;
    int64_t corrections_rupiah;
};
struct ledger_sums {
    /* [payer][segment][class 0..3][kecamatan's index in the table of regions; KECAMATAN_MAX: outside] */
    struct ledger_line line[PAYER_COUNT][SEGMENT_COUNT][CARE_CLASS_COUNT][KECAMATAN_MAX + 1];
    /* Of which for vulnerable people without the local card. */
    struct ledger_line vulnerable[PAYER_COUNT];
};
/* Adds a partition's sums to those of others. Aborts where an amount would overflow. */
void ledger_sums_add(struct ledger_sums *into, const struct ledger_sums *sums);
/* What the payer owes over all segments, classes and places. */
struct ledger_line ledger_sums_total(const struct ledger_sums *sums, enum payer payer);

struct ledger;

/* `first_month`: the month in which the state was created, the first open one. All borrowed. Aborts where
 * memory is out. */
struct ledger *ledger_new(const struct region_table *regions, const struct tariff *tariff,
                          month_t first_month);
void ledger_destroy(struct ledger **ledger);

/* Takes one record of this partition; postings for closed months (corrections) go to `on_charge` (may be
 * NULL). Refused records and those that concern no member change nothing. RESULT_CORRUPT where the record
 * contradicts what is known: then nothing has changed. */
MUST_USE enum result ledger_step(struct ledger *ledger, const struct record *record,
                                 ledger_on_charge *on_charge, void *context, struct failure *why);
/* What closing the open month (or a later one: a forecast) would post and sum, by the very code of the
 * close. `on_charge` may be NULL. Includes the corrections collected since the last close where `month` is
 * the open one. In a forecast the city pays for those whose months of grace will be over. RESULT_CONFLICT
 * where `month` is closed. */
MUST_USE enum result ledger_preview(const struct ledger *ledger, month_t month, struct ledger_sums *sums,
                                    ledger_on_charge *on_charge, void *context, struct failure *why);
/* Closes the open month: posts its charges and opens the next. RESULT_CONFLICT where `month` is not the open
 * one. */
MUST_USE enum result ledger_close(struct ledger *ledger, month_t month, struct ledger_sums *sums,
                                  ledger_on_charge *on_charge, void *context, struct failure *why);
/* A tariff changed backwards: posts the differences for closed months. `tariff` replaces the old one
 * (borrowed; the old one must be unchanged until this returns). */
void ledger_retariff(struct ledger *ledger, const struct tariff *tariff, uint64_t cause_offset,
                     ledger_on_charge *on_charge, void *context);

month_t ledger_first_month(const struct ledger *ledger);
month_t ledger_open_month(const struct ledger *ledger);
uint64_t ledger_last_offset(const struct ledger *ledger); /* of the last record taken, 0 before the first */
uint32_t ledger_member_count(const struct ledger *ledger);
/* Running sums of what the open month costs as things stand: kept by every step, so asking costs nothing. */
const struct ledger_sums *ledger_projected(const struct ledger *ledger);
/* The same for the month after the open one, without corrections: what a layoff of today will cost shows
 * here at once. Equals ledger_preview of that month but for those in grace, whom a forecast gives to the
 * city. */
const struct ledger_sums *ledger_projected_next(const struct ledger *ledger);
/* What the payer owes in all closed months and in corrections since; the other side is BPJS's premium
 * account. */
int64_t ledger_account(const struct ledger *ledger, enum payer payer);
/* Sum over all accounts; zero, always. */
int64_t ledger_trial_balance(const struct ledger *ledger);
uint64_t ledger_digest(const struct ledger *ledger);

/* Who stands in the roster of a month, by id ascending: those for whom the city owes something, as is known
 * now. The roster of a closed month is what this said just before its close. */
struct roster_entry {
    uint32_t member_id;
    identity_t identity;
    uint32_t kelurahan; /* ten-digit code, 0 outside */
    uint8_t segment, care_class;
    bool vulnerable;
    int64_t amount_rupiah; /* of the city, both budget lines */
    uint64_t cause_offset;
};
typedef void ledger_on_roster(void *context, const struct roster_entry *entry);
void ledger_roster(const struct ledger *ledger, month_t month, ledger_on_roster *on_entry, void *context);

/* Snapshot, as registry.h has it. A ledger is loaded into a new one of the same first month, regions and
 * tariff: RESULT_CONFLICT where the snapshot was made under others. */
typedef bool ledger_write(void *context, const void *data, size_t size);
typedef bool ledger_read(void *context, void *data, size_t size);
MUST_USE enum result ledger_save(const struct ledger *ledger, ledger_write *write, void *context);
MUST_USE enum result ledger_load(struct ledger *ledger, ledger_read *read, void *context,
                                 struct failure *why);

#endif
