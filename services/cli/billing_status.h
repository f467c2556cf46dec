/* billing_status.h - how billing is, for people: workers, partitions, lag, and what waits for somebody. */
#ifndef CLI_BILLING_STATUS_H
#define CLI_BILLING_STATUS_H

#include "billing.pb-c.h"

#include <stdbool.h>
#include <stdio.h>

/* Nobody tells the head: what seems to be no lag may be one. */
bool billing_feed_is_silent(const Cakupan__BillingStatus *status);
void billing_status_print(const Cakupan__BillingStatus *status, FILE *out, bool colour);
/* Whether somebody can't go on: the coordinator, or a partition. */
bool billing_is_stuck(const Cakupan__BillingStatus *status);
/* Records that are not counted at `position`. */
uint64_t billing_behind(const Cakupan__BillingStatus *status, uint64_t position);

#endif
