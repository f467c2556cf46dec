/* city.h - reads a city's data files: regions and population, policy. See deploy/tangerang/README.md for
 * their form. */
#ifndef STORE_CITY_H
#define STORE_CITY_H

#include "cakupan/policy.h"
#include "cakupan/region.h"
#include "cakupan/result.h"

struct city {
    struct region_table regions;
    struct policy policy;
};

/* Reads DIRECTORY/regions.csv, population.json and policy.json. `why` names file, line and value at fault. */
MUST_USE enum result city_load(struct city *city, const char *directory, struct failure *why);

#endif
