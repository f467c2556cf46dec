/* inquiry.c - takes a request, asks the table of rights, hands it to who answers it; and what is decided at
 * once (inquiry.h). */
#include "inquiry_internal.h"

#include "runtime/require.h"
#include "wire/wire_bytes.h"

#include <endian.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES         (64u << 20) /* address space: a reply of 8 MiB and its parts */
#define DECISIONS_MAX_BYTES (4u << 20)
#define REQUEST_ID          2 /* field number in proto/billing.proto */

struct inquiry *inquiry_new(const struct inquiry_config *config, struct books *books, struct roll *roll,
                            struct closing *closing, inquiry_send *send, void *context) {
    struct inquiry *inquiry = calloc(1, sizeof *inquiry);
    require(inquiry, "no memory for inquiry");
    inquiry->config = *config;
    inquiry->books = books;
    inquiry->roll = roll;
    inquiry->closing = closing;
    inquiry->send = send;
    inquiry->context = context;
    arena_init(&inquiry->arena, ARENA_BYTES);
    return inquiry;
}

void inquiry_destroy(struct inquiry **inquiry) {
    if (!*inquiry)
        return;
    free((*inquiry)->frozen.bytes);
    arena_free(&(*inquiry)->arena);
    free(*inquiry);
    *inquiry = NULL;
}

void *inquiry_take(struct inquiry *inquiry, size_t size) {
    void *memory = arena_take(&inquiry->arena, size);
    require(memory, "a reply is far below its budget of memory");
    return memset(memory, 0, size);
}

void inquiry_reply(struct inquiry *inquiry, const struct inquiry_peer *peer, Cakupan__BillingReply *reply) {
    struct failure why;
    size_t size = cakupan__billing_reply__get_packed_size(reply);
    if (size > BILLING_REPLY_MAX_BYTES) { /* two years of papers of a city with many kecamatan */
        (void)fail(&why, RESULT_INVALID, "REPLY_LONG", "The answer has %zu bytes: ask for fewer months.",
                   size);
        inquiry_refuse(reply, &why);
        size = cakupan__billing_reply__get_packed_size(reply);
    }
    uint8_t *bytes = malloc(size + 1);
    require(bytes, "no memory for a reply");
    cakupan__billing_reply__pack(reply, bytes);
    inquiry->send(inquiry->context, peer, bytes, size);
    free(bytes);
}

static enum refusal refusal_of(const struct failure *why) {
    if (strcmp(why->code, "ROLE_NOT_ALLOWED") == 0)
        return REFUSAL_ROLE_NOT_ALLOWED;
    if (strcmp(why->code, "REQUEST_MALFORMED") == 0 || strcmp(why->code, "ASK_UNKNOWN") == 0)
        return REFUSAL_FRAME_MALFORMED;
    return why->result == RESULT_AGAIN || why->result == RESULT_FULL ? REFUSAL_BUSY : REFUSAL_VALUE_RANGE;
}

void inquiry_refuse(Cakupan__BillingReply *reply, const struct failure *why) {
    uint64_t id = reply->id;
    cakupan__billing_reply__init(reply);
    reply->id = id;
    reply->refusal = refusal_of(why);
    reply->code = (char *)why->code;
    reply->sentence = (char *)why->sentence;
}

enum result inquiry_begun(struct inquiry_call *call, struct books_begun *out) {
    if (books_begun(call->inquiry->books, out))
        return RESULT_OK;
    return fail(call->why, RESULT_AGAIN, "BILLING_NOT_BEGUN",
                "Billing has not begun: enrollment's journal is empty; enrol somebody, then ask again.");
}

enum result inquiry_in_state(struct inquiry_call *call, month_t month) {
    struct books_begun begun;
    enum result result = inquiry_begun(call, &begun);
    if (result != RESULT_OK || month >= begun.first_month)
        return result;
    char asked[CALENDAR_TEXT], first[CALENDAR_TEXT];
    calendar_format_month(month, asked);
    calendar_format_month(begun.first_month, first);
    return fail(call->why, RESULT_INVALID, "BILL_MONTH_BEFORE_STATE",
                "%s is before this state, whose first month is %s: ask for that one or a later one.", asked,
                first);
}

