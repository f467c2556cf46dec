/* refusal.c - tests services/domain/refusal.c: the table is whole and sorted, values are put in safely. */
#include "cakupan/refusal.h"

#include <criterion/criterion.h>
#include <string.h>

/* A switch without default: the compiler refuses this file where a code is added and not listed here. */
static int listed(enum refusal code) {
    switch (code) {
    case REFUSAL_NONE:
        return 0;
    case REFUSAL_FRAME_MALFORMED:
    case REFUSAL_SEQUENCE_GAP:
    case REFUSAL_BUSY:
    case REFUSAL_DOOR_CLOSED:
    case REFUSAL_DEVICE_REVOKED:
    case REFUSAL_ID_REUSED:
    case REFUSAL_EVENT_MALFORMED:
    case REFUSAL_KIND_UNKNOWN:
    case REFUSAL_FIELD_MISSING:
    case REFUSAL_FIELD_FOREIGN:
    case REFUSAL_TEXT_INVALID:
    case REFUSAL_VALUE_RANGE:
    case REFUSAL_NIK_LENGTH:
    case REFUSAL_NIK_REGION:
    case REFUSAL_NIK_DATE:
    case REFUSAL_NIK_SEQUENCE:
    case REFUSAL_KK_LENGTH:
    case REFUSAL_KK_DATE:
    case REFUSAL_KK_SEQUENCE:
    case REFUSAL_IDENTITY_MISSING:
    case REFUSAL_TEMPORARY_NOT_ALLOWED:
    case REFUSAL_IDENTITY_TAKEN:
    case REFUSAL_REGION_UNKNOWN:
    case REFUSAL_REGION_OUTSIDE_AREA:
    case REFUSAL_ROLE_NOT_ALLOWED:
    case REFUSAL_DATE_INVALID:
    case REFUSAL_DATE_FUTURE:
    case REFUSAL_DATE_BEFORE_BIRTH:
    case REFUSAL_CAPTURED_FUTURE:
    case REFUSAL_MEMBER_UNKNOWN:
    case REFUSAL_MEMBER_DECEASED:
    case REFUSAL_MEMBER_MOVED_OUT:
    case REFUSAL_ALREADY_REGISTERED:
    case REFUSAL_COVERED_ELSEWHERE:
    case REFUSAL_SEGMENT_TRANSITION:
    case REFUSAL_NOT_ELIGIBLE_CARD:
    case REFUSAL_CLASS_NOT_ALLOWED:
    case REFUSAL_NOT_EMPLOYED:
    case REFUSAL_EMPLOYER_DIFFERS:
    case REFUSAL_ALREADY_LAID_OFF:
    case REFUSAL_APPROVER_MISSING:
    case REFUSAL_MOTHER_UNKNOWN:
    case REFUSAL_NEWBORN_TOO_OLD:
    case REFUSAL_SAME_MEMBER:
    case REFUSAL_NOT_SUSPENDED:
    case REFUSAL_ALREADY_SUSPENDED:
    case REFUSAL_NOTHING_CHANGES:
    case REFUSAL_PROOF_MISSING:
    case REFUSAL_DUPLICATE_DIFFERS:
    case REFUSAL_LAYOFF_REPORTED:
    case REFUSAL_OLDER_THAN_KNOWN:
    case WARNING_NIK_BIRTH_DIFFERS:
    case WARNING_NEWBORN_LATE:
    case WARNING_LAYOFF_DISPUTED:
    case WARNING_NIK_NEEDED:
    case WARNING_LATE_REPORT:
        return 1;
    }
    return 0;
}

Test(refusal, every_code_has_a_row_and_every_row_a_code) {
    size_t rows = 0, codes = 0;
    while (refusal_at(rows) != REFUSAL_NONE)
        rows++;
    for (int code = 0; code < 1000; code++) {
        codes += (size_t)listed((enum refusal)code);
        cr_assert_eq(refusal_name((enum refusal)code) != NULL, listed((enum refusal)code) == 1, "code %d",
                     code);
    }
    cr_assert_eq(rows, codes);
    cr_assert_gt(rows, 50);
}

Test(refusal, rows_ascend_and_names_come_back) {
    for (size_t i = 0; refusal_at(i) != REFUSAL_NONE; i++) {
        enum refusal code = refusal_at(i);
        if (i > 0)
            cr_assert_lt(refusal_at(i - 1), code);
        cr_assert_eq(refusal_from_name(refusal_name(code)), code, "%s: two rows of one name?",
                     refusal_name(code));
        cr_assert_not_null(refusal_field(code));
    }
    cr_assert_eq(refusal_from_name("NO_SUCH"), REFUSAL_NONE);
    cr_assert_eq(refusal_from_name(""), REFUSAL_NONE);
    cr_assert_eq(refusal_from_name(NULL), REFUSAL_NONE);
    cr_assert_null(refusal_name(REFUSAL_NONE));
    cr_assert_str_eq(refusal_field(REFUSAL_NIK_DATE), "nik");
    cr_assert_str_eq(refusal_field((enum refusal)999), "");
}

