/* billing_client.h - asks billing's coordinator (proto/billing.proto, BillingRequest): bills, payments,
 * budget. */
#ifndef CLI_BILLING_CLIENT_H
#define CLI_BILLING_CLIENT_H

#include "billing.pb-c.h"
#include "cakupan/decision.h"
#include "cakupan/ledger.h"
#include "cakupan/result.h"

#include <stdbool.h>

/* How long a command waits while a partition changes hands or others are asked first. */
#define BILLING_PATIENCE_MS 15000

struct billing_client;

/* As the operator over STATE/run/billing.sock. With `finance`: as the local device of that role
 * (local_device.h: LOCAL_FINANCE) over tcp, for whole NIKs. RESULT_NOT_FOUND (NOT_RUNNING) where nobody
 * listens. */
MUST_USE enum result billing_open(struct billing_client **out, const char *state, bool finance,
                                  struct failure *why);
void billing_close(struct billing_client **client);
/* Asks and waits; version and id are filled in. A reply that says no becomes RESULT_INVALID with billing's
 * own code and sentence, or RESULT_AGAIN for BUSY and BILL_WAITS after `patience_ms` of asking again. The
 * reply is the client's, valid until the next call. */
MUST_USE enum result billing_ask(struct billing_client *client, Cakupan__BillingRequest *request,
                                 int patience_ms, const Cakupan__BillingReply **reply, struct failure *why);
/* Tells all decisions of the coordinator, in order; another result than RESULT_OK ends it and is handed
 * through. The decision is valid during the call. */
typedef enum result billing_on_decision(void *context, const struct decision *decision, struct failure *why);
MUST_USE enum result billing_decisions(struct billing_client *client, billing_on_decision *on_decision,
                                       void *context, struct failure *why);
/* Says that NIKs of the month are read outside of billing (an audit): it is logged there. Refused for all but
 * the finance office's device. */
MUST_USE enum result billing_note_reading(struct billing_client *client, uint32_t month_number,
                                          struct failure *why);
/* Reads a closed month's roster, all partitions one after the other, each ascending by member. */
MUST_USE enum result billing_roster(struct billing_client *client, uint32_t month_number,
                                    ledger_on_roster *on_entry, void *context, struct failure *why);

#endif
