/* projector_decisions.c - the coordinator's decisions into audit.db: asked for over its tools' socket
 * (projector_internal.h). */
#include "projector_internal.h"

#include "runtime/clock.h"
#include "wire/wire_billing.h"
#include "wire/wire_decision.h"

#include <inttypes.h>

#define ANSWER_MS       5000
#define CONNECT_MS      1000
#define DECISIONS_A_ASK 500u

static enum result no_answer(struct failure *why) {
    return fail(why, RESULT_AGAIN, "NO_ANSWER", "Billing's coordinator gives no answer; it is asked on.");
}

/* RESULT_AGAIN where it takes nothing now: it is not running. */
static enum result ask(struct projector *projector, uint64_t from, struct failure *why) {
    Cakupan__DecisionsRequest decisions = CAKUPAN__DECISIONS_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    uint8_t bytes[128];
    decisions.from = from;
    decisions.limit = DECISIONS_A_ASK;
    request.version = BILLING_VERSION;
    request.id = ++projector->request;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_DECISIONS;
    request.decisions = &decisions;
    size_t size = cakupan__billing_request__pack(&request, bytes);
    zmq_pollitem_t item = {zsock_resolve(projector->coordinator), 0, ZMQ_POLLOUT, 0};
    zmq_poll(&item, 1, CONNECT_MS); /* a new connection takes a moment before it carries anything */
    if (zmq_send(zsock_resolve(projector->coordinator), bytes, size, ZMQ_DONTWAIT) == (int)size)
        return RESULT_OK;
    return no_answer(why);
}

/* The reply to the last request, decoded into the arena; older ones are passed over. */
static enum result receive(struct projector *projector, const Cakupan__BillingReply **out,
                           struct failure *why) {
    int64_t end_us = clock_monotonic_us() + ANSWER_MS * 1000;
    void *socket = zsock_resolve(projector->coordinator);
    enum result result = RESULT_AGAIN;
    for (int64_t left_us; (left_us = end_us - clock_monotonic_us()) > 0;) {
        zmq_pollitem_t items[] = {{socket, 0, ZMQ_POLLIN, 0}, {NULL, projector->signal_fd, ZMQ_POLLIN, 0}};
        if (zmq_poll(items, projector->signal_fd < 0 ? 1 : 2, (long)(left_us / 1000) + 1) < 0 ||
            items[1].revents)
            break;
        zmq_msg_t message;
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) >= 0) {
            Cakupan__BillingReply *reply = NULL;
            arena_reset(&projector->arena);
            result = wire_billing_reply_decode(zmq_msg_data(&message), zmq_msg_size(&message),
                                               &projector->arena, &reply, why);
            *out = reply;
        }
        zmq_msg_close(&message);
        if (result == RESULT_OK && (*out)->id == projector->request)
            return RESULT_OK;
        if (result != RESULT_OK && result != RESULT_AGAIN)
            return result;
        result = RESULT_AGAIN;
    }
    return no_answer(why);
}

static bool take_beginning(struct projector *projector, const struct decision *decision) {
    if (decision->kind != DECISION_BEGUN || decision->count > LEDGER_PARTITIONS_MAX)
        return false;
    projector->partition_count = decision->count;
    projector->first_month = decision->month;
    return true;
}

enum result projector_take(struct projector *projector, const uint8_t *data, size_t size, uint64_t expected,
                           struct failure *why) {
    struct decision decision;
    if (wire_decision_decode(data, size, &projector->arena, &decision) != RESULT_OK)
        return fail(why, RESULT_CORRUPT, "DECISION_UNREADABLE",
                    "Decision %" PRIu64 " of billing's coordinator can't be read: run `cakupan verify`.",
                    expected);
    if (decision.sequence != expected)
        return fail(why, RESULT_CORRUPT, "DECISION_MISSING",
                    "Billing's coordinator told decision %" PRIu64 " where %" PRIu64 " was asked for.",
                    decision.sequence, expected);
    take_beginning(projector, &decision);
    return audit_store_decision(projector->store, &decision, why);
}

static enum result take_all(struct projector *projector, const Cakupan__BillingReply *reply,
                            struct audit_progress *progress, struct failure *why) {
    for (size_t i = 0; i < reply->n_decisions; i++) {
        const ProtobufCBinaryData *bytes = &reply->decisions[i];
        enum result result = projector_take(projector, bytes->data, bytes->len, progress->entry + 1, why);
        if (result != RESULT_OK)
            return result;
        progress->entry++;
    }
    return RESULT_OK;
}

/* How many partitions there are stands in one of the first decisions, which may be projected long since. */
static enum result read_beginning(struct projector *projector, struct failure *why) {
    const Cakupan__BillingReply *reply;
    enum result result = ask(projector, 1, why);
    if (result == RESULT_OK)
        result = receive(projector, &reply, why);
    if (result != RESULT_OK)
        return result;
    for (size_t i = 0; i < reply->n_decisions; i++) {
        struct decision decision;
        if (wire_decision_decode(reply->decisions[i].data, reply->decisions[i].len, &projector->arena,
                                 &decision) == RESULT_OK &&
            take_beginning(projector, &decision))
            break;
    }
    return RESULT_OK;
}

enum result projector_decisions(struct projector *projector, bool *more, struct failure *why) {
    struct audit_progress progress;
    const Cakupan__BillingReply *reply = NULL;
    enum result result = audit_store_progress(projector->store, AUDIT_DECISIONS, &progress, why);
    if (result == RESULT_OK && progress.entry > 0 && projector->partition_count == 0)
        result = read_beginning(projector, why);
    if (result == RESULT_OK)
        result = ask(projector, progress.entry + 1, why);
    if (result == RESULT_OK)
        result = receive(projector, &reply, why);
    if (result != RESULT_OK || reply->n_decisions == 0)
        return result;
    result = take_all(projector, reply, &progress, why);
    if (result != RESULT_OK)
        return result;
    *more = true;
    return audit_store_commit(projector->store, AUDIT_DECISIONS, &progress, why);
}
