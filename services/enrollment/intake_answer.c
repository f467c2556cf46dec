/* intake_answer.c - builds the ack of a frame, after the commit; repeated events get their first answer
 * again.
 *
 * The answer of an event stored long ago stands in the journal: its record says accepted or refused, and
 * carries the hash of the content it came with. An id that comes back with another content is refused and
 * alarmed.
 */
#include "intake_internal.h"

#include "wire/wire_record.h"

#include <stdlib.h>
#include <string.h>

#define SENTENCE_SIZE 256
/* What reading a batch and walking through it takes, in events. */
#define BATCH_COST          16u
#define BATCH_BYTES_A_EVENT 4096u

/* Ranges and outcomes of one ack, in the arena: at most one range per event. */
struct answer {
    struct wire_ack_range *ranges;
    uint32_t range_count;
    struct wire_outcome *outcomes;
    uint32_t outcome_count;
};

static const char *sentence_of(struct intake *intake, uint16_t code, enum language language,
                               const char *value) {
    if (code == 0)
        return "";
    char *sentence = arena_take(&intake->arena, SENTENCE_SIZE);
    if (!sentence)
        return "";
    refusal_sentence((enum refusal)code, language, value, sentence, SENTENCE_SIZE);
    return sentence;
}

static void add_outcome(struct intake *intake, struct answer *answer, enum language language,
                        uint64_t sequence, uint16_t refusal, uint16_t warning, const char *value) {
    uint16_t code = refusal ? refusal : warning;
    answer->outcomes[answer->outcome_count++] =
        (struct wire_outcome){.sequence = sequence,
                              .refusal = refusal,
                              .warning = warning,
                              .value = value,
                              .sentence = sentence_of(intake, code, language, value)};
    answer->ranges[answer->range_count - 1].outcome_count++;
}

/* Goes on with the last range where sequence and offset follow on, else opens another. */
static void add_event(struct answer *answer, uint64_t sequence, uint64_t offset) {
    if (answer->range_count > 0) {
        struct wire_ack_range *last = &answer->ranges[answer->range_count - 1];
        if (last->first_sequence + last->count == sequence && last->first_offset + last->count == offset) {
            last->count++;
            return;
        }
    }
    answer->ranges[answer->range_count++] = (struct wire_ack_range){
        .first_sequence = sequence,
        .count = 1,
        .first_offset = offset,
        .outcomes = answer->outcomes + answer->outcome_count,
    };
}

static const char *copy_text(struct intake *intake, struct text text) {
    char *copy = arena_take(&intake->arena, (size_t)text.size + 1);
    if (!copy)
        return "";
    if (text.size > 0)
        memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return copy;
}

static void repeat_event(struct intake *intake, const struct staged_frame *frame, const struct record *record,
                         struct answer *answer) {
    uint64_t hash = intake->hashes.at[frame->hash_index + (record->sequence - frame->first_sequence)];
    add_event(answer, record->sequence, record->offset);
    if (hash != record->content_hash) {
        intake->counts.ids_reused++;
        intake->refused_by[REFUSAL_ID_REUSED]++;
        add_outcome(intake, answer, frame->language, record->sequence, REFUSAL_ID_REUSED, 0, "");
        return;
    }
    intake->counts.repeated++;
    if (record->refusal || record->warning)
        add_outcome(intake, answer, frame->language, record->sequence, record->refusal, record->warning,
                    copy_text(intake, record->refused_value));
}

void intake_forget_stored(struct intake *intake) {
    intake->stored.header.count = 0;
    free(intake->stored_records);
    intake->stored_records = NULL;
}

static void keep_stored(struct intake *intake, const struct journal_batch *lent) {
    intake->stored_records = malloc(lent->size);
    if (!intake->stored_records)
        abort();
    memcpy(intake->stored_records, lent->records, lent->size);
    intake->stored = *lent;
    intake->stored.records = intake->stored_records;
}

/* The stored batch that holds `sequence`, and where in it to look: mostly where the last walk ended. */
static enum result find_stored(struct intake *intake, uint32_t device, uint64_t sequence, size_t *position,
                               struct failure *why) {
    const struct journal_operations *operations = intake->journal->operations;
    const struct device_note *note = intake_note(intake, device);
    struct journal_batch *stored = &intake->stored;
    bool goes_on = note->walk_sequence == sequence && stored->header.count > 0 &&
                   note->walk_batch == stored->header.first_offset && note->walk_position < stored->size;
    *position = goes_on ? note->walk_position : 0;
    if (goes_on)
        return RESULT_OK;
    uint64_t first_offset = 0;
    enum result result = operations->find(intake->journal, device, sequence, &first_offset, why);
    if (result == RESULT_NOT_FOUND)
        return fail(
            why, RESULT_CORRUPT, "JOURNAL_RUN_MISSING",
            "The journal has no sequence %llu of device %u, which was answered before: stop and run verify.",
            (unsigned long long)sequence, device);
    if (result != RESULT_OK || (stored->header.count > 0 && stored->header.first_offset == first_offset))
        return result;
    intake_forget_stored(intake);
    struct journal_batch lent; /* valid until the journal's next call only */
    result = operations->read(intake->journal, first_offset, &lent, why);
    if (result == RESULT_NOT_FOUND)
        return fail(why, RESULT_CORRUPT, "JOURNAL_RUN_WRONG",
                    "The journal's index says that sequence %llu of device %u is at offset %llu, which the "
                    "journal does not have: stop and run verify.",
                    (unsigned long long)sequence, device, (unsigned long long)first_offset);
    if (result != RESULT_OK)
        return result;
    keep_stored(intake, &lent);
    doors_charge(intake->doors, device, BATCH_COST + (uint32_t)(lent.size / BATCH_BYTES_A_EVENT));
    return result;
}

