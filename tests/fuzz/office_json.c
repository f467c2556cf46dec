/* office_json.c - fuzzes what the finance office sends as JSON: bounds are kept. */
#include "examples.h"

#include "gateway/office_json.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    static const char *const forms[] = {"{\"amount\":%u,\"sp2d\":\"00123/SP2D\",\"date\":\"2026-11-22\"}",
                                        "{\"iuran\":%u,\"bantuan\":5,\"sp2d\":\"7\",\"date\":\"2026-11-22\"}",
                                        "{\"iuran\":%u,\"bantuan\":19000000000}"};
    int size = snprintf((char *)out, capacity, forms[seed % 3], seed);
    return size > 0 && (size_t)size < capacity ? (size_t)size : 0;
}
FUZZ_EXAMPLES(example)

static void bound_check(int64_t rupiah) {
    if (rupiah < 0 || rupiah > OFFICE_RUPIAH_MAX)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct office_payment payment;
    struct office_budget budget;
    struct failure why = {0};
    if (office_payment_decode(data, size, &payment, &why) == RESULT_OK) {
        bound_check(payment.amount_rupiah);
        bound_check(payment.iuran_rupiah);
        bound_check(payment.bantuan_rupiah);
        bool parts = payment.iuran_rupiah > 0 || payment.bantuan_rupiah > 0;
        if (parts == (payment.amount_rupiah > 0) || strlen(payment.date) != 10 || !payment.sp2d[0])
            abort();
        for (const char *at = payment.sp2d; *at; at++)
            if (*at < ' ' || *at > '~')
                abort();
    } else if (strcmp(why.code, "JSON_INVALID") != 0) {
        abort();
    }
    if (office_budget_decode(data, size, &budget, &why) == RESULT_OK) {
        bound_check(budget.iuran_rupiah - 1);
        bound_check(budget.bantuan_rupiah - 1);
    }
    return 0;
}
