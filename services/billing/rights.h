/* rights.h - which role may ask billing what: the table of proto/README.md "Billing". Pure. */
#ifndef BILLING_RIGHTS_H
#define BILLING_RIGHTS_H

#include "billing.pb-c.h"
#include "cakupan/device.h"

struct asker {
    bool operator_here; /* over the unix socket */
    uint32_t device;    /* else the device, of this role */
    uint8_t role;
};
/* RESULT_INVALID (ROLE_NOT_ALLOWED) where not. */
MUST_USE enum result rights_check(const struct asker *asker, Cakupan__BillingRequest__AskCase ask,
                                  struct failure *why);
/* Whether NIKs in rosters are whole for this asker: the finance role alone. */
bool rights_whole_nik(const struct asker *asker);

#endif
