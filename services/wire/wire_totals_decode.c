/* wire_totals_decode.c - a TotalsReply back into domain terms, for clients (see wire_totals.h). */
#include "wire_totals.h"
#include "wire_billing.h"

#include "totals.pb-c.h"

#include <string.h>

static void copy_numbers(uint32_t *out, unsigned capacity, const uint32_t *numbers, size_t count) {
    memcpy(out, numbers, sizeof *out * (count < capacity ? count : capacity));
}

static void decode_line(const Cakupan__TotalsLine *line, struct totals_region *out) {
    struct totals_line *figures = &out->line;
    memset(out, 0, sizeof *out);
    out->code = line->code;
    out->name = line->name;
    figures->population = line->population;
    figures->registered = line->registered;
    figures->active = line->active;
    figures->city_paid = line->city_paid;
    figures->grace = line->grace;
    if (line->n_registered_by_segment)
        copy_numbers(figures->registered_by_segment, SEGMENT_COUNT, line->registered_by_segment,
                     line->n_registered_by_segment);
    if (line->n_active_by_segment)
        copy_numbers(figures->active_by_segment, SEGMENT_COUNT, line->active_by_segment,
                     line->n_active_by_segment);
    if (line->n_by_status)
        copy_numbers(figures->by_status, STATUS_COUNT, line->by_status, line->n_by_status);
    if (line->n_flows)
        copy_numbers(figures->flows, FLOW_COUNT, line->flows, line->n_flows);
}

/* All `count` lines in the arena, NULL where it has no room. */
static struct totals_region *decode_lines(struct arena *arena, Cakupan__TotalsLine **lines, size_t count) {
    struct totals_region *out = arena_take(arena, sizeof *out * count);
    for (size_t index = 0; out && index < count; index++)
        decode_line(lines[index], &out[index]);
    return out;
}

static enum result decode_history(const Cakupan__TotalsReply *reply, struct arena *arena,
                                  struct wire_totals_reply *out) {
    struct wire_history_day *days = arena_take(arena, sizeof *days * reply->n_history);
    if (!days || reply->n_history > TOTALS_HISTORY_MAX_DAYS)
        return RESULT_INVALID;
    for (size_t index = 0; index < reply->n_history; index++) {
        const Cakupan__HistoryDay *day = reply->history[index];
        if (day->n_lines > 1 + KECAMATAN_MAX)
            return RESULT_INVALID;
        days[index] = (struct wire_history_day){.day = calendar_from_number(day->date),
                                                .offset = day->offset,
                                                .lines = decode_lines(arena, day->lines, day->n_lines),
                                                .line_count = (uint32_t)day->n_lines};
        if (!days[index].lines)
            return RESULT_INVALID;
    }
    out->history = days;
    out->history_count = (uint32_t)reply->n_history;
    return RESULT_OK;
}

static enum result decode_billing(const Cakupan__TotalsReply *reply, struct arena *arena,
                                  struct wire_totals_reply *out) {
    if (!reply->billing)
        return RESULT_OK;
    struct billing_heard *billing = arena_take(arena, sizeof *billing);
    if (!billing)
        return RESULT_INVALID;
    billing->known = true;
    billing->running = reply->billing_running;
    billing->as_of_ms = reply->billing_as_of_ms;
    out->billing = billing;
    return wire_billing_summary_take(reply->billing, &billing->summary, NULL);
}

static enum result decode_grace(const Cakupan__TotalsReply *reply, struct arena *arena,
                                struct wire_totals_reply *out) {
    struct totals_grace *grace = arena_take(arena, sizeof *grace * reply->n_grace);
    if (!grace || reply->n_grace > TOTALS_GRACE_MONTHS)
        return RESULT_INVALID;
    memset(grace, 0, sizeof *grace * reply->n_grace); /* padding, too: lists are compared as bytes */
    for (size_t index = 0; index < reply->n_grace; index++) {
        grace[index].month = wire_month(reply->grace[index]->month);
        grace[index].people = reply->grace[index]->people;
        if (grace[index].month == MONTH_NONE)
            return RESULT_INVALID;
    }
    out->grace = grace;
    out->grace_count = (uint32_t)reply->n_grace;
    return RESULT_OK;
}

enum result wire_totals_reply_decode(const uint8_t *data, size_t size, struct arena *arena,
                                     struct wire_totals_reply *out) {
    memset(out, 0, sizeof *out);
    Cakupan__TotalsReply *reply =
        size <= TOTALS_REPLY_MAX_BYTES ? cakupan__totals_reply__unpack(&arena->allocator, size, data) : NULL;
    if (!reply || reply->n_lines > TOTALS_LINES_MAX || reply->uhc > UHC_YES || reply->refusal > UINT16_MAX)
        return RESULT_INVALID;
    const struct totals_region **lines = arena_take(arena, sizeof *lines * reply->n_lines);
    struct totals_region *regions = decode_lines(arena, reply->lines, reply->n_lines);
    if (!lines || !regions)
        return RESULT_INVALID;
    for (size_t index = 0; index < reply->n_lines; index++)
        lines[index] = &regions[index];
    *out = (struct wire_totals_reply){
        .refusal = (uint16_t)reply->refusal,
        .code = reply->code,
        .sentence = reply->sentence,
        .offset = reply->offset,
        .as_of_ms = reply->as_of_ms,
        .day = calendar_from_number(reply->day),
        .since_offset = reply->since_offset,
        .population_as_of = reply->population_as_of,
        .population_source = reply->population_source,
        .uhc = (enum uhc)reply->uhc,
        .lines = lines,
        .line_count = (uint32_t)reply->n_lines,
    };
    enum result result = decode_history(reply, arena, out);
    if (result == RESULT_OK)
        result = decode_billing(reply, arena, out);
    return result == RESULT_OK ? decode_grace(reply, arena, out) : result;
}
