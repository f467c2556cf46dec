/* totals_pages.c - tests of the totals as answers: the command line's figures, who sees what, and when an
 * answer is another one. */
#include "gateway/live.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct coverage_view view;
static bool away;
static struct live *live;

const struct coverage_view *coverage_link_view(const struct coverage_link *link) {
    (void)link;
    return &view;
}
bool coverage_link_away(const struct coverage_link *link, int64_t now_ms) {
    (void)link;
    (void)now_ms;
    return away;
}
int64_t coverage_link_heard_ms(const struct coverage_link *link) {
    (void)link;
    return 0;
}

static void region_put(uint32_t code, const char *name, uint32_t registered) {
    struct coverage_region *region = &view.regions[view.count++];
    region->code = code;
    snprintf(region->name, sizeof region->name, "%s", name);
    region->line =
        (struct totals_line){.population = 2 * registered, .registered = registered, .active = registered};
}

static void setup(void) {
    memset(&view, 0, sizeof view);
    view.offset = 12;
    region_put(3671, "Kota Tangerang", 300);
    region_put(367101, "Tangerang", 200);
    region_put(367102, "Jatiuwung", 100);
    region_put(3671011001, "Sukarasa", 120);
    region_put(3671011002, "Babakan", 80);
    region_put(3671021001, "Keroncong", 100);
    live = live_new(NULL);
    live_work(live, 1000);
}
static void teardown(void) {
    live_destroy(&live);
}
TestSuite(totals_pages, .init = setup, .fini = teardown);

static void tag_of(struct page *page, char out[PAGE_ETAG_MAX]) {
    unsigned status;
    struct MHD_Response *response = page_response(page, NULL, NULL, &status);
    snprintf(out, PAGE_ETAG_MAX, "%s", MHD_get_response_header(response, "ETag"));
}

Test(totals_pages, are_made_once_a_change) {
    char before[PAGE_ETAG_MAX], after[PAGE_ETAG_MAX];
    struct page *page = live_page(live, &view.regions[0], LEVEL_TREE, AUDIENCE_PUBLIC);
    cr_expect_eq(page, live_page(live, &view.regions[0], LEVEL_TREE, AUDIENCE_PUBLIC));
    cr_expect_neq(page, live_page(live, &view.regions[0], LEVEL_TREE, AUDIENCE_OFFICER));
    cr_expect_neq(page, live_page(live, &view.regions[1], LEVEL_TREE, AUDIENCE_PUBLIC));
    tag_of(page, before);
    view.billing.known = true; /* the bill alone: the offset is the same */
    live_changed(live);
    tag_of(live_page(live, &view.regions[0], LEVEL_TREE, AUDIENCE_PUBLIC), after);
    cr_expect_eq(strncmp(before, "W/\"12-", 6), 0);
    cr_expect_eq(strncmp(after, "W/\"12-", 6), 0);
    cr_expect_str_neq(before, after);
}

Test(totals_pages, say_since_when_they_are_stale) {
    char before[PAGE_ETAG_MAX], after[PAGE_ETAG_MAX];
    json_t *body = json_object();
    tag_of(live_page(live, &view.regions[0], LEVEL_ALL, AUDIENCE_PUBLIC), before);
    live_put(live, body, AUDIENCE_PUBLIC);
    cr_expect(json_is_null(json_object_get(body, "stale_since")));
    away = true;
    cr_expect(live_work(live, 9000));
    cr_expect_not(live_work(live, 9100), "once");
    live_put(live, body, AUDIENCE_PUBLIC);
    cr_expect(json_is_string(json_object_get(body, "stale_since")));
    tag_of(live_page(live, &view.regions[0], LEVEL_ALL, AUDIENCE_PUBLIC), after);
    cr_expect_str_neq(before, after);
    away = false;
    cr_expect(live_work(live, 9200));
    cr_expect_eq(live_stale_since_ms(live), 0);
    json_decref(body);
}

Test(totals_pages, the_public_gets_null_for_few) {
    view.regions[4].line.by_status[STATUS_DECEASED] = 3;
    view.regions[1].line.by_status[STATUS_DECEASED] = 3;
    view.regions[0].line.by_status[STATUS_DECEASED] = 3;
    json_t *officer = totals_json_hiding(&view, &view.regions[4], live_hidden(live, AUDIENCE_OFFICER));
    json_t *public = totals_json_hiding(&view, &view.regions[4], live_hidden(live, AUDIENCE_PUBLIC));
    json_t *command_line = totals_json(&view, &view.regions[4]);
    cr_expect(json_equal(officer, command_line), "an officer sees what the command line prints");
    cr_expect(json_is_null(json_object_get(json_object_get(public, "statuses"), "DECEASED")));
    cr_expect_eq(json_integer_value(json_object_get(public, "registered")), 80);
    json_decref(officer);
    json_decref(public);
    json_decref(command_line);
}

