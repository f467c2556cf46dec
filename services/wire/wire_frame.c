/* wire_frame.c - frames of events as devices send them (proto/event.proto: Frame). */
#include "wire_bytes.h"
#include "wire_event.h"

enum { FRAME_FIRST_SEQUENCE = 1, FRAME_EVENT = 2, FRAME_LANGUAGE = 3, FRAME_CHECK_ONLY = 4 };

/* Counts the events; false where an entry is no field of a Frame or over a limit. */
static bool count_events(const uint8_t *data, size_t size, uint32_t *count) {
    static const struct wire_rule rules[] = {
        {WIRE_UNUSED, 0, NULL},
        [FRAME_FIRST_SEQUENCE] = {WIRE_VARINT, UINT64_MAX, "first_sequence"},
        [FRAME_EVENT] = {WIRE_BYTES, EVENT_MAX_BYTES, "events"},
        [FRAME_LANGUAGE] = {WIRE_VARINT, LANGUAGE_ENGLISH, "language"},
        [FRAME_CHECK_ONLY] = {WIRE_VARINT, 1, "check_only"},
    };
    struct wire_reader reader = {data, wire_past(data, size)};
    struct wire_field field;
    bool seen[FRAME_CHECK_ONLY + 1] = {false};
    *count = 0;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field) || field.number > FRAME_CHECK_ONLY ||
            field.type != rules[field.number].type || field.value.number > rules[field.number].max)
            return false;
        if (seen[field.number] && field.number != FRAME_EVENT)
            return false; /* two readers could take different ones */
        seen[field.number] = true;
        *count += field.number == FRAME_EVENT;
    }
    return *count <= FRAME_MAX_EVENTS;
}

static void fill_frame(const uint8_t *data, size_t size, struct wire_frame *out, struct text_bytes *events) {
    struct wire_reader reader = {data, wire_past(data, size)};
    struct wire_field field;
    while (reader.at < reader.end && wire_read_field(&reader, &field)) {
        switch (field.number) {
        case FRAME_FIRST_SEQUENCE:
            out->first_sequence = field.value.number;
            break;
        case FRAME_EVENT:
            events[out->count++] = (struct text_bytes){field.value.data, field.value.number};
            break;
        case FRAME_LANGUAGE:
            out->language = (enum language)field.value.number;
            break;
        default:
            out->check_only = field.value.number;
        }
    }
    out->events = events;
}

/* Whether the events' sequences exist: the first is 1, the last at most UINT64_MAX. */
static bool sequences_exist(const struct wire_frame *frame) {
    return frame->count == 0 || frame->check_only ||
           (frame->first_sequence > 0 && frame->first_sequence <= UINT64_MAX - frame->count);
}

enum result wire_frame_decode(const uint8_t *data, size_t size, struct arena *arena, struct wire_frame *out) {
    uint32_t count;
    *out = (struct wire_frame){0};
    if (size > FRAME_MAX_BYTES || !count_events(data, size, &count))
        return RESULT_INVALID;
    struct text_bytes *events = arena_take(arena, count * sizeof *events);
    if (!events)
        return RESULT_INVALID;
    fill_frame(data, size, out, events);
    return sequences_exist(out) ? RESULT_OK : RESULT_INVALID;
}

size_t wire_frame_encode(const struct wire_frame *frame, uint8_t *out, size_t capacity) {
    struct wire_writer writer = wire_writer(out, capacity);
    wire_put_number(&writer, FRAME_FIRST_SEQUENCE, frame->first_sequence);
    for (uint32_t index = 0; index < frame->count; index++)
        wire_put_entry(&writer, FRAME_EVENT, frame->events[index].data, frame->events[index].size);
    wire_put_number(&writer, FRAME_LANGUAGE, frame->language);
    wire_put_number(&writer, FRAME_CHECK_ONLY, frame->check_only);
    return wire_written(&writer, out);
}
