/* policy.h - what the law and the city have decided, by date.
 *
 * Rows come from a data file that an officer can read (deploy/tangerang/policy.json); the row that holds on a
 * day is the last one whose `valid_from` is not after it. Read-only after loading: thread-safe.
 */
#ifndef CAKUPAN_POLICY_H
#define CAKUPAN_POLICY_H

#include "cakupan/calendar.h"

#include <stdbool.h>
#include <stdint.h>

#define POLICY_ROWS_MAX 32

enum layoff_payer {
    LAYOFF_CITY_FROM_NEXT_MONTH = 0, /* the city pays from the month after the layoff        */
    LAYOFF_CITY_AFTER_GRACE = 1      /* benefit without premium first, then the city         */
};
enum activation {
    ACTIVATION_SAME_DAY = 0,  /* UHC Prioritas (non cut off): covered the day of enrolment */
    ACTIVATION_NEXT_MONTH = 1 /* cut off: covered from the first of the month after next cut-off */
};

struct policy_row {
    day_t valid_from;
    uint8_t layoff_payer;       /* enum layoff_payer; setting, default next month                     */
    uint8_t grace_months;       /* 0..6, Perpres 82/2018 art. 27                                       */
    uint8_t activation;         /* enum activation; by the city's UHC status                           */
    uint8_t cut_off_day;        /* 1..28: a change after it counts for the month after next; setting   */
    bool proof_required;        /* a layoff without proof is refused; else accepted and listed         */
    uint16_t newborn_days;      /* 28: later the premium goes back to birth, Perpres 82/2018 art. 16   */
    uint8_t newborn_nik_months; /* 3: until then a temporary id will do, BPJS regulation 6/2018        */
    uint16_t uhc_registered_permille; /* over 980: UHC, BPJS September 2025                            */
    uint16_t uhc_active_permille;     /* over 800                                                      */
};

struct policy {
    uint16_t count;
    struct policy_row rows[POLICY_ROWS_MAX]; /* ascending by valid_from; the first one holds before it, too */
};

/* The row that holds on `day`. The policy must have at least one row. */
const struct policy_row *policy_at(const struct policy *policy, day_t day);

#endif
