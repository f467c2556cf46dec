/* verify_journals.h - the partitions' journals of billing, read from disk, against a replay. */
#ifndef CLI_VERIFY_JOURNALS_H
#define CLI_VERIFY_JOURNALS_H

#include "billing_replay.h"
#include "verify_report.h"

/* Reads every entry of every partition (their owners go on meanwhile): the chain of hashes, and for each
 * month that the replay has closed the charges, the roster and the corrections before it. */
void verify_journals(const char *state, const struct billing_replay *replay, struct verify_check *check);

#endif
