/* city_files.h - the parts of city_load, one function per data file. Private to services/store. */
#ifndef STORE_CITY_FILES_H
#define STORE_CITY_FILES_H

#include "city.h"

#define CITY_PATH_MAX 512

/* DIRECTORY/NAME. */
MUST_USE enum result city_path(char out[CITY_PATH_MAX], const char *directory, const char *name,
                               struct failure *why);
/* population.json: city_code, city_name, population, date and source. */
MUST_USE enum result city_population_read(struct region_table *regions, const char *path,
                                          struct failure *why);
/* regions.csv, into a table that knows its city; the rows must sum to the city's population. */
MUST_USE enum result city_regions_read(struct region_table *regions, const char *path, struct failure *why);
/* policy.json. */
MUST_USE enum result city_policy_read(struct policy *policy, const char *path, struct failure *why);

#endif
