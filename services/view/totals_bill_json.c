/* totals_bill_json.c - how the bill stands and in which month whose grace ends, as JSON (totals_json.h).
 * Field names are public: only add. */
#include "totals_json.h"

#include "cakupan/calendar.h"
#include "cakupan/ledger.h"

#include <string.h>

static json_t *month_or_null(month_t month) {
    char text[CALENDAR_TEXT];
    if (month == MONTH_NONE)
        return json_null();
    calendar_format_month(month, text);
    return json_string(text);
}

static json_t *projection_json(month_t month, bool open, const struct payer_sum sums[PAYER_COUNT]) {
    json_t *payers = json_array();
    for (unsigned payer = PAYER_NONE + 1; payer < PAYER_COUNT; payer++)
        json_array_append_new(payers, json_pack("{ss,sI,sI,sI}", "payer", payer_name((enum payer)payer),
                                                "people", (json_int_t)sums[payer].people, "amount",
                                                (json_int_t)sums[payer].amount_rupiah, "corrections_amount",
                                                (json_int_t)sums[payer].corrections_rupiah));
    return json_pack("{so,sb,sI,so}", "month", month_or_null(month), "open", open, "city",
                     (json_int_t)billing_city_rupiah(sums), "payers", payers);
}

static json_t *invoice_json(const struct billing_summary *summary) {
    char due[CALENDAR_TEXT];
    if (summary->invoiced_month == MONTH_NONE)
        return json_null();
    calendar_format(summary->due_day, due);
    return json_pack("{so,ss,sI}", "month", month_or_null(summary->invoiced_month), "due_date", due, "owed",
                     (json_int_t)summary->owed_rupiah);
}

json_t *totals_bill_json(const struct billing_heard *billing) {
    const struct billing_summary *summary = &billing->summary;
    if (!billing->known)
        return json_null();
    json_t *object =
        json_pack("{sb,sb,sI,so,so}", "running", billing->running, "complete", summary->complete, "offset",
                  (json_int_t)summary->offset, "as_of", json_instant(billing->as_of_ms), "open_month",
                  month_or_null(summary->open_month));
    if (summary->open_month != MONTH_NONE)
        json_object_set_new(
            object, "projected",
            json_pack("[o,o]", projection_json(summary->open_month, true, summary->open),
                      projection_json((month_t)(summary->open_month + 1), false, summary->next)));
    json_object_set_new(object, "invoice", invoice_json(summary));
    json_object_set_new(object, "arrears", json_integer((json_int_t)summary->arrears_rupiah));
    json_object_set_new(object, "arrears_months", json_integer(summary->arrears_months));
    json_object_set_new(object, "failures", json_integer(summary->failures));
    json_object_set_new(object, "workers", json_integer(summary->workers));
    json_object_set_new(object, "lag_records", json_integer((json_int_t)summary->lag_records));
    json_object_set_new(object, "lag_ms", json_integer(summary->lag_ms));
    return object;
}

/* Reckoned from wages: what one more person adds tells that person's wage. */
static bool is_by_wage(const char *payer) {
    return strcmp(payer, payer_name(PAYER_EMPLOYER)) == 0 || strcmp(payer, payer_name(PAYER_WORKER)) == 0;
}

/* The CENTRE and the city pay for segments of their own. */
static bool is_of_pair(const char *payer) {
    return is_by_wage(payer) || strcmp(payer, payer_name(PAYER_MEMBER)) == 0;
}

json_t *totals_bill_without_pair(json_t *bill) {
    json_t *projection, *payer;
    size_t i, j;
    json_array_foreach(json_object_get(bill, "projected"), i, projection) {
        json_array_foreach(json_object_get(projection, "payers"), j, payer) {
            if (!is_of_pair(json_string_value(json_object_get(payer, "payer"))))
                continue;
            json_object_set_new(payer, "people", json_null());
            json_object_set_new(payer, "amount", json_null());
            json_object_set_new(payer, "corrections_amount", json_null());
        }
    }
    return bill;
}

static bool is_city(const char *payer) {
    return payer_is_city(payer_from_name(payer));
}

/* Returns what the city pays without corrections. */
static int64_t payers_public(json_t *payers, bool few) {
    int64_t city_rupiah = 0;
    json_t *payer;
    size_t i;
    json_array_foreach(payers, i, payer) {
        const char *name = json_string_value(json_object_get(payer, "payer"));
        if (is_city(name))
            city_rupiah += json_integer_value(json_object_get(payer, "amount"));
        json_object_set_new(payer, "corrections_amount", json_null());
        if (few)
            json_object_set_new(payer, "people", json_null());
        if (few || is_by_wage(name))
            json_object_set_new(payer, "amount", json_null());
    }
    return city_rupiah;
}

json_t *totals_bill_public(json_t *bill, bool few) {
    json_t *projection, *invoice = json_object_get(bill, "invoice");
    size_t i;
    json_array_foreach(json_object_get(bill, "projected"), i, projection) {
        int64_t city_rupiah = payers_public(json_object_get(projection, "payers"), few);
        json_object_set_new(projection, "city", few ? json_null() : json_integer((json_int_t)city_rupiah));
    }
    if (json_is_object(invoice))
        json_object_set_new(invoice, "owed", json_null());
    if (json_is_object(bill))
        json_object_set_new(bill, "arrears", json_null());
    return bill;
}

json_t *totals_grace_json(const struct totals_grace grace[TOTALS_GRACE_MONTHS]) {
    json_t *list = json_array();
    for (unsigned i = 0; i < TOTALS_GRACE_MONTHS && grace[i].month != MONTH_NONE; i++)
        json_array_append_new(list, json_pack("{so,sI}", "month", month_or_null(grace[i].month), "people",
                                              (json_int_t)grace[i].people));
    return list;
}
