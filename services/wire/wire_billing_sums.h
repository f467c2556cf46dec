/* wire_billing_sums.h - sums by payer as messages: for wire_billing*.c alone. */
#ifndef WIRE_WIRE_BILLING_SUMS_H
#define WIRE_WIRE_BILLING_SUMS_H

#include "wire_billing.h"

/* Far above what a city owes in a year, and so far below 2^63 that sums of all partitions cannot
 * overflow. */
#define PAYER_SUM_MAX_RUPIAH INT64_C(1000000000000000)

/* Amounts by payer, in a reply or a request. False above the bound. */
bool wire_amount_fine(int64_t amount_rupiah);
/* What is not said is zero. False where there are more than payers, or a number is above its bound. */
bool wire_payer_sums_take(Cakupan__PayerSum *const *list, size_t count, struct payer_sum out[PAYER_COUNT]);

#endif
