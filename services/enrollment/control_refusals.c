/* control_refusals.c - the list of refused events, newest first (control.h).
 *
 * A device whose area is not the city finds what it sent, what is about a place in its area, and what is
 * about people who live there: nobody else, not even masked. The journal knows who sent an event; the rest is
 * in its record, so that a look may come to its bounds before its page is full: `next_before` tells where to
 * go on.
 */
#include "control_internal.h"

#include "wire/wire_event.h"

#include <inttypes.h>
#include <stdio.h>

#define REFUSALS_MAX 1000u /* told, and looked at */
/* Of records in a reply of the door, which has 2 MiB at most. */
#define REFUSALS_BYTES_MAX (1u << 20)

/* Whether one more would be too much for the door: of bytes in its reply, or of what is read for it. */
static bool is_full(const struct control_call *call, size_t reply_bytes) {
    return call->read_bytes_max &&
           (reply_bytes > REFUSALS_BYTES_MAX || call->read_bytes > call->read_bytes_max);
}

/* A reason shows the NIKs of layoff reports whole, to who has to find these people's papers. */
static bool unmasks(const struct control_call *call, const Cakupan__RefusalsRequest *ask) {
    bool labour = !call->asker || call->asker->role == ROLE_LABOUR_OFFICE;
    return labour && ask->refusal == REFUSAL_LAYOFF_REPORTED && ask->reason[0] != '\0';
}

static bool is_of_area(const struct control_call *call, identity_t identity) {
    uint32_t id;
    const struct member *member = registry_find(call->control->registry, identity, &id);
    return member && control_may_see(call->asker, member);
}

static bool is_listed(const struct control_call *call, const struct record *refused) {
    struct event event;
    if (control_sees_all(call->asker) || refused->device == call->asker->id)
        return true;
    wire_event_decode((const uint8_t *)refused->refused_event.data, refused->refused_event.size,
                      refused->sequence, call->control->arena, &event);
    return area_holds(call->asker->area, event.kelurahan) || is_of_area(call, event.identity) ||
           is_of_area(call, event.other);
}

static enum result refused_add(struct control_call *call, uint64_t offset, Cakupan__RefusalsReply *reply,
                               size_t *bytes) {
    struct control_record found;
    enum result result = control_record(call, offset, &found);
    if (result != RESULT_OK || !is_listed(call, &found.record))
        return result;
    Cakupan__RefusedEvent *event = control_take(call, sizeof *event);
    cakupan__refused_event__init(event);
    event->offset = offset;
    event->time_ms = found.header.time_ms;
    event->day = calendar_to_number(found.header.day);
    event->record = found.bytes;
    *bytes += found.bytes.len;
    reply->refused[reply->n_refused++] = event;
    return found.record.refusal == REFUSAL_LAYOFF_REPORTED
               ? control_report(call, &found.record, &event->report)
               : RESULT_OK;
}

static void log_unmasked(const struct control_call *call, const Cakupan__RefusalsRequest *ask,
                         const Cakupan__RefusalsReply *reply) {
    size_t count = 0;
    uint64_t newest = 0;
    for (size_t i = 0; i < reply->n_refused; i++)
        if (reply->refused[i]->report && count++ == 0)
            newest = reply->refused[i]->offset;
    if (count == 0)
        return;
    char what[120];
    snprintf(what, sizeof what, "NIKs of %zu layoff reports, offset %" PRIu64 " and before, shown whole",
             count, newest);
    control_log_look(call, what, ask->reason);
}

/* The last of `count` is only the sign that there are more, where there are `most` + 1. */
static enum result list_fill(struct control_call *call, const struct journal_refusal *found, size_t count,
                             size_t most, size_t limit, Cakupan__RefusalsReply *reply) {
    size_t i = 0, bytes = 0;
    for (; i < count && i < most && reply->n_refused < limit; i++) {
        if (i > 0 && is_full(call, bytes))
            break;
        enum result result = refused_add(call, found[i].offset, reply, &bytes);
        if (result != RESULT_OK)
            return result;
    }
    reply->more = i < count;
    reply->next_before = reply->more ? found[i - 1].offset : 0;
    return RESULT_OK;
}

enum result control_refusals(struct control_call *call, const Cakupan__RefusalsRequest *ask) {
    struct journal *journal = call->control->journal;
    struct journal_refusal *found = control_take(call, (REFUSALS_MAX + 1) * sizeof *found);
    size_t limit = ask->limit && ask->limit < REFUSALS_MAX ? ask->limit : REFUSALS_MAX;
    size_t most = control_sees_all(call->asker) ? limit : REFUSALS_MAX, count = 0;
    enum result result = journal->operations->refusals(journal, ask->before_offset, (uint16_t)ask->refusal,
                                                       ask->device, found, most + 1, &count, call->why);
    if (result != RESULT_OK)
        return result;
    Cakupan__RefusalsReply *reply = control_take(call, sizeof *reply);
    cakupan__refusals_reply__init(reply);
    reply->refused = control_take(call, (limit + 1) * sizeof *reply->refused);
    result = list_fill(call, found, count, most, limit, reply);
    if (result != RESULT_OK)
        return result;
    if ((reply->unmasked = unmasks(call, ask)))
        log_unmasked(call, ask, reply);
    call->reply.refusals = reply;
    return RESULT_OK;
}
