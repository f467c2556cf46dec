/* wire_totals.c - requests and replies of proto/totals.proto as bytes (see wire_totals.h). */
#include "wire_totals.h"
#include "wire_billing.h"
#include "wire_bytes.h"

#include <assert.h>

#define LINE_MAX_BYTES            1024u /* 43 numbers of at most 5 bytes, a name, tags */
#define BILLING_SUMMARY_MAX_BYTES 1024u /* 14 sums of at most 38 bytes, 15 numbers of at most 12 */

size_t wire_totals_request_encode(const struct wire_totals_request *request, uint8_t *out, size_t capacity) {
    struct wire_writer writer = wire_writer(out, capacity);
    wire_put_number(&writer, 1, TOTALS_VERSION);
    wire_put_number(&writer, 2, request->region);
    wire_put_number(&writer, 3, request->watch);
    wire_put_number(&writer, 4, request->since_offset);
    if (request->history) {
        uint8_t days[16];
        struct wire_writer inner = wire_writer(days, sizeof days);
        wire_put_number(&inner, 1, calendar_to_number(request->from_day));
        wire_put_number(&inner, 2, calendar_to_number(request->to_day));
        wire_put_entry(&writer, 5, days, wire_written(&inner, days));
    }
    return wire_written(&writer, out);
}

static enum result malformed(struct failure *why) {
    return fail(why, RESULT_INVALID, "FRAME_MALFORMED",
                "The request is no TotalsRequest of this version: see proto/totals.proto.");
}

static enum result decode_date(uint64_t number, day_t *out, struct failure *why) {
    *out = calendar_from_number((uint32_t)number);
    if (number == 0 || *out != DAY_NONE)
        return RESULT_OK;
    return fail(why, RESULT_INVALID, "DATE_INVALID", "%u is no date YYYYMMDD.", (unsigned)number);
}

static enum result decode_history(struct wire_value value, struct wire_totals_request *out,
                                  struct failure *why) {
    static const struct wire_rule RULES[] = {
        {WIRE_UNUSED, 0, NULL}, {WIRE_VARINT, UINT32_MAX, "from_date"}, {WIRE_VARINT, UINT32_MAX, "to_date"}};
    struct wire_value days[3] = {0};
    uint32_t over;
    if (!wire_read_message(value.data, value.number, RULES, 3, days, &over) || over != 0)
        return malformed(why);
    out->history = true;
    enum result result = decode_date(days[1].number, &out->from_day, why);
    return result == RESULT_OK ? decode_date(days[2].number, &out->to_day, why) : result;
}

enum result wire_totals_request_decode(const uint8_t *data, size_t size, struct wire_totals_request *out,
                                       struct failure *why) {
    static const struct wire_rule RULES[] = {
        {WIRE_UNUSED, 0, NULL},
        {WIRE_VARINT, UINT32_MAX, "version"},
        {WIRE_VARINT, UINT32_MAX, "region"},
        {WIRE_VARINT, 1, "watch"},
        {WIRE_VARINT, UINT64_MAX, "since_offset"},
        {WIRE_BYTES, 32, "history"},
    };
    enum { FIELDS = sizeof RULES / sizeof *RULES };
    struct wire_value values[FIELDS] = {0};
    uint32_t over;
    *out = (struct wire_totals_request){0};
    if (size > TOTALS_REQUEST_MAX_BYTES || !wire_read_message(data, size, RULES, FIELDS, values, &over) ||
        over != 0)
        return malformed(why);
    if (values[1].number != TOTALS_VERSION)
        return fail(why, RESULT_INVALID, "VERSION_UNKNOWN",
                    "Version %u of the request is not known here, only %u.", (unsigned)values[1].number,
                    TOTALS_VERSION);
    out->region = (uint32_t)values[2].number;
    out->watch = values[3].number != 0;
    out->since_offset = values[4].number;
    if (!values[5].data)
        return RESULT_OK;
    if (out->watch)
        return fail(why, RESULT_INVALID, "HISTORY_NOT_WATCHED",
                    "A request asks for the history or watches the totals, not both: send two requests.");
    return decode_history(values[5], out, why);
}

