/* wire_ack.c - the answer to a frame (proto/event.proto: Ack): once per frame, so protobuf-c is fast
 * enough. */
#include "wire_event.h"

#include "event.pb-c.h"

static bool fill_outcomes(const struct wire_ack_range *range, struct arena *arena, Cakupan__AckRange *out) {
    out->outcomes = arena_take(arena, range->outcome_count * sizeof *out->outcomes);
    Cakupan__EventOutcome *outcomes = arena_take(arena, range->outcome_count * sizeof *outcomes);
    if (!out->outcomes || !outcomes)
        return false;
    out->n_outcomes = range->outcome_count;
    for (uint32_t index = 0; index < range->outcome_count; index++) {
        const struct wire_outcome *from = &range->outcomes[index];
        Cakupan__EventOutcome *to = out->outcomes[index] = &outcomes[index];
        cakupan__event_outcome__init(to);
        to->sequence = from->sequence;
        to->refusal = from->refusal;
        to->warning = from->warning;
        if (from->sentence)
            to->sentence = (char *)from->sentence;
        if (from->value)
            to->value = (char *)from->value;
    }
    return true;
}

static bool fill_ack(const struct wire_ack *ack, struct arena *arena, Cakupan__Ack *out) {
    cakupan__ack__init(out);
    out->expected_sequence = ack->expected_sequence;
    out->first_sequence = ack->first_sequence;
    out->count = ack->count;
    out->retry_after_ms = ack->retry_after_ms;
    out->refusal = ack->refusal;
    out->check_only = ack->check_only;
    if (ack->sentence)
        out->sentence = (char *)ack->sentence;
    out->ranges = arena_take(arena, ack->range_count * sizeof *out->ranges);
    Cakupan__AckRange *ranges = arena_take(arena, ack->range_count * sizeof *ranges);
    if (!out->ranges || !ranges)
        return false;
    out->n_ranges = ack->range_count;
    for (uint32_t index = 0; index < ack->range_count; index++) {
        Cakupan__AckRange *to = out->ranges[index] = &ranges[index];
        cakupan__ack_range__init(to);
        to->first_sequence = ack->ranges[index].first_sequence;
        to->count = ack->ranges[index].count;
        to->first_offset = ack->ranges[index].first_offset;
        if (!fill_outcomes(&ack->ranges[index], arena, to))
            return false;
    }
    return true;
}

size_t wire_ack_size(const struct wire_ack *ack, struct arena *arena) {
    Cakupan__Ack message;
    size_t mark = arena_mark(arena);
    size_t size = fill_ack(ack, arena, &message) ? cakupan__ack__get_packed_size(&message) : 0;
    arena_rewind(arena, mark);
    return size;
}

size_t wire_ack_encode(const struct wire_ack *ack, struct arena *arena, uint8_t *out, size_t capacity) {
    Cakupan__Ack message;
    size_t size = 0;
    size_t mark = arena_mark(arena);
    if (fill_ack(ack, arena, &message) && cakupan__ack__get_packed_size(&message) <= capacity)
        size = cakupan__ack__pack(&message, out);
    arena_rewind(arena, mark);
    return size;
}

static bool take_outcome(const Cakupan__EventOutcome *from, const struct wire_ack_range *range,
                         uint64_t *least, struct wire_outcome *to) {
    if (from->sequence < *least || from->sequence - range->first_sequence >= range->count ||
        from->refusal > UINT16_MAX || from->warning > UINT16_MAX)
        return false;
    *least = from->sequence + 1;
    *to = (struct wire_outcome){from->sequence, (uint16_t)from->refusal, (uint16_t)from->warning,
                                from->sentence, from->value};
    return true;
}

static bool take_range(const Cakupan__AckRange *from, uint64_t *least, struct arena *arena,
                       struct wire_ack_range *to) {
    if (from->count == 0 || from->count > FRAME_MAX_EVENTS || from->first_sequence < *least ||
        from->first_sequence > UINT64_MAX - from->count || from->n_outcomes > from->count)
        return false;
    struct wire_outcome *outcomes = arena_take(arena, from->n_outcomes * sizeof *outcomes);
    if (!outcomes)
        return false;
    *to = (struct wire_ack_range){from->first_sequence, from->count, from->first_offset, outcomes,
                                  (uint32_t)from->n_outcomes};
    uint64_t least_outcome = from->first_sequence;
    for (size_t index = 0; index < from->n_outcomes; index++) {
        if (!take_outcome(from->outcomes[index], to, &least_outcome, &outcomes[index]))
            return false;
    }
    *least = from->first_sequence + from->count;
    return true;
}

enum result wire_ack_decode(const uint8_t *data, size_t size, struct arena *arena, struct wire_ack *out) {
    *out = (struct wire_ack){0};
    Cakupan__Ack *message = cakupan__ack__unpack(&arena->allocator, size, data);
    if (!message || message->refusal > UINT16_MAX || message->count > FRAME_MAX_EVENTS ||
        message->n_ranges > message->count)
        return RESULT_INVALID;
    struct wire_ack_range *ranges = arena_take(arena, message->n_ranges * sizeof *ranges);
    if (!ranges)
        return RESULT_INVALID;
    uint64_t least = 0;
    for (size_t index = 0; index < message->n_ranges; index++) {
        if (!take_range(message->ranges[index], &least, arena, &ranges[index]))
            return RESULT_INVALID;
    }
    *out = (struct wire_ack){
        .expected_sequence = message->expected_sequence,
        .first_sequence = message->first_sequence,
        .count = message->count,
        .retry_after_ms = message->retry_after_ms,
        .refusal = (uint16_t)message->refusal,
        .check_only = message->check_only,
        .sentence = message->sentence,
        .ranges = ranges,
        .range_count = (uint32_t)message->n_ranges,
    };
    return RESULT_OK;
}
