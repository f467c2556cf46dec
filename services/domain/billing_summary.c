/* billing_summary.c - adds up and compares what was heard of billing (billing_summary.h); field by field, for
 * padding says nothing. */
#include "cakupan/billing_summary.h"

int64_t billing_city_rupiah(const struct payer_sum sums[PAYER_COUNT]) {
    const struct payer_sum *iuran = &sums[PAYER_CITY_IURAN], *bantuan = &sums[PAYER_CITY_BANTUAN];
    return iuran->amount_rupiah + iuran->corrections_rupiah + bantuan->amount_rupiah +
           bantuan->corrections_rupiah;
}

static bool sums_same(const struct payer_sum a[PAYER_COUNT], const struct payer_sum b[PAYER_COUNT]) {
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        if (a[payer].amount_rupiah != b[payer].amount_rupiah || a[payer].people != b[payer].people ||
            a[payer].corrections_rupiah != b[payer].corrections_rupiah)
            return false;
    return true;
}

static bool summary_same(const struct billing_summary *a, const struct billing_summary *b) {
    bool money = sums_same(a->open, b->open) && sums_same(a->next, b->next) &&
                 a->arrears_rupiah == b->arrears_rupiah && a->arrears_months == b->arrears_months &&
                 a->owed_rupiah == b->owed_rupiah;
    bool time =
        a->open_month == b->open_month && a->invoiced_month == b->invoiced_month && a->due_day == b->due_day;
    bool progress = a->offset == b->offset && a->head == b->head && a->complete == b->complete &&
                    a->failures == b->failures && a->workers == b->workers &&
                    a->partitions_ready == b->partitions_ready && a->partitions == b->partitions &&
                    a->lag_records == b->lag_records && a->lag_ms == b->lag_ms;
    return money && time && progress;
}

bool billing_heard_same(const struct billing_heard *a, const struct billing_heard *b) {
    return a->known == b->known && a->running == b->running && summary_same(&a->summary, &b->summary);
}