static void assert_reads_well(enum refusal code, enum language language, const char *value) {
    char text[512];
    size_t size = refusal_sentence(code, language, value, text, sizeof text);
    const char *name = refusal_name(code);
    cr_assert_eq(size, strlen(text));
    cr_assert_gt(size, 40, "%s is too short to help anybody: %s", name, text);
    cr_assert_lt(size, 255, "%s does not fit an answer's 256 bytes: %s", name, text);
    cr_assert_null(strpbrk(text, "[]{}"), "%s: %s", name, text);
    cr_assert_null(strstr(text, "  "), "%s: %s", name, text);
    cr_assert_null(strstr(text, " ,"), "%s: %s", name, text);
    cr_assert_null(strstr(text, " ."), "%s: %s", name, text);
    cr_assert_null(strstr(text, "()"), "%s: %s", name, text);
    cr_assert_eq(text[size - 1], '.', "%s: %s", name, text);
}

Test(refusal, sentences_read_well_with_and_without_a_value) {
    for (size_t i = 0; refusal_at(i) != REFUSAL_NONE; i++)
        for (int language = LANGUAGE_INDONESIAN; language <= LANGUAGE_ENGLISH; language++) {
            assert_reads_well(refusal_at(i), (enum language)language, NULL);
            assert_reads_well(refusal_at(i), (enum language)language, "");
            assert_reads_well(refusal_at(i), (enum language)language, "3671**********07");
        }
}

Test(refusal, languages_differ) {
    for (size_t i = 0; refusal_at(i) != REFUSAL_NONE; i++) {
        char indonesian[512], english[512];
        refusal_sentence(refusal_at(i), LANGUAGE_INDONESIAN, "X", indonesian, sizeof indonesian);
        refusal_sentence(refusal_at(i), LANGUAGE_ENGLISH, "X", english, sizeof english);
        cr_assert_str_neq(indonesian, english, "%s", refusal_name(refusal_at(i)));
    }
}

Test(refusal, the_value_stands_in_the_sentence) {
    char text[512];
    refusal_sentence(REFUSAL_NIK_SEQUENCE, LANGUAGE_ENGLISH, "3671**********00", text, sizeof text);
    cr_assert_str_eq(
        text,
        "The last four digits of the NIK 3671**********00 can not be 0000. Read it again from the card.");
    refusal_sentence(REFUSAL_NIK_SEQUENCE, LANGUAGE_ENGLISH, NULL, text, sizeof text);
    cr_assert_str_eq(text, "The last four digits of the NIK can not be 0000. Read it again from the card.");
}

Test(refusal, a_value_is_text_and_never_a_form) {
    char text[512];
    refusal_sentence(REFUSAL_REGION_UNKNOWN, LANGUAGE_ENGLISH, "%s%n[{}]\x1b[31m\n", text, sizeof text);
    cr_assert_not_null(strstr(text, "Kelurahan %s%n[{}]?[31m? is none"), "%s", text);
}

Test(refusal, never_writes_past_its_room) {
    char whole[512], value[2048];
    memset(value, 'v', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    refusal_sentence(REFUSAL_NIK_DATE, LANGUAGE_INDONESIAN, value, whole, sizeof whole);
    for (size_t room = 0; room <= 300; room++) {
        char guarded[320];
        memset(guarded, 0x7e, sizeof guarded);
        size_t size = refusal_sentence(REFUSAL_NIK_DATE, LANGUAGE_INDONESIAN, value, guarded, room);
        cr_assert_eq(size, room ? room - 1 : 0);
        cr_assert(room == 0 || memcmp(guarded, whole, size) == 0);
        cr_assert(room == 0 || guarded[size] == '\0');
        for (size_t i = room; i < sizeof guarded; i++)
            cr_assert_eq(guarded[i], 0x7e, "byte %zu written with room for %zu", i, room);
    }
}

Test(refusal, a_character_is_never_cut_in_two) {
    const char *values[] = {"\xc3\xa9\xc3\xa9\xc3\xa9", "\xe2\x82\xac\xe2\x82\xac",
                            "\xf0\x9f\x99\x82\xf0\x9f\x99\x82"};
    size_t lengths[] = {2, 3, 4};
    const char *before = "Kelurahan ";
    for (size_t v = 0; v < 3; v++)
        for (size_t room = strlen(before) + 1; room < strlen(before) + 1 + strlen(values[v]); room++) {
            char text[64];
            size_t size = refusal_sentence(REFUSAL_REGION_UNKNOWN, LANGUAGE_ENGLISH, values[v], text, room);
            cr_assert_eq((size - strlen(before)) % lengths[v], 0, "room %zu", room);
            cr_assert_lt(room - 1 - size, lengths[v], "no more than one character is dropped");
        }
}

Test(refusal, a_number_that_is_no_code_has_an_empty_sentence) {
    char text[16] = "x";
    cr_assert_eq(refusal_sentence((enum refusal)999, LANGUAGE_ENGLISH, "v", text, sizeof text), 0);
    cr_assert_str_eq(text, "");
    cr_assert_eq(refusal_sentence(REFUSAL_NONE, LANGUAGE_INDONESIAN, NULL, text, sizeof text), 0);
}
