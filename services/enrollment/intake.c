/* intake.c - stages frames: door, form, repeated or new, decide, apply; and commits the batch (intake.h). */
#include "intake_internal.h"

#include "wire/wire_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BUDGET (64u << 20)
/* An event of valid fields is far below; what is longer is kept up to here. */
#define REFUSED_EVENT_MAX 4096
/* What looking an old answer up in the journal takes off a device's allowance, in events. */
#define REPEATED_FRAME_COST 4
/* A frame of large events costs its bytes: a usual event is below this. */
#define BYTES_A_EVENT      256
#define REVOKED_BYTES_READ 65536
/* A day's due work takes part of a batch, so that events have room beside it. */
#define DUE_EVENTS_A_TURN (INTAKE_BATCH_EVENTS / 4)
/* A begun batch always has room for one frame more. A record repeats its event's texts, twice where it is
 * refused, and adds less than 1 KiB. */
#define RECORDS_CAPACITY (INTAKE_BATCH_BYTES + FRAME_MAX_BYTES + FRAME_MAX_EVENTS * 1024u)
#define RECORDS_AT_FIRST (256u << 10)

void *intake_pool_add(void **at, uint32_t *count, uint32_t *capacity, size_t size) {
    if (*count == *capacity) {
        *capacity = *capacity ? *capacity * 2 : 256;
        *at = realloc(*at, *capacity * size);
        if (!*at)
            abort();
    }
    void *element = (char *)*at + (size_t)(*count)++ * size;
    memset(element, 0, size);
    return element;
}

struct intake *intake_new(struct journal *journal, struct registry *registry,
                          const struct doors_config *doors) {
    struct intake *intake = calloc(1, sizeof *intake);
    if (!intake)
        abort();
    intake->journal = journal;
    intake->registry = registry;
    intake->doors = doors_new(doors);
    intake->batch_number = 1;
    arena_init(&intake->arena, ARENA_BUDGET);
    return intake;
}

void intake_destroy(struct intake **intake) {
    if (!intake || !*intake)
        return;
    struct intake *it = *intake;
    doors_destroy(&it->doors);
    arena_free(&it->arena);
    free(it->records);
    free(it->runs.at);
    free(it->refusals.at);
    free(it->devices.at);
    free(it->stored_records);
    free(it->frames.at);
    free(it->outcomes.at);
    free(it->hashes.at);
    free(it->ack);
    free(it);
    *intake = NULL;
}

bool intake_has_room(const struct intake *intake) {
    return intake->header.count < INTAKE_BATCH_EVENTS && intake->records_size < INTAKE_BATCH_BYTES &&
           intake->frames.count < INTAKE_FRAMES_MAX && intake->looked_at < INTAKE_BATCH_EVENTS;
}

bool intake_is_empty(const struct intake *intake) {
    return intake->header.count == 0 && intake->frames.count == 0;
}

static struct staged_frame *stage_frame(struct intake *intake, const struct intake_peer *peer,
                                        uint32_t device) {
    struct staged_frame *frame = POOL_ADD(intake->frames);
    frame->peer = *peer;
    frame->device = device;
    frame->outcome_index = intake->outcomes.count;
    frame->hash_index = intake->hashes.count;
    return frame;
}

static void stage_refusal(struct intake *intake, const struct intake_peer *peer, uint32_t device,
                          enum refusal refusal, uint32_t retry_after_ms) {
    struct staged_frame *frame = stage_frame(intake, peer, device);
    frame->refusal = refusal;
    frame->retry_after_ms = retry_after_ms;
}

struct device_note *intake_note(struct intake *intake, uint32_t device) {
    while (intake->devices.count <= device)
        POOL_ADD(intake->devices);
    return &intake->devices.at[device];
}

/* A device's sequences within one batch are consecutive, whatever lies between them: one run per device and
 * batch. */
static void note_run(struct intake *intake, uint32_t device, uint64_t sequence) {
    struct device_note *known = intake_note(intake, device);
    if (known->batch == intake->batch_number) {
        intake->runs.at[known->index].count++;
        return;
    }
    known->batch = intake->batch_number;
    known->index = intake->runs.count;
    struct journal_run *run = POOL_ADD(intake->runs);
    *run = (struct journal_run){.device = device, .first_sequence = sequence, .count = 1};
}

