/* city_people.h - the made-up people of the city that an instance runs: the same for its baseline and for
 * simulations. */
#ifndef CLI_CITY_PEOPLE_H
#define CLI_CITY_PEOPLE_H

#include "cakupan/region.h"
#include "kader/generator.h"

/* The one seed of every installation: so a baseline is the same everywhere, and simulations know its
 * people. */
#define CITY_PEOPLE_SEED 3671

/* `directory`: the city's data files. The caller owns `*out`. */
MUST_USE enum result city_people(struct generator **out, const char *directory,
                                 const struct region_table *regions, struct failure *why);

#endif