enum result inquiry_decide(struct inquiry_call *call, struct decision *decision) {
    const char *author = call->request->author;
    if (author[0] == '\0')
        return fail(call->why, RESULT_INVALID, "AUTHOR_MISSING",
                    "What is decided needs the name of who decides it: give an author.");
    decision->time_ms = call->time->time_ms;
    decision->day = call->time->today;
    decision->device = call->asker->operator_here ? 0 : call->asker->device;
    decision->author = (struct text){author, (uint16_t)strlen(author)};
    enum result result = books_decide(call->inquiry->books, decision, 1, call->why);
    call->stop = result == RESULT_IO;
    return result;
}

static enum result scale(struct inquiry_call *call) {
    uint32_t workers = call->request->scale->workers;
    if (workers > LEASE_WORKERS_MAX)
        return fail(call->why, RESULT_INVALID, "WORKERS_RANGE",
                    "There can't be %" PRIu32 " workers: give 1 to %u, or 0 for as many as the lag asks for.",
                    workers, LEASE_WORKERS_MAX);
    struct decision decision = {.kind = DECISION_SCALED, .count = workers};
    enum result result = inquiry_decide(call, &decision);
    if (result == RESULT_OK)
        result = roll_scale(call->inquiry->roll, workers, call->time->now_ms, call->why);
    call->stop = result == RESULT_IO;
    return result;
}

struct decisions {
    struct inquiry *inquiry;
    Cakupan__BillingReply *reply;
    uint32_t limit;
    size_t bytes;
};

static bool add_decision(void *context, uint64_t sequence, const uint8_t *bytes, size_t size) {
    struct decisions *list = context;
    bool full = list->reply->n_decisions == list->limit ||
                (list->reply->n_decisions > 0 && list->bytes + size > DECISIONS_MAX_BYTES);
    if (full)
        return false;
    uint8_t *copy = inquiry_take(list->inquiry, size + 1);
    memcpy(copy, bytes, size);
    list->reply->decisions[list->reply->n_decisions++] = (ProtobufCBinaryData){size, copy};
    list->reply->next_decision = sequence + 1;
    list->bytes += size;
    return true;
}

static enum result decisions(struct inquiry_call *call) {
    const Cakupan__DecisionsRequest *ask = call->request->decisions;
    struct decisions list = {.inquiry = call->inquiry, .reply = &call->reply, .limit = ask->limit};
    call->reply.next_decision = ask->from ? ask->from : 1;
    call->reply.decisions = inquiry_take(call->inquiry, (size_t)ask->limit * sizeof *call->reply.decisions);
    return books_list(call->inquiry->books, ask->from, add_decision, &list, call->why);
}

/* The minutes of a closed month are what they were when it was closed. */
static enum result check_open(struct inquiry_call *call, month_t month) {
    char asked[CALENDAR_TEXT];
    if (month >= finance_open_month(books_finance(call->inquiry->books)))
        return RESULT_OK;
    calendar_format_month(month, asked);
    return fail(call->why, RESULT_CONFLICT, "BILL_MONTH_CLOSED",
                "%s is closed: its minutes have the audit of before its close. Ask for its invoice.", asked);
}

static enum result audited(struct inquiry_call *call) {
    const Cakupan__AuditedRequest *ask = call->request->audited;
    uint64_t *counts = inquiry_take(call->inquiry, (ask->n_counts + 1) * sizeof *counts);
    month_t month = wire_month(ask->month);
    enum result result = inquiry_in_state(call, month);
    if (result == RESULT_OK)
        result = check_open(call, month);
    if (result != RESULT_OK)
        return result;
    for (size_t i = 0; i < ask->n_counts; i++)
        counts[i] = htole64(ask->counts[i]);
    struct decision decision = {.kind = DECISION_AUDITED,
                                .month = month,
                                .offset = ask->offset,
                                .bytes = (const uint8_t *)counts,
                                .size = ask->n_counts * sizeof *counts};
    return inquiry_decide(call, &decision);
}

