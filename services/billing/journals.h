/* journals.h - whether the partitions' journals hold what the books say was done: looked at before billing
 * starts.
 *
 * A journal that lost its end is a sound journal of an earlier time: counted on, it would show a closed month
 * as open, and previews that look right. Books that lost their end would close a month again. What was posted
 * after the last close or change of tariff may be missing: it is counted anew from enrollment's journal.
 */
#ifndef BILLING_JOURNALS_H
#define BILLING_JOURNALS_H

#include "books.h"

/* RESULT_CORRUPT: JOURNAL_LOST_END, JOURNAL_DAMAGED (with what is wrong), or BOOKS_LOST where the journals
 * know more than the books. The sentence says which partition, and what to do. */
MUST_USE enum result journals_check(struct books *books, const char *state, struct failure *why);
/* The same for one partition, every entry of it. */
MUST_USE enum result journals_check_whole(struct books *books, const char *state, uint32_t partition,
                                          struct failure *why);

#endif
