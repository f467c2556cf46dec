/* wire_totals.h - requests for live totals and their replies (proto/totals.proto): protobuf <-> domain.
 *
 * Also the packed values in Redis: each is a serialized TotalsReply. The request's decoder reads foreign
 * bytes and checks every limit; unknown fields are refused. What decoders hand out borrows from the arena.
 */
#ifndef WIRE_TOTALS_H
#define WIRE_TOTALS_H

#include "arena.h"
#include "cakupan/totals.h"

#define TOTALS_VERSION           1u
#define TOTALS_REQUEST_MAX_BYTES 128u
#define TOTALS_REPLY_MAX_BYTES   (1u << 20)
#define TOTALS_HISTORY_MAX_DAYS  366u /* a longer history is asked for in parts */

struct wire_totals_request {
    uint32_t region; /* 0: everything */
    bool watch;
    uint64_t since_offset;
    bool history;
    day_t from_day, to_day; /* of the history; DAY_NONE: the first, the last */
};

struct wire_history_day {
    day_t day;
    uint64_t offset;
    const struct totals_region *lines;
    uint32_t line_count;
};

struct wire_totals_reply {
    uint16_t refusal; /* enum refusal */
    const char *code, *sentence;
    uint64_t offset;
    int64_t as_of_ms;
    day_t day;
    uint64_t since_offset;
    uint32_t population_as_of; /* YYYYMMDD */
    const char *population_source;
    enum uhc uhc;
    const struct totals_region *const *lines;
    uint32_t line_count;
    const struct wire_history_day *history;
    uint32_t history_count;
    const struct billing_heard *billing; /* NULL, or not known: never heard */
    const struct totals_grace *grace;
    uint32_t grace_count; /* at most TOTALS_GRACE_MONTHS; an unused entry ends it, too */
};

/* Returns the size; 0 where it does not fit. */
size_t wire_totals_request_encode(const struct wire_totals_request *request, uint8_t *out, size_t capacity);
/* RESULT_INVALID where it is none, of another version, or over a limit; `why` has the sentence. */
MUST_USE enum result wire_totals_request_decode(const uint8_t *data, size_t size,
                                                struct wire_totals_request *out, struct failure *why);
/* Returns the size; 0 where it does not fit. NULL texts are empty ones. */
size_t wire_totals_reply_encode(const struct wire_totals_reply *reply, uint8_t *out, size_t capacity);
/* RESULT_INVALID where it is none or over a limit (lines, days, the arena's budget). Segments, statuses and
 * flows that this version does not know are left out. */
MUST_USE enum result wire_totals_reply_decode(const uint8_t *data, size_t size, struct arena *arena,
                                              struct wire_totals_reply *out);

#endif