static enum result settle(struct inquiry_call *call) {
    uint64_t id = call->request->settle->failure_id;
    if (!finance_failure(books_finance(call->inquiry->books), id))
        return fail(call->why, RESULT_INVALID, "FAILURE_UNKNOWN",
                    "No failure %" PRIu64 " is parked: `billing status` lists those that are.", id);
    struct decision decision = {.kind = DECISION_SETTLED, .failure_id = id};
    return inquiry_decide(call, &decision);
}

static inquiry_handler *const handlers[] = {
    [CAKUPAN__BILLING_REQUEST__ASK_STATUS] = inquiry_status,
    [CAKUPAN__BILLING_REQUEST__ASK_SUMMARY] = inquiry_summary,
    [CAKUPAN__BILLING_REQUEST__ASK_SCALE] = scale,
    [CAKUPAN__BILLING_REQUEST__ASK_PREVIEW] = inquiry_preview,
    [CAKUPAN__BILLING_REQUEST__ASK_CLOSE] = inquiry_close,
    [CAKUPAN__BILLING_REQUEST__ASK_INVOICE] = inquiry_invoice,
    [CAKUPAN__BILLING_REQUEST__ASK_FROZEN] = inquiry_frozen,
    [CAKUPAN__BILLING_REQUEST__ASK_PAY] = inquiry_pay,
    [CAKUPAN__BILLING_REQUEST__ASK_REVERSE] = inquiry_reverse,
    [CAKUPAN__BILLING_REQUEST__ASK_BUDGET_SET] = inquiry_budget_set,
    [CAKUPAN__BILLING_REQUEST__ASK_BUDGET] = inquiry_budget,
    [CAKUPAN__BILLING_REQUEST__ASK_DECISIONS] = decisions,
    [CAKUPAN__BILLING_REQUEST__ASK_RETARIFF] = inquiry_retariff,
    [CAKUPAN__BILLING_REQUEST__ASK_AUDITED] = audited,
    [CAKUPAN__BILLING_REQUEST__ASK_SETTLE] = settle,
};

/* Also of a request that is refused as malformed: its asker waits for this number. */
static uint64_t id_of(const uint8_t *data, size_t size) {
    struct wire_reader reader = {data, data + size};
    struct wire_field field;
    while (size > 0 && wire_read_field(&reader, &field))
        if (field.number == REQUEST_ID && field.type == WIRE_VARINT)
            return field.value.number;
    return 0;
}

static enum result answer(struct inquiry_call *call) {
    unsigned ask = call->request->ask_case;
    enum result result = rights_check(call->asker, call->request->ask_case, call->why);
    if (result != RESULT_OK)
        return result;
    if (ask >= sizeof handlers / sizeof *handlers || !handlers[ask])
        return fail(call->why, RESULT_INVALID, "ASK_UNKNOWN",
                    "Billing does not know what is asked: use tools of the same release.");
    return handlers[ask](call);
}

enum result inquiry_request(struct inquiry *inquiry, const struct inquiry_peer *peer,
                            const struct asker *asker, const uint8_t *data, size_t size,
                            const struct inquiry_time *time, struct failure *why) {
    Cakupan__BillingRequest *request = NULL;
    struct failure problem = {0};
    struct inquiry_call call = {
        .inquiry = inquiry, .peer = peer, .asker = asker, .time = time, .why = &problem};
    arena_reset(&inquiry->arena);
    cakupan__billing_reply__init(&call.reply);
    call.reply.id = id_of(data, size);
    enum result result = wire_billing_request_decode(data, size, &inquiry->arena, &request, &problem);
    call.request = request;
    if (result == RESULT_OK)
        result = answer(&call);
    if (result != RESULT_OK && call.stop) {
        *why = problem;
        return result;
    }
    if (result != RESULT_OK)
        inquiry_refuse(&call.reply, &problem);
    if (result != RESULT_OK || !call.later)
        inquiry_reply(inquiry, peer, &call.reply);
    return RESULT_OK;
}
