/* city_payment.h - reads a city's payment.json and holidays.json. See deploy/tangerang/README.md for the
 * form. */
#ifndef STORE_CITY_PAYMENT_H
#define STORE_CITY_PAYMENT_H

#include "cakupan/payment_terms.h"
#include "cakupan/result.h"

/* `why` names file, line and value at fault. Where a city has no payment.json the one row of Perpres 82/2018
 * art. 39 holds (the 10th of the month, the next working day); without holidays.json only week-ends are
 * known. */
MUST_USE enum result payment_terms_load(struct payment_terms *terms, const char *city_directory,
                                        struct failure *why);

#endif
