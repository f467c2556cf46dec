/* bill_view.h - an invoice's bytes (cakupan/invoice.h) as figures, as a table for people and as JSON. */
#ifndef CLI_BILL_VIEW_H
#define CLI_BILL_VIEW_H

#include "cakupan/ledger.h"
#include "cakupan/result.h"

#include <jansson.h>
#include <stdio.h>

struct bill_line {
    uint8_t payer, segment, care_class;
    uint32_t kecamatan; /* 0 outside */
    uint64_t people, corrections;
    int64_t amount_rupiah, corrections_rupiah;
};
struct bill_view {
    month_t month;
    uint64_t as_of_offset;
    bool frozen;
    day_t due_day;
    bool due_provisional; /* the holidays of that time were not known */
    int64_t closed_ms;
    size_t count;
    struct bill_line *lines; /* the view's; freed by bill_view_free; by payer, segment, class, kecamatan */
    /* Sums over the lines; of the city both budget lines, each person once. */
    struct ledger_line payers[PAYER_COUNT], city;
    struct ledger_line city_paid;  /* of the city, only for members of PBPU & BP Pemda */
    struct ledger_line vulnerable; /* of the city, for people without the local card: a budget of their own */
    char hash[65];                 /* of the bytes, hexadecimal */
};
/* Bytes come from another program: whatever is missing, doubled or out of range is RESULT_CORRUPT. */
MUST_USE enum result bill_view_read(struct bill_view *view, const uint8_t *bytes, size_t size,
                                    struct failure *why);
void bill_view_free(struct bill_view *view);
/* In which order lines stand: by payer, segment, class, kecamatan; and whether figures are the same, too. */
int bill_line_order(const struct bill_line *a, const struct bill_line *b);
bool bill_line_equal(const struct bill_line *a, const struct bill_line *b);
/* The lines summed over places, in their order: `out` has room for view->count. Returns how many. */
size_t bill_view_sum(const struct bill_view *view, struct bill_line *out);

void bill_view_print(const struct bill_view *view, bool by_kecamatan, FILE *out, bool colour);
/* Field names are public: only add. The caller owns the object. The same bytes give the same JSON. */
json_t *bill_view_json(const struct bill_view *view, bool by_kecamatan);

/* "City" for both budget lines; "iuran", "bantuan iuran" or "" beside it. */
const char *bill_payer_title(enum payer payer);
const char *bill_budget_line(enum payer payer);
/* "Rp 14,499,588,600", "-Rp 35,000"; returns `out`. */
#define RUPIAH_TEXT 40
const char *format_rupiah(int64_t amount_rupiah, char out[RUPIAH_TEXT]);

#endif