/* Answers what the batch at hand says of the frame's sequences from `*sequence` on, up to `end`. */
static enum result repeat_from_batch(struct intake *intake, const struct staged_frame *frame, size_t position,
                                     uint64_t *sequence, uint64_t end, struct answer *answer,
                                     struct failure *why) {
    const struct journal_batch *batch = &intake->stored;
    struct wire_record_entry entry;
    size_t begun_position = position;
    uint64_t begun_at = *sequence;
    while (*sequence < end && wire_record_next(batch->records, batch->size, &position, &entry) == RESULT_OK) {
        uint32_t device;
        uint64_t of_device;
        wire_record_source(&entry, &device, &of_device);
        if (device != frame->device || of_device != *sequence)
            continue;
        struct record record;
        if (wire_record_decode(entry.data, entry.size, &intake->arena, &record) != RESULT_OK)
            break;
        repeat_event(intake, frame, &record, answer);
        (*sequence)++;
    }
    struct device_note *note = intake_note(intake, frame->device);
    note->walk_batch = batch->header.first_offset;
    note->walk_sequence = *sequence;
    note->walk_position = position;
    doors_charge(intake->doors, frame->device, (uint32_t)((position - begun_position) / BATCH_BYTES_A_EVENT));
    if (*sequence == begun_at && begun_position == 0)
        return fail(
            why, RESULT_CORRUPT, "JOURNAL_RUN_WRONG",
            "The journal's batch at offset %llu does not hold sequence %llu of device %u as its index says: "
            "stop and run verify.",
            (unsigned long long)batch->header.first_offset, (unsigned long long)begun_at, frame->device);
    return RESULT_OK;
}

static enum result answer_repeated(struct intake *intake, const struct staged_frame *frame,
                                   struct answer *answer, struct failure *why) {
    uint64_t sequence = frame->first_sequence;
    uint64_t end = sequence + frame->repeated;
    while (sequence < end) {
        size_t position = 0;
        enum result result = find_stored(intake, frame->device, sequence, &position, why);
        if (result == RESULT_OK)
            result = repeat_from_batch(intake, frame, position, &sequence, end, answer, why);
        if (result != RESULT_OK)
            return result;
    }
    return RESULT_OK;
}

static void answer_fresh(struct intake *intake, const struct staged_frame *frame, struct answer *answer) {
    uint32_t count = frame->check_only ? frame->count : frame->fresh;
    if (count == 0)
        return;
    answer->ranges[answer->range_count++] = (struct wire_ack_range){
        .first_sequence = frame->first_sequence + (frame->check_only ? 0 : frame->repeated),
        .count = count,
        .first_offset = frame->check_only ? 0 : frame->fresh_offset,
        .outcomes = answer->outcomes + answer->outcome_count,
    };
    for (uint32_t i = 0; i < frame->outcome_count; i++) {
        const struct staged_outcome *outcome = &intake->outcomes.at[frame->outcome_index + i];
        add_outcome(intake, answer, frame->language, outcome->sequence, outcome->refusal, outcome->warning,
                    outcome->value);
    }
}

static void ensure_ack_room(struct intake *intake, size_t size) {
    if (size <= intake->ack_capacity)
        return;
    free(intake->ack);
    intake->ack_capacity = size * 2;
    intake->ack = malloc(intake->ack_capacity);
    if (!intake->ack)
        abort();
}

enum result intake_answer(struct intake *intake, const struct staged_frame *frame, size_t *size,
                          struct failure *why) {
    arena_reset(&intake->arena);
    uint32_t most = frame->count + 1;
    struct answer answer = {.ranges = arena_take(&intake->arena, most * sizeof *answer.ranges),
                            .outcomes = arena_take(&intake->arena, most * sizeof *answer.outcomes)};
    if (!answer.ranges || !answer.outcomes)
        abort(); /* the budget covers the largest frame many times */
    enum result result = answer_repeated(intake, frame, &answer, why);
    if (result != RESULT_OK)
        return result;
    if (frame->refusal == REFUSAL_NONE)
        answer_fresh(intake, frame, &answer);
    const struct device *device = registry_device(intake->registry, frame->device);
    struct wire_ack ack = {
        .expected_sequence = device ? device->next_sequence : 0,
        .first_sequence = frame->first_sequence,
        .count = frame->count,
        .retry_after_ms = frame->retry_after_ms,
        .refusal = (uint16_t)frame->refusal,
        .check_only = frame->check_only,
        .sentence = sentence_of(intake, (uint16_t)frame->refusal, frame->language, ""),
        .ranges = answer.ranges,
        .range_count = answer.range_count,
    };
    ensure_ack_room(intake, wire_ack_size(&ack, &intake->arena));
    *size = wire_ack_encode(&ack, &intake->arena, intake->ack, intake->ack_capacity);
    return RESULT_OK;
}
