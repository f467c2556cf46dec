/* billing_city.h - the city's members by number, as records of enrollment's journal, for benchmarks of
 * billing.
 *
 * Of 1,943,000 members exactly 383,587 are city-paid, as in the baseline; of fewer the same part. The
 * others work for one of 1,000 wages or live on it with the worker, are paid by the centre or pay
 * themselves. After the enrolments come layoffs of wage workers, in an order that jumps about. Pure.
 */
#ifndef BENCH_BILLING_CITY_H
#define BENCH_BILLING_CITY_H

#include "cakupan/record.h"
#include "cakupan/region.h"

#define BILLING_CITY_MEMBERS 1943000u

struct billing_city {
    const struct region_table *regions;
    uint32_t members;
    month_t first_month; /* of the state: all enrolled long before it */
};

struct member billing_city_member(const struct billing_city *city, uint32_t id);
/* The record at `offset`: up to `members` they enrol member by member. */
void billing_city_enrolment(const struct billing_city *city, uint64_t offset, struct record *out);
/* The `index`th member of an order that jumps about is laid off by the record at `offset`; the city pays
 * from the month after the first one. False where that one does not work for a wage. `index` below
 * `members`. */
bool billing_city_layoff(const struct billing_city *city, uint32_t index, uint64_t offset,
                         struct record *out);

#endif
