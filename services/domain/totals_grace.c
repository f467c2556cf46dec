/* totals_grace.c - people in grace by month (totals_grace.h): a short list, ascending, without empty
 * entries. */
#include "totals_grace.h"

#include <string.h>

/* Cover without premium lasts up to the day before the one that falls due (registry_due.c). */
month_t grace_month(const struct member *member) {
    if (member->status != STATUS_GRACE || member->kelurahan == 0 || member->due_day == DAY_NONE)
        return MONTH_NONE;
    return calendar_month((day_t)(member->due_day - 1));
}

/* The entry of that month, or where it would stand. */
static unsigned place_of(const struct totals *totals, month_t month) {
    unsigned index = 0;
    while (index < TOTALS_GRACE_MONTHS && totals->grace[index].month != MONTH_NONE &&
           totals->grace[index].month < month)
        index++;
    return index;
}

uint32_t grace_people(const struct totals *totals, month_t month) {
    unsigned index = place_of(totals, month);
    return index < TOTALS_GRACE_MONTHS && totals->grace[index].month == month ? totals->grace[index].people
                                                                              : 0;
}

bool grace_has_room(const struct totals *totals, month_t month) {
    return month == MONTH_NONE || grace_people(totals, month) > 0 ||
           totals->grace[TOTALS_GRACE_MONTHS - 1].month == MONTH_NONE;
}

void grace_add(struct totals *totals, month_t month) {
    if (month == MONTH_NONE)
        return;
    unsigned index = place_of(totals, month);
    struct totals_grace *entry = &totals->grace[index];
    if (entry->month != month) {
        memmove(entry + 1, entry, (TOTALS_GRACE_MONTHS - 1 - index) * sizeof *entry);
        entry->month = month; /* field by field: padding stays zero, pictures are compared as bytes */
        entry->people = 0;
    }
    entry->people++;
}

void grace_remove(struct totals *totals, month_t month) {
    if (month == MONTH_NONE)
        return;
    unsigned index = place_of(totals, month);
    struct totals_grace *entry = &totals->grace[index];
    if (--entry->people > 0)
        return;
    memmove(entry, entry + 1, (TOTALS_GRACE_MONTHS - 1 - index) * sizeof *entry);
    memset(&totals->grace[TOTALS_GRACE_MONTHS - 1], 0, sizeof *entry);
}

bool totals_grace_same(const struct totals_grace one[TOTALS_GRACE_MONTHS],
                       const struct totals_grace other[TOTALS_GRACE_MONTHS]) {
    for (unsigned i = 0; i < TOTALS_GRACE_MONTHS; i++)
        if (one[i].month != other[i].month || one[i].people != other[i].people)
            return false;
    return true;
}
