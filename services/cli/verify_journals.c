/* verify_journals.c - the partitions' journals against a replay (verify_journals.h). */
#include "verify_journals.h"

#include "cakupan/partition.h"
#include "view/format.h"
#include "instance.h"
#include "store/ledger_journal_files.h"

#include <stdlib.h>
#include <string.h>

/* Of one closed month over all partitions. */
struct month_read {
    struct replay_digest charges, roster, corrections;
    uint32_t partitions;
};

struct reading {
    month_t first_month;
    uint16_t month_count;
    struct month_read *months;
    struct replay_digest corrections; /* of this partition, so far */
    uint64_t entries;
};

static void on_charge(void *context, const struct charge *charge) {
    replay_digest_charge(context, charge);
}
static void on_entry(void *context, const struct roster_entry *entry) {
    replay_digest_entry(context, entry);
}

static void digest_join(struct replay_digest *into, const struct replay_digest *digest) {
    into->count += digest->count;
    into->sum += digest->sum;
}

static enum result close_take(struct reading *reading, const struct ledger_entry *entry,
                              struct failure *why) {
    struct partition_close close;
    unsigned index = (unsigned)(entry->month - reading->first_month);
    enum result result = partition_close_read(entry, &close, why);
    if (result != RESULT_OK || index >= reading->month_count) /* closed after the decisions were read */
        return result;
    struct month_read *month = &reading->months[index];
    result = charges_unpack(close.charges, close.charges_size, on_charge, &month->charges, why);
    if (result == RESULT_OK)
        result = roster_unpack(close.roster, close.roster_size, on_entry, &month->roster, why);
    digest_join(&month->corrections, &reading->corrections);
    month->partitions++;
    return result;
}

static enum result entry_take(struct reading *reading, const struct ledger_entry *entry,
                              struct failure *why) {
    struct partition_retariff retariff;
    reading->entries++;
    switch (entry->kind) {
    case LEDGER_ENTRY_RECORDS:
        return charges_unpack(entry->payload, entry->size, on_charge, &reading->corrections, why);
    case LEDGER_ENTRY_CLOSE:
        return close_take(reading, entry, why);
    case LEDGER_ENTRY_RETARIFF:
        if (partition_retariff_read(entry, &retariff, why) != RESULT_OK)
            return RESULT_CORRUPT;
        return charges_unpack(retariff.charges, retariff.charges_size, on_charge, &reading->corrections, why);
    default:
        return fail(why, RESULT_CORRUPT, "ENTRY_UNKNOWN", "An entry is of the unknown kind %u.", entry->kind);
    }
}

static enum result partition_read(struct reading *reading, const char *state,
                                  const struct billing_replay *replay, uint32_t partition,
                                  struct failure *why) {
    char directory[INSTANCE_PATH];
    struct ledger_journal *journal;
    struct ledger_entry entry;
    instance_path(directory, state, "billing/partition-%02u", partition);
    struct ledger_journal_place place = {.directory = directory,
                                         .partition = partition,
                                         .count = billing_replay_partitions(replay),
                                         .first_month = reading->first_month};
    reading->corrections = (struct replay_digest){0};
    enum result result = ledger_journal_files_read(&journal, &place, why);
    if (result != RESULT_OK)
        return result;
    for (uint64_t sequence = 1; result == RESULT_OK; sequence++) {
        result = journal->operations->read(journal, sequence, &entry, why);
        if (result == RESULT_OK)
            result = entry_take(reading, &entry, why);
    }
    journal->operations->close(&journal);
    return result == RESULT_NOT_FOUND ? RESULT_OK : result; /* past the last one */
}

/* What of a closed month differs; NULL: nothing. */
static const char *month_wrong(const struct month_read *read, const struct replayed_month *month,
                               uint32_t partitions) {
    if (read->partitions != partitions)
        return "is not closed in every partition";
    if (!replay_digest_equal(read->charges, month->charges))
        return "has charges that differ from the recount";
    if (!replay_digest_equal(read->roster, month->roster))
        return "has a roster that differs from the recount";
    if (!replay_digest_equal(read->corrections, month->corrections))
        return "follows corrections that differ from the recount";
    return NULL;
}

static void months_judge(const struct reading *reading, const struct billing_replay *replay,
                         struct verify_check *check) {
    uint32_t partitions = billing_replay_partitions(replay);
    uint64_t charges = 0;
    char entries[FORMAT_TEXT], count[FORMAT_THINGS], months[FORMAT_THINGS], text[CALENDAR_TEXT];
    for (unsigned i = 0; i < reading->month_count; i++) {
        struct replayed_month month;
        if (!billing_replay_month(replay, (month_t)(reading->first_month + i), &month))
            abort(); /* it was there when the months were counted */
        const char *wrong = month_wrong(&reading->months[i], &month, partitions);
        check->offset = month.offset;
        charges += month.charges.count;
        if (!wrong)
            continue;
        calendar_format_month(month.month, text);
        check->state = CHECK_DIFFERS;
        snprintf(check->remark, sizeof check->remark, "%s %s", text, wrong);
        return;
    }
    check->state = CHECK_AGREES;
    snprintf(check->remark, sizeof check->remark,
             "%u journals, %s entries, every hash as recomputed; %s of %s and their rosters as "
             "recounted",
             partitions, format_count(reading->entries, entries), format_things(charges, "charge", count),
             format_things(reading->month_count, "month", months));
}

static uint16_t months_closed(const struct billing_replay *replay, month_t first) {
    struct replayed_month month;
    uint16_t count = 0;
    while (billing_replay_month(replay, (month_t)(first + count), &month))
        count++;
    return count;
}

void verify_journals(const char *state, const struct billing_replay *replay, struct verify_check *check) {
    struct reading reading = {.first_month = ledger_first_month(billing_replay_ledger(replay))};
    struct failure why;
    reading.month_count = months_closed(replay, reading.first_month);
    reading.months = calloc(reading.month_count + 1u, sizeof *reading.months);
    if (!reading.months)
        abort();
    enum result result = RESULT_OK;
    uint32_t partition = 0;
    for (; partition < billing_replay_partitions(replay) && result == RESULT_OK; partition++)
        result = partition_read(&reading, state, replay, partition, &why);
    if (result == RESULT_OK) {
        months_judge(&reading, replay, check);
    } else { /* a take-over while it was read, or a partition nobody ever had, says nothing of the bytes */
        check->state = result == RESULT_CORRUPT ? CHECK_DIFFERS : CHECK_SKIPPED;
        snprintf(check->remark, sizeof check->remark, "partition %u: %s", partition - 1, why.sentence);
    }
    free(reading.months);
}
