/* office_json.c - tests of what the finance office may send as JSON. */
#include "gateway/office_json.h"

#include <criterion/criterion.h>
#include <string.h>

static struct failure why;
static struct office_payment payment;
static struct office_budget budget;

static const char *payment_wrong(const char *text) {
    why = (struct failure){0};
    if (office_payment_decode((const uint8_t *)text, strlen(text), &payment, &why) == RESULT_OK)
        return "fine";
    cr_assert_str_eq(why.code, "JSON_INVALID");
    return why.sentence;
}

static const char *budget_wrong(const char *text) {
    why = (struct failure){0};
    if (office_budget_decode((const uint8_t *)text, strlen(text), &budget, &why) == RESULT_OK)
        return "fine";
    return why.sentence;
}

Test(office_json, payments) {
    cr_assert_str_eq(
        payment_wrong("{\"amount\":14976731000,\"sp2d\":\"00123/SP2D/LS/2026\",\"date\":\"2026-11-22\"}"),
        "fine");
    cr_assert_eq(payment.amount_rupiah, INT64_C(14976731000));
    cr_assert_str_eq(payment.sp2d, "00123/SP2D/LS/2026");
    cr_assert_str_eq(payment.date, "2026-11-22");
    cr_assert_str_eq(
        payment_wrong("{\"iuran\":1,\"bantuan\":0,\"amount\":null,\"sp2d\":\"1\",\"date\":\"2026-11-22\"}"),
        "fine");
    cr_assert_eq(payment.iuran_rupiah, 1);
}

Test(office_json, payments_that_are_wrong) {
    static const char *const wrong[][2] = {
        {"", ""},
        {"[]", ""},
        {"{", ""},
        {"{\"amount\":1,\"amount\":2,\"sp2d\":\"1\",\"date\":\"2026-11-22\"}", ""},
        {"{\"amount\":1,\"sp2d\":\"1\",\"date\":\"2026-11-22\",\"author\":\"x\"}", ""},
        {"{\"sp2d\":\"1\",\"date\":\"2026-11-22\"}", "amount"},
        {"{\"amount\":0,\"sp2d\":\"1\",\"date\":\"2026-11-22\"}", "amount"},
        {"{\"amount\":-5,\"sp2d\":\"1\",\"date\":\"2026-11-22\"}", "amount"},
        {"{\"amount\":1.5,\"sp2d\":\"1\",\"date\":\"2026-11-22\"}", "amount"},
        {"{\"amount\":\"1\",\"sp2d\":\"1\",\"date\":\"2026-11-22\"}", "amount"},
        {"{\"amount\":9000000000000001,\"sp2d\":\"1\",\"date\":\"2026-11-22\"}", "amount"},
        {"{\"amount\":1,\"iuran\":1,\"sp2d\":\"1\",\"date\":\"2026-11-22\"}", "amount"},
        {"{\"iuran\":-1,\"sp2d\":\"1\",\"date\":\"2026-11-22\"}", "iuran"},
        {"{\"bantuan\":true,\"sp2d\":\"1\",\"date\":\"2026-11-22\"}", "bantuan"},
        {"{\"amount\":1,\"date\":\"2026-11-22\"}", "sp2d"},
        {"{\"amount\":1,\"sp2d\":\"\",\"date\":\"2026-11-22\"}", "sp2d"},
        {"{\"amount\":1,\"sp2d\":\"a\\nb\",\"date\":\"2026-11-22\"}", "sp2d"},
        {"{\"amount\":1,\"sp2d\":\"\\u00e9\",\"date\":\"2026-11-22\"}", "sp2d"},
        {"{\"amount\":1,\"sp2d\":7,\"date\":\"2026-11-22\"}", "sp2d"},
        {"{\"amount\":1,\"sp2d\":\"0123456789012345678901234567890123456789012345678901234567890\",\"date\":"
         "\"2026-11-22\"}",
         "sp2d"},
        {"{\"amount\":1,\"sp2d\":\"1\"}", "date"},
        {"{\"amount\":1,\"sp2d\":\"1\",\"date\":\"2026-02-30\"}", "date"},
        {"{\"amount\":1,\"sp2d\":\"1\",\"date\":\"22-11-2026\"}", "date"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_str_eq(payment_wrong(wrong[i][0]), wrong[i][1], "%s", wrong[i][0]);
    cr_assert_eq(office_payment_decode(NULL, 0, &payment, &why), RESULT_INVALID);
}

Test(office_json, budgets) {
    cr_assert_str_eq(budget_wrong("{\"iuran\":165000000000,\"bantuan\":19000000000}"), "fine");
    cr_assert_eq(budget.bantuan_rupiah, INT64_C(19000000000));
    cr_assert_str_eq(budget_wrong("{\"iuran\":1}"), "bantuan");
    cr_assert_str_eq(budget_wrong("{\"bantuan\":1}"), "iuran");
    cr_assert_str_eq(budget_wrong("{\"iuran\":0,\"bantuan\":1}"), "iuran");
    cr_assert_str_eq(budget_wrong("{\"iuran\":null,\"bantuan\":1}"), "iuran");
    cr_assert_str_eq(budget_wrong("{\"iuran\":1,\"bantuan\":1,\"year\":2026}"), "");
    cr_assert_str_eq(budget_wrong("null"), "");
}
