/* ledger_journal_files_open.c - takes a partition's journal over, or opens it to be read
 * (ledger_journal_files.h). */
#include "ledger_journal_files_state.h"

#include "epoch_files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct journal_files *files_new(void) {
    struct journal_files *files = calloc(1, sizeof *files);
    if (!files) {
        fprintf(stderr, "No memory for a journal.\n");
        abort();
    }
    files->journal.operations = &ledger_journal_files_operations;
    files->descriptor = files->newest.descriptor = files->chain.reading.descriptor = -1;
    return files;
}

static enum result fail_io(struct failure *why, const char *doing, const char *path) {
    bool full = ledger_segment_is_full(errno);
    return fail(why, full ? RESULT_FULL : RESULT_IO, full ? "DISK_FULL" : "JOURNAL_IO", "Can't %s %s: %s.",
                doing, path, strerror(errno));
}

static enum result sync_directory(const char *path, struct failure *why) {
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return fail_io(why, "open the directory", path);
    enum result result = fsync(descriptor) == 0 ? RESULT_OK : fail_io(why, "sync the directory", path);
    close(descriptor);
    return result;
}

/* Also its name in the directory above is durable. */
static enum result make_directory(const char *path, struct failure *why) {
    char above[EPOCH_PATH_BYTES];
    if (mkdir(path, 0700) != 0)
        return errno == EEXIST ? RESULT_OK : fail_io(why, "make the directory", path);
    int length = snprintf(above, sizeof above, "%s/..", path);
    return length > 0 && (size_t)length < sizeof above ? sync_directory(above, why) : RESULT_OK;
}

static enum result check_newest(const struct journal_files *files, uint64_t at_most, struct failure *why) {
    uint64_t newest;
    enum result result = epoch_files_newest(&newest, files->chain.directory, SEGMENT_PREFIX, why);
    if (result != RESULT_OK || newest <= at_most)
        return result;
    return fail(why, RESULT_CONFLICT, "FENCED",
                "Partition %u has a segment of epoch %" PRIu64 " already: epoch %" PRIu64 " comes too late.",
                files->chain.place.partition, newest, files->epoch);
}

/* Makes the file, and with it the fence. Whoever of two comes later with the lower epoch sees the other. */
static enum result claim(struct journal_files *files, const char *path, struct failure *why) {
    enum result result = check_newest(files, files->epoch - 1, why);
    if (result != RESULT_OK)
        return result;
    files->descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (files->descriptor < 0 && errno == EEXIST)
        return fail(why, RESULT_CONFLICT, "FENCED", "%s exists: an epoch is given to one owner.", path);
    if (files->descriptor < 0)
        return fail_io(why, "make", path);
    result = sync_directory(files->chain.directory, why);
    return result == RESULT_OK ? check_newest(files, files->epoch, why) : result;
}

/* An older owner may not have come to the end of its sync, or was told that it failed: what we go on from is
 * durable first. It is written again, the same bytes at the same place: a sync alone would pass over pages
 * that a failed write has left as clean. The entries before it were synced before it was written. */
static enum result sync_tail(struct ledger_chain *chain, struct failure *why) {
    char path[EPOCH_PATH_BYTES];
    uint8_t header[SEGMENT_ENTRY_BYTES];
    struct ledger_entry tail;
    enum result result = epoch_path(path, chain->directory, SEGMENT_PREFIX, chain->links[0].head.epoch, why);
    if (result == RESULT_OK)
        result = ledger_chain_read(chain, ledger_chain_last(chain), &tail, why);
    if (result != RESULT_OK)
        return result;
    ledger_segment_entry(&tail, header);
    struct iovec parts[2] = {{header, sizeof header}, {(void *)tail.payload, tail.size}};
    uint64_t at = chain->reading.at - sizeof header - tail.size;
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0 || !ledger_segment_write(descriptor, parts, at))
        result = fail_io(why, "write the last entry again in", path);
    else
        result = ledger_segment_sync(descriptor, path, why);
    if (descriptor >= 0)
        close(descriptor);
    return result;
}

