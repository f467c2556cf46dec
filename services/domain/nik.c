/* nik.c - reads, checks and masks identity numbers (nik.h).
 *
 * Only what is impossible is refused: a NIK is given once and kept for life, so neither a move, nor a
 * corrected birth date, nor a kecamatan that was split since makes it wrong.
 */
#include "cakupan/nik.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NIK_DIGITS            16
#define NIK_MIN               UINT64_C(1000000000000000)
#define NIK_MAX               UINT64_C(9999999999999999)
#define WOMAN_DAY_OFFSET      40u
#define MASK_HEAD             4
#define MASK_TAIL             2
#define MASK_SHORTEST         12 /* shorter numbers are starred whole */
#define TEMPORARY_DEVICE_MAX  UINT64_C(0x7fffffff)
#define TEMPORARY_COUNTER_MAX UINT64_C(0xffffffff)

/* Digits only, at most `digits_max` of them, no sign, no space. */
static bool parse_digits(const char *text, size_t size, size_t digits_max, uint64_t *out) {
    if (size == 0 || size > digits_max)
        return false;
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    *out = number;
    return true;
}

bool nik_parse(const char *text, size_t size, uint64_t *out) {
    return size == NIK_DIGITS && parse_digits(text, size, NIK_DIGITS, out);
}

uint32_t nik_region(uint64_t nik) {
    return (uint32_t)(nik / UINT64_C(10000000000));
}

/* Province, regency and kecamatan as Kepmendagri 300.2.2-2430/2025 builds them: provinces are numbered from
 * 1 within an island group 1-3, 5-9 (4 was never given out), regencies and kecamatan from 1. Which of them
 * existed when the number was given, nobody can know here. */
static bool region_possible(uint32_t region) {
    uint32_t province = region / 10000;
    uint32_t group = province / 10;
    return group >= 1 && group != 4 && province % 10 != 0 && region / 100 % 100 != 0 && region % 100 != 0;
}

/* DDMMYY. The century is ambiguous, so 29 February of year 00 exists (2000). */
static bool date_possible(uint32_t day, uint32_t month, uint32_t year) {
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
        return false;
    return month != 2 || day != 29 || year % 4 == 0;
}

enum refusal nik_check(uint64_t nik) {
    if (nik < NIK_MIN || nik > NIK_MAX)
        return REFUSAL_NIK_LENGTH;
    if (!region_possible(nik_region(nik)))
        return REFUSAL_NIK_REGION;
    uint32_t date = (uint32_t)(nik / 10000 % 1000000);
    uint32_t day = date / 10000;
    if (day > WOMAN_DAY_OFFSET)
        day -= WOMAN_DAY_OFFSET;
    if (!date_possible(day, date / 100 % 100, date % 100))
        return REFUSAL_NIK_DATE;
    return nik % 10000 == 0 ? REFUSAL_NIK_SEQUENCE : REFUSAL_NONE;
}

enum refusal kk_check(uint64_t kk) {
    /* There is no code of its own for a KK's region: an impossible one is a mistyped number like a wrong
     * length. */
    if (kk < NIK_MIN || kk > NIK_MAX || !region_possible(nik_region(kk)))
        return REFUSAL_KK_LENGTH;
    uint32_t date = (uint32_t)(kk / 10000 % 1000000);
    if (!date_possible(date / 10000, date / 100 % 100, date % 100))
        return REFUSAL_KK_DATE;
    return kk % 10000 == 0 ? REFUSAL_KK_SEQUENCE : REFUSAL_NONE;
}

bool nik_agrees(uint64_t nik, day_t birth_day, enum sex sex) {
    if (nik & IDENTITY_TEMPORARY)
        return true; /* a temporary id says nothing that could differ */
    uint32_t date = (uint32_t)(nik / 10000 % 1000000);
    uint32_t day = date / 10000;
    enum sex nik_sex = day > WOMAN_DAY_OFFSET ? SEX_FEMALE : SEX_MALE;
    if (sex != SEX_UNKNOWN && sex != nik_sex)
        return false;
    if (birth_day == DAY_NONE)
        return true;
    if (nik_sex == SEX_FEMALE)
        day -= WOMAN_DAY_OFFSET;
    uint32_t given = calendar_to_number(birth_day);
    return day == given % 100 && date / 100 % 100 == given / 100 % 100 && date % 100 == given / 10000 % 100;
}

static void format_temporary(identity_t identity, char out[24]) {
    identity_t bits = identity & ~IDENTITY_TEMPORARY;
    snprintf(out, 24, "T-%" PRIu64 "-%" PRIu64, bits >> 32, bits & TEMPORARY_COUNTER_MAX);
}

void identity_mask(identity_t identity, char out[24]) {
    if (identity == 0) {
        strcpy(out, "-");
        return;
    }
    if (identity & IDENTITY_TEMPORARY) {
        format_temporary(identity, out);
        return;
    }
    /* As many characters as were typed: that a digit is missing is what a kader has to see. */
    size_t size = (size_t)snprintf(out, 24, "%" PRIu64, identity);
    size_t head = size < MASK_SHORTEST ? 0 : MASK_HEAD;
    size_t tail = size < MASK_SHORTEST ? 0 : MASK_TAIL;
    memset(out + head, '*', size - head - tail);
}

void nik_mask_text(char *text) {
    while (*text) {
        size_t run = 0;
        while (text[run] >= '0' && text[run] <= '9')
            run++;
        if (run >= MASK_SHORTEST)
            memset(text + MASK_HEAD, '*', run - MASK_HEAD - MASK_TAIL);
        text += run ? run : 1;
    }
}

void identity_format(identity_t identity, char out[24]) {
    if (identity == 0)
        strcpy(out, "-");
    else if (identity & IDENTITY_TEMPORARY)
        format_temporary(identity, out);
    else
        snprintf(out, 24, "%016" PRIu64, identity);
}

/* "T-device-counter", both without leading zeros, so that one id has one spelling. */
static bool parse_temporary(const char *text, size_t size, identity_t *out) {
    if (size < 5 || text[0] != 'T' || text[1] != '-')
        return false;
    const char *device_text = text + 2;
    const char *dash = memchr(device_text, '-', size - 2);
    if (!dash)
        return false;
    const char *counter_text = dash + 1;
    size_t device_size = (size_t)(dash - device_text);
    size_t counter_size = size - 3 - device_size;
    uint64_t device, counter;
    if (!parse_digits(device_text, device_size, 10, &device) ||
        !parse_digits(counter_text, counter_size, 10, &counter))
        return false;
    if ((device_size > 1 && *device_text == '0') || (counter_size > 1 && *counter_text == '0'))
        return false;
    if (device > TEMPORARY_DEVICE_MAX || counter > TEMPORARY_COUNTER_MAX)
        return false;
    *out = IDENTITY_TEMPORARY | device << 32 | counter;
    return true;
}

bool identity_parse(const char *text, size_t size, identity_t *out) {
    return nik_parse(text, size, out) || parse_temporary(text, size, out);
}
