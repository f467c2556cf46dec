/* ledger_journal_chain.c - walks back through a partition's segments and reads entries of the valid ones
 * (ledger_journal_chain.h). */
#include "ledger_journal_chain.h"

#include "epoch_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum result ledger_chain_init(struct ledger_chain *chain, const struct ledger_journal_place *place,
                              struct failure *why) {
    *chain = (struct ledger_chain){.place = *place, .reading = {.descriptor = -1}};
    size_t size = strlen(place->directory);
    if (size >= sizeof chain->directory)
        return fail(why, RESULT_INVALID, "PATH_LONG", "The path of %.200s is too long: use a shorter one.",
                    place->directory);
    memcpy(chain->directory, place->directory, size + 1);
    chain->place.directory = chain->directory;
    return RESULT_OK;
}

static void forget(struct ledger_chain *chain) {
    ledger_segment_close(&chain->reading);
    free(chain->links);
    chain->links = NULL;
    chain->count = 0;
}

void ledger_chain_free(struct ledger_chain *chain) {
    forget(chain);
}

static enum result open_segment(const struct ledger_chain *chain, struct ledger_segment *segment,
                                uint64_t epoch, struct failure *why) {
    char path[EPOCH_PATH_BYTES];
    enum result result = epoch_path(path, chain->directory, SEGMENT_PREFIX, epoch, why);
    return result == RESULT_OK ? ledger_segment_open(segment, path, epoch, &chain->place, why) : result;
}

static void add_link(struct ledger_chain *chain, const struct ledger_segment_head *head, uint64_t last) {
    chain->links = realloc(chain->links, (chain->count + 1) * sizeof *chain->links);
    if (!chain->links) {
        fprintf(stderr, "No memory for the segments of a journal.\n");
        abort();
    }
    chain->links[chain->count++] = (struct chain_link){*head, last};
}

void ledger_chain_push(struct ledger_chain *chain, const struct ledger_segment_head *head) {
    add_link(chain, head, head->sequence);
    struct chain_link added = chain->links[chain->count - 1];
    memmove(chain->links + 1, chain->links, (chain->count - 1) * sizeof *chain->links);
    chain->links[0] = added;
}

/* The newest segment whose head is whole: one that was claimed and never begun counts for nothing. */
static enum result find_newest(struct ledger_chain *chain, const uint64_t *epochs, size_t count,
                               uint64_t below_epoch, struct failure *why) {
    for (size_t i = 0; i < count; i++) {
        struct ledger_segment segment;
        if (epochs[i] >= below_epoch)
            continue;
        enum result result = open_segment(chain, &segment, epochs[i], why);
        if (result == RESULT_NOT_FOUND)
            continue;
        if (result != RESULT_OK)
            return result;
        add_link(chain, &segment.head, segment.head.sequence);
        ledger_segment_close(&segment);
        return RESULT_OK;
    }
    return RESULT_OK;
}

static enum result missing(const struct ledger_segment_head *newer, struct failure *why) {
    return fail(why, RESULT_CORRUPT, "JOURNAL_CORRUPT",
                "The segment of epoch %" PRIu64 " goes on after entry %" PRIu64
                " of the segment of epoch %" PRIu64 ", which is not there: restore it from a copy.",
                newer->epoch, newer->sequence, newer->older_epoch);
}

static enum result walk_back(struct ledger_chain *chain, struct failure *why) {
    while (chain->count > 0) {
        struct ledger_segment_head newer = chain->links[chain->count - 1].head;
        struct ledger_segment segment;
        if (newer.older_epoch == 0)
            break;
        enum result result = open_segment(chain, &segment, newer.older_epoch, why);
        if (result == RESULT_NOT_FOUND)
            return missing(&newer, why);
        if (result != RESULT_OK)
            return result;
        bool holds = segment.head.sequence < newer.sequence;
        add_link(chain, &segment.head, newer.sequence);
        ledger_segment_close(&segment);
        if (!holds)
            return missing(&newer, why);
    }
    return RESULT_OK;
}

