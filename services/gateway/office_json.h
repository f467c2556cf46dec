/* office_json.h - what the finance office sends as JSON (openapi.json: PaymentRequest, BudgetSet). Reads
 * foreign bytes: every limit is checked here. Pure. */
#ifndef GATEWAY_OFFICE_JSON_H
#define GATEWAY_OFFICE_JSON_H

#include "cakupan/result.h"

#include <stddef.h>
#include <stdint.h>

#define OFFICE_SP2D_MAX   60
#define OFFICE_RUPIAH_MAX INT64_C(9000000000000000)

struct office_payment {
    int64_t amount_rupiah;                /* the whole, or 0 and */
    int64_t iuran_rupiah, bantuan_rupiah; /* its parts           */
    char sp2d[OFFICE_SP2D_MAX + 1], date[11];
};
/* RESULT_INVALID: JSON_INVALID, and the sentence is the field at fault ("": the whole body). */
MUST_USE enum result office_payment_decode(const uint8_t *body, size_t size, struct office_payment *out,
                                           struct failure *why);

struct office_budget {
    int64_t iuran_rupiah, bantuan_rupiah;
};
MUST_USE enum result office_budget_decode(const uint8_t *body, size_t size, struct office_budget *out,
                                          struct failure *why);

#endif
