/* journal.h - where enrollment makes its batches durable: a small table of operations, one implementation a
 * store.
 *
 * One writer, one thread, one connection. Offsets begin with 1 and have no gaps. Every batch is chained to
 * the one before: hash = BLAKE2b-256(previous hash, first_offset, count, time_ms, day as little-endian 8, 4,
 * 8, 2 bytes, records); the first batch's previous hash is 32 zero bytes. Implementations:
 * services/store/journal_sqlite.c, and a fake with faults in tests/support. All must pass the suite in
 * tests/contract.
 */
#ifndef CAKUPAN_JOURNAL_H
#define CAKUPAN_JOURNAL_H

#include "cakupan/record.h"
#include "cakupan/result.h"

#define JOURNAL_HASH_SIZE       32
#define JOURNAL_BATCH_MAX_BYTES (16u << 20)

/* Part of one device's sequence that lies in a batch: how an old id finds its answer again. */
struct journal_run {
    uint32_t device;
    uint64_t first_sequence;
    uint32_t count;
};

/* A refused event of a batch, for the list of refusals. */
struct journal_refusal {
    uint64_t offset;
    uint32_t device;
    uint16_t refusal;
    uint32_t kelurahan; /* 0 unknown */
};

struct journal_batch {
    struct batch_header header;
    uint8_t hash[JOURNAL_HASH_SIZE]; /* filled by append */
    const uint8_t *records;          /* serialized records, as the feed carries them (proto/record.proto) */
    size_t size;
};

struct journal;

struct journal_operations {
    /* Makes the batch durable, all or nothing. The caller keeps ownership of everything. Blocks for the disk.
     * May not be repeated: RESULT_IO means unknown (stop, reopen, replay); RESULT_FULL means certainly not
     * stored; RESULT_CONFLICT means that first_offset is not the next one or another writer has taken over.
     */
    enum result (*append)(struct journal *journal, struct journal_batch *batch,
                          const struct journal_run *runs, size_t run_count,
                          const struct journal_refusal *refusals, size_t refusal_count, struct failure *why);
    /* The batch that holds `offset`. `batch->records` belongs to the journal and is valid until the next
     * call. RESULT_NOT_FOUND past the head. May be repeated. */
    enum result (*read)(struct journal *journal, uint64_t offset, struct journal_batch *batch,
                        struct failure *why);
    /* First offset of the batch that holds (device, sequence). RESULT_NOT_FOUND where it was never stored. */
    enum result (*find)(struct journal *journal, uint32_t device, uint64_t sequence, uint64_t *first_offset,
                        struct failure *why);
    /* Refusals before offset `before` (0: from the newest), newest first, of one code (0: all) and device (0:
     * all); at most `capacity`; returns how many in `count`. */
    enum result (*refusals)(struct journal *journal, uint64_t before, uint16_t code, uint32_t device,
                            struct journal_refusal *out, size_t capacity, size_t *count, struct failure *why);
    /* The last batch's header and hash; first_offset 0 and count 0 where the journal is empty. */
    enum result (*head)(struct journal *journal, struct journal_batch *batch, struct failure *why);
    /* House-keeping that may wait (checkpoints). Called when there is nothing else to do. */
    enum result (*idle)(struct journal *journal, struct failure *why);
    /* Closes and frees; NULLs the pointer. */
    void (*close)(struct journal **journal);
};

/* Every implementation's structure begins with this. */
struct journal {
    const struct journal_operations *operations;
};

/* The hash that chains `batch` to `previous` (see above). In services/store/journal_hash.c (libsodium). */
void journal_hash(const uint8_t previous[JOURNAL_HASH_SIZE], const struct batch_header *header,
                  const uint8_t *records, size_t size, uint8_t out[JOURNAL_HASH_SIZE]);

#endif
