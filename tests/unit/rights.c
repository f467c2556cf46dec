/* rights.c - tests services/billing/rights.c against the table of proto/README.md, cell by cell. */
#include "billing/rights.h"

#include <criterion/criterion.h>
#include <string.h>

#define ASK(kind) CAKUPAN__BILLING_REQUEST__ASK_##kind
#define ASK_LAST  CAKUPAN__BILLING_REQUEST__ASK_REVERSE

/* finance, bpjs, and health office, labour office and reader alike. */
static const struct {
    int ask;
    bool finance, bpjs, readers;
} expected[] = {
    {ASK(STATUS), true, true, true},       {ASK(SUMMARY), true, true, true},
    {ASK(INVOICE), true, true, true},      {ASK(PREVIEW), true, true, true},
    {ASK(BUDGET), true, true, true},       {ASK(FROZEN), true, true, false},
    {ASK(CLOSE), true, false, false},      {ASK(PAY), true, false, false},
    {ASK(BUDGET_SET), true, false, false}, {ASK(AUDITED), true, false, false},
    {ASK(SCALE), false, false, false},     {ASK(RETARIFF), false, false, false},
    {ASK(SETTLE), false, false, false},    {ASK(DECISIONS), false, false, false},
    {ASK(REVERSE), true, false, false},
};

static bool may(unsigned role, int ask) {
    struct asker asker = {.device = 5, .role = (uint8_t)role};
    struct failure why = {0};
    enum result result = rights_check(&asker, (Cakupan__BillingRequest__AskCase)ask, &why);
    cr_assert_str_eq(why.code, result == RESULT_OK ? "" : "ROLE_NOT_ALLOWED");
    return result == RESULT_OK;
}

Test(rights, every_cell_of_the_table) {
    cr_assert_eq(sizeof expected / sizeof *expected, 15);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        int ask = expected[i].ask;
        cr_assert_eq(may(ROLE_FINANCE, ask), expected[i].finance, "finance, %d", ask);
        cr_assert_eq(may(ROLE_BPJS, ask), expected[i].bpjs, "bpjs, %d", ask);
        cr_assert_eq(may(ROLE_HEALTH_OFFICE, ask), expected[i].readers, "health office, %d", ask);
        cr_assert_eq(may(ROLE_LABOUR_OFFICE, ask), expected[i].readers, "labour office, %d", ask);
        cr_assert_eq(may(ROLE_READER, ask), expected[i].readers, "reader, %d", ask);
    }
}

Test(rights, others_may_ask_nothing) {
    for (int ask = 0; ask <= ASK_LAST + 3; ask++) {
        cr_assert_not(may(ROLE_NONE, ask), "%d", ask);
        cr_assert_not(may(ROLE_KADER, ask), "%d", ask);
        cr_assert_not(may(ROLE_SERVICE, ask), "%d", ask);
        cr_assert_not(may(ROLE_COUNT, ask), "%d", ask);
        cr_assert_not(may(UINT8_MAX, ask), "%d", ask);
    }
    for (unsigned role = 0; role <= UINT8_MAX; role++)
        cr_assert(!may(role, ASK(_NOT_SET)) && !may(role, 1) && !may(role, ASK_LAST + 1) && !may(role, -1));
}

Test(rights, the_operator_may_ask_everything) {
    struct asker operator_here = {.operator_here = true};
    for (int ask = ASK(STATUS); ask <= ASK_LAST; ask++)
        cr_assert_eq(rights_check(&operator_here, (Cakupan__BillingRequest__AskCase)ask, NULL), RESULT_OK);
}

Test(rights, whole_niks_are_for_finance_alone) {
    for (unsigned role = 0; role <= ROLE_COUNT; role++) {
        struct asker asker = {.device = 5, .role = (uint8_t)role};
        cr_assert_eq(rights_whole_nik(&asker), role == ROLE_FINANCE, "%u", role);
        asker.operator_here = true;
        cr_assert_not(rights_whole_nik(&asker), "not even for the operator");
    }
}
