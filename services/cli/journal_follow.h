/* journal_follow.h - reads the whole journal through enrollment's feed, in this process: verify and sync
 * fold it anew. */
#ifndef CLI_JOURNAL_FOLLOW_H
#define CLI_JOURNAL_FOLLOW_H

#include "runtime/feed_follower.h"

struct journal_follow;

/* Follows from offset 1; `on_record` gets every record in order, the hash chain is checked on the way. */
MUST_USE enum result journal_follow_open(struct journal_follow **out, const char *state,
                                         feed_on_record *on_record, void *context, struct failure *why);
/* The same from `first_offset` on. */
MUST_USE enum result journal_follow_from(struct journal_follow **out, const char *state,
                                         uint64_t first_offset, feed_on_record *on_record, void *context,
                                         struct failure *why);
void journal_follow_close(struct journal_follow **follow);
/* Goes on until record `until` was taken (whole batches: possibly further), with a progress bar on stderr
 * named `label` where it takes longer than a moment. RESULT_AGAIN (NO_ANSWER) where the feed is silent for
 * 30 s. */
MUST_USE enum result journal_follow_until(struct journal_follow *follow, uint64_t until, const char *label,
                                          struct failure *why);
uint64_t journal_follow_offset(const struct journal_follow *follow); /* of the last record taken */
/* Hash of the last batch wholly taken (while `on_record` gets a batch's first record: of the one before);
 * 32 bytes. */
const uint8_t *journal_follow_chain(const struct journal_follow *follow);

#endif
