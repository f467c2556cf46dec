/* totals_redis_billing.c - how the bill stands as fields of a hash (totals_redis_billing.h). */
#include "totals_redis_billing.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* The fields as they are put together. */
struct fields {
    unsigned count;
    struct billing_field *out;
};

static char *name_next(struct fields *fields, const char *format, ...) __attribute__((format(printf, 2, 3)));
static char *name_next(struct fields *fields, const char *format, ...) {
    assert(fields->count < BILLING_FIELDS && "every field has its room");
    struct billing_field *field = &fields->out[fields->count++];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(field->name, sizeof field->name, format, arguments);
    va_end(arguments);
    return field->value;
}

static void put_number(struct fields *fields, const char *name, int64_t number) {
    snprintf(name_next(fields, "%s", name), sizeof fields->out->value, "%" PRId64, number);
}

static void put_payers(struct fields *fields, const char *which, const struct payer_sum sums[PAYER_COUNT]) {
    const size_t size = sizeof fields->out->value;
    for (unsigned payer = PAYER_NONE + 1; payer < PAYER_COUNT; payer++) {
        const char *name = payer_name((enum payer)payer);
        const struct payer_sum *sum = &sums[payer];
        snprintf(name_next(fields, "%s_%s_rupiah", which, name), size, "%" PRId64, sum->amount_rupiah);
        snprintf(name_next(fields, "%s_%s_people", which, name), size, "%" PRIu64, sum->people);
        snprintf(name_next(fields, "%s_%s_corrections_rupiah", which, name), size, "%" PRId64,
                 sum->corrections_rupiah);
    }
}

static void put_month(struct fields *fields, const char *name, month_t month) {
    char text[CALENDAR_TEXT] = "";
    if (month != MONTH_NONE)
        calendar_format_month(month, text);
    snprintf(name_next(fields, "%s", name), sizeof fields->out->value, "%s", text);
}

static void put_day(struct fields *fields, const char *name, day_t day) {
    char text[CALENDAR_TEXT] = "";
    if (day != DAY_NONE)
        calendar_format(day, text);
    snprintf(name_next(fields, "%s", name), sizeof fields->out->value, "%s", text);
}

void format_redis_instant(int64_t unix_ms, char out[40]) {
    char day[CALENDAR_TEXT];
    day_t civil_day = calendar_day_of_time(unix_ms);
    unsigned ms = (unsigned)(unix_ms - calendar_time_of_day(civil_day));
    calendar_format(civil_day, day);
    snprintf(out, 40, "%sT%02u:%02u:%02u.%03u+07:00", day, ms / 3600000, ms / 60000 % 60, ms / 1000 % 60,
             ms % 1000);
}

void billing_fields(const struct billing_heard *billing, struct billing_field out[BILLING_FIELDS]) {
    const struct billing_summary *summary = &billing->summary;
    struct fields fields = {.out = out};
    put_number(&fields, "offset", (int64_t)summary->offset);
    put_number(&fields, "running", billing->running);
    put_number(&fields, "complete", summary->complete);
    format_redis_instant(billing->as_of_ms, name_next(&fields, "as_of"));
    put_month(&fields, "open_month", summary->open_month);
    put_number(&fields, "open_city_rupiah", billing_city_rupiah(summary->open));
    put_number(&fields, "next_city_rupiah", billing_city_rupiah(summary->next));
    put_number(&fields, "arrears_rupiah", summary->arrears_rupiah);
    put_number(&fields, "arrears_months", summary->arrears_months);
    put_month(&fields, "invoiced_month", summary->invoiced_month);
    put_day(&fields, "due_date", summary->due_day);
    put_number(&fields, "owed_rupiah", summary->owed_rupiah);
    put_number(&fields, "failures", summary->failures);
    put_number(&fields, "workers", summary->workers);
    put_number(&fields, "lag_records", (int64_t)summary->lag_records);
    put_number(&fields, "lag_ms", summary->lag_ms);
    put_payers(&fields, "open", summary->open);
    put_payers(&fields, "next", summary->next);
    assert(fields.count == BILLING_FIELDS && "every field is filled");
}
