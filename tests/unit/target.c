/* target.c - tests of what a request line asks for: every form, every bound, and that nothing unclean
 * passes. */
#include "gateway/target.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct target target;

static const char *decode(const char *raw) {
    memset(&target, 0x5a, sizeof target);
    return target_decode(raw, &target);
}

Test(target, a_path_and_its_parameters) {
    cr_assert_null(decode("/v1/totals?region=Cipondoh%20Makmur&level=all&flag&empty="));
    cr_assert_str_eq(target.path, "/v1/totals");
    cr_assert_eq(target.count, 4);
    cr_assert_str_eq(target_parameter(&target, "region"), "Cipondoh Makmur");
    cr_assert_str_eq(target_parameter(&target, "level"), "all");
    cr_assert_str_eq(target_parameter(&target, "flag"), "");
    cr_assert_str_eq(target_parameter(&target, "empty"), "");
    cr_assert_null(target_parameter(&target, "regio"));
    cr_assert_null(target_parameter(&target, "regions"));
}

Test(target, plus_is_a_blank_in_parameters_alone) {
    cr_assert_null(decode("/a+b?c+d=e+f%2B"));
    cr_assert_str_eq(target.path, "/a+b");
    cr_assert_str_eq(target_parameter(&target, "c d"), "e f+");
}

Test(target, a_decoded_separator_separates_nothing) {
    cr_assert_null(decode("/a%3Fb%26?c=1%262%3d3"));
    cr_assert_str_eq(target.path, "/a?b&");
    cr_assert_eq(target.count, 1);
    cr_assert_str_eq(target_parameter(&target, "c"), "1&2=3");
}

Test(target, the_absolute_form_is_the_same) {
    cr_assert_null(decode("http://host:7302/v1/totals?level=all"));
    cr_assert_str_eq(target.path, "/v1/totals");
    cr_assert_str_eq(target_parameter(&target, "level"), "all");
    cr_assert_not_null(decode("http://host"));
    cr_assert_not_null(decode("http://host?level=all"));
    cr_assert_not_null(decode("ftp://host/"));
}

Test(target, what_is_no_clean_text_is_refused) {
    static const char *const bad[] = {
        "",         "*",        "v1",    "/%",          "/%4",     "/%zz",  "/%00",
        "/%0a",     "/%7f",     "/%ff",  "/%c3",        "/%c0%80", "/\xff", "/\xed\xa0\x80",
        "/a?b=%00", "/a?%0d=b", "/a?=b", "/a?b=%c3%28", "/a?b=%4", "/a\r",  "/a\x1b[1m"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *code = decode(bad[i]);
        cr_assert_not_null(code, "%zu passed", i);
        cr_assert_str_eq(code, "REQUEST_MALFORMED");
        cr_assert_str_eq(target.path, "");
        cr_assert_eq(target.count, 0);
    }
    cr_assert_null(decode("/%c3%a9\xc3\xa9?n=%F0%9F%98%80"));
    cr_assert_str_eq(target.path, "/\xc3\xa9\xc3\xa9");
}

Test(target, its_length_has_a_bound) {
    char raw[TARGET_BYTES_MAX + 2];
    memset(raw, 'a', sizeof raw);
    raw[0] = '/';
    raw[TARGET_BYTES_MAX] = '\0';
    cr_assert_null(decode(raw));
    cr_assert_eq(strlen(target.path), TARGET_BYTES_MAX);
    raw[TARGET_BYTES_MAX] = 'a';
    raw[TARGET_BYTES_MAX + 1] = '\0';
    cr_assert_str_eq(decode(raw), "URI_TOO_LONG");
}

Test(target, as_many_parameters_as_fit_and_no_more) {
    char raw[TARGET_BYTES_MAX + 1] = "/?";
    for (unsigned i = 0; i < TARGET_PARAMETERS_MAX; i++)
        snprintf(raw + strlen(raw), 16, "a%u&", i);
    cr_assert_null(decode(raw), "empty pieces don't count");
    cr_assert_eq(target.count, TARGET_PARAMETERS_MAX);
    strcat(raw, "b");
    cr_assert_str_eq(decode(raw), "REQUEST_MALFORMED");
}

Test(target, the_most_pieces_fit_the_text) {
    char raw[TARGET_BYTES_MAX + 1];
    memset(raw, 'a', TARGET_BYTES_MAX);
    memcpy(raw, "/?a=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k=&l=&m=&n=&o=&p=", 49);
    raw[TARGET_BYTES_MAX] = '\0';
    cr_assert_null(decode(raw));
    cr_assert_eq(target.count, TARGET_PARAMETERS_MAX);
    cr_assert_eq(strlen(target_parameter(&target, "p")), TARGET_BYTES_MAX - 49);
}

Test(target, strangers_and_doubles_are_named) {
    cr_assert_null(decode("/a?level=all&region=x"));
    cr_assert_null(target_unknown(&target, "region level as-of", "language"));
    cr_assert_str_eq(target_unknown(&target, "region", "language"), "level");
    cr_assert_str_eq(target_unknown(&target, NULL, "language"), "level");
    cr_assert_str_eq(target_unknown(&target, "region levels", "language"), "level");
    cr_assert_null(decode("/a?language=en"));
    cr_assert_null(target_unknown(&target, NULL, "language"));
    cr_assert_null(decode("/a?region=x&region=x"));
    cr_assert_str_eq(target_unknown(&target, "region", "language"), "region");
}
