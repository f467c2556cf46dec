/* nik.c - tests services/domain/nik.c: what a NIK can be, what it can't, and that it never shows whole. */
#include "cakupan/nik.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <string.h>

static enum refusal check_text(const char *text) {
    uint64_t nik = 0;
    cr_assert(nik_parse(text, strlen(text), &nik), "%s", text);
    return nik_check(nik);
}

Test(nik, parse_takes_sixteen_digits_and_nothing_else) {
    uint64_t nik = 7;
    cr_assert(nik_parse("3671010101900001", 16, &nik));
    cr_assert_eq(nik, UINT64_C(3671010101900001));
    const char *bad[] = {"",
                         "367101010190000",
                         "36710101019000011",
                         "36710101019000O1",
                         " 671010101900001",
                         "+671010101900001",
                         "-671010101900001",
                         "3671010101900 01"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint64_t untouched = 42;
        cr_assert_not(nik_parse(bad[i], strlen(bad[i]), &untouched), "'%s'", bad[i]);
        cr_assert_eq(untouched, 42);
    }
    cr_assert_not(nik_parse("3671010101\0"
                            "00001",
                            16, &nik));
}

Test(nik, length_is_checked_on_numbers) {
    cr_assert_eq(nik_check(0), REFUSAL_NIK_LENGTH);
    cr_assert_eq(nik_check(UINT64_C(999999999999999)), REFUSAL_NIK_LENGTH);
    cr_assert_eq(nik_check(UINT64_C(10000000000000000)), REFUSAL_NIK_LENGTH);
    cr_assert_eq(nik_check(UINT64_MAX), REFUSAL_NIK_LENGTH);
    cr_assert_eq(check_text("0671010101900001"), REFUSAL_NIK_LENGTH);
    cr_assert_eq(kk_check(UINT64_C(367101010119000)), REFUSAL_KK_LENGTH);
    cr_assert_eq(kk_check(UINT64_MAX), REFUSAL_KK_LENGTH);
}

Test(nik, regions_elsewhere_are_fine_impossible_ones_are_not) {
    cr_assert_eq(check_text("3171010101900001"), REFUSAL_NONE);
    cr_assert_eq(check_text("9171010101900001"), REFUSAL_NONE);
    cr_assert_eq(check_text("1101010101900001"), REFUSAL_NONE);
    cr_assert_eq(check_text("1071010101900001"), REFUSAL_NIK_REGION);
    cr_assert_eq(check_text("4171010101900001"), REFUSAL_NIK_REGION);
    cr_assert_eq(check_text("3600010101900001"), REFUSAL_NIK_REGION);
    cr_assert_eq(check_text("3671000101900001"), REFUSAL_NIK_REGION);
    cr_assert_eq(kk_check(UINT64_C(3671000101900001)), REFUSAL_KK_LENGTH);
}

Test(nik, a_womans_day_has_forty_added_and_no_other) {
    cr_assert_eq(check_text("3671014101900001"), REFUSAL_NONE);
    cr_assert_eq(check_text("3671017101900001"), REFUSAL_NONE);
    cr_assert_eq(check_text("3671013101900001"), REFUSAL_NONE);
    cr_assert_eq(check_text("3671014001900001"), REFUSAL_NIK_DATE);
    cr_assert_eq(check_text("3671013201900001"), REFUSAL_NIK_DATE);
    cr_assert_eq(check_text("3671017201900001"), REFUSAL_NIK_DATE);
    cr_assert_eq(check_text("3671018101900001"), REFUSAL_NIK_DATE);
    cr_assert_eq(check_text("3671010001900001"), REFUSAL_NIK_DATE);
}

Test(nik, dates_must_exist) {
    cr_assert_eq(check_text("3671013102900001"), REFUSAL_NIK_DATE);
    cr_assert_eq(check_text("3671017102900001"), REFUSAL_NIK_DATE);
    cr_assert_eq(check_text("3671013104900001"), REFUSAL_NIK_DATE);
    cr_assert_eq(check_text("3671010100900001"), REFUSAL_NIK_DATE);
    cr_assert_eq(check_text("3671010113900001"), REFUSAL_NIK_DATE);
    cr_assert_eq(check_text("3671012902920001"), REFUSAL_NONE);
    cr_assert_eq(check_text("3671012902910001"), REFUSAL_NIK_DATE);
    cr_assert_eq(check_text("3671016902960001"), REFUSAL_NONE);
    /* Year 00 is 2000 as likely as 1900, and 2000 had the day. */
    cr_assert_eq(check_text("3671012902000001"), REFUSAL_NONE);
    cr_assert_eq(kk_check(UINT64_C(3671013102120001)), REFUSAL_KK_DATE);
}

Test(nik, a_sequence_begins_with_one) {
    cr_assert_eq(check_text("3671010101900000"), REFUSAL_NIK_SEQUENCE);
    cr_assert_eq(check_text("3671010101909999"), REFUSAL_NONE);
    cr_assert_eq(kk_check(UINT64_C(3671010101120000)), REFUSAL_KK_SEQUENCE);
    cr_assert_eq(kk_check(UINT64_C(3671010101120001)), REFUSAL_NONE);
}

