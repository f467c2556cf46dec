/* ledger_journal_memory.c - segments of entries in memory, and what can go wrong with them
 * (ledger_journal_memory.h). */
#include "ledger_journal_memory.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct memory_segment {
    uint64_t epoch, older_epoch;
    uint64_t base_sequence; /* the entry after which it goes on */
    uint8_t base_hash[JOURNAL_HASH_SIZE];
    struct ledger_entry *entries; /* payloads are owned */
    uint64_t count, durable;
};

struct partition_disk {
    struct memory_segment *segments; /* ascending by epoch */
    size_t count;
};

struct ledger_disk {
    struct partition_disk partitions[LEDGER_PARTITIONS_MAX];
    enum ledger_fault fault;
    bool drops_syncs;
    unsigned crashes, open;
};

struct memory_journal {
    struct ledger_journal journal; /* first */
    struct ledger_disk *disk;
    uint32_t partition;
    uint64_t epoch;   /* 0: a reader */
    unsigned crashes; /* of the disk when it was opened */
    bool broken, turned;
    uint64_t known; /* a reader: the last entry when it looked */
    uint64_t given_sequence;
    uint8_t given_hash[JOURNAL_HASH_SIZE];
    uint8_t *lent;
};

struct ledger_disk *ledger_disk_new(void) {
    struct ledger_disk *disk = calloc(1, sizeof *disk);
    assert(disk);
    return disk;
}

static void drop_entries(struct memory_segment *segment, uint64_t from) {
    for (uint64_t i = from; i < segment->count; i++)
        free((void *)segment->entries[i].payload);
    segment->count = segment->count < from ? segment->count : from;
}

void ledger_disk_destroy(struct ledger_disk **disk) {
    assert(!*disk || (*disk)->open == 0);
    for (uint32_t i = 0; *disk && i < LEDGER_PARTITIONS_MAX; i++) {
        struct partition_disk *partition = &(*disk)->partitions[i];
        for (size_t k = 0; k < partition->count; k++) {
            drop_entries(&partition->segments[k], 0);
            free(partition->segments[k].entries);
        }
        free(partition->segments);
    }
    free(*disk);
    *disk = NULL;
}

void ledger_disk_fault(struct ledger_disk *disk, enum ledger_fault fault) {
    disk->fault = fault;
}

void ledger_disk_drop_syncs(struct ledger_disk *disk, bool drop) {
    disk->drops_syncs = drop;
}

void ledger_disk_crash(struct ledger_disk *disk) {
    disk->crashes++;
    for (uint32_t i = 0; i < LEDGER_PARTITIONS_MAX; i++)
        for (size_t k = 0; k < disk->partitions[i].count; k++)
            drop_entries(&disk->partitions[i].segments[k], disk->partitions[i].segments[k].durable);
}

static struct memory_segment *segment_of(const struct partition_disk *partition, uint64_t epoch) {
    for (size_t i = 0; i < partition->count; i++)
        if (partition->segments[i].epoch == epoch)
            return &partition->segments[i];
    return NULL;
}

static struct memory_segment *newest_of(const struct partition_disk *partition) {
    return partition->count ? &partition->segments[partition->count - 1] : NULL;
}

/* The entry in the chain that ends with `segment`. */
static struct ledger_entry *entry_of(const struct partition_disk *partition,
                                     const struct memory_segment *segment, uint64_t sequence) {
    while (segment && segment->base_sequence >= sequence)
        segment = segment_of(partition, segment->older_epoch);
    if (!segment || sequence == 0 || sequence > segment->base_sequence + segment->count)
        return NULL;
    return &segment->entries[sequence - segment->base_sequence - 1];
}

static uint64_t last_of(const struct memory_segment *segment) {
    return segment ? segment->base_sequence + segment->count : 0;
}

static const uint8_t *hash_of(const struct partition_disk *partition, const struct memory_segment *segment,
                              uint64_t sequence) {
    static const uint8_t zeros[JOURNAL_HASH_SIZE];
    const struct ledger_entry *entry = entry_of(partition, segment, sequence);
    return entry ? entry->hash : zeros;
}

bool ledger_disk_damage(struct ledger_disk *disk, uint32_t partition, uint64_t sequence) {
    struct partition_disk *place = &disk->partitions[partition];
    struct ledger_entry *entry = entry_of(place, newest_of(place), sequence);
    if (!entry || entry->size == 0)
        return false;
    ((uint8_t *)entry->payload)[entry->size / 2] ^= 1;
    return true;
}

