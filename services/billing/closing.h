/* closing.h - what is asked at barriers, one after the other: previews, budgets, closes, changes of tariff.
 *
 * No socket in here. Askers wait in a queue of bounded length; those who want the same preview share a
 * barrier. An asker is answered through `answer` when its barrier is done; closes also when nobody waits.
 */
#ifndef BILLING_CLOSING_H
#define BILLING_CLOSING_H

#include "books.h"
#include "cakupan/barrier.h"
#include "cakupan/invoice.h"
#include "wire/wire_billing.h"

#define CLOSING_WAITING_MAX 64u
#define CLOSING_ID_MAX      320u
/* An asker is told BILL_WAITS after so long; a close whose intent is stored goes on all the same, one that
 * nobody waits for before that is given up. */
#define CLOSING_PATIENCE_MS 10000

struct closing;

/* Whom an answer goes to: bytes of the owner's (peer and request). */
struct closing_asker {
    uint16_t size;
    uint8_t id[CLOSING_ID_MAX];
};
struct closing_ask {
    struct partition_order order; /* without its offset */
    struct closing_asker asker;
    uint32_t device;
    struct text author;
};
/* `invoices`: the bytes of each month of a preview, or the frozen ones of a close; NULL with a failure.
 * `sums`: those of a preview. All valid during the call. */
struct closing_answer {
    const struct closing_asker *asker;
    uint64_t as_of_offset;
    uint16_t months;
    const struct ledger_sums *const *sums;
    const struct wire_bytes_view *invoices;
    const struct failure *why; /* NULL: fine */
    bool repeated;             /* a close that was done before */
};
typedef void closing_on_answer(void *context, const struct closing_answer *answer);

/* All borrowed. Resumes what books_unfinished has. */
struct closing *closing_new(struct books *books, const struct region_table *regions,
                            closing_on_answer *answer, void *context);
void closing_destroy(struct closing **closing);
/* RESULT_FULL (BUSY) where the queue is full; with any failure nothing waits, and the caller tells the asker.
 * A close of a closed month is answered within the call. */
MUST_USE enum result closing_ask(struct closing *closing, const struct closing_ask *ask, day_t today,
                                 struct failure *why);
/* What a worker reports about partitions that it holds by lease (others must not come here), and losses. */
void closing_report(struct closing *closing, const struct wire_held *held);
void closing_lost(struct closing *closing, uint32_t partition);
/* True once whenever asks wait that no head was heard for: the caller then asks for the feed's head
 * (feed_follower_ask_head) and gives it to closing_work when it is answered. A doorbell's head is up to some
 * milliseconds old, and a layoff acknowledged before the question must count. */
bool closing_wants_head(struct closing *closing);
/* Goes on where it can: `head`, 0 while it is not heard again after closing_wants_head; whether all
 * partitions have owners. Decides and stores. `*orders_changed`: those of all workers. RESULT_IO: stop. */
MUST_USE enum result closing_work(struct closing *closing, uint64_t head, bool complete, int64_t time_ms,
                                  day_t today, bool *orders_changed, struct failure *why);
/* For orders: id 0 where there is none; `taken` per partition. */
uint64_t closing_barrier(const struct closing *closing, bool *run, struct partition_order *order);
bool closing_taken(const struct closing *closing, uint32_t partition);

#endif
