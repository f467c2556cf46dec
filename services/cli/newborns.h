/* newborns.h - newborns of a frozen roster, who stand in it by their temporary ids, and the NIKs that
 * enrollment knows of them by now. Aborts where memory is out. */
#ifndef CLI_NEWBORNS_H
#define CLI_NEWBORNS_H

#include "cakupan/reconcile.h"
#include "cakupan/result.h"

struct newborns;

struct newborns *newborns_new(void);
void newborns_destroy(struct newborns **newborns);
/* One stands in the roster at `position`, from 0. */
void newborns_add(struct newborns *newborns, uint32_t position, identity_t temporary);
/* Asks the running city's enrollment, which logs it, and tells `reconcile` of those who have a NIK. Asks
 * nobody where there are none. NOT_ANSWERED where enrollment does not say. */
MUST_USE enum result newborns_name(const struct newborns *newborns, const char *state,
                                   struct reconcile *reconcile, struct failure *why);

#endif