/* Few batches need the most that one may. */
static void make_room_for_record(struct intake *intake) {
    if (intake->records_capacity - intake->records_size >= RECORD_MAX_BYTES ||
        intake->records_capacity == RECORDS_CAPACITY)
        return;
    size_t wanted = intake->records_capacity ? 2 * intake->records_capacity : RECORDS_AT_FIRST;
    intake->records_capacity = wanted < RECORDS_CAPACITY ? wanted : RECORDS_CAPACITY;
    intake->records = realloc(intake->records, intake->records_capacity);
    if (!intake->records)
        abort();
}

enum result intake_record(struct intake *intake, struct record *record, const struct intake_time *time,
                          struct failure *why) {
    record->offset = registry_next_offset(intake->registry);
    if (intake->header.count == 0)
        intake->header = (struct batch_header){record->offset, 0, time->now_ms, time->today};
    make_room_for_record(intake);
    size_t size = wire_record_append(record, intake->records + intake->records_size,
                                     intake->records_capacity - intake->records_size);
    if (size == 0)
        return fail(why, RESULT_FULL, "RECORD_TOO_LARGE",
                    "Record %llu does not fit its batch: restart enrollment.",
                    (unsigned long long)record->offset);
    enum result result = registry_apply(intake->registry, record, why);
    if (result != RESULT_OK)
        return result;
    intake->records_size += size;
    intake->header.count++;
    return RESULT_OK;
}

static void count_refusal(struct intake *intake, enum refusal refusal, uint32_t events) {
    if (refusal < INTAKE_REFUSALS)
        intake->refused_by[refusal] += events;
}

static void note_outcome(struct intake *intake, struct staged_frame *frame, const struct record *record,
                         const char *value) {
    if (record->refusal == REFUSAL_NONE && record->warning == 0)
        return;
    struct staged_outcome *outcome = POOL_ADD(intake->outcomes);
    outcome->sequence = record->sequence;
    outcome->refusal = record->refusal;
    outcome->warning = record->warning;
    snprintf(outcome->value, sizeof outcome->value, "%s", value);
    frame->outcome_count++;
}

static void stage_fresh(struct intake *intake, struct staged_frame *frame, const struct device *device,
                        const struct event *event, const struct text_bytes *bytes,
                        const struct intake_time *time) {
    struct record record;
    char value[INTAKE_VALUE_SIZE] = "";
    registry_decide(intake->registry, device, event, time->today, time->now_ms, &record, value);
    if (record.refusal != REFUSAL_NONE) {
        size_t kept = bytes->size < REFUSED_EVENT_MAX ? bytes->size : REFUSED_EVENT_MAX;
        record.refused_event = (struct text){(const char *)bytes->data, (uint16_t)kept};
    }
    struct failure why;
    if (intake_record(intake, &record, time, &why) != RESULT_OK) {
        /* Decided against this very state a moment ago: a contradiction is a bug, and the journal is still
         * right. */
        fprintf(stderr, "%s: %s\n", why.code, why.sentence);
        abort();
    }
    if (frame->fresh++ == 0)
        frame->fresh_offset = record.offset;
    note_run(intake, record.device, record.sequence);
    note_outcome(intake, frame, &record, value);
    if (record.refusal == REFUSAL_NONE) {
        intake->counts.accepted++;
        return;
    }
    intake->counts.refused++;
    count_refusal(intake, record.refusal, 1);
    struct journal_refusal *refusal = POOL_ADD(intake->refusals);
    *refusal = (struct journal_refusal){record.offset, record.device, record.refusal, event->kelurahan};
}

static void check_event(struct intake *intake, struct staged_frame *frame, const struct device *device,
                        const struct event *event, const struct intake_time *time) {
    struct record record;
    char value[INTAKE_VALUE_SIZE] = "";
    registry_decide(intake->registry, device, event, time->today, time->now_ms, &record, value);
    record.sequence = event->sequence;
    note_outcome(intake, frame, &record, value);
}

/* Decided a group at a time: while its events are decoded, the processor fetches what the decisions will look
 * up. */
#define GROUP_EVENTS 16u