uint64_t ledger_disk_void(const struct ledger_disk *disk, uint32_t partition) {
    const struct partition_disk *place = &disk->partitions[partition];
    uint64_t all = 0;
    for (size_t i = 0; i < place->count; i++)
        all += place->segments[i].count;
    return all - last_of(newest_of(place));
}

static struct memory_journal *journal_of(struct ledger_journal *journal) {
    return (struct memory_journal *)journal;
}

static struct partition_disk *place_of(const struct memory_journal *journal) {
    return &journal->disk->partitions[journal->partition];
}

/* The end of the chain that the journal sees: an owner's is its own segment. */
static struct memory_segment *end_of(const struct memory_journal *journal) {
    return journal->epoch ? segment_of(place_of(journal), journal->epoch) : newest_of(place_of(journal));
}

static bool dead(const struct memory_journal *journal) {
    return journal->crashes != journal->disk->crashes || journal->broken;
}

static bool later_owner(const struct memory_journal *journal) {
    return journal->epoch && newest_of(place_of(journal))->epoch > journal->epoch;
}

static enum result fenced(struct memory_journal *journal, struct failure *why) {
    journal->broken = true;
    return fail(why, RESULT_CONFLICT, "FENCED", "Partition %u was taken over after epoch %" PRIu64 ".",
                journal->partition, journal->epoch);
}

static void store(struct memory_journal *journal, struct ledger_entry *entry) {
    struct memory_segment *segment = end_of(journal);
    entry->sequence = last_of(segment) + 1;
    entry->epoch = journal->epoch;
    ledger_journal_hash(hash_of(place_of(journal), segment, entry->sequence - 1), entry, entry->hash);
    segment->entries = realloc(segment->entries, (segment->count + 1) * sizeof *segment->entries);
    uint8_t *payload = malloc(entry->size + 1);
    assert(segment->entries && payload);
    if (entry->size)
        memcpy(payload, entry->payload, entry->size);
    segment->entries[segment->count] = *entry;
    segment->entries[segment->count++].payload = payload;
    if (!journal->disk->drops_syncs)
        segment->durable = segment->count;
}

static enum result memory_append(struct ledger_journal *base, struct ledger_entry *entry,
                                 struct failure *why) {
    struct memory_journal *journal = journal_of(base);
    struct ledger_entry next = *entry;
    enum ledger_fault fault = journal->disk->fault;
    assert(journal->epoch && "a journal opened to be read is not written");
    if (later_owner(journal) && fault != LEDGER_FAULT_STOPPED)
        return fenced(journal, why);
    if (dead(journal))
        return fail(why, RESULT_IO, "JOURNAL_BROKEN", "The journal has to be opened anew.");
    if (entry->size > LEDGER_ENTRY_MAX_BYTES)
        return fail(why, RESULT_INVALID, "ENTRY_TOO_LARGE", "An entry of %zu bytes is too large.",
                    entry->size);
    journal->disk->fault = LEDGER_FAULT_NONE;
    if (fault == LEDGER_FAULT_FULL)
        return fail(why, RESULT_FULL, "DISK_FULL", "The disk is full.");
    if (fault != LEDGER_FAULT_IO_BEFORE)
        store(journal, &next);
    if (fault == LEDGER_FAULT_IO_BEFORE || fault == LEDGER_FAULT_IO_AFTER) {
        journal->broken = true;
        return fail(why, RESULT_IO, "JOURNAL_IO", "The disk failed.");
    }
    if (later_owner(journal))
        return fenced(journal, why);
    *entry = next;
    return RESULT_OK;
}

static enum result turned(struct memory_journal *journal, struct failure *why) {
    journal->turned = true;
    return fail(why, RESULT_CONFLICT, "JOURNAL_TURNED", "Entries given out were made void by a take-over.");
}

/* What was given out is there still. */
static enum result check_given(struct memory_journal *journal, struct failure *why) {
    const uint8_t *hash = hash_of(place_of(journal), end_of(journal), journal->given_sequence);
    if (journal->turned || memcmp(hash, journal->given_hash, sizeof journal->given_hash) != 0)
        return turned(journal, why);
    return RESULT_OK;
}

static void give(struct memory_journal *journal, const struct ledger_entry *entry) {
    if (entry->sequence <= journal->given_sequence)
        return;
    journal->given_sequence = entry->sequence;
    memcpy(journal->given_hash, entry->hash, sizeof journal->given_hash);
}

