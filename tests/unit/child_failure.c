/* child_failure.c - tests of what the gateway reads of a command's standard error. */
#include "gateway/child_failure.h"

#include <criterion/criterion.h>
#include <string.h>

static char code[CHILD_CODE_MAX], sentence[CHILD_SENTENCE_MAX], value[CHILD_VALUE_MAX];

static bool decode(const char *text) {
    return child_failure_decode(text, strlen(text), code, sentence);
}

Test(child_failure, the_last_line_of_the_form_counts) {
    cr_assert(decode("cakupan bill close: Not yet. [BILL_TOO_EARLY]\n"));
    cr_assert_str_eq(code, "BILL_TOO_EARLY");
    cr_assert_str_eq(sentence, "Not yet.");
    cr_assert(decode(
        "Sending 3 events\ncakupan layoff: one [FIRST]\ncakupan layoff: two [SECOND]\nprogress 1 2 sent"));
    cr_assert_str_eq(code, "SECOND");
    cr_assert_str_eq(sentence, "two");
    cr_assert(decode("cakupan: There is no command 'x'; see [this] list. [COMMAND_UNKNOWN]"));
    cr_assert_str_eq(code, "COMMAND_UNKNOWN");
    cr_assert_str_eq(sentence, "There is no command 'x'; see [this] list.");
}

Test(child_failure, what_is_no_failure) {
    static const char *const none[] = {"",
                                       "\n\n",
                                       "cakupan",
                                       "cakupan layoff",
                                       "cakupan layoff: [CODE]",
                                       "cakupan layoff:  [CODE]",
                                       "cakupan layoff: sentence",
                                       "cakupan layoff: sentence []",
                                       "cakupan layoff: sentence [code]",
                                       "cakupan layoff: sentence [CODE] ",
                                       "layoff: sentence [CODE]",
                                       "[CODE]",
                                       "]",
                                       "cakupan x: y [AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA]"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        cr_assert(!decode(none[i]), "'%s' gave %s", none[i], code);
        cr_assert_str_eq(code, "");
        cr_assert_str_eq(sentence, "");
    }
}

Test(child_failure, long_and_odd_sentences) {
    char text[1000] = "cakupan layoff: ";
    for (int i = 0; i < 200; i++)
        strcat(text, "\xC3\xA9");
    strcat(text, " [CODE]\n");
    cr_assert(decode(text));
    cr_assert_eq(strlen(sentence), 318, "cut between two letters: %zu", strlen(sentence));
    cr_assert(decode("cakupan layoff: a\tb\x01 c [CODE]"));
    cr_assert_str_eq(sentence, "a?b? c");
}

Test(child_failure, progress_is_the_last_whole_line) {
    struct child_progress progress;
    static const char text[] = "progress 1 10 checked\nprogress 500 1000 sent\nprogress 999 10";
    cr_assert(child_progress_decode(text, strlen(text), &progress));
    cr_assert_eq(progress.done, 500);
    cr_assert_eq(progress.total, 1000);
    cr_assert_str_eq(progress.unit, "sent");
    static const char *const none[] = {"progress 1 2 sent",
                                       "progress\n",
                                       "progress 1\n",
                                       "progress 1 2\n",
                                       "progress 1 2 \n",
                                       "progress x 2 sent\n",
                                       "progress 1 2 a-b\n",
                                       "progress 1111111111111111111 2 sent\n",
                                       "progress 1 2 abcdefghijklmnopqrst\n",
                                       ""};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_assert(!child_progress_decode(none[i], strlen(none[i]), &progress), "'%s'", none[i]);
}

Test(child_failure, codes_become_problems) {
    cr_assert_str_eq(child_failure_problem("CSV_QUOTES", true), "CSV_INVALID");
    cr_assert_str_eq(child_failure_problem("BPJS_ROW_INVALID", false), "CSV_INVALID");
    cr_assert_str_eq(child_failure_problem("NOT_RUNNING", false), "BILLING_AWAY");
    cr_assert_str_eq(child_failure_problem("NOT_RUNNING", true), "ENROLLMENT_AWAY");
    cr_assert_str_eq(child_failure_problem("BILL_TOO_EARLY", false), "BILL_TOO_EARLY");
    cr_assert_null(child_failure_problem("OPTION_VALUE", false),
                   "our own mistake: nobody outside can mend it");
}

Test(child_failure, values_for_the_other_language) {
    child_failure_value("BILL_TOO_EARLY", "2026-11 can be closed from 2026-12-01 on, not before.", value);
    cr_assert_str_eq(value, "2026-12-01");
    child_failure_value("BILL_MONTH_NOT_OPEN", "2027-03 can't be closed yet: the open one is 2026-11; ...",
                        value);
    cr_assert_str_eq(value, "2026-11");
    child_failure_value("CSV_INVALID", "standard input, line 17: a NUL byte.", value);
    cr_assert_str_eq(value, "baris 17");
    child_failure_value("CSV_INVALID", "Line 3: 'x' is no amount.", value);
    cr_assert_str_eq(value, "baris 3");
    child_failure_value("CSV_INVALID", "The first line has no column 'nik'.", value);
    cr_assert_str_eq(value, "kolom nik");
    child_failure_value("PAYMENT_RANGE", "It can't be taken: x. Owed still: iuran Rp 5, bantuan iuran Rp 7.",
                        value);
    cr_assert_str_eq(value, "iuran Rp 5, bantuan iuran Rp 7");
    child_failure_value("PAYMENT_RANGE", "A payment on 2026-12-01 lies in the future.", value);
    cr_assert_str_eq(value, "");
    child_failure_value("BILL_WAITS", "Ask again at 12026-11-1.", value);
    cr_assert_str_eq(value, "");
}
