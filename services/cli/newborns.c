/* newborns.c - looks up the NIKs that newborns got after their roster was frozen (newborns.h). */
#include "newborns.h"

#include "person.h"
#include "wire/wire_record.h"

#include <stdlib.h>

enum { MEMBER_ARENA_BYTES = 64 << 10 };

struct newborn {
    identity_t temporary;
    uint32_t position;
};

struct newborns {
    struct newborn *all;
    size_t count, capacity;
};

struct newborns *newborns_new(void) {
    struct newborns *newborns = calloc(1, sizeof *newborns);
    if (!newborns)
        abort();
    return newborns;
}

void newborns_destroy(struct newborns **newborns) {
    if (!*newborns)
        return;
    free((*newborns)->all);
    free(*newborns);
    *newborns = NULL;
}

void newborns_add(struct newborns *newborns, uint32_t position, identity_t temporary) {
    if (newborns->count == newborns->capacity) {
        newborns->capacity += newborns->capacity / 2 + 256;
        newborns->all = realloc(newborns->all, newborns->capacity * sizeof *newborns->all);
        if (!newborns->all)
            abort();
    }
    newborns->all[newborns->count++] = (struct newborn){temporary, position};
}

/* What the person is called now; a temporary id leads to them for ever. */
static enum result identity_now(struct control_client *client, struct arena *arena, identity_t temporary,
                                identity_t *out, struct failure *why) {
    Cakupan__ControlReply *reply = NULL;
    struct member member;
    enum result result =
        person_ask_on(client, temporary, "bill reconcile: a newborn's NIK", false, &reply, why);
    arena_reset(arena);
    if (result == RESULT_OK &&
        wire_member_decode(reply->member->state.data, reply->member->state.len, arena, &member) != RESULT_OK)
        result = fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED", "Enrollment's answer holds no member.");
    if (result == RESULT_OK)
        *out = member.identity;
    control_reply_free(&reply);
    return result;
}

enum result newborns_name(const struct newborns *newborns, const char *state, struct reconcile *reconcile,
                          struct failure *why) {
    struct control_client *client;
    struct arena arena;
    if (newborns->count == 0)
        return RESULT_OK;
    enum result result = control_open(&client, state, why);
    if (result != RESULT_OK)
        return result;
    arena_init(&arena, MEMBER_ARENA_BYTES);
    for (size_t i = 0; i < newborns->count && result == RESULT_OK; i++) {
        const struct newborn *newborn = &newborns->all[i];
        identity_t now;
        result = identity_now(client, &arena, newborn->temporary, &now, why);
        if (result == RESULT_OK && !(now & IDENTITY_TEMPORARY))
            reconcile_known_as(reconcile, newborn->position, now);
    }
    arena_free(&arena);
    control_close(&client);
    return result;
}
