/* people.c - enrolments by number (people.h). */
#include "people.h"

#include <stdio.h>
#include <string.h>

#define KECAMATAN        12u    /* 327501..327512 */
#define BIRTH_DAYS       25000u /* from 1 January 1946 on */
#define FIRST_SEQUENCE   5001u
#define WOMAN_DAY_OFFSET 40u

static day_t birth_day(uint64_t number) {
    return (day_t)(calendar_day(1946, 1, 1) + number / KECAMATAN % BIRTH_DAYS);
}

static enum sex sex(uint64_t number) {
    return number / (KECAMATAN * BIRTH_DAYS) % 2 ? SEX_MALE : SEX_FEMALE;
}

/* Two digits each: day (a woman's plus 40), month, year. */
static uint64_t birth_digits(uint64_t number) {
    int year, month, day_of_month;
    calendar_civil(birth_day(number), &year, &month, &day_of_month);
    unsigned day = (unsigned)day_of_month + (sex(number) == SEX_FEMALE ? WOMAN_DAY_OFFSET : 0);
    return day * UINT64_C(10000) + (unsigned)month * UINT64_C(100) + (unsigned)year % 100;
}

identity_t numbered_identity(uint64_t number) {
    uint64_t region = 327501 + number % KECAMATAN;
    uint64_t sequence = FIRST_SEQUENCE + number / (KECAMATAN * BIRTH_DAYS * 2);
    return (region * 1000000 + birth_digits(number)) * 10000 + sequence;
}

static void set_text(struct text *text, const char *data) {
    text->data = data;
    text->size = (uint16_t)strlen(data);
}

/* Segments that a kader may enrol in, and what they ask for: class III and the local card where the city
 * pays. */
static void set_segment(uint64_t number, struct event *out) {
    static const uint8_t segments[] = {SEGMENT_PBPU_PEMDA, SEGMENT_PBPU, SEGMENT_BP};
    out->segment = segments[number % sizeof segments];
    out->care_class = out->segment == SEGMENT_PBPU_PEMDA ? 3 : 2;
    out->local_card = true;
    out->present |= FIELD_SEGMENT | FIELD_CARE_CLASS | FIELD_LOCAL_CARD;
}

void person_enrolment(uint64_t number, const struct region_table *regions, int64_t captured_at_ms,
                      char name[PERSON_NAME_SIZE], struct event *out) {
    static const char *const first[] = {"Siti", "Budi", "Dewi", "Agus", "Sri", "Eko", "Nur"};
    static const char *const last[] = {"Rahayu", "Santoso", "Lestari", "Wibowo", "Aminah", "Hidayat"};
    memset(out, 0, sizeof *out);
    out->kind = CHANGE_ENROL;
    out->captured_at_ms = captured_at_ms;
    out->identity = numbered_identity(number);
    out->family = UINT64_C(3671010101200000) + 1 + number / 4 % 9998;
    out->birth_day = birth_day(number);
    out->sex = (uint8_t)sex(number);
    out->kelurahan = regions->kelurahan[number * 7 % regions->kelurahan_count].code;
    out->present = FIELD_IDENTITY | FIELD_FAMILY | FIELD_NAME | FIELD_BIRTH_DAY | FIELD_SEX | FIELD_KELURAHAN;
    set_segment(number, out);
    snprintf(name, PERSON_NAME_SIZE, "%s %s %u", first[number % 7], last[number / 7 % 6],
             (unsigned)(number / 42 % 100000));
    set_text(&out->name, name);
    set_text(&out->author, "kader Posyandu Melati 3");
}
