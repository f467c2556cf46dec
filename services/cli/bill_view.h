/* bill_view.h - an invoice's bytes (cakupan/invoice.h) as figures, and as tables for people. */
#ifndef CLI_BILL_VIEW_H
#define CLI_BILL_VIEW_H

#include "cakupan/ledger.h"
#include "cakupan/result.h"

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
    int64_t closed_ms;
    size_t count;
    struct bill_line *lines; /* the view's; freed by bill_view_free */
    struct ledger_line payers[PAYER_COUNT], city;
    char hash[65]; /* of the bytes, hexadecimal */
};
MUST_USE enum result bill_view_read(struct bill_view *view, const uint8_t *bytes, size_t size,
                                    struct failure *why);
void bill_view_free(struct bill_view *view);
void bill_view_print(const struct bill_view *view, FILE *out, bool colour);
/* "Rp 14,499,588,600"; returns `out`. */
#define RUPIAH_TEXT 40
const char *format_rupiah(int64_t amount_rupiah, char out[RUPIAH_TEXT]);

#endif
