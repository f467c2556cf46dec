/* region.c - builds and searches the table of a city's kelurahan and kecamatan (region.h). */
#include "cakupan/region.h"

#include <string.h>

/* Cuts a name that is too long, never in the middle of a UTF-8 character. */
static void copy_name(char out[REGION_NAME_MAX + 1], const char *name) {
    size_t size = strnlen(name, REGION_NAME_MAX + 1);
    if (size > REGION_NAME_MAX) {
        size = REGION_NAME_MAX;
        while (size > 0 && ((unsigned char)name[size] & 0xC0) == 0x80)
            size--;
    }
    memcpy(out, name, size);
    out[size] = '\0';
}

/* The kecamatan of a kelurahan's code, made when first met; REGION_NOWHERE where there is no room. */
static uint16_t kecamatan_of(struct region_table *table, uint32_t code, const char *name) {
    uint16_t count = table->kecamatan_count;
    if (count > 0 && table->kecamatan[count - 1].code == code)
        return (uint16_t)(count - 1);
    if (count == KECAMATAN_MAX)
        return REGION_NOWHERE;
    struct kecamatan *kecamatan = &table->kecamatan[count];
    memset(kecamatan, 0, sizeof *kecamatan);
    kecamatan->code = code;
    copy_name(kecamatan->name, name);
    table->kecamatan_count++;
    return count;
}

bool region_table_add(struct region_table *table, uint32_t code, const char *name, const char *kecamatan_name,
                      uint32_t population) {
    uint16_t count = table->kelurahan_count;
    if (count == KELURAHAN_MAX || code / 1000000 != table->city_code || table->city_code < 1000)
        return false;
    if (count > 0 && code <= table->kelurahan[count - 1].code)
        return false;
    uint16_t kecamatan = kecamatan_of(table, code / 10000, kecamatan_name);
    if (kecamatan == REGION_NOWHERE)
        return false;
    struct kelurahan *kelurahan = &table->kelurahan[count];
    memset(kelurahan, 0, sizeof *kelurahan);
    kelurahan->code = code;
    kelurahan->kecamatan = kecamatan;
    copy_name(kelurahan->name, name);
    kelurahan->population = population;
    table->kecamatan[kecamatan].population += population;
    table->kelurahan_count++;
    return true;
}

uint16_t region_index(const struct region_table *table, uint32_t kelurahan_code) {
    uint16_t low = 0, high = table->kelurahan_count;
    while (low < high) {
        uint16_t middle = (uint16_t)((low + high) / 2);
        if (table->kelurahan[middle].code < kelurahan_code)
            low = (uint16_t)(middle + 1);
        else
            high = middle;
    }
    bool found = low < table->kelurahan_count && table->kelurahan[low].code == kelurahan_code;
    return found ? low : REGION_NOWHERE;
}
