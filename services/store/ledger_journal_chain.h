/* ledger_journal_chain.h - which segments of a partition's journal are valid, and up to which entry: found by
 * walking back from the segment of the highest epoch. For ledger_journal_files*.c alone. */
#ifndef STORE_LEDGER_JOURNAL_CHAIN_H
#define STORE_LEDGER_JOURNAL_CHAIN_H

#include "ledger_segment.h"

/* Valid in one segment: entries head.sequence + 1 .. last. */
struct chain_link {
    struct ledger_segment_head head;
    uint64_t last;
};

struct ledger_chain {
    struct ledger_journal_place place; /* its directory is the one below: a chain is not moved */
    char directory[448];
    struct chain_link *links; /* newest first */
    size_t count;
    struct ledger_segment reading; /* of the link read last */
};

/* RESULT_INVALID where the directory's path is too long. */
MUST_USE enum result ledger_chain_init(struct ledger_chain *chain, const struct ledger_journal_place *place,
                                       struct failure *why);
void ledger_chain_free(struct ledger_chain *chain);
/* Finds the segments below `below_epoch` anew. The newest one's last entry is its head's: what it holds
 * has to be counted (ledger_chain_tail). An empty chain where there is none. */
MUST_USE enum result ledger_chain_load(struct ledger_chain *chain, uint64_t below_epoch, struct failure *why);
/* Puts a segment that goes on after the last entry in front. */
void ledger_chain_push(struct ledger_chain *chain, const struct ledger_segment_head *head);
/* Reads on in the newest segment, whose last entry moves; `tail` is the last valid one, without its payload.
 * `segment` is the caller's cursor there: closed at first. */
MUST_USE enum result ledger_chain_tail(struct ledger_chain *chain, struct ledger_segment *segment,
                                       struct ledger_entry *tail, struct failure *why);
/* RESULT_NOT_FOUND past the last one. */
MUST_USE enum result ledger_chain_read(struct ledger_chain *chain, uint64_t sequence,
                                       struct ledger_entry *entry, struct failure *why);
uint64_t ledger_chain_last(const struct ledger_chain *chain);

#endif
