/* disk.h - the journal of the simulation: what is on it survives every crash, and writing to it may fail.
 *
 * Keeps a plain copy of what each durable record says, for the oracle: decoded here, not by the code that
 * is tested.
 */
#ifndef SIM_DISK_H
#define SIM_DISK_H

#include "cakupan/journal.h"
#include "wire/arena.h"

#include <stdbool.h>

enum disk_fault {
    DISK_FINE = 0,
    DISK_FAILS_UNWRITTEN, /* I/O error, and the batch is not there */
    DISK_FAILS_WRITTEN,   /* I/O error, but the batch is there */
    DISK_FULL
};

/* What the oracle knows of one durable record; index is offset - 1. */
struct disk_record {
    uint32_t device;
    uint64_t sequence;
    uint64_t content_hash;
    uint16_t refusal;
    uint16_t warning;
};

struct disk_batch {
    struct journal_batch batch;
    struct journal_run *runs;
    size_t run_count;
};

struct disk {
    struct journal journal; /* what enrollment gets */
    struct disk_batch *batches;
    size_t batch_count, batch_capacity;
    struct disk_record *records;
    size_t record_count, record_capacity;
    enum disk_fault next_fault;
    struct arena arena; /* for decoding records */
    uint8_t
        *lent; /* what read gave out; overwritten by the next call, so that whoever keeps it is found out */
};

void disk_init(struct disk *disk);
void disk_free(struct disk *disk);
/* Drops the last batch, as a disk does that lied about its write: the oracle must notice. */
void disk_forget_last(struct disk *disk);

#endif
