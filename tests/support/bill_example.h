/* bill_example.h - a month's invoice as the coordinator would write it: a city of known figures. */
#ifndef TESTS_BILL_EXAMPLE_H
#define TESTS_BILL_EXAMPLE_H

#include "cakupan/invoice.h"
#include "store/city.h"

#define EXAMPLE_MONTH  ((month_t)((2026 - 1900) * 12 + 12))
#define EXAMPLE_OFFSET UINT64_C(1950001)
/* 383,587 city-paid people over all kecamatan at 35,000 + 2,800, and 1,000 members in class III at 2,800
 * of the city's; 12 corrections of -35,000 in the first kecamatan; one person outside the city. */
#define EXAMPLE_CITY_PAID   383587
#define EXAMPLE_CORRECTIONS 12
#define EXAMPLE_VULNERABLE  40 /* of the city-paid, without the local card; one correction */

struct bill_example {
    struct city city;
    struct ledger_sums sums;
    uint8_t bytes[1 << 18];
    size_t size;
};
/* `city_directory`: the city's data files. Aborts where they can't be read. */
void bill_example_make(struct bill_example *example, const char *city_directory, bool frozen);

#endif
