/* totals_bill.c - tests of the bill in `cakupan totals`: as tables, as JSON, and kept up to date by a
 * watcher's updates. */
#include "cli/totals_bill.h"

#include "cli/totals_print.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct coverage_view view, update;

static void setup(void) {
    memset(&view, 0, sizeof view);
    view.offset = 120;
    view.count = 1;
    view.day = calendar_day(2026, 12, 5);
    view.regions[0] = (struct coverage_region){.code = 3671, .name = "Kota Tangerang"};
    view.billing =
        (struct billing_heard){.known = true,
                               .running = true,
                               .as_of_ms = calendar_time_of_day(view.day),
                               .summary = {.offset = 120,
                                           .complete = true,
                                           .open_month = calendar_month(view.day),
                                           .invoiced_month = calendar_month(calendar_day(2026, 11, 1)),
                                           .due_day = calendar_day(2026, 12, 10),
                                           .owed_rupiah = 14499588600,
                                           .arrears_rupiah = 2800,
                                           .arrears_months = 1}};
    struct payer_sum *open = view.billing.summary.open, *next = view.billing.summary.next;
    open[PAYER_CITY_IURAN] = (struct payer_sum){13425545000, 383587, -35000};
    open[PAYER_CITY_BANTUAN] = (struct payer_sum){1074043600, 383587, 0};
    next[PAYER_CITY_IURAN] = (struct payer_sum){13425580000, 383588, 0};
    next[PAYER_CITY_BANTUAN] = (struct payer_sum){1074046400, 383588, 0};
    view.grace[0] = (struct totals_grace){.month = calendar_month(calendar_day(2027, 5, 1)), .people = 1200};
    view.grace[1] = (struct totals_grace){.month = calendar_month(calendar_day(2027, 6, 1)), .people = 3};
}
TestSuite(totals_bill, .init = setup);

/* What is printed, as text. */
static const char *printed(void) {
    static char *text;
    size_t size;
    free(text);
    text = NULL;
    FILE *out = open_memstream(&text, &size);
    totals_bill_print(out, &view, false);
    fclose(out);
    return text;
}

#define SAYS(part)     cr_assert(strstr(printed(), part), "'%s' is not in:\n%s", part, printed())
#define SAYS_NOT(part) cr_assert_not(strstr(printed(), part), "'%s' is in:\n%s", part, printed())

Test(totals_bill, prints_both_months_debts_and_windows) {
    SAYS("2026-12 (open)");
    SAYS("Rp 14,499,553,600"); /* corrections included */
    SAYS("2027-01 (as things stand)");
    SAYS("Rp 14,499,626,400");
    SAYS("Invoice of 2026-11: Rp 14,499,588,600 to pay, due 2026-12-10. Arrears: Rp 2,800 (1 month).");
    SAYS("In grace: 1,200 until 2027-05, 3 until 2027-06.");
    SAYS_NOT("does not answer");
    SAYS_NOT("counted up to");
}

Test(totals_bill, says_how_old_and_how_whole_the_figures_are) {
    view.billing.running = view.billing.summary.complete = false;
    view.billing.summary.offset = 119;
    SAYS("Billing does not answer: its figures are of 2026-12-05 00:00:00.");
    SAYS("without a billing worker");
    SAYS("Billing has counted up to offset 119.");
    view.billing = (struct billing_heard){0};
    SAYS_NOT("Bill");
    SAYS("In grace:");
    memset(view.grace, 0, sizeof view.grace);
    cr_assert_str_eq(printed(), "");
}

Test(totals_bill, json_has_the_same_figures) {
    json_t *object = totals_json(&view, &view.regions[0]);
    json_t *billing = json_object_get(object, "billing"), *windows = json_object_get(object, "grace_windows");
    json_t *months = json_object_get(billing, "projected");
    cr_assert_eq(json_array_size(months), 2);
    cr_assert_eq(json_integer_value(json_object_get(json_array_get(months, 0), "city")), 14499553600);
    cr_assert_str_eq(json_string_value(json_object_get(json_array_get(months, 1), "month")), "2027-01");
    cr_assert_eq(json_array_size(json_object_get(json_array_get(months, 1), "payers")), PAYER_COUNT - 1);
    cr_assert_str_eq(json_string_value(json_object_get(billing, "open_month")), "2026-12");
    cr_assert_eq(json_integer_value(json_object_get(billing, "arrears")), 2800);
    cr_assert(json_is_true(json_object_get(billing, "running")));
    cr_assert_str_eq(json_string_value(json_object_get(json_object_get(billing, "invoice"), "due_date")),
                     "2026-12-10");
    cr_assert_eq(json_array_size(windows), 2);
    cr_assert_eq(json_integer_value(json_object_get(json_array_get(windows, 0), "people")), 1200);
    json_decref(object);
    view.billing = (struct billing_heard){0};
    object = totals_json(&view, &view.regions[0]);
    cr_assert(json_is_null(json_object_get(object, "billing")));
    json_decref(object);
    view.regions[0].code = 367101;
    object = totals_json(&view, &view.regions[0]);
    cr_assert_null(json_object_get(object, "billing"), "the bill is the city's");
    json_decref(object);
}

Test(totals_bill, an_update_of_the_bill_alone_is_taken) {
    update = view;
    update.count = 0;
    update.since_offset = view.offset;
    cr_assert_not(coverage_view_news(&view, &update));
    update.billing.as_of_ms++;
    cr_assert_not(coverage_view_news(&view, &update), "heard again is no news");
    update.billing.summary.next[PAYER_CITY_IURAN].people++;
    cr_assert(coverage_view_news(&view, &update));
    cr_assert(coverage_view_update(&view, &update));
    cr_assert_eq(view.billing.summary.next[PAYER_CITY_IURAN].people, 383589);
    cr_assert_eq(view.count, 1, "lines stay");
    update.grace[1].people = 4;
    cr_assert(coverage_view_news(&view, &update));
    cr_assert(coverage_view_update(&view, &update));
    cr_assert_eq(view.grace[1].people, 4);
}
