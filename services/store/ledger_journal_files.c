/* ledger_journal_files.c - a partition's journal on files: its operations (ledger_journal_files.h).
 *
 * Fencing without locks: an owner looks for later segments before it writes and once more after its sync;
 * the successor makes its file first and looks at the older ones then. So an entry that was answered
 * RESULT_OK was there when the successor looked: it is valid. One that was not may be valid or void, and
 * its owner is told that it is fenced.
 */
#include "ledger_journal_files_state.h"

#include "epoch_files.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static struct journal_files *files_of(struct ledger_journal *journal) {
    return (struct journal_files *)journal;
}

static enum result fenced_by(const struct journal_files *files, struct failure *why) {
    return fail(why, RESULT_CONFLICT, "FENCED",
                "Partition %u was taken over by a later epoch than %" PRIu64 ": it is given up here.",
                files->chain.place.partition, files->epoch);
}

/* Whether somebody has taken over since; once fenced, always fenced. */
static enum result look(struct journal_files *files, struct failure *why) {
    uint64_t newest = 0;
    if (!files->fenced) {
        enum result result = epoch_files_newest(&newest, files->chain.directory, SEGMENT_PREFIX, why);
        if (result != RESULT_OK)
            return fail(why, RESULT_IO, "JOURNAL_IO",
                        "Can't look into the directory %s: it is gone, or not to "
                        "be read.",
                        files->chain.directory);
    }
    files->fenced = files->fenced || newest > files->epoch;
    return files->fenced ? fenced_by(files, why) : RESULT_OK;
}

static bool files_fenced(struct ledger_journal *journal) {
    struct journal_files *files = files_of(journal);
    return files->descriptor >= 0 && look(files, NULL) != RESULT_OK;
}

static enum result write_failed(struct journal_files *files, struct failure *why) {
    int error = errno;
    bool full = ledger_segment_is_full(error);
    if (full && ftruncate(files->descriptor, (off_t)files->end) == 0)
        return fail(why, RESULT_FULL, "DISK_FULL", "The disk of %s is full: make room.",
                    files->chain.directory);
    files->broken = true;
    return fail(why, RESULT_IO, "JOURNAL_IO", "Can't write an entry in %s: %s; check the disk.",
                files->chain.directory, strerror(error));
}

/* What forbids any writing, before it begins. */
static enum result may_append(struct journal_files *files, const struct ledger_entry *entry,
                              struct failure *why) {
    assert(files->descriptor >= 0 && "a journal opened to be read is not written");
    if (files->broken)
        return fail(why, RESULT_IO, "JOURNAL_BROKEN",
                    "A write in %s has failed before: it has to be opened anew.", files->chain.directory);
    if (entry->size > LEDGER_ENTRY_MAX_BYTES)
        return fail(why, RESULT_INVALID, "ENTRY_TOO_LARGE",
                    "An entry of %zu bytes is over the limit of %u: the state needs more partitions.",
                    entry->size, LEDGER_ENTRY_MAX_BYTES);
    return look(files, why);
}

static enum result files_append(struct ledger_journal *journal, struct ledger_entry *entry,
                                struct failure *why) {
    struct journal_files *files = files_of(journal);
    uint8_t header[SEGMENT_ENTRY_BYTES];
    enum result result = may_append(files, entry, why);
    if (result != RESULT_OK)
        return result;
    struct ledger_entry next = *entry;
    next.sequence = files->tail.sequence + 1;
    next.epoch = files->epoch;
    ledger_journal_hash(files->tail.hash, &next, next.hash);
    ledger_segment_entry(&next, header);
    struct iovec parts[2] = {{header, sizeof header}, {(void *)next.payload, next.size}};
    if (!ledger_segment_write(files->descriptor, parts, files->end))
        return write_failed(files, why);
    result = ledger_segment_sync(files->descriptor, files->chain.directory, why);
    if (result == RESULT_OK)
        result = look(files, why);
    if (result != RESULT_OK) {
        files->broken = true;
        return result;
    }
    files->end += sizeof header + next.size;
    files->chain.links[0].last = next.sequence;
    *entry = files->tail = next;
    files->tail.payload = NULL;
    files->tail.size = 0;
    return RESULT_OK;
}

/* What a reader has given out must still be there after a take-over. */
static enum result check_given(struct journal_files *files, struct failure *why) {
    struct ledger_entry entry;
    if (files->given_sequence == 0)
        return RESULT_OK;
    enum result result = ledger_chain_read(&files->chain, files->given_sequence, &entry, why);
    if (result != RESULT_OK && result != RESULT_NOT_FOUND)
        return result;
    if (result == RESULT_OK && memcmp(entry.hash, files->given_hash, sizeof entry.hash) == 0)
        return RESULT_OK;
    files->turned = true;
    return fail(why, RESULT_CONFLICT, "JOURNAL_TURNED",
                "Entry %" PRIu64 " of partition %u was made void by a take-over: read the journal anew.",
                files->given_sequence, files->chain.place.partition);
}

/* A reader's view of the newest segments. */
static enum result refresh(struct journal_files *files, struct failure *why) {
    uint64_t newest;
    enum result result = epoch_files_newest(&newest, files->chain.directory, SEGMENT_PREFIX, why);
    if (result != RESULT_OK)
        return result;
    bool turned = newest != (files->chain.count ? files->chain.links[0].head.epoch : 0);
    if (turned) {
        ledger_segment_close(&files->newest);
        files->tail = (struct ledger_entry){0};
        result = ledger_chain_load(&files->chain, UINT64_MAX, why);
    }
    if (result == RESULT_OK && files->chain.count)
        result = ledger_chain_tail(&files->chain, &files->newest, &files->tail, why);
    return result == RESULT_OK && turned ? check_given(files, why) : result;
}

static void give(struct journal_files *files, const struct ledger_entry *entry) {
    if (entry->sequence <= files->given_sequence)
        return;
    files->given_sequence = entry->sequence;
    memcpy(files->given_hash, entry->hash, sizeof files->given_hash);
}

static enum result still_turned(const struct journal_files *files, struct failure *why) {
    return fail(why, RESULT_CONFLICT, "JOURNAL_TURNED",
                "Entries of partition %u were made void by a take-over: open the journal anew.",
                files->chain.place.partition);
}

static enum result files_read(struct ledger_journal *journal, uint64_t sequence, struct ledger_entry *entry,
                              struct failure *why) {
    struct journal_files *files = files_of(journal);
    if (files->turned)
        return still_turned(files, why);
    enum result result = ledger_chain_read(&files->chain, sequence, entry, why);
    if (result == RESULT_OK)
        give(files, entry);
    return result;
}

static enum result files_head(struct ledger_journal *journal, struct ledger_entry *entry,
                              struct failure *why) {
    struct journal_files *files = files_of(journal);
    if (files->turned)
        return still_turned(files, why);
    enum result result = files->descriptor < 0 ? refresh(files, why) : RESULT_OK;
    if (result != RESULT_OK)
        return result;
    *entry = files->tail;
    give(files, entry);
    return RESULT_OK;
}

static void files_close(struct ledger_journal **journal) {
    if (!*journal)
        return;
    struct journal_files *files = files_of(*journal);
    if (files->descriptor >= 0)
        close(files->descriptor);
    ledger_segment_close(&files->newest);
    ledger_chain_free(&files->chain);
    free(files);
    *journal = NULL;
}

const struct ledger_journal_operations ledger_journal_files_operations = {
    .append = files_append,
    .read = files_read,
    .head = files_head,
    .fenced = files_fenced,
    .close = files_close,
};
