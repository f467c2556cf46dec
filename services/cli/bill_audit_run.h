/* bill_audit_run.h - a self-audit beside the services: the journal and a month's roster in, findings out. */
#ifndef CLI_BILL_AUDIT_RUN_H
#define CLI_BILL_AUDIT_RUN_H

#include "billing_client.h"
#include "cakupan/self_audit.h"
#include "store/city.h"

#include <jansson.h>
#include <stdio.h>

struct bill_audit_row {
    struct audit_finding finding;
    char name[TEXT_MAX + 1];
};
struct bill_audit {
    month_t month;
    uint64_t offset; /* of the last record that was looked at */
    uint64_t roster;
    uint64_t counts[FINDING_COUNT];
    uint64_t count;
    struct bill_audit_row *rows; /* all of them; freed by bill_audit_free */
    struct region_table regions;
};

/* The open month's roster as it stands, a later one's as a forecast, or a closed month's as it was frozen
 * (`finance`: by the finance office's device, with NIKs: billing is asked and logs it). The caller frees
 * `audit`, also where it fails. */
MUST_USE enum result bill_audit_run(struct bill_audit *audit, const char *state, month_t month, bool finance,
                                    struct failure *why);
void bill_audit_free(struct bill_audit *audit);
/* Counts by kind, and the first `list` people of each, NIKs masked. */
void bill_audit_print(const struct bill_audit *audit, uint64_t list, FILE *out, bool colour);
/* At most `limit` findings; counts are of all. */
json_t *bill_audit_json(const struct bill_audit *audit, uint64_t limit);
/* Every finding as CSV; NIKs masked where `whole_nik` is false. */
MUST_USE enum result bill_audit_write(const struct bill_audit *audit, const char *path, bool whole_nik,
                                      struct failure *why);

#endif
