/* verify_billing.h - billing against a replay: the running bill, the frozen invoices, the partitions'
 * journals. */
#ifndef CLI_VERIFY_BILLING_H
#define CLI_VERIFY_BILLING_H

#include "verify_report.h"

#include "bill_view.h"
#include "billing_replay.h"
#include "store/audit_reader.h"

enum verify_billing_check {
    VERIFY_LEDGER,
    VERIFY_INVOICES,
    VERIFY_JOURNALS,
    VERIFY_AUDIT,
    VERIFY_BILLING_CHECKS
};

struct verify_billing {
    const char *state;
    const struct city *city;
    struct verify_check *checks; /* VERIFY_BILLING_CHECKS of them, the caller's */
    struct billing_client *client;
    struct audit_reader *audit;    /* opened before the decisions are read; NULL: no tables are kept */
    struct failure audit_failure;  /* why they can't be read; code "": they can, or there are none */
    struct billing_replay *replay; /* NULL: billing could not be asked, its checks are skipped */
    struct bill_view claimed;      /* the preview of the open month */
    uint64_t offset;               /* of the preview; 0: none */
    struct ledger_sums *recounted; /* at that offset; owned */
};

/* Asks for what is compared later. What can't be asked is said in its check. */
void verify_billing_ask(struct verify_billing *verify);
/* Takes the journal's next record. */
MUST_USE enum result verify_billing_record(struct verify_billing *verify, const struct batch_header *batch,
                                           const struct record *record, struct failure *why);
/* After the last record. */
void verify_billing_judge(struct verify_billing *verify);
void verify_billing_end(struct verify_billing *verify);

#endif
