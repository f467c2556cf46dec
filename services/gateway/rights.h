/* rights.h - which role may do what over HTTP: the bits of routes.h's table and the list of /v1/session.
 * Pure. */
#ifndef GATEWAY_RIGHTS_H
#define GATEWAY_RIGHTS_H

#include "cakupan/device.h"

#define ROLE_BIT(role) (1u << (role))
#define ROLES_PERSONAL (ROLE_BIT(ROLE_KADER) | ROLE_BIT(ROLE_BPJS) | ROLE_BIT(ROLE_HEALTH_OFFICE))
#define ROLES_SENDERS  (ROLES_PERSONAL | ROLE_BIT(ROLE_LABOUR_OFFICE))
#define ROLES_OFFICERS                                                                                       \
    (ROLE_BIT(ROLE_LABOUR_OFFICE) | ROLE_BIT(ROLE_BPJS) | ROLE_BIT(ROLE_HEALTH_OFFICE) |                     \
     ROLE_BIT(ROLE_FINANCE))
#define ROLES_PEOPLE (ROLES_OFFICERS | ROLE_BIT(ROLE_KADER) | ROLE_BIT(ROLE_READER))
/* Billing shows its invoices to no kader either (proto/README.md). */
#define ROLES_BILLS (ROLES_OFFICERS | ROLE_BIT(ROLE_READER))

/* Names of openapi.json's `may`, "events.send" ...: the right at `index` of the role's, NULL past the end. */
const char *right_at(enum role role, unsigned index);

#endif