/* An event below the device's next sequence was stored before; the rest is new, in order. */
static void stage_event(struct intake *intake, struct staged_frame *frame, const struct wire_frame *wire,
                        const struct event *event, const struct text_bytes *bytes,
                        const struct intake_time *time) {
    const struct device *device = registry_device(intake->registry, frame->device);
    if (wire->check_only) {
        check_event(intake, frame, device, event, time);
    } else if (event->sequence < device->next_sequence) {
        uint64_t *hash = POOL_ADD(intake->hashes);
        *hash = event->content_hash;
        frame->repeated++;
    } else {
        stage_fresh(intake, frame, device, event, bytes, time);
    }
}

static void stage_events(struct intake *intake, struct staged_frame *frame, const struct wire_frame *wire,
                         const struct intake_time *time) {
    intake->looked_at += wire->count;
    for (uint32_t first = 0; first < wire->count; first += GROUP_EVENTS) {
        uint32_t count = wire->count - first < GROUP_EVENTS ? wire->count - first : GROUP_EVENTS;
        size_t mark = arena_mark(&intake->arena);
        struct event events[GROUP_EVENTS];
        for (uint32_t i = 0; i < count; i++) {
            const struct text_bytes *bytes = &wire->events[first + i];
            uint64_t sequence = wire->first_sequence + first + i;
            wire_event_decode(bytes->data, bytes->size, sequence, &intake->arena, &events[i]);
            registry_prefetch(intake->registry, events[i].identity);
        }
        for (uint32_t i = 0; i < count; i++)
            stage_event(intake, frame, wire, &events[i], &wire->events[first + i], time);
        arena_rewind(&intake->arena, mark);
    }
}

/* What speaks against the frame as a whole, before any of its events is looked at. */
static struct door_answer refuse_frame(struct intake *intake, const struct device *device,
                                       const struct wire_frame *wire, size_t size,
                                       const struct intake_time *time, bool busy) {
    if (busy && !wire->check_only)
        return (struct door_answer){REFUSAL_BUSY, 2000};
    bool repeated = !wire->check_only && wire->first_sequence < device->next_sequence;
    uint32_t cost = wire->count > size / BYTES_A_EVENT ? wire->count : (uint32_t)(size / BYTES_A_EVENT);
    cost += repeated ? REPEATED_FRAME_COST : 0;
    struct door_answer door = doors_knock(intake->doors, device, cost, time->monotonic_ms);
    if (door.refusal != REFUSAL_NONE)
        return door;
    bool gap = !wire->check_only && wire->count > 0 && wire->first_sequence > device->next_sequence;
    return (struct door_answer){gap ? REFUSAL_SEQUENCE_GAP : REFUSAL_NONE, 0};
}

void intake_malformed(struct intake *intake, const struct intake_peer *peer, uint32_t device,
                      const struct intake_time *time) {
    intake->counts.frames_malformed++;
    if (device == 0)
        return;
    doors_malformed(intake->doors, device, time->monotonic_ms);
    if (peer->size > 0)
        stage_refusal(intake, peer, device, REFUSAL_FRAME_MALFORMED, 0);
}

/* Its frame is read for the language alone, so that its person understands why; a large one is not. */
static void refuse_device(struct intake *intake, const struct intake_peer *peer, uint32_t device,
                          const uint8_t *data, size_t size) {
    struct wire_frame wire;
    arena_reset(&intake->arena);
    bool read =
        size <= REVOKED_BYTES_READ && wire_frame_decode(data, size, &intake->arena, &wire) == RESULT_OK;
    struct staged_frame *frame = stage_frame(intake, peer, device);
    frame->refusal = REFUSAL_DEVICE_REVOKED;
    frame->language = read ? wire.language : LANGUAGE_INDONESIAN;
}

