/* verify_audit.h - the auditors' tables (audit.db) against what they were made from: the partitions' journals
 * and the decisions. */
#ifndef CLI_VERIFY_AUDIT_H
#define CLI_VERIFY_AUDIT_H

#include "billing_client.h"
#include "billing_replay.h"
#include "store/audit_reader.h"
#include "verify_report.h"

/* Compares what the tables held when `reader` was opened, which was before the replay's decisions were read:
 * every row of charges with the charges in the journals up to where the tables are, and the sums of invoices
 * and payments of every month. `reader` NULL: no tables are kept, which is fine. */
void verify_audit(const char *state, struct billing_client *client, const struct billing_replay *replay,
                  struct audit_reader *reader, struct verify_check *check);

#endif
