/* identity.c - fuzzes the texts that people type: NIKs, temporary ids, dates and months. What is taken is
 * written back and taken again as the same; a NIK's mask hides its last digits. */
#include "examples.h"

#include "cakupan/calendar.h"
#include "cakupan/nik.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    static const char *const texts[] = {"3671014505900001", "T-5-12", "2026-02-28", "2026-12"};
    const char *text = texts[seed >> 8 & 3];
    size_t size = strlen(text) < capacity ? strlen(text) : capacity;
    memcpy(out, text, size);
    return size;
}
FUZZ_EXAMPLES(example)

static void check_dates(const char *text, size_t size) {
    char written[CALENDAR_TEXT];
    day_t day, day_again;
    month_t month, month_again;
    if (calendar_parse(text, size, &day)) {
        calendar_format(day, written);
        FUZZ_CHECK(calendar_parse(written, strlen(written), &day_again) && day_again == day);
    }
    if (calendar_parse_month(text, size, &month)) {
        calendar_format_month(month, written);
        FUZZ_CHECK(calendar_parse_month(written, strlen(written), &month_again) && month_again == month);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    uint64_t nik;
    identity_t identity, again;
    char written[24], mask[24];
    check_dates(text, size);
    bool is_nik = nik_parse(text, size, &nik);
    if (!identity_parse(text, size, &identity)) {
        FUZZ_CHECK(!is_nik);
        return 0;
    }
    identity_format(identity, written);
    identity_mask(identity, mask);
    FUZZ_CHECK(identity_parse(written, strlen(written), &again) && again == identity);
    FUZZ_CHECK(!is_nik || strcmp(written, mask) != 0);
    return 0;
}
