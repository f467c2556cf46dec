/* control_people.c - one member and their history, and the log of such looks (control.h).
 *
 * A member's records are a chain: each names the offset of the one before, so a history needs no index.
 * Every look at a person is logged with its reason, and without the NIK.
 */
#include "control_internal.h"

#include "runtime/log.h"
#include "wire/wire_record.h"

#include <stdio.h>
#include <string.h>

#define HISTORY_MAX      1000u
#define MEMBER_STATE_MAX 256u
#define NEWBORNS_MAX     400u
#define CITY_CODE_MAX    9999u /* a kecamatan has six digits; 0: an office without an area */

static Cakupan__HistoryEntry *history_entry(struct control_call *call, const struct control_record *found) {
    Cakupan__HistoryEntry *entry = control_take(call, sizeof *entry);
    cakupan__history_entry__init(entry);
    entry->time_ms = found->header.time_ms;
    entry->day = calendar_to_number(found->header.day);
    entry->record = found->bytes;
    return entry;
}

char *control_text(struct control_call *call, struct text text) {
    char *copy = control_take(call, (size_t)text.size + 1);
    if (text.size)
        memcpy(copy, text.data, text.size);
    return copy;
}

static enum result walk_history(struct control_call *call, uint64_t offset, bool wanted,
                                Cakupan__MemberReply *reply) {
    if (wanted)
        reply->history = control_take(call, HISTORY_MAX * sizeof *reply->history);
    for (uint32_t i = 0; offset != 0 && i < HISTORY_MAX; i++) {
        if (call->read_bytes_max && call->read_bytes > call->read_bytes_max)
            break; /* the name is left out */
        struct control_record found;
        enum result result = control_record(call, offset, &found);
        if (result != RESULT_OK)
            return result;
        if (reply->name[0] == '\0')
            reply->name = control_text(call, found.record.name);
        if (wanted)
            reply->history[reply->n_history++] = history_entry(call, &found);
        else if (reply->name[0] != '\0')
            break;
        offset = found.record.previous_offset;
    }
    return RESULT_OK;
}

bool control_sees_all(const struct device *asker) {
    return !asker || (asker->role != ROLE_KADER && asker->area <= CITY_CODE_MAX);
}

/* Who left the city lives in no area. */
bool control_may_see(const struct device *asker, const struct member *member) {
    return control_sees_all(asker) || area_holds(asker->area, member->kelurahan);
}

/* Also one that was refused; digits are not told: a reason may quote a NIK. */
void control_log_look(const struct control_call *call, const char *what, const char *why) {
    char reason[80], asker[80] = "the operator";
    size_t length = 0;
    for (const char *c = why; *c && length + 1 < sizeof reason; c++)
        reason[length++] = (unsigned char)*c < 0x20 || *c == 0x7f ? ' ' : (*c >= '0' && *c <= '9') ? '#' : *c;
    reason[length] = '\0';
    if (call->asker)
        snprintf(asker, sizeof asker, "device %u (%s)", call->asker->id, call->asker->name);
    log_info("%s by %s, reason: %s", what, asker, length ? reason : "none given");
}

static void log_member_look(const struct control_call *call, const char *reason, uint32_t id,
                            const char *how) {
    char what[80];
    snprintf(what, sizeof what, "member %u %s", id, how);
    control_log_look(call, what, reason);
}

enum result control_member(struct control_call *call, const Cakupan__MemberRequest *ask) {
    const struct registry *registry = call->control->registry;
    identity_t identity = ask->temporary_id ? ask->temporary_id | IDENTITY_TEMPORARY : ask->nik;
    uint32_t id = 0;
    const struct member *member = registry_find(registry, identity, &id);
    if (!member) { /* told, too: who tries many NIKs learns which are somebody's */
        control_log_look(call, "a NIK that nobody has looked up", ask->reason);
        control_refuse(call, REFUSAL_MEMBER_UNKNOWN, "MEMBER_UNKNOWN",
                       "Nobody is registered under this NIK: check its digits, or enrol the person.");
        return RESULT_OK;
    }
    if (!control_may_see(call->asker, member)) {
        log_member_look(call, ask->reason, id, "not shown (another area)");
        control_refuse(call, REFUSAL_REGION_OUTSIDE_AREA, "REGION_OUTSIDE_AREA",
                       "This person does not live in the device's area.");
        return RESULT_OK;
    }
    log_member_look(call, ask->reason, id, ask->history ? "looked up with history" : "looked up");
    Cakupan__MemberReply *reply = control_take(call, sizeof *reply);
    cakupan__member_reply__init(reply);
    reply->member_id = id;
    uint8_t *state = control_take(call, MEMBER_STATE_MAX);
    reply->state = (ProtobufCBinaryData){wire_member_encode(member, state, MEMBER_STATE_MAX), state};
    call->reply.member = reply;
    return walk_history(call, registry_last_offset(registry, id), ask->history, reply);
}

/* From memory alone: events wait for it. A temporary id leads to its person for ever (registry_apply.c). */
void control_newborns(struct control_call *call, const Cakupan__NewbornsRequest *ask) {
    size_t count = ask->n_temporary_ids;
    if (count > NEWBORNS_MAX) {
        control_refuse(call, REFUSAL_VALUE_RANGE, "NEWBORNS_TOO_MANY",
                       "At most 400 newborns can be asked about at once: ask in several requests.");
        return;
    }
    char what[80];
    snprintf(what, sizeof what, "NIKs of %zu newborns looked up", count);
    control_log_look(call, what, ask->reason);
    Cakupan__NewbornsReply *reply = control_take(call, sizeof *reply);
    cakupan__newborns_reply__init(reply);
    reply->niks = control_take(call, count * sizeof *reply->niks);
    for (size_t i = 0; i < count; i++) {
        const struct member *member =
            registry_find(call->control->registry, ask->temporary_ids[i] | IDENTITY_TEMPORARY, NULL);
        bool named = member && !(member->identity & IDENTITY_TEMPORARY);
        reply->niks[reply->n_niks++] = named ? member->identity : 0;
    }
    call->reply.newborns = reply;
}
