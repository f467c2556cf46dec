/* totals_redis_billing.h - how the bill stands as the fields of `cakupan:billing` (proto/README.md "Redis
 * keys"). For totals_redis.c alone. */
#ifndef STORE_TOTALS_REDIS_BILLING_H
#define STORE_TOTALS_REDIS_BILLING_H

#include "cakupan/billing_summary.h"

#define BILLING_FIELDS (16u + 6u * (PAYER_COUNT - 1u))
/* No value is longer than 64 bytes: then Redis keeps the hash small and in this order. */
struct billing_field {
    char name[40], value[40];
};
/* Fills `out` in a fixed order: what is asked for most first. */
void billing_fields(const struct billing_heard *billing, struct billing_field out[BILLING_FIELDS]);
/* "2026-11-22T08:30:46.123+07:00" of a Unix time in milliseconds. */
void format_redis_instant(int64_t unix_ms, char out[40]);

#endif