/* Finds the last valid entry; a newest segment without entries is left out of the chain. */
static enum result find_tail(struct journal_files *files, struct failure *why) {
    struct ledger_chain *chain = &files->chain;
    struct ledger_segment segment = {.descriptor = -1};
    enum result result = ledger_chain_load(chain, files->epoch, why);
    if (result == RESULT_OK && chain->count)
        result = ledger_chain_tail(chain, &segment, &files->tail, why);
    ledger_segment_close(&segment);
    if (result != RESULT_OK || chain->count == 0)
        return result;
    struct chain_link *newest = &chain->links[0];
    if (newest->last == newest->head.sequence)
        memmove(newest, newest + 1, --chain->count * sizeof *newest);
    return chain->count ? sync_tail(chain, why) : RESULT_OK;
}

/* Its own segment becomes the newest link. */
static enum result begin(struct journal_files *files, struct failure *why) {
    struct ledger_chain *chain = &files->chain;
    struct ledger_segment_head head = {.epoch = files->epoch, .sequence = files->tail.sequence};
    head.older_epoch = chain->count ? chain->links[0].head.epoch : 0;
    memcpy(head.hash, files->tail.hash, sizeof head.hash);
    enum result result = ledger_segment_begin(files->descriptor, &chain->place, &head, why);
    if (result != RESULT_OK)
        return result;
    ledger_chain_push(chain, &head);
    files->end = SEGMENT_HEAD_BYTES;
    return RESULT_OK;
}

static bool is_linked(const struct ledger_chain *chain, uint64_t epoch) {
    for (size_t i = 0; i < chain->count; i++)
        if (chain->links[i].head.epoch == epoch)
            return true;
    return false;
}

/* Older segments that never held an entry say nothing any more; so a directory has a file for each lease
 * under which something was written, and not for each lease. That one stays behind does no harm. */
static void tidy(const struct journal_files *files) {
    uint64_t *epochs;
    size_t count;
    if (epoch_files_list(&epochs, &count, files->chain.directory, SEGMENT_PREFIX, NULL) != RESULT_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        char path[EPOCH_PATH_BYTES];
        struct stat status;
        if (epochs[i] < files->epoch && !is_linked(&files->chain, epochs[i]) &&
            epoch_path(path, files->chain.directory, SEGMENT_PREFIX, epochs[i], NULL) == RESULT_OK &&
            stat(path, &status) == 0 && status.st_size <= (off_t)SEGMENT_HEAD_BYTES)
            unlink(path);
    }
    free(epochs);
}

enum result ledger_journal_files_open(struct ledger_journal **out, const struct ledger_journal_place *place,
                                      uint64_t epoch, struct failure *why) {
    char path[EPOCH_PATH_BYTES];
    struct journal_files *files = files_new();
    files->epoch = epoch;
    enum result result = ledger_chain_init(&files->chain, place, why);
    if (result == RESULT_OK)
        result = epoch_path(path, place->directory, SEGMENT_PREFIX, epoch, why);
    if (result == RESULT_OK)
        result = make_directory(place->directory, why);
    if (result == RESULT_OK)
        result = claim(files, path, why);
    if (result == RESULT_OK)
        result = find_tail(files, why);
    if (result == RESULT_OK)
        result = begin(files, why);
    if (result == RESULT_OK) {
        tidy(files);
        *out = &files->journal;
        return RESULT_OK;
    }
    if (files->descriptor >= 0) /* the same epoch may be tried again */
        unlink(path);
    struct ledger_journal *journal = &files->journal;
    journal->operations->close(&journal);
    return result;
}

enum result ledger_journal_files_read(struct ledger_journal **out, const struct ledger_journal_place *place,
                                      struct failure *why) {
    struct ledger_entry tail;
    struct journal_files *files = files_new();
    struct ledger_journal *journal = &files->journal;
    enum result result = ledger_chain_init(&files->chain, place, why);
    if (result == RESULT_OK)
        result = journal->operations->head(journal, &tail, why);
    if (result == RESULT_OK && files->chain.count == 0)
        result = fail(why, RESULT_NOT_FOUND, "JOURNAL_NONE", "Partition %u has no journal in %s.",
                      place->partition, place->directory);
    if (result == RESULT_OK)
        *out = journal;
    else
        journal->operations->close(&journal);
    return result;
}
