/* self_audit_judge.c - the self-audit judges a roster by what it knows of the members (self_audit.h). */
#include "self_audit_state.h"

#include "cakupan/nik.h"
#include "member_index.h"

#include <stdlib.h>
#include <string.h>

static void find(struct self_audit *audit, enum finding finding, const struct roster_entry *entry,
                 const struct audit_finding *more) {
    audit->findings =
        audit_room(audit->findings, audit->finding_count, &audit->finding_capacity, sizeof *audit->findings);
    struct audit_finding *found = &audit->findings[audit->finding_count++];
    *found = *more;
    found->finding = (uint8_t)finding;
    found->entry = *entry;
}

/* Roster entries by a hash: open addressing, twice the room. An entry stands there under its identity and
 * under its likeness; a slot says which of both, since a probe meets others' slots, too. */
enum alike_by { ALIKE_IDENTITY = 0, ALIKE_LIKENESS = 1 };
struct alike_table {
    uint64_t *slots; /* (number of the entry + 1) * 2 + enum alike_by, 0: empty */
    uint64_t mask;
};

static void alike_add(struct alike_table *table, uint64_t key, uint32_t entry, enum alike_by by) {
    if (key == 0)
        return;
    uint64_t at = mix64(key) & table->mask;
    while (table->slots[at])
        at = (at + 1) & table->mask;
    table->slots[at] = ((uint64_t)entry + 1) << 1 | by;
}

static struct alike_table alike_new(const struct self_audit *audit) {
    struct alike_table table = {.mask = 15};
    while (table.mask < 4 * (uint64_t)audit->roster_count)
        table.mask = 2 * table.mask + 1;
    table.slots = calloc(table.mask + 1, sizeof *table.slots);
    if (!table.slots)
        abort();
    for (uint32_t i = 0; i < audit->roster_count; i++) {
        const struct roster_entry *entry = &audit->roster[i];
        alike_add(&table, entry->identity, i, ALIKE_IDENTITY);
        alike_add(&table, audit->members[entry->member_id].likeness, i, ALIKE_LIKENESS);
    }
    return table;
}

static bool is_wage_worker(const struct audit_member *member) {
    return (member->segment == SEGMENT_PPU_BU || member->segment == SEGMENT_PPU_PN) &&
           status_is_registered((enum status)member->status);
}

/* `id` is alike to `entry`: another one who is charged, too, or whose employer pays. */
static void judge_alike(struct self_audit *audit, const struct roster_entry *entry, uint32_t id) {
    const struct audit_member *other = &audit->members[id];
    struct audit_finding more = {.other_member_id = id, .cause_offset = other->joined_offset};
    if (other->in_roster)
        find(audit, FINDING_CHARGED_TWICE, entry, &more);
    else if (is_wage_worker(other))
        find(audit, FINDING_ALSO_PPU, entry, &more);
}

/* All entries of the roster that are alike to member `id`; whose identity is the same, too, were told by
 * it. */
static void judge_key(struct self_audit *audit, const struct alike_table *table, uint32_t id,
                      enum alike_by by) {
    const struct audit_member *member = &audit->members[id];
    uint64_t key = by == ALIKE_IDENTITY ? member->identity : member->likeness;
    if (key == 0)
        return;
    for (uint64_t at = mix64(key) & table->mask; table->slots[at]; at = (at + 1) & table->mask) {
        const struct roster_entry *entry = &audit->roster[(table->slots[at] >> 1) - 1];
        if ((table->slots[at] & 1) != by || entry->member_id == id)
            continue;
        bool same_identity = entry->identity == member->identity;
        bool same_likeness = audit->members[entry->member_id].likeness == member->likeness;
        if (by == ALIKE_IDENTITY ? same_identity : same_likeness && !same_identity)
            judge_alike(audit, entry, id);
    }
}

static void judge_all_alike(struct self_audit *audit) {
    struct alike_table table = alike_new(audit);
    for (uint32_t id = 1; id < audit->member_count; id++) {
        if (audit->members[id].status == STATUS_MERGED && !audit->members[id].in_roster)
            continue;
        judge_key(audit, &table, id, ALIKE_IDENTITY);
        judge_key(audit, &table, id, ALIKE_LIKENESS);
    }
    free(table.slots);
}

static void judge_identity(struct self_audit *audit, const struct roster_entry *entry,
                           const struct audit_member *member, day_t today) {
    struct audit_finding more = {.day = member->joined_day, .cause_offset = member->joined_offset};
    if (!(entry->identity & IDENTITY_TEMPORARY)) {
        if (nik_check(entry->identity) != REFUSAL_NONE)
            find(audit, FINDING_NIK_INVALID, entry, &more);
        return;
    }
    int months = policy_at(audit->policy, today)->newborn_nik_months;
    day_t until = calendar_add_months(member->joined_day, months);
    if (until != DAY_NONE && today > until)
        find(audit, FINDING_TEMPORARY_OLD, entry, &more);
}

static void judge_entry(struct self_audit *audit, const struct roster_entry *entry, day_t first_day,
                        day_t today) {
    const struct audit_member *member = &audit->members[entry->member_id];
    struct audit_finding left = {.day = member->left_day, .cause_offset = member->left_offset};
    struct audit_finding segment = {.cause_offset = member->segment_offset};
    if (member->status == STATUS_DECEASED && member->left_day < first_day)
        find(audit, FINDING_DECEASED, entry, &left);
    if (member->status == STATUS_MOVED_OUT && member->left_day < first_day)
        find(audit, FINDING_MOVED_OUT, entry, &left);
    judge_identity(audit, entry, member, today);
    if (entry->vulnerable && !member->approved)
        find(audit, FINDING_VULNERABLE_UNAPPROVED, entry, &segment);
    if (member->laid_off && member->unproved)
        find(audit, FINDING_LAYOFF_UNPROVED, entry, &segment);
    if (member->disputed)
        find(audit, FINDING_LAYOFF_DISPUTED, entry, &segment);
}

static int finding_order(const void *one, const void *other) {
    const struct audit_finding *a = one, *b = other;
    if (a->finding != b->finding)
        return a->finding < b->finding ? -1 : 1;
    if (a->entry.member_id != b->entry.member_id)
        return a->entry.member_id < b->entry.member_id ? -1 : 1;
    return a->other_member_id < b->other_member_id ? -1 : a->other_member_id > b->other_member_id;
}

void self_audit_judge(struct self_audit *audit, month_t month, day_t today, self_audit_on_finding *on_finding,
                      void *context) {
    for (uint32_t i = 0; i < audit->roster_count; i++)
        judge_entry(audit, &audit->roster[i], calendar_first_day(month), today);
    judge_all_alike(audit);
    if (audit->finding_count)
        qsort(audit->findings, audit->finding_count, sizeof *audit->findings, finding_order);
    for (size_t i = 0; i < audit->finding_count; i++)
        on_finding(context, &audit->findings[i]);
    for (uint32_t i = 0; i < audit->roster_count; i++)
        audit->members[audit->roster[i].member_id].in_roster = false;
    audit->finding_count = 0;
    audit->roster_count = 0;
}
