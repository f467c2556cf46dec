/* ledger_oracle.h - recounts slowly what every member owes in every month, from the rules and the list of
 * records alone.
 *
 * A table of members by months: a record writes what it changes into every month from the one on which it
 * counts. Shares no code with the ledger but the tariff.
 */
#ifndef TESTS_LEDGER_ORACLE_H
#define TESTS_LEDGER_ORACLE_H

#include "cakupan/ledger.h"

#define ORACLE_MEMBERS 32
#define ORACLE_MONTHS  48 /* from the first month on */

struct oracle_cell {
    uint8_t segment, care_class;
    bool owes, grace, vulnerable;
    month_t grace_end;
    uint32_t wage_rupiah, kelurahan;
};

struct oracle {
    month_t first_month;
    const struct tariff *tariff; /* may be changed at any time */
    uint32_t count;              /* members so far, by number from 1 */
    struct oracle_cell cells[ORACLE_MEMBERS + 1][ORACLE_MONTHS];
};

void oracle_step(struct oracle *oracle, const struct record *record);
/* What the member owes for the month as is known now. `forecast`: months of grace that will be over are the
 * city's. */
void oracle_owed(const struct oracle *oracle, uint32_t member_id, month_t month, bool forecast,
                 uint32_t amounts_rupiah[PAYER_COUNT]);
const struct oracle_cell *oracle_cell(const struct oracle *oracle, uint32_t member_id, month_t month);

#endif
