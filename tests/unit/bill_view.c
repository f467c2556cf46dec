/* bill_view.c - tests of an invoice's bytes read as figures: sums, people once, tables, JSON, and
 * damaged bytes. */
#include "cli/bill_view.h"

#include "bill_example.h"
#include "cli/words_rupiah.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct bill_example example;
static struct bill_view view;
static struct failure why;

static void begin(bool frozen) {
    bill_example_make(&example, CITY_DIRECTORY, frozen);
    cr_assert_eq(bill_view_read(&view, example.bytes, example.size, &why), RESULT_OK, "%s", why.sentence);
}

Test(bill_view, figures_are_the_invoices) {
    begin(true);
    cr_assert_eq(view.month, EXAMPLE_MONTH);
    cr_assert_eq(view.as_of_offset, EXAMPLE_OFFSET);
    cr_assert(view.frozen);
    cr_assert_eq(view.due_day, calendar_day(2027, 1, 11));
    cr_assert_eq(view.payers[PAYER_CITY_IURAN].people, EXAMPLE_CITY_PAID);
    cr_assert_eq(view.payers[PAYER_CITY_IURAN].amount_rupiah, INT64_C(35000) * EXAMPLE_CITY_PAID);
    cr_assert_eq(view.payers[PAYER_CITY_IURAN].corrections_rupiah, -35000 * EXAMPLE_CORRECTIONS);
    cr_assert_eq(view.payers[PAYER_CENTRE].people, EXAMPLE_CITY_PAID);
    cr_assert_eq(strlen(view.hash), 64);
    bill_view_free(&view);
}

Test(bill_view, who_is_on_both_budget_lines_counts_once) {
    begin(false);
    cr_assert_eq(view.city.people, EXAMPLE_CITY_PAID + 1000, "%llu", (unsigned long long)view.city.people);
    cr_assert_eq(view.city.amount_rupiah, INT64_C(37800) * EXAMPLE_CITY_PAID + 2800 * 1000);
    cr_assert_eq(view.city.corrections, EXAMPLE_CORRECTIONS);
    bill_view_free(&view);
}

Test(bill_view, who_has_no_local_card_is_shown_with_both_budget_lines) {
    char *text = NULL;
    size_t size = 0;
    begin(false);
    cr_assert_eq(view.vulnerable.people, EXAMPLE_VULNERABLE, "each person once");
    cr_assert_eq(view.vulnerable.amount_rupiah, INT64_C(37800) * EXAMPLE_VULNERABLE);
    cr_assert(view.vulnerable.corrections == 1 && view.vulnerable.corrections_rupiah == -35000);
    FILE *out = open_memstream(&text, &size);
    bill_view_print(&view, false, out, false);
    fclose(out);
    cr_assert_not_null(strstr(text, "of these without the local card"), "%s", text);
    cr_assert_not_null(strstr(text, "Rp 1,512,000"), "%s", text);
    free(text);
    json_t *object = bill_view_json(&view, false);
    json_t *city = json_object_get(json_object_get(object, "totals"), "city");
    json_t *vulnerable = json_object_get(city, "vulnerable");
    cr_assert_eq(json_integer_value(json_object_get(vulnerable, "people")), EXAMPLE_VULNERABLE);
    cr_assert_eq(json_integer_value(json_object_get(vulnerable, "owed")), 37800 * EXAMPLE_VULNERABLE - 35000);
    json_decref(object);
    bill_view_free(&view);
}

Test(bill_view, places_are_summed) {
    begin(false);
    struct bill_line *sums = calloc(view.count, sizeof *sums);
    size_t count = bill_view_sum(&view, sums);
    cr_assert_eq(count, 5, "centre, two of the city, one more of the city, the member: %zu", count);
    cr_assert_eq(sums[0].payer, PAYER_CENTRE);
    cr_assert_eq(sums[1].payer, PAYER_CITY_IURAN);
    cr_assert_eq(sums[1].people, EXAMPLE_CITY_PAID);
    free(sums);
    bill_view_free(&view);
}

/* The baseline's figure: 383,587 x 37,800. */
Test(bill_view, json_says_what_the_city_pays) {
    begin(false);
    json_t *object = bill_view_json(&view, false);
    cr_assert_str_eq(json_string_value(json_object_get(object, "month")), "2026-12");
    cr_assert_eq(json_integer_value(json_object_get(object, "as_of_offset")), EXAMPLE_OFFSET);
    json_t *city = json_object_get(json_object_get(object, "totals"), "city");
    json_t *paid = json_object_get(json_object_get(city, "segments"), "PBPU_PEMDA");
    cr_assert_eq(json_integer_value(json_object_get(paid, "people")), EXAMPLE_CITY_PAID);
    cr_assert_eq(json_integer_value(json_object_get(paid, "amount")), INT64_C(14499588600));
    cr_assert_null(json_object_get(object, "due_date"), "a preview has none");
    int64_t sum = 0;
    size_t i;
    json_t *line;
    json_array_foreach(json_object_get(object, "lines"), i, line) {
        cr_assert_null(json_object_get(line, "kecamatan"));
        if (strcmp(json_string_value(json_object_get(line, "payer")), "CITY") == 0) {
            cr_assert(json_is_string(json_object_get(line, "budget_line")));
            sum += json_integer_value(json_object_get(line, "amount"));
        }
    }
    cr_assert_eq(sum, view.city.amount_rupiah);
    json_decref(object);
    bill_view_free(&view);
}

