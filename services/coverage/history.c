/* history.c - the figures of past days, as a TotalsReply (see history.h). */
#include "history.h"
#include "reply.h"

#include <assert.h>
#include <stdlib.h>

#define LINES_A_DAY (1 + KECAMATAN_MAX)

/* Rows as they come from the store, gathered into days. */
struct gathering {
    const struct totals_picture *picture;
    uint32_t day_count, line_count;
    struct wire_history_day days[TOTALS_HISTORY_MAX_DAYS];
    struct totals_region lines[TOTALS_HISTORY_MAX_DAYS * LINES_A_DAY];
};

static const char *name_of(const struct totals_picture *picture, uint32_t code) {
    for (uint32_t index = 0; index < picture->count; index++) {
        if (picture->regions[index].code == code)
            return picture->regions[index].name;
    }
    return ""; /* of a table of regions that is no longer in force */
}

static void gather(void *context, day_t day, uint64_t offset, uint32_t code, const struct totals_line *line) {
    struct gathering *all = context;
    if (all->day_count == 0 || all->days[all->day_count - 1].day != day) {
        assert(all->day_count < TOTALS_HISTORY_MAX_DAYS && "the store was asked for no more days");
        all->days[all->day_count++] =
            (struct wire_history_day){.day = day, .offset = offset, .lines = &all->lines[all->line_count]};
    }
    struct wire_history_day *last = &all->days[all->day_count - 1];
    if (last->line_count == LINES_A_DAY)
        return;
    all->lines[all->line_count++] = (struct totals_region){code, name_of(all->picture, code), *line};
    last->line_count++;
}

enum result history_reply(struct coverage_store *store, const struct wire_totals_request *request,
                          const struct totals_picture *picture, const struct region_table *regions,
                          uint8_t *out, size_t capacity, size_t *size, struct failure *why) {
    if (request->region > 999999)
        return fail(why, RESULT_INVALID, "REGION_NO_HISTORY",
                    "There is no history of kelurahan %u: ask for its kecamatan or the city.",
                    request->region);
    struct gathering *all = malloc(sizeof *all);
    if (!all)
        abort();
    all->picture = picture;
    all->day_count = all->line_count = 0;
    uint32_t code = request->region == regions->city_code ? 0 : request->region;
    enum result result = coverage_store_history(store, request->from_day, request->to_day, code,
                                                TOTALS_HISTORY_MAX_DAYS, gather, all, why);
    if (result == RESULT_OK) {
        struct wire_totals_reply reply = reply_of(picture, regions);
        reply.history = all->days;
        reply.history_count = all->day_count;
        *size = wire_totals_reply_encode(&reply, out, capacity);
        if (*size == 0)
            result = fail(why, RESULT_FULL, "HISTORY_TOO_LONG",
                          "%u days do not fit one reply: ask for fewer.", all->day_count);
    }
    free(all);
    return result;
}
