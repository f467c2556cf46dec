/* month_pack.h - freezes a month: the charges and the roster of all members, packed in one pass over them.
 *
 * Pure. The bytes are those that ledger_close and ledger_roster would give by way of charge_packer_add and
 * roster_packer_add, many times faster: a close of the city waits for this. Part of the files partition*.c.
 */
#ifndef DOMAIN_MONTH_PACK_H
#define DOMAIN_MONTH_PACK_H

#include "cakupan/charge_pack.h"

/* Closes the month, as ledger_close does; both packers are new or cleared. */
MUST_USE enum result month_pack_close(struct ledger *ledger, month_t month, struct ledger_sums *sums,
                                      struct charge_packer *charges, struct roster_packer *roster,
                                      struct failure *why);

#endif
