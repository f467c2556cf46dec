/* feed_tail.h - the last batches of a journal, copied into memory within a bound, for followers near the
 * head. */
#ifndef RUNTIME_FEED_TAIL_H
#define RUNTIME_FEED_TAIL_H

#include "cakupan/journal.h"

struct feed_tail;

/* `capacity_bytes` bounds all memory of the batches held. Aborts where memory is out. */
struct feed_tail *feed_tail_new(size_t capacity_bytes);
void feed_tail_destroy(struct feed_tail **tail);
/* Copies the batch, which follows the newest one held, and drops the oldest ones where the bound asks for
 * it. A batch that alone is over the bound empties the tail. */
void feed_tail_add(struct feed_tail *tail, const struct journal_batch *batch);
/* The batch that holds `offset`, valid until the next add; NULL where the tail does not reach it. */
const struct journal_batch *feed_tail_find(const struct feed_tail *tail, uint64_t offset);

#endif
