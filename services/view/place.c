/* place.c - names of the city's parts (place.h). */
#include "place.h"

#include "format.h"

#include <stdio.h>

const char *place_name(const struct region_table *regions, uint32_t code, char out[PLACE_TEXT]) {
    char number[FORMAT_TEXT];
    uint16_t index = region_index(regions, code);
    if (index != REGION_NOWHERE) {
        const struct kelurahan *place = &regions->kelurahan[index];
        snprintf(out, PLACE_TEXT, "%s, %s", place->name, regions->kecamatan[place->kecamatan].name);
        return out;
    }
    for (uint16_t i = 0; i < regions->kecamatan_count; i++)
        if (regions->kecamatan[i].code == code) {
            snprintf(out, PLACE_TEXT, "%s", regions->kecamatan[i].name);
            return out;
        }
    if (code == regions->city_code)
        snprintf(out, PLACE_TEXT, "%s", regions->city_name);
    else
        snprintf(out, PLACE_TEXT, "%s", code ? format_region(code, number) : "-");
    return out;
}
