/* registry_apply.c - takes a record into the state, the same way when it was just decided and when it is
 * replayed.
 *
 * All that could contradict the state is checked before anything is changed: a record that fails leaves the
 * registry as it was.
 */
#include "registry_state.h"

#include "event_rules.h"

#include <inttypes.h>

static enum result corrupt(const struct record *record, struct failure *why, const char *sentence) {
    return fail(why, RESULT_CORRUPT, "RECORD_CONTRADICTS",
                "Record %" PRIu64 " (kind %u, member %u, device %u): %s.", record->offset,
                (unsigned)record->kind, (unsigned)record->member_id, (unsigned)record->device, sentence);
}

/* A record in the life of a member that is known already. */
static const char *check_known(const struct registry *registry, const struct record *record) {
    if (record->member_id == 0 || record->member_id > registry->rows.count)
        return "its member does not exist";
    const struct member_row *row = member_rows_at(&registry->rows, record->member_id);
    if (!member_equal(&row->member, &record->before))
        return "what it says was before differs from what is known";
    if (row->last_offset != record->previous_offset)
        return "it does not follow the member's last record";
    if (row->member.status == STATUS_MERGED)
        return "its member was merged before";
    return NULL;
}

static const char *check_new(const struct registry *registry, const struct record *record) {
    if (record->member_id != registry->rows.count + 1)
        return "a new member does not get the next number";
    if (record->previous_offset != 0)
        return "a new member has an earlier record";
    if (registry_resolve(registry, record->after.identity) != 0)
        return "a new member's identity is known already";
    return NULL;
}

static const char *check_merge(const struct registry *registry, const struct record *record) {
    const struct member *survivor = registry_member(registry, record->other_member_id);
    if (!record->has_before || record->after.status != STATUS_MERGED)
        return "a merge does not end a known member";
    if (!survivor || record->other_member_id == record->member_id || survivor->status == STATUS_MERGED)
        return "a merge leads to no other member";
    return NULL;
}

static const char *check_member_record(const struct registry *registry, const struct record *record) {
    bool known_kind =
        event_rule(record->kind) || record->kind == CHANGE_ACTIVATED || record->kind == CHANGE_GRACE_ENDED;
    if (!known_kind)
        return "its kind is unknown";
    if (!record->has_after || record->after.identity == 0)
        return "it says nothing of what is after";
    if (record->after.segment >= SEGMENT_COUNT || record->after.status >= STATUS_COUNT)
        return "its segment or status is unknown";
    const char *wrong = record->has_before ? check_known(registry, record) : check_new(registry, record);
    if (wrong)
        return wrong;
    if (record->kind == CHANGE_MERGE)
        return check_merge(registry, record);
    if (record->after.status == STATUS_MERGED)
        return "only a merge makes a member a duplicate";
    if (record->has_before && record->after.identity != record->before.identity) {
        uint32_t holder = registry_resolve(registry, record->after.identity);
        if (record->kind != CHANGE_CORRECT_IDENTITY || (holder != 0 && holder != record->member_id))
            return "it takes an identity that is not free";
    }
    return NULL;
}

/* A corrected NIK may be somebody else's, so it leads nowhere any more; a temporary id was made for this
 * person and goes on leading to them, since devices that were offline still send it. */
static void change_identity(struct registry *registry, uint32_t id, identity_t old) {
    member_index_remove(registry->index, old, id);
    if (old & IDENTITY_TEMPORARY)
        alias_map_put(&registry->aliases, old, id);
    else
        alias_map_forget(&registry->aliases, old);
}

static void apply_member(struct registry *registry, const struct record *record) {
    uint32_t id = record->has_before ? record->member_id : member_rows_add(&registry->rows);
    bool merged = record->kind == CHANGE_MERGE;
    bool renamed = record->has_before && record->before.identity != record->after.identity;
    if (merged) {
        member_index_remove(registry->index, record->before.identity, id);
        alias_map_put(&registry->aliases, record->before.identity, id);
        alias_map_put(&registry->aliases, ALIAS_OF_MERGED_ROW(id), record->other_member_id);
    } else if (renamed) {
        change_identity(registry, id, record->before.identity);
    }
    struct member_row *row = member_rows_at(&registry->rows, id);
    row->member = record->after;
    row->last_offset = record->offset;
    if (!record->has_before || (renamed && !merged))
        member_index_add(registry->index, &registry->rows, record->after.identity, id);
}

static const char *apply_device(struct registry *registry, const struct record *record) {
    const struct device *given = record->new_device;
    if (!given)
        return "it names no device";
    if (record->kind == CHANGE_DEVICE_REVOKED) {
        struct device *known = device_table_at(&registry->devices, given->id);
        if (!known)
            return "it revokes a device that does not exist";
        known->revoked = true;
        return NULL;
    }
    if (given->id != registry->devices.count + 1)
        return "a new device does not get the next number";
    if (device_table_by_key(&registry->devices, given->public_key))
        return "a new device has the key of another";
    struct device added = *given;
    added.next_sequence = 1;
    device_table_add(&registry->devices, &added);
    return NULL;
}

static const char *apply_change(struct registry *registry, const struct record *record) {
    switch (record->kind) {
    case CHANGE_DAY:
        if (record->effective_day == DAY_NONE || record->effective_day < registry->day)
            return "its business day is earlier than the one before";
        registry->day = record->effective_day;
        return NULL;
    case CHANGE_DEVICE_ADDED:
    case CHANGE_DEVICE_REVOKED:
        return apply_device(registry, record);
    default: {
        const char *wrong = check_member_record(registry, record);
        if (!wrong)
            apply_member(registry, record);
        return wrong;
    }
    }
}

enum result registry_apply(struct registry *registry, const struct record *record, struct failure *why) {
    if (record->offset != registry->next_offset)
        return corrupt(record, why, "its offset is not the next one");
    bool sequenced = record->device != 0 && record->sequence != 0;
    if (record->device != 0) {
        const struct device *device = device_table_at(&registry->devices, record->device);
        if (!device)
            return corrupt(record, why, "its device does not exist");
        if (sequenced && record->sequence != device->next_sequence)
            return corrupt(record, why, "its sequence is not the one that the device has next");
    }
    if (record->refusal == REFUSAL_NONE) {
        const char *wrong = apply_change(registry, record);
        if (wrong)
            return corrupt(record, why, wrong);
    }
    if (sequenced)
        device_table_at(&registry->devices, record->device)->next_sequence++;
    registry->next_offset++;
    return RESULT_OK;
}