/* A packed repeated field; protobuf leaves out an empty one only, so zeros are written. */
static void put_numbers(struct wire_writer *writer, uint32_t field, const uint32_t *numbers, unsigned count) {
    uint8_t packed[WIRE_VARINT_MAX_BYTES * FLOW_COUNT], *at = packed;
    for (unsigned index = 0; index < count; index++)
        at = wire_store_varint(at, numbers[index]);
    wire_put_entry(writer, field, packed, (size_t)(at - packed));
}
static_assert((int)FLOW_COUNT >= (int)SEGMENT_COUNT && (int)FLOW_COUNT >= (int)STATUS_COUNT,
              "the longest array has room");

static void put_line(struct wire_writer *writer, uint32_t field, const struct totals_region *region) {
    const struct totals_line *line = &region->line;
    uint8_t bytes[LINE_MAX_BYTES];
    struct wire_writer inner = wire_writer(bytes, sizeof bytes);
    wire_put_number(&inner, 1, region->code);
    wire_put_string(&inner, 2, region->name);
    wire_put_number(&inner, 3, line->population);
    wire_put_number(&inner, 4, line->registered);
    wire_put_number(&inner, 5, line->active);
    wire_put_number(&inner, 6, line->city_paid);
    wire_put_number(&inner, 7, line->grace);
    put_numbers(&inner, 8, line->registered_by_segment, SEGMENT_COUNT);
    put_numbers(&inner, 9, line->active_by_segment, SEGMENT_COUNT);
    put_numbers(&inner, 10, line->by_status, STATUS_COUNT);
    put_numbers(&inner, 11, line->flows, FLOW_COUNT);
    if (inner.full)
        writer->full = true;
    wire_put_entry(writer, field, bytes, (size_t)(inner.at - bytes));
}

static void put_history_day(struct wire_writer *writer, const struct wire_history_day *day) {
    uint8_t *begun = wire_begin(writer);
    wire_put_number(writer, 1, calendar_to_number(day->day));
    wire_put_number(writer, 2, day->offset);
    for (uint32_t index = 0; index < day->line_count; index++)
        put_line(writer, 3, &day->lines[index]);
    wire_end(writer, 12, begun);
}

/* As proto/billing.proto has it, by that message's own encoder. */
static void put_billing(struct wire_writer *writer, const struct billing_heard *billing) {
    Cakupan__BillingSummary message;
    Cakupan__PayerSum sums[2 * PAYER_COUNT], *list[2 * PAYER_COUNT];
    uint8_t bytes[BILLING_SUMMARY_MAX_BYTES];
    if (!billing || !billing->known)
        return;
    wire_billing_summary_put(&billing->summary, &message, sums, list);
    assert(cakupan__billing_summary__get_packed_size(&message) <= sizeof bytes);
    wire_put_entry(writer, 13, bytes, cakupan__billing_summary__pack(&message, bytes));
    wire_put_number(writer, 14, wire_zigzag(billing->as_of_ms));
    wire_put_number(writer, 15, billing->running);
}

static void put_grace(struct wire_writer *writer, const struct totals_grace *grace) {
    uint8_t *begun = wire_begin(writer);
    wire_put_number(writer, 1, wire_month_number(grace->month));
    wire_put_number(writer, 2, grace->people);
    wire_end(writer, 16, begun);
}

size_t wire_totals_reply_encode(const struct wire_totals_reply *reply, uint8_t *out, size_t capacity) {
    struct wire_writer writer = wire_writer(out, capacity);
    wire_put_number(&writer, 1, reply->refusal);
    wire_put_string(&writer, 2, reply->code);
    wire_put_string(&writer, 3, reply->sentence);
    wire_put_number(&writer, 4, reply->offset);
    wire_put_number(&writer, 5, wire_zigzag(reply->as_of_ms));
    wire_put_number(&writer, 6, calendar_to_number(reply->day));
    wire_put_number(&writer, 7, reply->since_offset);
    wire_put_number(&writer, 8, reply->population_as_of);
    wire_put_string(&writer, 9, reply->population_source);
    wire_put_number(&writer, 10, reply->uhc);
    for (uint32_t index = 0; index < reply->line_count; index++)
        put_line(&writer, 11, reply->lines[index]);
    for (uint32_t index = 0; index < reply->history_count; index++)
        put_history_day(&writer, &reply->history[index]);
    put_billing(&writer, reply->billing);
    for (uint32_t index = 0; index < reply->grace_count && reply->grace[index].month != MONTH_NONE; index++)
        put_grace(&writer, &reply->grace[index]);
    return wire_written(&writer, out);
}