void intake_frame(struct intake *intake, const struct intake_peer *peer, uint32_t device_id,
                  const uint8_t *data, size_t size, const struct intake_time *time, bool busy) {
    const struct device *device = registry_device(intake->registry, device_id);
    if (!device || device->revoked) {
        refuse_device(intake, peer, device_id, data, size);
        return;
    }
    struct door_answer door = doors_closed(intake->doors, device_id, time->monotonic_ms);
    if (door.refusal != REFUSAL_NONE) {
        stage_refusal(intake, peer, device_id, door.refusal, door.retry_after_ms);
        return;
    }
    arena_reset(&intake->arena);
    struct wire_frame wire;
    if (wire_frame_decode(data, size, &intake->arena, &wire) != RESULT_OK) {
        intake_malformed(intake, peer, device_id, time);
        return;
    }
    door = refuse_frame(intake, device, &wire, size, time, busy);
    struct staged_frame *frame = stage_frame(intake, peer, device_id);
    frame->language = wire.language;
    frame->check_only = wire.check_only;
    frame->first_sequence = wire.first_sequence;
    frame->count = wire.count;
    frame->refusal = door.refusal;
    frame->retry_after_ms = door.retry_after_ms;
    if (door.refusal == REFUSAL_BUSY)
        intake->counts.frames_busy++;
    if (door.refusal == REFUSAL_NONE)
        stage_events(intake, frame, &wire, time);
}

enum result intake_due(struct intake *intake, const struct intake_time *time, struct failure *why) {
    if (registry_day(intake->registry) < time->today) {
        struct record day = {
            .kind = CHANGE_DAY, .effective_day = time->today, .captured_at_ms = time->now_ms};
        enum result result = intake_record(intake, &day, time, why);
        if (result != RESULT_OK)
            return result;
    }
    if (intake->due_day != time->today) {
        intake->due_day = time->today;
        intake->due_cursor = 0;
        intake->due_done = false;
    }
    while (!intake->due_done && intake->header.count < DUE_EVENTS_A_TURN) {
        struct record record;
        enum result due = registry_due(intake->registry, time->today, &intake->due_cursor, &record);
        if (due == RESULT_AGAIN)
            return RESULT_AGAIN;
        if (due == RESULT_NOT_FOUND) {
            intake->due_done = true;
            break;
        }
        if (due != RESULT_OK)
            return due;
        due = intake_record(intake, &record, time, why);
        if (due != RESULT_OK)
            return due;
    }
    return intake->due_done ? RESULT_OK : RESULT_AGAIN;
}

static enum result commit_batch(struct intake *intake, intake_on_batch *on_batch, void *context,
                                struct failure *why) {
    if (intake->header.count == 0)
        return RESULT_OK;
    struct journal_batch batch = {
        .header = intake->header, .records = intake->records, .size = intake->records_size};
    enum result result =
        intake->journal->operations->append(intake->journal, &batch, intake->runs.at, intake->runs.count,
                                            intake->refusals.at, intake->refusals.count, why);
    if (result != RESULT_OK)
        return result;
    intake->counts.batches++;
    intake->batch_number++;
    intake->header.count = 0;
    intake->records_size = 0;
    intake->runs.count = 0;
    intake->refusals.count = 0;
    if (on_batch)
        on_batch(context, &batch);
    return RESULT_OK;
}

enum result intake_commit(struct intake *intake, intake_on_ack *on_ack, intake_on_batch *on_batch,
                          void *context, struct failure *why) {
    enum result result = commit_batch(intake, on_batch, context, why);
    for (uint32_t i = 0; result == RESULT_OK && i < intake->frames.count; i++) {
        size_t size = 0;
        const struct staged_frame *frame = &intake->frames.at[i];
        if (frame->refusal != REFUSAL_NONE)
            count_refusal(intake, frame->refusal, frame->count ? frame->count : 1);
        result = intake_answer(intake, frame, &size, why);
        if (result == RESULT_OK)
            on_ack(context, &frame->peer, intake->ack, size);
        if (result ==
            RESULT_CORRUPT) { /* old bytes rotted: no answer is guessed, and the others get theirs */
            intake->counts.unanswerable++;
            result = RESULT_OK;
        }
    }
    intake->frames.count = 0;
    intake->outcomes.count = 0;
    intake->hashes.count = 0;
    intake->looked_at = 0;
    intake_forget_stored(intake);
    return result;
}

void intake_count(const struct intake *intake, struct intake_counts *out) {
    *out = intake->counts;
}

const uint64_t *intake_refusals(const struct intake *intake) {
    return intake->refused_by;
}
