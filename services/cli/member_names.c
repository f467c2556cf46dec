/* member_names.c - names of members by their numbers (member_names.h). */
#include "member_names.h"

#include "journal_follow.h"

#include <stdlib.h>
#include <string.h>

/* Names one after the other, each behind its length; of a name that was corrected the old one stays there. */
struct member_names {
    char *bytes;
    uint64_t used, capacity;
    uint64_t *places; /* by number: of the length, + 1; 0: no name */
    uint32_t count;
};

struct member_names *member_names_new(void) {
    struct member_names *names = calloc(1, sizeof *names);
    if (!names)
        abort();
    return names;
}

void member_names_destroy(struct member_names **names) {
    if (!*names)
        return;
    free((*names)->bytes);
    free((*names)->places);
    free(*names);
    *names = NULL;
}

static void *grown(void *memory, uint64_t size) {
    memory = realloc(memory, size);
    if (!memory)
        abort();
    return memory;
}

static void place_make(struct member_names *names, uint32_t id) {
    if (id < names->count)
        return;
    uint64_t count = (uint64_t)id + id / 2 + 1024;
    if (count > UINT32_MAX)
        count = UINT32_MAX;
    names->places = grown(names->places, count * sizeof *names->places);
    memset(names->places + names->count, 0, (count - names->count) * sizeof *names->places);
    names->count = (uint32_t)count;
}

void member_names_step(struct member_names *names, const struct record *record) {
    struct text name = record->name;
    if (record->refusal != REFUSAL_NONE || record->member_id == 0 || name.size == 0 || name.size > TEXT_MAX)
        return;
    place_make(names, record->member_id);
    if (names->capacity - names->used < (uint64_t)name.size + 1) {
        names->capacity += names->capacity / 2 + (1 << 20);
        names->bytes = grown(names->bytes, names->capacity);
    }
    names->places[record->member_id] = names->used + 1;
    names->bytes[names->used] = (char)name.size;
    memcpy(names->bytes + names->used + 1, name.data, name.size);
    names->used += (uint64_t)name.size + 1;
}

struct text member_names_of(const struct member_names *names, uint32_t member_id) {
    uint64_t place = member_id < names->count ? names->places[member_id] : 0;
    if (place == 0)
        return (struct text){0};
    return (struct text){names->bytes + place, (unsigned char)names->bytes[place - 1]};
}

static enum result on_record(void *context, const struct batch_header *batch, const struct record *record,
                             struct failure *why) {
    (void)batch;
    (void)why;
    member_names_step(context, record);
    return RESULT_OK;
}

enum result member_names_read(struct member_names *names, const char *state, uint64_t until,
                              struct failure *why) {
    struct journal_follow *follow;
    enum result result = journal_follow_open(&follow, state, on_record, names, why);
    if (result == RESULT_OK)
        result = journal_follow_until(follow, until, "Reading names", why);
    journal_follow_close(&follow);
    return result;
}