/* What is lent is a copy, so that whoever keeps it too long is found out. */
static enum result memory_read(struct ledger_journal *base, uint64_t sequence, struct ledger_entry *entry,
                               struct failure *why) {
    struct memory_journal *journal = journal_of(base);
    uint8_t hash[JOURNAL_HASH_SIZE];
    enum result result = check_given(journal, why);
    if (result != RESULT_OK)
        return result;
    const struct ledger_entry *stored = entry_of(place_of(journal), end_of(journal), sequence);
    if (!stored || (journal->epoch == 0 && sequence > journal->known))
        return fail(why, RESULT_NOT_FOUND, "ENTRY_NONE", "There is no entry %" PRIu64 ".", sequence);
    ledger_journal_hash(hash_of(place_of(journal), end_of(journal), sequence - 1), stored, hash);
    if (memcmp(hash, stored->hash, sizeof hash) != 0)
        return fail(why, RESULT_CORRUPT, "JOURNAL_CORRUPT", "Entry %" PRIu64 " fails its check.", sequence);
    *entry = *stored;
    free(journal->lent);
    journal->lent = malloc(entry->size + 1);
    assert(journal->lent);
    memcpy(journal->lent, stored->payload, entry->size);
    entry->payload = journal->lent;
    give(journal, entry);
    return RESULT_OK;
}

static enum result memory_head(struct ledger_journal *base, struct ledger_entry *entry, struct failure *why) {
    struct memory_journal *journal = journal_of(base);
    enum result result = check_given(journal, why);
    if (result != RESULT_OK)
        return result;
    const struct memory_segment *end = end_of(journal);
    journal->known = last_of(end);
    const struct ledger_entry *last = entry_of(place_of(journal), end, last_of(end));
    *entry = last ? *last : (struct ledger_entry){0};
    entry->payload = NULL;
    entry->size = 0;
    give(journal, entry);
    return RESULT_OK;
}

static bool memory_fenced(struct ledger_journal *base) {
    return later_owner(journal_of(base));
}

static void memory_close(struct ledger_journal **base) {
    if (!*base)
        return;
    struct memory_journal *journal = journal_of(*base);
    journal->disk->open--;
    free(journal->lent);
    free(journal);
    *base = NULL;
}

static const struct ledger_journal_operations operations = {
    .append = memory_append,
    .read = memory_read,
    .head = memory_head,
    .fenced = memory_fenced,
    .close = memory_close,
};

static struct ledger_journal *journal_new(struct ledger_disk *disk, uint32_t partition, uint64_t epoch) {
    struct memory_journal *journal = calloc(1, sizeof *journal);
    assert(journal && partition < LEDGER_PARTITIONS_MAX);
    journal->journal.operations = &operations;
    journal->disk = disk;
    journal->partition = partition;
    journal->epoch = epoch;
    journal->crashes = disk->crashes;
    disk->open++;
    return &journal->journal;
}

enum result ledger_journal_memory_open(struct ledger_journal **out, struct ledger_disk *disk,
                                       uint32_t partition, uint64_t epoch, struct failure *why) {
    struct partition_disk *place = &disk->partitions[partition];
    const struct memory_segment *newest = newest_of(place);
    if (epoch == 0 || (newest && newest->epoch >= epoch))
        return fail(why, RESULT_CONFLICT, "FENCED", "Epoch %" PRIu64 " comes too late.", epoch);
    struct memory_segment segment = {.epoch = epoch, .base_sequence = last_of(newest)};
    if (newest && segment.base_sequence)
        segment.older_epoch = newest->count ? newest->epoch : newest->older_epoch;
    memcpy(segment.base_hash, hash_of(place, newest, segment.base_sequence), sizeof segment.base_hash);
    for (size_t i = 0; i < place->count; i++) /* what an older owner did not come to sync */
        if (place->segments[i].epoch == segment.older_epoch && !disk->drops_syncs)
            place->segments[i].durable = place->segments[i].count;
    place->segments = realloc(place->segments, (place->count + 1) * sizeof *place->segments);
    assert(place->segments);
    place->segments[place->count++] = segment;
    *out = journal_new(disk, partition, epoch);
    return RESULT_OK;
}

enum result ledger_journal_memory_read(struct ledger_journal **out, struct ledger_disk *disk,
                                       uint32_t partition, struct failure *why) {
    if (disk->partitions[partition].count == 0)
        return fail(why, RESULT_NOT_FOUND, "JOURNAL_NONE", "Nobody ever owned partition %u.", partition);
    *out = journal_new(disk, partition, 0);
    journal_of(*out)->known = last_of(newest_of(&disk->partitions[partition]));
    return RESULT_OK;
}