Test(bill_view, by_kecamatan_lists_every_line) {
    begin(true);
    json_t *object = bill_view_json(&view, true);
    cr_assert_eq(json_array_size(json_object_get(object, "lines")), view.count);
    cr_assert_str_eq(json_string_value(json_object_get(object, "due_date")), "2027-01-11");
    json_decref(object);
    bill_view_free(&view);
}

Test(bill_view, a_table_for_people) {
    char *text = NULL;
    size_t size = 0;
    begin(false);
    FILE *out = open_memstream(&text, &size);
    bill_view_print(&view, false, out, false);
    fclose(out);
    cr_assert(strstr(text, "a preview, nothing is closed"), "%s", text);
    cr_assert(strstr(text, "Rp 14,499,588,600"), "the figure that officers know: %s", text);
    cr_assert(strstr(text, "-Rp 420,000"), "%s", text);
    cr_assert_null(strstr(text, "36.71"), "no places unless asked for: %s", text);
    free(text);
    bill_view_free(&view);
}

static void replaced(const char *what, const char *with) {
    bill_example_make(&example, CITY_DIRECTORY, true);
    example.bytes[example.size] = '\0';
    char *at = strstr((char *)example.bytes, what);
    cr_assert_not_null(at, "%s", what);
    cr_assert_eq(strlen(what), strlen(with));
    memcpy(at, with, strlen(with));
    cr_assert_eq(bill_view_read(&view, example.bytes, example.size, &why), RESULT_CORRUPT, "%s", with);
    cr_assert_null(view.lines);
}

Test(bill_view, damaged_bytes_are_refused) {
    replaced("\"month\":\"2026-12\"", "\"month\":\"2026-13\"");
    replaced("\"CITY_IURAN\"", "\"CITY_UNRIA\"");
    replaced("\"kecamatan\":3", "\"kecamatan\":-");
    replaced("\"kecamatan\":367101", "\"kecamatan\":997101");
    replaced("\"people\":", "\"pebple\":");
    replaced("\"lines\"", "\"lanes\"");
    replaced("{\"month\"", "[\"month\"");
    cr_assert_eq(bill_view_read(&view, example.bytes, 0, &why), RESULT_CORRUPT);
}

Test(bill_view, a_sum_beyond_64_bits_is_refused) {
    static const char text[] =
        "{\"month\":\"2026-12\",\"as_of_offset\":1,\"frozen\":false,\"lines\":["
        "{\"payer\":\"MEMBER\",\"segment\":\"PBPU\",\"class\":1,\"kecamatan\":1,\"people\":1,"
        "\"amount_rupiah\":9223372036854775807,\"corrections\":0,\"corrections_rupiah\":0},"
        "{\"payer\":\"MEMBER\",\"segment\":\"PBPU\",\"class\":1,\"kecamatan\":2,\"people\":1,"
        "\"amount_rupiah\":1,\"corrections\":0,\"corrections_rupiah\":0}]}";
    cr_assert_eq(bill_view_read(&view, (const uint8_t *)text, sizeof text - 1, &why), RESULT_CORRUPT);
}

Test(bill_view, rupiah_in_digits) {
    char text[RUPIAH_TEXT];
    cr_assert_str_eq(format_rupiah(INT64_C(14499588600), text), "Rp 14,499,588,600");
    cr_assert_str_eq(format_rupiah(-35000, text), "-Rp 35,000");
    cr_assert_str_eq(format_rupiah(INT64_MIN, text), "-Rp 9,223,372,036,854,775,808");
}

Test(bill_view, rupiah_in_words) {
    static const struct {
        int64_t amount;
        const char *words;
    } cases[] = {
        {0, "nol rupiah"},
        {1, "satu rupiah"},
        {10, "sepuluh rupiah"},
        {11, "sebelas rupiah"},
        {12, "dua belas rupiah"},
        {19, "sembilan belas rupiah"},
        {20, "dua puluh rupiah"},
        {21, "dua puluh satu rupiah"},
        {100, "seratus rupiah"},
        {111, "seratus sebelas rupiah"},
        {999, "sembilan ratus sembilan puluh sembilan rupiah"},
        {1000, "seribu rupiah"},
        {1001, "seribu satu rupiah"},
        {21000, "dua puluh satu ribu rupiah"},
        {1000000, "satu juta rupiah"},
        {1001000, "satu juta seribu rupiah"},
        {101000, "seratus satu ribu rupiah"},
        {INT64_C(14499588600),
         "empat belas miliar empat ratus sembilan puluh sembilan juta lima ratus delapan "
         "puluh delapan ribu enam ratus rupiah"},
        {INT64_C(1000000000000), "satu triliun rupiah"},
        {-35000, "minus tiga puluh lima ribu rupiah"},
    };
    char words[WORDS_RUPIAH_TEXT];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_str_eq(words_rupiah(cases[i].amount, words), cases[i].words);
    words_rupiah(INT64_MIN, words);
    cr_assert_lt(strlen(words), WORDS_RUPIAH_TEXT - 1, "%s", words);
}
