/* totals_unpack.c - fuzzes the reader of stored totals: never past the end, never half taken. */
#include "cakupan/totals.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct region_table regions = {.city_code = 3671};
    static struct totals totals;
    struct failure why;
    if (regions.kelurahan_count == 0 && !region_table_add(&regions, 3671011001, "Satu", "Satu", 1))
        return 0;
    (void)!totals_unpack(&totals, &regions, data, size, &why);
    return 0;
}
