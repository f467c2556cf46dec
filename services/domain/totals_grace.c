/* totals_grace.c - people in grace by month (totals_grace.h): a short list, ascending, without empty
 * entries. */
#include "totals_grace.h"

#include <string.h>

/* Until what is due today is decided, windows that ended yesterday are still open: last month's. */
static month_t last_over(day_t today) {
    return (month_t)(calendar_month(today) - 1);
}

/* Cover without premium lasts up to the day before the one that falls due (registry_due.c). */
month_t grace_month(const struct member *member, day_t today) {
    if (member->status != STATUS_GRACE || member->kelurahan == 0 || member->due_day == DAY_NONE)
        return MONTH_NONE;
    month_t month = calendar_month((day_t)(member->due_day - 1));
    return month > last_over(today) ? month : last_over(today);
}

void grace_turn_to(struct totals *totals, day_t today) {
    uint32_t people = 0;
    unsigned over = 0;
    for (; over < TOTALS_GRACE_MONTHS && totals->grace[over].month != MONTH_NONE &&
           totals->grace[over].month <= last_over(today);
         over++)
        people += totals->grace[over].people;
    if (over == 0)
        return;
    totals->grace[0].month = last_over(today);
    totals->grace[0].people = people;
    memmove(&totals->grace[1], &totals->grace[over], (TOTALS_GRACE_MONTHS - over) * sizeof *totals->grace);
    memset(&totals->grace[TOTALS_GRACE_MONTHS - over + 1], 0, (over - 1) * sizeof *totals->grace);
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
