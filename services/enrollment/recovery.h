/* recovery.h - brings the registry back at start: snapshot, then the journal's tail, with the hash chain
 * checked. */
#ifndef ENROLLMENT_RECOVERY_H
#define ENROLLMENT_RECOVERY_H

#include "cakupan/journal.h"
#include "cakupan/registry.h"

struct recovery {
    struct registry *registry; /* the caller's */
    uint64_t snapshot_offset;  /* 0: there was none that could be used */
    uint64_t replayed;         /* records taken from the journal's tail */
    bool snapshot_bad;         /* one was found, failed its check and was set aside */
    uint64_t lost_offset;      /* where the journal was before it lost its end, accepted; 0: it lost none */
    struct batch_header head;  /* last batch of the journal, count 0 where it is empty */
};

struct recovery_config {
    const char *snapshot_path;
    const struct region_table *regions;
    const struct policy *policy;
    /* Go on from where the journal ends, though a snapshot says that it was longer. A new one takes its place
     * at once: the loss was accepted, and a further one would show. Not where the journal is empty: what lost
     * all is mostly in another place. */
    bool accept_lost_end;
};
/* Fills `out` from the snapshot file and the journal. RESULT_CORRUPT where the journal contradicts itself, or
 * ends before the snapshot (JOURNAL_LOST, JOURNAL_LOST_END): a snapshot is written only of what is durable,
 * so acknowledged events are lost. */
MUST_USE enum result recovery_run(struct recovery *out, struct journal *journal,
                                  const struct recovery_config *config, struct failure *why);

/* What a snapshot file holds besides the registry, written before it. */
struct snapshot_head {
    uint64_t offset;
    uint8_t chain[JOURNAL_HASH_SIZE]; /* hash of the batch that ends with `offset` */
};

#endif
