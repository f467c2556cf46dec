/* cli_layoff.c - tests of reading a labour office's list: what each row becomes, and mistakes row by row. */
#include "cli/layoff_files.h"

#include "scratch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define NIK    "3671010101900001"
#define HEADER "nik,employer,date,proof,dispute\n"

static struct failure why;
static struct layoff_list list;

static enum result read_text(const char *content) {
    char directory[SCRATCH_PATH], path[SCRATCH_PATH + 16];
    scratch_make(directory);
    snprintf(path, sizeof path, "%s/list.csv", directory);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(content, file);
    fclose(file);
    enum result result = layoff_list_read(path, LANGUAGE_ENGLISH, &list, &why);
    scratch_remove(directory);
    return result;
}

Test(cli_layoff, a_row_becomes_an_event) {
    cr_assert_eq(read_text(HEADER NIK ",10000003,2026-11-20,notice,no\n"), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(list.count, 1);
    const struct layoff_row *row = &list.rows[0];
    cr_assert_eq(row->outcome, LAYOFF_OPEN, "%s", row->sentence);
    cr_assert_eq(row->line, 2);
    cr_assert_eq(row->event.kind, CHANGE_LAYOFF);
    cr_assert_eq(row->event.identity, UINT64_C(3671010101900001));
    cr_assert_eq(row->event.employer, 10000003);
    cr_assert_eq(row->event.day, calendar_day(2026, 11, 20));
    cr_assert_eq(row->event.proof, PROOF_NOTICE_RECEIPT);
    cr_assert(!row->event.disputed);
    layoff_list_free(&list);
}

Test(cli_layoff, spellings_of_proofs_and_disputes) {
    cr_assert_eq(read_text(HEADER "3671010101900001,1,2026-11-20,COURT_RULING,ya\n"
                                  "3671010101900002,1,2026-11-20,agreement,Yes\n"
                                  "3671010101900003,1,2026-11-20,,\n"
                                  "3671010101900004,1,2026-11-20,maybe,no\n"
                                  "3671010101900005,1,2026-11-20,notice,perhaps\n"),
                 RESULT_OK);
    cr_assert_eq(list.rows[0].event.proof, PROOF_COURT_RULING);
    cr_assert(list.rows[0].event.disputed);
    cr_assert_eq(list.rows[1].event.proof, PROOF_AGREEMENT_RECEIPT);
    cr_assert(list.rows[1].event.disputed);
    cr_assert_eq(list.rows[2].event.proof, PROOF_NONE, "enrollment says whether that will do");
    cr_assert_eq(list.rows[2].outcome, LAYOFF_OPEN);
    cr_assert_eq(list.rows[3].outcome, LAYOFF_REFUSED);
    cr_assert_eq(list.rows[4].outcome, LAYOFF_REFUSED);
    layoff_list_free(&list);
}

Test(cli_layoff, each_mistake_has_its_code_and_never_a_whole_nik) {
    static const struct {
        const char *row, *code;
    } cases[] = {{"367101010190000,1,2026-11-20,notice,no", "NIK_LENGTH"},
                 {"3.67101E+15,1,2026-11-20,notice,no", "NIK_LENGTH"},
                 {"3671013113900001,1,2026-11-20,notice,no", "NIK_DATE"},
                 {"3671010101900000,1,2026-11-20,notice,no", "NIK_SEQUENCE"},
                 {NIK ",0,2026-11-20,notice,no", "VALUE_RANGE"},
                 {NIK ",-1,2026-11-20,notice,no", "VALUE_RANGE"},
                 {NIK ",99999999999,2026-11-20,notice,no", "VALUE_RANGE"},
                 {NIK ",1,20-11-2026,notice,no", "DATE_INVALID"},
                 {NIK ",1,2026-02-30,notice,no", "DATE_INVALID"},
                 {NIK ",1,2026-11-20,notice", "CSV_COLUMNS"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char content[256];
        snprintf(content, sizeof content, HEADER "%s\n", cases[i].row);
        cr_assert_eq(read_text(content), RESULT_OK, "%s", why.sentence);
        cr_assert_eq(list.count, 1);
        cr_assert_eq(list.rows[0].outcome, LAYOFF_REFUSED, "%s was taken", cases[i].row);
        cr_assert_str_eq(list.rows[0].code, cases[i].code, "%s: %s", cases[i].row, list.rows[0].code);
        cr_assert_null(strstr(list.rows[0].sentence, "367101010190000"), "%s", list.rows[0].sentence);
        layoff_list_free(&list);
    }
}

Test(cli_layoff, an_employer_too_large_is_told_the_range) {
    cr_assert_eq(read_text(HEADER NIK ",4294967296,2026-11-20,notice,no\n3671010101900002,12a,2026-11-20,,\n"
                                      "3671010101900003,4294967295,2026-11-20,,\n"
                                      "3671010101900004,99999999999999999999999,2026-11-20,,\n"),
                 RESULT_OK);
    cr_assert_str_eq(list.rows[0].code, "VALUE_RANGE");
    cr_assert(strstr(list.rows[0].sentence, "from 1 to 4294967295"), "%s", list.rows[0].sentence);
    cr_assert(strstr(list.rows[1].sentence, "digits only"), "%s", list.rows[1].sentence);
    cr_assert_eq(list.rows[2].event.employer, UINT32_MAX, "the largest is one");
    cr_assert(strstr(list.rows[3].sentence, "from 1 to 4294967295"), "%s", list.rows[3].sentence);
    layoff_list_free(&list);
}

Test(cli_layoff, the_same_worker_twice_is_refused_the_second_time) {
    cr_assert_eq(read_text(HEADER "3671010101900002,1,2026-11-20,notice,no\n" NIK ",1,2026-11-20,notice,no\n"
                                  "3671010101900003,1,2026-11-20,notice,no\n" NIK
                                  ",2,2026-11-21,court,no\n" NIK ",2,2026-11-21,court,no\n"),
                 RESULT_OK);
    cr_assert_eq(list.rows[0].outcome, LAYOFF_OPEN);
    cr_assert_eq(list.rows[1].outcome, LAYOFF_OPEN);
    cr_assert_eq(list.rows[2].outcome, LAYOFF_OPEN);
    for (int i = 3; i <= 4; i++) {
        cr_assert_eq(list.rows[i].outcome, LAYOFF_REFUSED);
        cr_assert_str_eq(list.rows[i].code, "DUPLICATE_ROW");
        cr_assert(strstr(list.rows[i].sentence, "line 3"), "%s", list.rows[i].sentence);
    }
    layoff_list_free(&list);
}

Test(cli_layoff, a_file_without_its_columns_is_refused_whole) {
    cr_assert_eq(read_text("nik,employer,date,proof\n" NIK ",1,2026-11-20,notice\n"), RESULT_INVALID);
    cr_assert_str_eq(why.code, "CSV_HEADER");
    cr_assert_eq(list.count, 0);
}

Test(cli_layoff, answers_become_outcomes) {
    struct layoff_row row = {0};
    layoff_row_answer(&row, &(struct desk_answer){0}, true);
    cr_assert_eq(row.outcome, LAYOFF_WILL_DO);
    layoff_row_answer(&row, &(struct desk_answer){.warning = WARNING_LAYOFF_DISPUTED, .sentence = "but"},
                      false);
    cr_assert_eq(row.outcome, LAYOFF_DONE);
    cr_assert_str_eq(row.code, "LAYOFF_DISPUTED");
    cr_assert_str_eq(row.sentence, "but");
    layoff_row_answer(&row, &(struct desk_answer){.refusal = REFUSAL_ALREADY_LAID_OFF}, false);
    cr_assert_eq(row.outcome, LAYOFF_UNCHANGED, "the same list again changes nothing");
    cr_assert(layoff_row_plain(&row));
    layoff_row_answer(&row, &(struct desk_answer){.refusal = REFUSAL_OLDER_THAN_KNOWN}, false);
    cr_assert_eq(row.outcome, LAYOFF_UNCHANGED, "an old list again, after a rehire");
    cr_assert_not(layoff_row_plain(&row), "its date may be mistyped: worth a look");
    layoff_row_answer(&row, &(struct desk_answer){.refusal = REFUSAL_NOT_EMPLOYED}, false);
    cr_assert_eq(row.outcome, LAYOFF_REFUSED);
    cr_assert_str_eq(row.code, "NOT_EMPLOYED");
}

Test(cli_layoff, a_nik_in_a_wrong_column_is_masked) {
    cr_assert_eq(read_text(HEADER NIK "," NIK ",2026-11-20,notice,no\n" NIK ",1," NIK ",notice,no\n"),
                 RESULT_OK);
    for (size_t i = 0; i < list.count; i++) {
        cr_assert_eq(list.rows[i].outcome, LAYOFF_REFUSED);
        cr_assert_null(strstr(list.rows[i].sentence, NIK), "%s", list.rows[i].sentence);
    }
    layoff_list_free(&list);
}

/* What layoff_refused_write makes of the list that was read. */
static const char *refused_text(void) {
    static char text[4096];
    char directory[SCRATCH_PATH], path[SCRATCH_PATH + 16];
    scratch_make(directory);
    snprintf(path, sizeof path, "%s/refused.csv", directory);
    cr_assert_eq(layoff_refused_write(&list, path, &why), RESULT_OK, "%s", why.sentence);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    scratch_remove(directory);
    layoff_list_free(&list);
    return text;
}

Test(cli_layoff, refused_rows_come_back_as_they_were_sent) {
    cr_assert_eq(read_text("name;nik;employer;date;proof;dispute\n"
                           "Budi;" NIK ";1;2026-11-20;notice;no\n"
                           "=1+2;123;1;2026-11-20;notice;no\n"
                           "\"a;\"\"b\"\"\";" NIK ";1;2026-11-20\n"),
                 RESULT_OK);
    cr_assert_str_eq(
        refused_text(),
        "name,nik,employer,date,proof,dispute,code,sentence\n"
        "\"'=1+2\",123,1,2026-11-20,notice,no,NIK_LENGTH,\"The NIK has 3 characters; it needs 16 "
        "digits (a spreadsheet may have rounded it).\"\n"
        "\"a;\"\"b\"\"\"," NIK ",1,2026-11-20,,,CSV_COLUMNS,\"The row has 4 columns, the header 6.\"\n");
}

Test(cli_layoff, no_rows_no_refusals) {
    cr_assert_eq(read_text(HEADER), RESULT_OK);
    cr_assert_str_eq(refused_text(), "code,sentence\n");
    cr_assert_eq(read_text(HEADER NIK ",1,2026-11-20,notice,no\n"), RESULT_OK);
    cr_assert_str_eq(refused_text(), "nik,employer,date,proof,dispute,code,sentence\n");
}

Test(cli_layoff, a_short_list_has_what_needs_a_look) {
    cr_assert_eq(
        read_text(HEADER NIK ",1,2026-11-20,notice,no\n1,1,2026-11-20,notice,no\n2,1,2026-11-20,notice,no\n"),
        RESULT_OK);
    list.rows[0].outcome = LAYOFF_WILL_DO;
    json_t *all = layoff_json(&list, true, 0), *one = layoff_json(&list, true, 1);
    cr_assert_eq(json_array_size(json_object_get(all, "rows")), 3);
    cr_assert_eq(json_array_size(json_object_get(one, "rows")), 1);
    cr_assert_eq(json_integer_value(json_object_get(json_array_get(json_object_get(one, "rows"), 0), "line")),
                 3);
    cr_assert_eq(json_integer_value(json_object_get(one, "refused")), 2);
    cr_assert_eq(json_integer_value(json_object_get(one, "rows_total")), 3);
    json_decref(all);
    json_decref(one);
    layoff_list_free(&list);
}

Test(cli_layoff, sentences_in_indonesian) {
    char directory[SCRATCH_PATH], path[SCRATCH_PATH + 16];
    scratch_make(directory);
    snprintf(path, sizeof path, "%s/list.csv", directory);
    FILE *file = fopen(path, "w");
    fputs(HEADER "12,1,2026-11-20,notice,no\n" NIK ",x,2026-11-20,notice,no\n" NIK ",1,20/11,notice,no\n",
          file);
    fclose(file);
    cr_assert_eq(layoff_list_read(path, LANGUAGE_INDONESIAN, &list, &why), RESULT_OK);
    scratch_remove(directory);
    cr_assert_not_null(strstr(list.rows[0].sentence, "16 angka"));
    cr_assert_not_null(strstr(list.rows[1].sentence, "'x' bukan nomor"));
    cr_assert_not_null(strstr(list.rows[2].sentence, "'20/11' tidak berlaku"));
    layoff_list_free(&list);
}
