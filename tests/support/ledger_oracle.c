/* ledger_oracle.c - the rules of billing, month by month (ledger_oracle.h). */
#include "ledger_oracle.h"

#include <assert.h>
#include <string.h>

const struct oracle_cell *oracle_cell(const struct oracle *oracle, uint32_t member_id, month_t month) {
    assert(month >= oracle->first_month && month < oracle->first_month + ORACLE_MONTHS);
    return &oracle->cells[member_id][month - oracle->first_month];
}

static void write_terms(struct oracle_cell *cell, const struct member *after) {
    cell->segment = after->segment;
    cell->care_class = after->care_class;
    cell->wage_rupiah = after->wage_rupiah;
    cell->vulnerable = (after->flags & MEMBER_VULNERABLE) != 0;
}

static void write_grace(struct oracle_cell *cell, const struct member *after) {
    cell->owes = false;
    cell->grace = true;
    cell->grace_end = (month_t)(calendar_month((day_t)(after->due_day - 1)) + 1);
}

static void write_state(struct oracle_cell *cell, bool owes) {
    cell->owes = owes;
    cell->grace = false;
}

static void write_cell(struct oracle_cell *cell, const struct record *record, month_t month) {
    const struct member *after = &record->after;
    bool paid = month >= after->payer_month;
    bool later = month > calendar_month(record->effective_day);
    switch (record->kind) {
    case CHANGE_ENROL:
    case CHANGE_ENROL_VULNERABLE:
    case CHANGE_BIRTH:
    case CHANGE_MOVE_IN:
        if (!record->has_before || paid)
            cell->kelurahan = after->kelurahan;
        if (paid) {
            write_terms(cell, after);
            write_state(cell, true);
            if (after->status == STATUS_GRACE)
                write_grace(cell, after);
        }
        return;
    case CHANGE_LAYOFF:
        if (after->status == STATUS_GRACE && later)
            write_grace(cell, after);
        if (after->status == STATUS_GRACE || after->flags & MEMBER_DISPUTED)
            return;
        /* fall through - the city pays at once */
    case CHANGE_SWITCH_SEGMENT:
    case CHANGE_REHIRE:
        if (paid) {
            write_terms(cell, after);
            write_state(cell, true);
        }
        return;
    case CHANGE_GRACE_ENDED:
        if (paid && cell->grace) {
            write_terms(cell, after);
            write_state(cell, true);
        }
        return;
    case CHANGE_MOVE_WITHIN:
        if (later)
            cell->kelurahan = after->kelurahan;
        return;
    case CHANGE_DEATH:
    case CHANGE_MOVE_OUT:
    case CHANGE_SUSPEND:
        if (later)
            write_state(cell, false);
        return;
    case CHANGE_RESUME:
        if (later)
            write_state(cell, true);
        if (later && after->status == STATUS_GRACE)
            write_grace(cell, after);
        return;
    case CHANGE_MERGE:
        write_state(cell, false);
        return;
    default:
        return;
    }
}

void oracle_step(struct oracle *oracle, const struct record *record) {
    if (record->refusal != REFUSAL_NONE || record->member_id == 0)
        return;
    assert(record->member_id <= ORACLE_MEMBERS && "more members than the oracle has room for");
    if (record->member_id > oracle->count)
        oracle->count = record->member_id;
    for (unsigned i = 0; i < ORACLE_MONTHS; i++)
        write_cell(&oracle->cells[record->member_id][i], record, (month_t)(oracle->first_month + i));
}

void oracle_owed(const struct oracle *oracle, uint32_t member_id, month_t month, bool forecast,
                 uint32_t amounts_rupiah[PAYER_COUNT]) {
    struct oracle_cell cell = *oracle_cell(oracle, member_id, month);
    memset(amounts_rupiah, 0, PAYER_COUNT * sizeof *amounts_rupiah);
    if (forecast && cell.grace && cell.grace_end <= month) {
        cell.owes = true;
        cell.segment = SEGMENT_PBPU_PEMDA;
        cell.care_class = 3;
    }
    if (!cell.owes || cell.segment == SEGMENT_NONE)
        return;
    const struct tariff_row *row = tariff_at(oracle->tariff, cell.segment, cell.care_class, month);
    if (row)
        tariff_amounts(row, cell.wage_rupiah, amounts_rupiah);
}
