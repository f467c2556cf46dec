/* rights.c - the table of rights by role (rights.h). openapi.json names them in Session. */
#include "rights.h"

static const struct {
    const char *name;
    uint32_t roles;
} rights[] = {
    {"events.send", ROLES_SENDERS},
    {"members.read", ROLES_SENDERS},
    {"members.unmask", ROLE_BIT(ROLE_LABOUR_OFFICE)}, /* of layoffs that kaders report */
    {"refusals.read", ROLES_SENDERS},
    {"layoffs.send", ROLE_BIT(ROLE_LABOUR_OFFICE)},
    {"grace.read", ROLES_OFFICERS & ~ROLE_BIT(ROLE_FINANCE)},
    {"bills.read", ROLES_BILLS},
    {"bills.close", ROLE_BIT(ROLE_FINANCE)},
    {"bills.files", ROLE_BIT(ROLE_FINANCE)},
    {"findings.read", ROLE_BIT(ROLE_FINANCE) | ROLE_BIT(ROLE_HEALTH_OFFICE)},
    {"reconcile.run", ROLE_BIT(ROLE_FINANCE)},
    {"budget.read", ROLES_PEOPLE},
    {"budget.set", ROLE_BIT(ROLE_FINANCE)},
    {"payments.book", ROLE_BIT(ROLE_FINANCE)},
    {"workers.read", ROLES_PEOPLE},
    {"totals.whole", ROLES_OFFICERS},
    {"metrics.read", ROLE_BIT(ROLE_READER) | ROLE_BIT(ROLE_SERVICE)},
};

const char *right_at(enum role role, unsigned index) {
    for (unsigned i = 0; i < sizeof rights / sizeof *rights; i++)
        if ((rights[i].roles & ROLE_BIT(role)) && index-- == 0)
            return rights[i].name;
    return NULL;
}
