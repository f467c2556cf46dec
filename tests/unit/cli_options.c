/* cli_options.c - tests of reading command lines: every kind of option, and every mistake with its
 * sentence. */
#include "cli/options.h"

#include "cakupan/calendar.h"
#include "cakupan/refusal.h"

#include <criterion/criterion.h>
#include <string.h>

static struct failure why;
static bool flag, help;
static const char *text;
static uint64_t number;
static day_t day;
static enum language language;
static const char *values[16];
static int count;

static const struct command command = {
    .name = "test", .arguments = "FILE", .argument_minimum = 1, .argument_maximum = 2};
static const struct option_row rows[] = {{"flag", OPTION_FLAG, &flag, NULL, "a flag", 0, 0},
                                         {"text", OPTION_TEXT, &text, "T", "a text", 0, 0},
                                         {"number", OPTION_NUMBER, &number, "N", "a number", 5, 10},
                                         {"day", OPTION_DAY, &day, "DATE", "a day", 0, 0},
                                         OPTION_LANGUAGE_ROW(&language),
                                         {0}};

static enum result parse(const char *const *words) {
    int size = 0;
    while (words[size])
        size++;
    flag = false;
    text = "default";
    number = 7;
    day = DAY_NONE;
    language = LANGUAGE_ENGLISH;
    memset(&why, 0, sizeof why);
    return options_parse(&command, rows, size, (char **)words, values, &count, &help, &why);
}
#define PARSE(...) parse((const char *[]){"test", __VA_ARGS__, NULL})

Test(cli_options, defaults_stay) {
    cr_assert_eq(PARSE("file"), RESULT_OK);
    cr_assert(!flag && !help);
    cr_assert_str_eq(text, "default");
    cr_assert_eq(number, 7);
    cr_assert_eq(count, 1);
    cr_assert_str_eq(values[0], "file");
}

Test(cli_options, every_kind_is_read_wherever_it_stands) {
    cr_assert_eq(PARSE("file", "--number", "10", "--flag", "--text=a b", "--day", "2026-11-22", "-"),
                 RESULT_OK);
    cr_assert(flag);
    cr_assert_str_eq(text, "a b");
    cr_assert_eq(number, 10);
    cr_assert_eq(day, calendar_day(2026, 11, 22));
    cr_assert_eq(count, 2);
    cr_assert_str_eq(values[1], "-", "a dash is an argument: standard input");
}

Test(cli_options, two_dashes_end_the_options) {
    cr_assert_eq(PARSE("--", "--flag"), RESULT_OK);
    cr_assert(!flag);
    cr_assert_str_eq(values[0], "--flag");
}

Test(cli_options, parsing_begins_anew_each_time) {
    cr_assert_eq(PARSE("--flag", "file"), RESULT_OK);
    cr_assert_eq(PARSE("--flag", "file"), RESULT_OK);
    cr_assert(flag);
}

Test(cli_options, help_counts_alone) {
    cr_assert_eq(PARSE("--help"), RESULT_OK);
    cr_assert(help);
    cr_assert_eq(PARSE("-h"), RESULT_OK);
    cr_assert(help);
}

Test(cli_options, numbers_outside_their_bounds_or_none_at_all) {
    static const char *const bad[] = {"4",  "11", "",   "x",   "7x",
                                      "-7", "+7", " 7", "7.0", "99999999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_eq(PARSE("file", "--number", bad[i]), RESULT_INVALID, "'%s' was taken", bad[i]);
        cr_assert_str_eq(why.code, "OPTION_VALUE");
        cr_assert_eq(number, 7, "'%s' changed the target", bad[i]);
    }
    cr_assert_eq(PARSE("file", "--number", "5"), RESULT_OK);
    cr_assert_eq(number, 5);
}

Test(cli_options, a_day_must_exist) {
    cr_assert_eq(PARSE("file", "--day", "2026-02-30"), RESULT_INVALID);
    cr_assert_str_eq(why.code, "OPTION_VALUE");
    cr_assert(strstr(why.sentence, "2026-02-30"));
}

Test(cli_options, languages) {
    cr_assert_eq(PARSE("file", "--language", "id"), RESULT_OK);
    cr_assert_eq(language, LANGUAGE_INDONESIAN);
    cr_assert_eq(PARSE("file", "--language", "en"), RESULT_OK);
    cr_assert_eq(language, LANGUAGE_ENGLISH);
    cr_assert_eq(PARSE("file", "--language", "indonesian"), RESULT_INVALID);
    cr_assert_str_eq(why.code, "OPTION_VALUE");
}

Test(cli_options, mistakes_name_the_word_at_fault) {
    cr_assert_eq(PARSE("file", "--nope"), RESULT_INVALID);
    cr_assert_str_eq(why.code, "OPTION_UNKNOWN");
    cr_assert(strstr(why.sentence, "--nope"), "%s", why.sentence);
    cr_assert_eq(PARSE("file", "-x"), RESULT_INVALID);
    cr_assert(strstr(why.sentence, "-x"), "%s", why.sentence);
    cr_assert_eq(PARSE("file", "--text"), RESULT_INVALID);
    cr_assert_str_eq(why.code, "OPTION_VALUE_MISSING");
    cr_assert(strstr(why.sentence, "--text"), "%s", why.sentence);
    cr_assert_eq(PARSE("file", "--flag=yes"), RESULT_INVALID);
    cr_assert_str_eq(why.code, "OPTION_UNKNOWN");
}

Test(cli_options, too_few_and_too_many_arguments) {
    cr_assert_eq(PARSE("--flag"), RESULT_INVALID);
    cr_assert_str_eq(why.code, "ARGUMENT_MISSING");
    cr_assert_eq(PARSE("a", "b", "surplus"), RESULT_INVALID);
    cr_assert_str_eq(why.code, "ARGUMENT_EXTRA");
    cr_assert(strstr(why.sentence, "surplus"));
}
