/* self_audit.c - the self-audit takes the journal: what is known of each member (self_audit.h). */
#include "self_audit_state.h"

#include "member_index.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[FINDING_COUNT] = {
    [FINDING_CHARGED_TWICE] = "CHARGED_TWICE",
    [FINDING_DECEASED] = "DECEASED",
    [FINDING_MOVED_OUT] = "MOVED_OUT",
    [FINDING_ALSO_PPU] = "ALSO_PPU",
    [FINDING_NIK_INVALID] = "NIK_INVALID",
    [FINDING_TEMPORARY_OLD] = "TEMPORARY_OLD",
    [FINDING_VULNERABLE_UNAPPROVED] = "VULNERABLE_UNAPPROVED",
    [FINDING_LAYOFF_UNPROVED] = "LAYOFF_UNPROVED",
    [FINDING_LAYOFF_DISPUTED] = "LAYOFF_DISPUTED",
};

const char *finding_name(enum finding finding) {
    return (unsigned)finding < FINDING_COUNT ? names[finding] : NULL;
}

void *audit_room(void *array, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity)
        return array;
    *capacity = *capacity + *capacity / 2 + 1024;
    if (*capacity > SIZE_MAX / size)
        abort();
    array = realloc(array, *capacity * size);
    if (!array)
        abort();
    return array;
}

struct self_audit *self_audit_new(const struct policy *policy) {
    struct self_audit *audit = calloc(1, sizeof *audit);
    if (!audit)
        abort();
    audit->policy = policy;
    return audit;
}

void self_audit_destroy(struct self_audit **audit) {
    if (!*audit)
        return;
    free((*audit)->members);
    free((*audit)->roster);
    free((*audit)->findings);
    free(*audit);
    *audit = NULL;
}

/* In capitals and without spaces: offices write "Siti  Aminah" and "SITI AMINAH" (FNV-1a). */
static uint32_t name_hash(struct text name) {
    uint32_t hash = UINT32_C(2166136261);
    for (uint16_t i = 0; i < name.size; i++) {
        unsigned char letter = (unsigned char)name.data[i];
        if (letter == ' ')
            continue;
        if (letter >= 'a' && letter <= 'z')
            letter = (unsigned char)(letter - 'a' + 'A');
        hash = (hash ^ letter) * UINT32_C(16777619);
    }
    return hash ? hash : 1;
}

static uint64_t likeness_of(const struct member *member, uint32_t name) {
    if (member->family == 0 || member->birth_day == DAY_NONE || member->sex == SEX_UNKNOWN || name == 0)
        return 0;
    uint64_t person = (uint64_t)name << 32 | (uint64_t)member->birth_day << 8 | member->sex;
    uint64_t likeness = mix64(mix64(member->family) ^ person);
    return likeness ? likeness : 1;
}

static struct audit_member *member_of(struct self_audit *audit, uint32_t id) {
    if (id >= audit->member_capacity) {
        uint64_t capacity = (uint64_t)id + id / 2 + 1024;
        audit->members = realloc(audit->members, (size_t)capacity * sizeof *audit->members);
        if (!audit->members)
            abort();
        memset(audit->members + audit->member_capacity, 0,
               ((size_t)capacity - audit->member_capacity) * sizeof *audit->members);
        audit->member_capacity = (uint32_t)(capacity < UINT32_MAX ? capacity : UINT32_MAX);
    }
    if (id >= audit->member_count)
        audit->member_count = id + 1;
    return &audit->members[id];
}

static bool has_left(uint8_t status) {
    return status == STATUS_DECEASED || status == STATUS_MOVED_OUT;
}

static void segment_take(struct audit_member *member, const struct record *record) {
    bool changed = !record->has_before || record->before.segment != record->after.segment ||
                   (record->before.flags ^ record->after.flags) & ~MEMBER_ENDED_DAY ||
                   record->kind == CHANGE_LAYOFF;
    if (!changed)
        return;
    member->segment_offset = record->offset;
    if (record->kind == CHANGE_LAYOFF)
        member->unproved = record->proof == PROOF_NONE;
    if (record->kind == CHANGE_ENROL_VULNERABLE)
        member->approved = record->approver.size > 0;
}

enum result self_audit_step(struct self_audit *audit, const struct record *record, struct failure *why) {
    if (record->offset != audit->offset + 1)
        return fail(why, RESULT_CORRUPT, "JOURNAL_GAP",
                    "The self-audit needs record %" PRIu64 " and was given %" PRIu64 ".", audit->offset + 1,
                    record->offset);
    audit->offset = record->offset;
    if (record->refusal != REFUSAL_NONE || record->member_id == 0 || !record->has_after)
        return RESULT_OK;
    struct audit_member *member = member_of(audit, record->member_id);
    const struct member *after = &record->after;
    if (!record->has_before) {
        member->joined_offset = record->offset;
        member->joined_day = record->effective_day;
    }
    if (record->name.size)
        member->name_hash = name_hash(record->name);
    segment_take(member, record);
    if (has_left(after->status) && member->status != after->status) {
        member->left_offset = record->offset;
        member->left_day = record->effective_day;
    }
    member->identity = after->identity;
    member->likeness = likeness_of(after, member->name_hash);
    member->segment = after->segment & 15;
    member->status = after->status & 15;
    member->disputed = after->flags & MEMBER_DISPUTED;
    member->laid_off = after->flags & MEMBER_LAID_OFF;
    return RESULT_OK;
}

void self_audit_entry(void *context, const struct roster_entry *entry) {
    struct self_audit *audit = context;
    size_t capacity = audit->roster_capacity;
    audit->roster = audit_room(audit->roster, audit->roster_count, &capacity, sizeof *audit->roster);
    audit->roster_capacity = (uint32_t)capacity;
    struct audit_member *member = member_of(audit, entry->member_id);
    struct roster_entry *kept = &audit->roster[audit->roster_count++];
    *kept = *entry;
    if (kept->identity == 0)
        kept->identity = member->identity;
    member->in_roster = true;
}
