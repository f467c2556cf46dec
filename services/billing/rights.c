/* rights.c - the table of who may ask billing what (rights.h; proto/README.md, "Billing"). */
#include "rights.h"

#define ANY     ((1u << ROLE_FINANCE) | (1u << ROLE_BPJS) | READERS)
#define READERS ((1u << ROLE_HEALTH_OFFICE) | (1u << ROLE_LABOUR_OFFICE) | (1u << ROLE_READER))
#define FINANCE (1u << ROLE_FINANCE)
#define BPJS    (1u << ROLE_BPJS)

/* Roles by ask; the operator may ask everything. */
static const uint32_t roles[] = {
    [CAKUPAN__BILLING_REQUEST__ASK_STATUS] = ANY,
    [CAKUPAN__BILLING_REQUEST__ASK_SUMMARY] = ANY,
    [CAKUPAN__BILLING_REQUEST__ASK_INVOICE] = ANY,
    [CAKUPAN__BILLING_REQUEST__ASK_PREVIEW] = ANY,
    [CAKUPAN__BILLING_REQUEST__ASK_BUDGET] = ANY,
    [CAKUPAN__BILLING_REQUEST__ASK_FROZEN] = FINANCE | BPJS,
    [CAKUPAN__BILLING_REQUEST__ASK_CLOSE] = FINANCE,
    [CAKUPAN__BILLING_REQUEST__ASK_PAY] = FINANCE,
    [CAKUPAN__BILLING_REQUEST__ASK_REVERSE] = FINANCE,
    [CAKUPAN__BILLING_REQUEST__ASK_BUDGET_SET] = FINANCE,
    [CAKUPAN__BILLING_REQUEST__ASK_AUDITED] = FINANCE,
    [CAKUPAN__BILLING_REQUEST__ASK_SCALE] = 0,
    [CAKUPAN__BILLING_REQUEST__ASK_RETARIFF] = 0,
    [CAKUPAN__BILLING_REQUEST__ASK_SETTLE] = 0,
    [CAKUPAN__BILLING_REQUEST__ASK_DECISIONS] = 0,
};

enum result rights_check(const struct asker *asker, Cakupan__BillingRequest__AskCase ask,
                         struct failure *why) {
    bool known = (unsigned)ask < sizeof roles / sizeof *roles;
    bool allowed = known && asker->role < ROLE_COUNT && (roles[ask] >> asker->role & 1u);
    if (asker->operator_here || allowed)
        return RESULT_OK;
    const char *name = role_name((enum role)asker->role);
    return fail(why, RESULT_INVALID, "ROLE_NOT_ALLOWED",
                "The role %s may not ask this of billing: use a device of another role, or ask the operator.",
                name ? name : "none");
}

bool rights_whole_nik(const struct asker *asker) {
    return !asker->operator_here && asker->role == ROLE_FINANCE;
}
