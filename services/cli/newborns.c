/* newborns.c - looks up the NIKs that newborns got after their roster was frozen (newborns.h). */
#include "newborns.h"

#include "control_client.h"

#include <stdlib.h>
#include <string.h>

#define NEWBORNS_A_REQUEST 400u /* control.proto */

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

static void tell_names(const struct newborn *asked, size_t count, const uint64_t *niks,
                       struct reconcile *reconcile) {
    for (size_t i = 0; i < count; i++)
        if (niks[i] != 0)
            reconcile_known_as(reconcile, asked[i].position, niks[i]);
}

static enum result ask_some(struct control_client *client, const struct newborn *asked, size_t count,
                            struct reconcile *reconcile, struct failure *why) {
    static uint64_t temporary_ids[NEWBORNS_A_REQUEST];
    for (size_t i = 0; i < count; i++)
        temporary_ids[i] = asked[i].temporary & ~IDENTITY_TEMPORARY;
    Cakupan__NewbornsRequest newborns = CAKUPAN__NEWBORNS_REQUEST__INIT;
    newborns.n_temporary_ids = count;
    newborns.temporary_ids = temporary_ids;
    newborns.reason = (char *)"bill reconcile";
    Cakupan__ControlRequest request = CAKUPAN__CONTROL_REQUEST__INIT;
    request.ask_case = CAKUPAN__CONTROL_REQUEST__ASK_NEWBORNS;
    request.newborns = &newborns;
    Cakupan__ControlReply *reply = NULL;
    enum result result = control_ask(client, &request, &reply, why);
    if (result == RESULT_OK && (!reply->newborns || reply->newborns->n_niks != count))
        result = fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED",
                      "Enrollment's answer does not fit the question: use programs of one version.");
    if (result == RESULT_OK)
        tell_names(asked, count, reply->newborns->niks, reconcile);
    control_reply_free(&reply);
    return result;
}

/* Whoever reads "billing does not answer" must not look at billing, which has answered already. */
static enum result not_answered(enum result result, struct failure *why) {
    char sentence[sizeof why->sentence];
    memcpy(sentence, why->sentence, sizeof sentence);
    return fail(why, result == RESULT_INVALID ? RESULT_CORRUPT : result, "NOT_ANSWERED",
                "Enrollment does not say which NIKs the roster's newborns have by now: %.300s", sentence);
}

enum result newborns_name(const struct newborns *newborns, const char *state, struct reconcile *reconcile,
                          struct failure *why) {
    struct control_client *client;
    if (newborns->count == 0)
        return RESULT_OK;
    enum result result = control_open(&client, state, why);
    for (size_t done = 0, count; result == RESULT_OK && done < newborns->count; done += count) {
        count = newborns->count - done;
        if (count > NEWBORNS_A_REQUEST)
            count = NEWBORNS_A_REQUEST;
        result = ask_some(client, newborns->all + done, count, reconcile, why);
    }
    control_close(&client);
    return result == RESULT_OK ? result : not_answered(result, why);
}
