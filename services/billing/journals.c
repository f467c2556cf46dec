/* journals.c - compares the ends of the partitions' journals with the books (journals.h). */
#include "journals.h"

#include "paths.h"
#include "store/epoch_files.h"
#include "store/ledger_journal_files.h"
#include "store/ledger_segment.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What the books say of a partition's journal. */
struct promise {
    month_t month;     /* the last closed one; MONTH_NONE: none is */
    uint64_t sequence; /* of its close; 0: none is closed */
    uint8_t hash[JOURNAL_HASH_SIZE];
    uint32_t retariffs;             /* entries that follow it at least */
    struct partition_order pending; /* what may follow besides; act 0: nothing */
};

static enum result lost_books(const char *state, uint32_t partition, const char *what, struct failure *why) {
    return fail(why, RESULT_CORRUPT, "BOOKS_LOST",
                "%.120s/billing/books.db lost its end, or is another one: %s of partition %" PRIu32
                " is not in it. Bring the files of %.60s/billing back from a copy.",
                state, what, partition, state);
}

static enum result lost_end(const char *directory, uint32_t partition, const struct promise *promise,
                            struct failure *why) {
    char what[CALENDAR_TEXT + 32] = "a change of the tariff", month[CALENDAR_TEXT];
    calendar_format_month(promise->month, month);
    if (promise->retariffs == 0)
        snprintf(what, sizeof what, "the close of %s", month);
    return fail(why, RESULT_CORRUPT, "JOURNAL_LOST_END",
                "The journal in %.110s lost its end: %s is not in it. Bring the directory back from a copy, "
                "or count it anew: cakupan up --rebuild-partition %" PRIu32 ".",
                directory, what, partition);
}

/* A state that has not begun has no journals. */
static enum result check_none(const char *state, struct failure *why) {
    for (uint32_t partition = 0; partition < LEDGER_PARTITIONS_MAX; partition++) {
        char directory[BILLING_PATH];
        uint64_t newest;
        billing_partition_path(directory, state, partition);
        enum result result = epoch_files_newest(&newest, directory, SEGMENT_PREFIX, why);
        if (result == RESULT_OK && newest > 0)
            return lost_books(state, partition, "the journal", why);
        if (result != RESULT_OK && result != RESULT_NOT_FOUND)
            return result;
    }
    return RESULT_OK;
}

/* The close that was promised is the very entry. RESULT_NOT_FOUND where it is not. */
static enum result find_close(struct ledger_journal *journal, const struct promise *promise,
                              struct failure *why) {
    struct ledger_entry entry;
    if (promise->sequence == 0)
        return RESULT_OK;
    enum result result = journal->operations->read(journal, promise->sequence, &entry, why);
    if (result != RESULT_OK)
        return result;
    return memcmp(entry.hash, promise->hash, sizeof entry.hash) == 0 ? RESULT_OK : RESULT_NOT_FOUND;
}

/* What follows it: as many changes of tariff as are done, and no close but the one that is on its way. */
static enum result walk_rest(struct ledger_journal *journal, const struct promise *promise, bool *foreign,
                             struct failure *why) {
    struct ledger_entry entry;
    uint32_t retariffs = 0;
    enum result result = RESULT_OK;
    for (uint64_t sequence = promise->sequence + 1; !*foreign; sequence++) {
        result = journal->operations->read(journal, sequence, &entry, why);
        if (result != RESULT_OK)
            break;
        retariffs += entry.kind == LEDGER_ENTRY_RETARIFF;
        *foreign = entry.kind == LEDGER_ENTRY_CLOSE &&
                   (promise->pending.act != PARTITION_CLOSE || promise->pending.month != entry.month ||
                    promise->pending.offset != entry.offset);
        *foreign |= retariffs > promise->retariffs + (promise->pending.act == PARTITION_RETARIFF);
    }
    if (result != RESULT_NOT_FOUND)
        return result;
    return retariffs >= promise->retariffs ? RESULT_OK : RESULT_NOT_FOUND;
}

static enum result promise_of(struct books *books, uint32_t partition, struct promise *out,
                              struct failure *why) {
    const struct finance *finance = books_finance(books);
    struct finance_month closed;
    *out = (struct promise){.month = MONTH_NONE, .retariffs = books_retariffs(books)};
    (void)books_unfinished(books, &out->pending);
    month_t last = (month_t)(finance_open_month(finance) - 1);
    if (!finance_month(finance, last, DAY_NONE, &closed))
        return RESULT_OK;
    out->month = last;
    return books_close_entry(books, last, partition, &out->sequence, out->hash, why);
}

/* Entries before the last close: the chain has no gap. */
static enum result walk_before(struct ledger_journal *journal, const struct promise *promise,
                               struct failure *why) {
    struct ledger_entry entry;
    enum result result = RESULT_OK;
    for (uint64_t sequence = 1; result == RESULT_OK && sequence < promise->sequence; sequence++)
        result = journal->operations->read(journal, sequence, &entry, why);
    return result;
}

static enum result examine(const struct ledger_journal_place *place, const struct promise *promise,
                           bool whole, bool *foreign, struct failure *why) {
    struct ledger_journal *journal;
    enum result result = ledger_journal_files_read(&journal, place, why);
    *foreign = false;
    if (result != RESULT_OK)
        return result;
    if (whole)
        result = walk_before(journal, promise, why);
    if (result == RESULT_OK)
        result = find_close(journal, promise, why);
    if (result == RESULT_OK)
        result = walk_rest(journal, promise, foreign, why);
    journal->operations->close(&journal);
    return result;
}

static enum result check_partition(struct books *books, const struct books_begun *begun, const char *state,
                                   uint32_t partition, bool whole, struct failure *why) {
    char directory[BILLING_PATH];
    struct promise promise;
    struct failure reason = {0};
    bool foreign;
    billing_partition_path(directory, state, partition);
    struct ledger_journal_place place = {directory, partition, begun->partitions, begun->first_month};
    enum result result = promise_of(books, partition, &promise, why);
    if (result != RESULT_OK)
        return result;
    result = examine(&place, &promise, whole, &foreign, &reason);
    if (foreign)
        return lost_books(state, partition, "a close or a change of the tariff", why);
    if (result == RESULT_NOT_FOUND)
        return promise.sequence > 0 || promise.retariffs > 0 ? lost_end(directory, partition, &promise, why)
                                                             : RESULT_OK;
    if (result == RESULT_CORRUPT || result == RESULT_CONFLICT)
        return fail(why, RESULT_CORRUPT, "JOURNAL_DAMAGED",
                    "Partition %" PRIu32 ": %.180s Or count it anew: cakupan up --rebuild-partition %" PRIu32
                    ".",
                    partition, reason.sentence, partition);
    if (result != RESULT_OK)
        *why = reason;
    return result;
}

enum result journals_check(struct books *books, const char *state, struct failure *why) {
    struct books_begun begun;
    if (!books_begun(books, &begun))
        return check_none(state, why);
    enum result result = RESULT_OK;
    for (uint32_t partition = 0; partition < begun.partitions && result == RESULT_OK; partition++)
        result = check_partition(books, &begun, state, partition, false, why);
    return result;
}

enum result journals_check_whole(struct books *books, const char *state, uint32_t partition,
                                 struct failure *why) {
    struct books_begun begun;
    if (!books_begun(books, &begun))
        return check_none(state, why);
    return check_partition(books, &begun, state, partition, true, why);
}