Test(totals_pages, tables_have_the_lines_of_their_level) {
    const struct {
        enum totals_level level;
        uint32_t within;
        size_t rows;
    } expected[] = {{LEVEL_CITY, 3671, 1},      {LEVEL_KECAMATAN, 3671, 2}, {LEVEL_KELURAHAN, 3671, 3},
                    {LEVEL_ALL, 3671, 6},       {LEVEL_ALL, 367101, 3},     {LEVEL_KELURAHAN, 367102, 1},
                    {LEVEL_CITY, 3671011001, 0}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        json_t *table = totals_table_json(&view, expected[i].level, expected[i].within, NULL);
        json_t *rows = json_object_get(table, "rows");
        cr_expect_eq(json_array_size(rows), expected[i].rows, "case %zu", i);
        if (json_array_size(rows) > 0)
            cr_expect_eq(json_array_size(json_array_get(rows, 0)),
                         json_array_size(json_object_get(table, "columns")));
        json_decref(table);
    }
    cr_expect_eq(totals_level_from_name("kelurahan"), LEVEL_KELURAHAN);
    cr_expect_eq(totals_level_from_name("province"), LEVEL_COUNT);
}

/* A death that is learnt late takes one premium back: neither it nor a difference tells the public so. */
Test(totals_pages, the_public_sees_no_correction_of_a_few) {
    view.billing = (struct billing_heard){.known = true,
                                          .summary = {.open_month = 24324,
                                                      .invoiced_month = 24323,
                                                      .due_day = calendar_day(2026, 12, 10),
                                                      .owed_rupiah = 37800000 - 37800,
                                                      .arrears_rupiah = 37800000 - 37800,
                                                      .arrears_months = 1}};
    view.billing.summary.open[PAYER_CENTRE] = (struct payer_sum){4200000, 100, -42000};
    view.billing.summary.open[PAYER_CITY_IURAN] = (struct payer_sum){35000000, 1000, -35000};
    view.billing.summary.open[PAYER_CITY_BANTUAN] = (struct payer_sum){2800000, 1000, -2800};
    json_t *bill = totals_bill_public(totals_bill_json(&view.billing), false), *payer;
    json_t *projection = json_array_get(json_object_get(bill, "projected"), 0);
    size_t i;
    json_array_foreach(json_object_get(projection, "payers"), i, payer)
        cr_expect(json_is_null(json_object_get(payer, "corrections_amount")), "payer %zu", i);
    cr_expect_eq(json_integer_value(json_object_get(projection, "city")), 37800000);
    cr_expect(json_is_null(json_object_get(json_object_get(bill, "invoice"), "owed")),
              "less what was projected at the close it would be the corrections");
    cr_expect(json_is_null(json_object_get(bill, "arrears")));
    cr_expect_eq(json_integer_value(json_object_get(bill, "arrears_months")), 1);
    json_decref(bill);
}

Test(totals_pages, the_public_sees_no_amount_that_tells_a_wage) {
    view.billing = (struct billing_heard){.known = true, .summary = {.open_month = 24324}};
    view.billing.summary.open[PAYER_EMPLOYER] = (struct payer_sum){182280472, 673, 0};
    view.billing.summary.open[PAYER_MEMBER] = (struct payer_sum){49435000, 723, 0};
    json_t *bill = totals_bill_public(totals_bill_json(&view.billing), false), *payer;
    json_t *payers = json_object_get(json_array_get(json_object_get(bill, "projected"), 0), "payers");
    size_t i, hidden = 0, shown = 0;
    json_array_foreach(payers, i, payer) {
        const char *name = json_string_value(json_object_get(payer, "payer"));
        bool is_null = json_is_null(json_object_get(payer, "amount"));
        hidden += is_null && (strcmp(name, "EMPLOYER") == 0 || strcmp(name, "WORKER") == 0);
        shown += !is_null && strcmp(name, "MEMBER") == 0;
        cr_expect(json_is_integer(json_object_get(payer, "people")));
    }
    cr_expect(hidden == 2 && shown == 1);
    bill = totals_bill_public(bill, true);
    cr_expect(json_is_null(json_object_get(json_array_get(payers, 0), "people")));
    json_decref(bill);
}
