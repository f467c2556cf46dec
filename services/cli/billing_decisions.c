/* billing_decisions.c - reads the coordinator's decisions, all of them (billing_client.h). */
#include "billing_client.h"

#include "wire/wire_decision.h"

enum { DECISIONS_A_TIME = 500, DECISION_MEMORY = 32 << 20 };

/* Each is decoded in a memory of its own: the client's holds the reply that they all lie in. */
static enum result reply_take(const Cakupan__BillingReply *reply, struct arena *arena,
                              billing_on_decision *on_decision, void *context, struct failure *why) {
    enum result result = RESULT_OK;
    for (size_t i = 0; i < reply->n_decisions && result == RESULT_OK; i++) {
        struct decision decision;
        arena_reset(arena);
        if (wire_decision_decode(reply->decisions[i].data, reply->decisions[i].len, arena, &decision) !=
            RESULT_OK)
            return fail(why, RESULT_CORRUPT, "ANSWER_MALFORMED",
                        "Billing told a decision in a form that this version does not know.");
        result = on_decision(context, &decision, why);
    }
    return result;
}

enum result billing_decisions(struct billing_client *client, billing_on_decision *on_decision, void *context,
                              struct failure *why) {
    struct arena arena;
    uint64_t from = 1, count;
    enum result result;
    arena_init(&arena, DECISION_MEMORY);
    do {
        Cakupan__DecisionsRequest decisions = CAKUPAN__DECISIONS_REQUEST__INIT;
        Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
        const Cakupan__BillingReply *reply;
        decisions.from = from;
        decisions.limit = DECISIONS_A_TIME;
        request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_DECISIONS;
        request.decisions = &decisions;
        result = billing_ask(client, &request, BILLING_PATIENCE_MS, &reply, why);
        if (result != RESULT_OK)
            break;
        count = reply->n_decisions;
        from += count;
        result = reply_take(reply, &arena, on_decision, context, why);
    } while (result == RESULT_OK && count > 0);
    arena_free(&arena);
    return result;
}
