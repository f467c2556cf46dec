/* city_tariff.h - reads a city's premiums from its tariff.json. See deploy/tangerang/README.md for the
 * form. */
#ifndef STORE_CITY_TARIFF_H
#define STORE_CITY_TARIFF_H

#include "cakupan/result.h"
#include "cakupan/tariff.h"

/* Reads CITY_DIRECTORY/tariff.json. `why` names file, line and value at fault. The floor of a wage (the
 * city's minimum wage, UMK) is rounded half up to a whole rupiah; months for which no minimum wage is known
 * have no row, so that nothing is charged by a guess. */
MUST_USE enum result tariff_load(struct tariff *tariff, const char *city_directory, struct failure *why);
/* The same of a file by its path: a tariff that is only thought of. */
MUST_USE enum result tariff_load_file(struct tariff *tariff, const char *path, struct failure *why);

#endif
