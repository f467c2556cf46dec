/* coordinator_office.c - what the coordinator reads of enrollment's journal: the state's beginning, business
 * days, devices and their roles (coordinator_internal.h). */
#include "coordinator_internal.h"

#include "runtime/clock.h"
#include "runtime/log.h"

#include <inttypes.h>
#include <stdio.h>

#define FOLLOWED_EVERY UINT64_C(1000000)

/* The first month to be billed is that of the journal's first day, also where billing came later. */
static enum result begin(struct coordinator *coordinator, const struct batch_header *batch,
                         const struct record *record, struct failure *why) {
    uint8_t tariff[TARIFF_PACKED_MAX];
    char month[CALENDAR_TEXT];
    struct decision begun = {.kind = DECISION_BEGUN,
                             .time_ms = clock_now_ms(),
                             .day = batch->day,
                             .month = calendar_month(batch->day),
                             .offset = record->offset,
                             .count = coordinator->config->partitions,
                             .bytes = tariff,
                             .size = tariff_pack(&coordinator->tariff, tariff)};
    enum result result = books_decide(coordinator->books, &begun, 1, why);
    calendar_format_month(begun.month, month);
    if (result == RESULT_OK)
        log_info("billing begins with %s, in %" PRIu32 " partitions", month, begun.count);
    return result;
}

static enum result take_device(struct coordinator *coordinator, const struct record *record,
                               struct failure *why) {
    struct decision device = {.kind = DECISION_DEVICE,
                              .time_ms = clock_now_ms(),
                              .day = coordinator->day,
                              .offset = record->offset,
                              .new_device = record->new_device};
    return books_decide(coordinator->books, &device, 1, why);
}

enum result coordinator_followed(struct coordinator *coordinator, bool now, struct failure *why) {
    struct books_begun begun;
    uint64_t offset = feed_follower_next(feed_socket_follower(coordinator->feed)) - 1;
    uint64_t known = books_device_offset(coordinator->books);
    if (!books_begun(coordinator->books, &begun) || offset <= known ||
        (!now && offset - known < FOLLOWED_EVERY))
        return RESULT_OK;
    struct decision followed = {
        .kind = DECISION_FOLLOWED, .time_ms = clock_now_ms(), .day = coordinator->day, .offset = offset};
    return books_decide(coordinator->books, &followed, 1, why);
}

enum result coordinator_record(void *context, const struct batch_header *batch, const struct record *record,
                               struct failure *why) {
    struct coordinator *coordinator = context;
    struct books_begun begun;
    enum result result = RESULT_OK;
    if (!books_begun(coordinator->books, &begun))
        result = begin(coordinator, batch, record, why);
    if (batch->day > coordinator->day)
        coordinator->day = batch->day;
    if (result != RESULT_OK || record->refusal != 0)
        return result;
    if (record->kind == CHANGE_DEVICE_ADDED || record->kind == CHANGE_DEVICE_REVOKED)
        return take_device(coordinator, record, why);
    if (record->kind != CHANGE_DAY)
        return RESULT_OK;
    struct decision followed = {
        .kind = DECISION_FOLLOWED, .time_ms = clock_now_ms(), .day = batch->day, .offset = record->offset};
    return books_decide(coordinator->books, &followed, 1, why);
}

bool coordinator_lookup(void *context, const uint8_t key[32], char user_id[32]) {
    const struct coordinator *coordinator = context;
    const struct device *device = books_device_by_key(coordinator->books, key);
    if (!device)
        return false;
    snprintf(user_id, 32, "%" PRIu32, device->id);
    return true;
}