Test(nik, a_family_cards_day_has_no_forty_added) {
    cr_assert_eq(kk_check(UINT64_C(3671014101120001)), REFUSAL_KK_DATE);
}

Test(nik, agrees_with_birth_date_and_sex) {
    uint64_t woman = UINT64_C(3671014503920007), man = UINT64_C(3671010503920007);
    day_t birth = calendar_day(1992, 3, 5);
    cr_assert(nik_agrees(woman, birth, SEX_FEMALE));
    cr_assert(nik_agrees(man, birth, SEX_MALE));
    cr_assert_not(nik_agrees(woman, birth, SEX_MALE));
    cr_assert_not(nik_agrees(man, birth, SEX_FEMALE));
    cr_assert(nik_agrees(woman, birth, SEX_UNKNOWN));
    cr_assert(nik_agrees(woman, DAY_NONE, SEX_FEMALE));
    cr_assert_not(nik_agrees(woman, DAY_NONE, SEX_MALE));
    cr_assert_not(nik_agrees(woman, calendar_day(1992, 3, 6), SEX_FEMALE));
    cr_assert_not(nik_agrees(woman, calendar_day(1992, 4, 5), SEX_FEMALE));
    cr_assert_not(nik_agrees(woman, calendar_day(1993, 3, 5), SEX_FEMALE));
    /* Two digits of a year can't tell 1925 from 2025. */
    uint64_t old = UINT64_C(3671010101250001);
    cr_assert(nik_agrees(old, calendar_day(1925, 1, 1), SEX_MALE));
    cr_assert(nik_agrees(old, calendar_day(2025, 1, 1), SEX_MALE));
    cr_assert(nik_agrees(IDENTITY_TEMPORARY | 5, birth, SEX_MALE));
}

Test(nik, region_is_the_first_six_digits) {
    cr_assert_eq(nik_region(UINT64_C(3671074503920007)), 367107);
}

static int digits_of(const char *text) {
    int count = 0;
    for (; *text; text++)
        count += isdigit((unsigned char)*text) != 0;
    return count;
}

Test(nik, a_mask_never_shows_more_than_six_digits) {
    char text[24];
    identity_mask(UINT64_C(3671014503920007), text);
    cr_assert_str_eq(text, "3671**********07");
    for (uint64_t number = 1; number < UINT64_C(9000000000000000000); number *= 9) {
        identity_mask(number, text);
        cr_assert_leq(digits_of(text), 6, "%s", text);
        cr_assert_lt(strlen(text), 24);
        if (number > UINT64_MAX / 9)
            break;
    }
    identity_mask(123456, text);
    cr_assert_str_eq(text, "******", "a short number is starred whole");
    identity_mask(UINT64_C(367101450392000), text);
    cr_assert_str_eq(text, "3671*********00", "a missing digit stays visible as such");
    identity_mask(IDENTITY_TEMPORARY - 1, text);
    cr_assert_leq(digits_of(text), 6, "%s", text);
    identity_mask(0, text);
    cr_assert_str_eq(text, "-");
}

Test(nik, texts_of_others_are_masked) {
    char text[] = "x3671014503920007 and '367101450392' of 36710145039 on 2026-11-22, 99999999999999999999";
    nik_mask_text(text);
    cr_assert_str_eq(
        text, "x3671**********07 and '3671******92' of 36710145039 on 2026-11-22, 9999**************99");
    nik_mask_text(text + strlen(text));
}

Test(nik, temporary_ids_are_shown_and_read_back) {
    char text[24];
    identity_t id = IDENTITY_TEMPORARY | UINT64_C(5) << 32 | 17;
    identity_mask(id, text);
    cr_assert_str_eq(text, "T-5-17");
    identity_t back = 0;
    cr_assert(identity_parse(text, strlen(text), &back));
    cr_assert_eq(back, id);
    identity_format(UINT64_MAX, text);
    cr_assert_str_eq(text, "T-2147483647-4294967295");
    cr_assert(identity_parse(text, strlen(text), &back));
    cr_assert_eq(back, UINT64_MAX);
    const char *bad[] = {"T-5-",           "T--17",           "T-5",     "T5-17",   "t-5-17",
                         "T-2147483648-1", "T-1-4294967296",  "T-05-17", "T-5-017", "T-5-17-1",
                         "T- 5-1",         "T-5-99999999999", "-",       "T",       "T-5-1\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_not(identity_parse(bad[i], strlen(bad[i]), &back), "'%s'", bad[i]);
}

Test(nik, format_and_parse_are_inverse) {
    char text[24];
    identity_t back = 0;
    identity_format(UINT64_C(3671014503920007), text);
    cr_assert_str_eq(text, "3671014503920007");
    cr_assert(identity_parse(text, 16, &back));
    cr_assert_eq(back, UINT64_C(3671014503920007));
    identity_format(0, text);
    cr_assert_str_eq(text, "-");
}
