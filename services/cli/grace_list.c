/* grace_list.c - who is in grace (grace_list.h): rows of those who are or were, found by member number. */
#include "grace_list.h"

#include <stdlib.h>
#include <string.h>

struct grace_list {
    struct grace_person *rows; /* last_day DAY_NONE: not in grace any more */
    size_t count, capacity;
    uint32_t *places; /* by member number: of the row, + 1; 0: none */
    uint32_t places_count;
};

struct grace_list *grace_list_new(void) {
    struct grace_list *list = calloc(1, sizeof *list);
    if (!list)
        abort();
    return list;
}

void grace_list_destroy(struct grace_list **list) {
    if (!*list)
        return;
    free((*list)->rows);
    free((*list)->places);
    free(*list);
    *list = NULL;
}

static void *grown(void *memory, size_t count, size_t size) {
    memory = reallocarray(memory, count, size);
    if (!memory)
        abort();
    return memory;
}

/* NULL: was never in grace. */
static struct grace_person *row_find(const struct grace_list *list, uint32_t member_id) {
    uint32_t place = member_id < list->places_count ? list->places[member_id] : 0;
    return place ? &list->rows[place - 1] : NULL;
}

static struct grace_person *row_make(struct grace_list *list, uint32_t member_id) {
    struct grace_person *row = row_find(list, member_id);
    if (row)
        return row;
    if (member_id >= list->places_count) {
        uint32_t count = member_id < UINT32_MAX / 2 ? member_id + member_id / 2 + 1024 : UINT32_MAX;
        list->places = grown(list->places, count, sizeof *list->places);
        memset(list->places + list->places_count, 0, (count - list->places_count) * sizeof *list->places);
        list->places_count = count;
    }
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 1024;
        list->rows = grown(list->rows, list->capacity, sizeof *list->rows);
    }
    list->places[member_id] = (uint32_t)list->count + 1;
    row = &list->rows[list->count++];
    *row = (struct grace_person){.member_id = member_id};
    return row;
}

void grace_list_step(struct grace_list *list, const struct record *record) {
    const struct member *after = &record->after;
    if (record->refusal != REFUSAL_NONE || record->member_id == 0 || record->member_id == UINT32_MAX ||
        !record->has_after)
        return;
    bool grace = after->status == STATUS_GRACE && after->due_day != DAY_NONE;
    struct grace_person *row = grace ? row_make(list, record->member_id) : row_find(list, record->member_id);
    if (!row)
        return;
    if (record->kind == CHANGE_LAYOFF)
        row->laid_off = record->effective_day;
    row->identity = after->identity;
    row->kelurahan = after->kelurahan;
    /* cover without premium lasts up to the day before the one that falls due (registry_due.c) */
    row->last_day = grace ? (day_t)(after->due_day - 1) : DAY_NONE;
}

static int by_day_and_place(const void *one, const void *other) {
    const struct grace_person *a = one, *b = other;
    if (a->last_day != b->last_day)
        return a->last_day < b->last_day ? -1 : 1;
    if (a->kelurahan != b->kelurahan)
        return a->kelurahan < b->kelurahan ? -1 : 1;
    return a->member_id < b->member_id ? -1 : a->member_id > b->member_id;
}

size_t grace_list_month(const struct grace_list *list, month_t month, uint32_t area,
                        struct grace_person **out) {
    size_t count = 0;
    *out = calloc(list->count + 1, sizeof **out);
    if (!*out)
        abort();
    for (size_t i = 0; i < list->count; i++) {
        const struct grace_person *row = &list->rows[i];
        if (row->last_day != DAY_NONE && calendar_month(row->last_day) == month &&
            area_holds(area, row->kelurahan))
            (*out)[count++] = *row;
    }
    qsort(*out, count, sizeof **out, by_day_and_place);
    return count;
}
