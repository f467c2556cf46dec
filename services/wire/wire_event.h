/* wire_event.h - frames of events and their acks: protobuf <-> domain. Every limit of proto/event.proto is
 * checked here.
 *
 * Decoders read foreign bytes: they never crash, never allocate more than the arena's budget, and end in a
 * refusal.
 */
#ifndef WIRE_EVENT_H
#define WIRE_EVENT_H

#include "arena.h"
#include "cakupan/event.h"
#include "cakupan/result.h"

#define FRAME_MAX_BYTES  (1u << 20)
#define FRAME_MAX_EVENTS 4096u
#define EVENT_MAX_BYTES  65535u /* what a refused event's record can hold; a good event stays under 1 KiB */

struct wire_frame {
    uint64_t first_sequence;
    enum language language;
    bool check_only;
    uint32_t count;
    const struct text_bytes *events; /* `count` serialized events, borrowed from the arena */
};
struct text_bytes {
    const uint8_t *data;
    size_t size;
};

/* RESULT_INVALID where it is no Frame or over a limit. The result borrows from `arena` and `data`. */
MUST_USE enum result wire_frame_decode(const uint8_t *data, size_t size, struct arena *arena,
                                       struct wire_frame *out);
/* Always fills `out`; what is wrong with the form is in out->malformed (+ malformed_field). `sequence`
 * becomes out->sequence; out->content_hash is XXH3-64 of the bytes. Texts borrow from `arena`. */
void wire_event_decode(const uint8_t *data, size_t size, uint64_t sequence, struct arena *arena,
                       struct event *out);

/* Appends the serialized event to `out` (at most `capacity` bytes); returns its size, 0 where it does not
 * fit. */
size_t wire_event_encode(const struct event *event, uint8_t *out, size_t capacity);
/* Serializes a frame; `events` are serialized events. Returns the size, 0 where it does not fit. */
size_t wire_frame_encode(const struct wire_frame *frame, uint8_t *out, size_t capacity);

struct wire_outcome {
    uint64_t sequence;
    uint16_t refusal, warning;
    const char *sentence; /* NUL-terminated, borrowed */
    const char *value;
};
struct wire_ack_range {
    uint64_t first_sequence;
    uint32_t count;
    uint64_t first_offset;
    const struct wire_outcome *outcomes; /* ascending by sequence */
    uint32_t outcome_count;
};
struct wire_ack {
    uint64_t expected_sequence, first_sequence;
    uint32_t count, retry_after_ms;
    uint16_t refusal;
    bool check_only;
    const char *sentence;
    const struct wire_ack_range *ranges;
    uint32_t range_count;
};
size_t wire_ack_size(const struct wire_ack *ack, struct arena *arena);
/* Writes exactly wire_ack_size bytes. Scratch memory comes from `arena`. */
size_t wire_ack_encode(const struct wire_ack *ack, struct arena *arena, uint8_t *out, size_t capacity);
MUST_USE enum result wire_ack_decode(const uint8_t *data, size_t size, struct arena *arena,
                                     struct wire_ack *out);

#endif
