/* place.h - names of the city's parts as people read them. Pure. */
#ifndef VIEW_PLACE_H
#define VIEW_PLACE_H

#include "cakupan/region.h"

#define PLACE_TEXT 128

/* "Gondrong, Cipondoh" of a kelurahan, "Cipondoh" of a kecamatan, the city's name; the code where it is none
 * of the city's, "-" for 0. Returns `out`. */
const char *place_name(const struct region_table *regions, uint32_t code, char out[PLACE_TEXT]);

#endif
