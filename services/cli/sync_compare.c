/* sync_compare.c - BPJS's master list against our registry (sync_compare.h). */
#include "sync_compare.h"

#include "cakupan/nik.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

uint8_t sync_segment_read(const char *text) {
    enum segment segment = segment_from_name(text);
    for (int s = SEGMENT_NONE + 1; segment == SEGMENT_NONE && s < SEGMENT_COUNT; s++)
        if (strcasecmp(text, segment_title((enum segment)s)) == 0 ||
            strcasecmp(text, segment_name((enum segment)s)) == 0)
            segment = (enum segment)s;
    return (uint8_t)segment;
}

static bool status_read(const char *text, bool *active) {
    static const char *const on[] = {"ACTIVE", "AKTIF"};
    static const char *const off[] = {"SUSPENDED", "INACTIVE", "NONAKTIF", "NON AKTIF", "TIDAK AKTIF"};
    for (size_t i = 0; i < sizeof on / sizeof on[0]; i++)
        if (strcasecmp(text, on[i]) == 0)
            return *active = true;
    *active = false;
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
        if (strcasecmp(text, off[i]) == 0)
            return true;
    return false;
}

bool sync_row_read(const char *nik, const char *segment, const char *care_class, const char *status,
                   struct sync_row *out) {
    bool class_fine =
        care_class[0] == '\0' || (care_class[0] >= '1' && care_class[0] <= '3' && care_class[1] == '\0');
    out->care_class = (uint8_t)(class_fine && care_class[0] ? care_class[0] - '0' : 0);
    out->segment = sync_segment_read(segment);
    return nik_parse(nik, strlen(nik), &out->identity) && nik_check(out->identity) == REFUSAL_NONE &&
           out->segment != SEGMENT_NONE && class_fine && status_read(status, &out->active);
}

void sync_compare_init(struct sync_compare *compare, const struct registry *registry) {
    *compare = (struct sync_compare){.registry = registry};
    compare->seen = calloc(registry_member_count(registry) / 8 + 1, 1);
    if (!compare->seen)
        abort();
}

void sync_compare_free(struct sync_compare *compare) {
    free(compare->seen);
    free(compare->changes);
    *compare = (struct sync_compare){0};
}

static bool see(struct sync_compare *compare, uint32_t id) {
    uint8_t bit = (uint8_t)(1u << (id & 7));
    bool before = compare->seen[id >> 3] & bit;
    compare->seen[id >> 3] |= bit;
    return before;
}

static void change_add(struct sync_compare *compare, enum change kind, const struct sync_row *row) {
    if (compare->change_count == compare->change_capacity) {
        compare->change_capacity = compare->change_capacity ? 2 * compare->change_capacity : 1024;
        compare->changes = reallocarray(compare->changes, compare->change_capacity, sizeof *compare->changes);
        if (!compare->changes)
            abort();
    }
    compare->changes[compare->change_count++] = (struct sync_change){.identity = row->identity,
                                                                     .kind = (uint8_t)kind,
                                                                     .segment = row->segment,
                                                                     .care_class = row->care_class};
}

static bool is_wage(uint8_t segment) {
    return segment == SEGMENT_PPU_BU || segment == SEGMENT_PPU_PN;
}
static bool is_public(uint8_t segment) {
    return segment == SEGMENT_PBPU_PEMDA || segment == SEGMENT_PBI_JK;
}

static enum sync_finding segment_differs(struct sync_compare *compare, const struct member *member,
                                         const struct sync_row *row) {
    change_add(compare, CHANGE_SWITCH_SEGMENT, row);
    if (!row->active) /* a switch begins or keeps the cover */
        change_add(compare, CHANGE_SUSPEND, row);
    return is_wage(row->segment) && is_public(member->segment) ? SYNC_EMPLOYER_COVERS : SYNC_OTHER_SEGMENT;
}

static enum sync_finding member_judge(struct sync_compare *compare, const struct member *member,
                                      const struct sync_row *row) {
    if (!status_is_registered((enum status)member->status))
        return SYNC_LEFT_HERE;
    if ((member->flags & MEMBER_LAID_OFF) && is_wage(row->segment) && !is_wage(member->segment))
        return SYNC_LAID_OFF_HERE; /* the list is older than the layoff, or there is a rehire to report */
    if (member->segment != row->segment)
        return segment_differs(compare, member, row);
    bool suspended = member->status == STATUS_SUSPENDED;
    if (row->active && suspended) {
        change_add(compare, CHANGE_RESUME, row);
        return SYNC_ACTIVE_THERE;
    }
    if (!row->active && !suspended) {
        change_add(compare, CHANGE_SUSPEND, row);
        return SYNC_SUSPENDED_THERE;
    }
    if (row->care_class && row->care_class != member->care_class && row->active) {
        change_add(compare, CHANGE_SWITCH_SEGMENT, row);
        return SYNC_OTHER_CLASS;
    }
    return SYNC_SAME;
}

enum sync_finding sync_compare_row(struct sync_compare *compare, const struct sync_row *row) {
    uint32_t id = 0;
    const struct member *member = registry_find(compare->registry, row->identity, &id);
    enum sync_finding finding = !member            ? SYNC_NEW
                                : see(compare, id) ? SYNC_TWICE
                                                   : member_judge(compare, member, row);
    compare->counts[finding]++;
    return finding;
}

const struct member *sync_compare_gone(struct sync_compare *compare, uint32_t *id) {
    for (; *id <= registry_member_count(compare->registry); (*id)++) {
        const struct member *member = registry_member(compare->registry, *id);
        bool seen = compare->seen[*id >> 3] & (1u << (*id & 7));
        if (seen || !member || !status_is_registered((enum status)member->status))
            continue;
        compare->counts[SYNC_GONE]++;
        (*id)++;
        return member;
    }
    return NULL;
}