enum result ledger_chain_load(struct ledger_chain *chain, uint64_t below_epoch, struct failure *why) {
    uint64_t *epochs;
    size_t count;
    forget(chain);
    enum result result = epoch_files_list(&epochs, &count, chain->directory, SEGMENT_PREFIX, why);
    if (result == RESULT_OK)
        result = find_newest(chain, epochs, count, below_epoch, why);
    free(epochs);
    return result == RESULT_OK ? walk_back(chain, why) : result;
}

uint64_t ledger_chain_last(const struct ledger_chain *chain) {
    return chain->count ? chain->links[0].last : 0;
}

enum result ledger_chain_tail(struct ledger_chain *chain, struct ledger_segment *segment,
                              struct ledger_entry *tail, struct failure *why) {
    struct chain_link *newest = &chain->links[0];
    struct ledger_entry entry;
    enum result result = RESULT_OK;
    bool moved = false;
    if (segment->descriptor < 0)
        result = open_segment(chain, segment, newest->head.epoch, why);
    while (result == RESULT_OK && (result = ledger_segment_next(segment, &entry, why)) == RESULT_OK) {
        *tail = entry;
        newest->last = entry.sequence;
        moved = true;
    }
    if (result != RESULT_NOT_FOUND)
        return result;
    result = RESULT_OK;
    if (!moved && tail->sequence != newest->last) { /* it stands in an older segment, or nowhere */
        *tail = (struct ledger_entry){0};
        if (newest->last > 0)
            result = ledger_chain_read(chain, newest->last, tail, why);
    }
    tail->payload = NULL;
    tail->size = 0;
    return result;
}

/* The link that holds the entry. */
static struct chain_link *link_of(const struct ledger_chain *chain, uint64_t sequence) {
    size_t low = 0, high = chain->count - 1; /* links are newest first */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (chain->links[middle].head.sequence < sequence)
            high = middle;
        else
            low = middle + 1;
    }
    return &chain->links[low];
}

static enum result seek(struct ledger_chain *chain, const struct chain_link *link, uint64_t sequence,
                        struct failure *why) {
    struct ledger_segment *reading = &chain->reading;
    enum result result = RESULT_OK;
    if (reading->descriptor >= 0 && reading->head.epoch != link->head.epoch)
        ledger_segment_close(reading);
    if (reading->descriptor < 0)
        result = open_segment(chain, reading, link->head.epoch, why);
    else if (reading->sequence >= sequence)
        ledger_segment_rewind(reading);
    while (result == RESULT_OK && reading->sequence + 1 < sequence)
        result = ledger_segment_skip(reading, why);
    return result;
}

enum result ledger_chain_read(struct ledger_chain *chain, uint64_t sequence, struct ledger_entry *entry,
                              struct failure *why) {
    if (sequence == 0 || sequence > ledger_chain_last(chain))
        return fail(why, RESULT_NOT_FOUND, "ENTRY_NONE",
                    "There is no entry %" PRIu64 ": the last one is %" PRIu64 ".", sequence,
                    ledger_chain_last(chain));
    const struct chain_link *link = link_of(chain, sequence);
    enum result result = seek(chain, link, sequence, why);
    if (result == RESULT_OK)
        result = ledger_segment_next(&chain->reading, entry, why);
    bool next_begins = link > chain->links && link[-1].head.sequence == sequence;
    bool differs = result == RESULT_OK && next_begins &&
                   memcmp(entry->hash, link[-1].head.hash, sizeof entry->hash) != 0;
    if (result == RESULT_NOT_FOUND || differs)
        return fail(why, RESULT_CORRUPT, "JOURNAL_CORRUPT",
                    "Entry %" PRIu64 " of partition %u, in the segment of epoch %" PRIu64
                    ", fails its check or is not there: restore the segment from a copy.",
                    sequence, chain->place.partition, link->head.epoch);
    return result;
}
