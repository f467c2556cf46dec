/* region.h - the city's kelurahan and kecamatan (Kepmendagri 300.2.2-2430/2025).
 *
 * A table is built once at start, then only read: thread-safe after that. Owner: who called region_table_new.
 */
#ifndef CAKUPAN_REGION_H
#define CAKUPAN_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REGION_NAME_MAX 47
#define KELURAHAN_MAX   256
#define KECAMATAN_MAX   32
#define REGION_NOWHERE  UINT16_MAX

struct kelurahan {
    uint32_t code;      /* ten digits, 3671011001 */
    uint16_t kecamatan; /* index into `kecamatan` */
    char name[REGION_NAME_MAX + 1];
    uint32_t population; /* denominator; an estimate where the file says so */
};

struct kecamatan {
    uint32_t code; /* six digits, 367101 */
    char name[REGION_NAME_MAX + 1];
    uint32_t population;
};

struct region_table {
    uint32_t city_code; /* four digits, 3671 */
    char city_name[REGION_NAME_MAX + 1];
    uint32_t population;
    uint32_t population_as_of; /* YYYYMMDD, the denominator's date   */
    char population_source[160];
    char population_source_indonesian[160]; /* the same in Indonesian, or as above where there is none */
    uint16_t kelurahan_count;
    uint16_t kecamatan_count;
    struct kelurahan kelurahan[KELURAHAN_MAX]; /* ascending by code */
    struct kecamatan kecamatan[KECAMATAN_MAX]; /* ascending by code */
};

/* Adds a kelurahan; codes must come ascending. False where the table is full, the code is no ten digits of
 * this city or not above the last one. A new kecamatan (first six digits) is made when first met. */
bool region_table_add(struct region_table *table, uint32_t code, const char *name, const char *kecamatan_name,
                      uint32_t population);
/* Index of a kelurahan by its code; REGION_NOWHERE where it is none of the city's. */
uint16_t region_index(const struct region_table *table, uint32_t kelurahan_code);

#endif
