/* refusals_handler.c - GET /v1/refusals: refused events, newest first, page by page. With a reason the labour
 * office sees the NIKs of layoffs that kaders reported. */
#include "gateway_internal.h"
#include "office.h"
#include "routes.h"
#include "view/refusal_json.h"
#include "wire/wire_event.h"
#include "wire/wire_record.h"

#define ROWS_DEFAULT 50
#define ROWS_MAX     1000

/* False where the record can't be read. */
static bool row_add(json_t *rows, const Cakupan__RefusedEvent *entry, bool unmasked, struct arena *arena,
                    enum language language) {
    struct record record;
    struct event event;
    struct refusal_report report;
    if (entry->report)
        report = (struct refusal_report){entry->report->open, entry->report->kelurahan,
                                         entry->report->employer, entry->report->name};
    arena_reset(arena);
    if (wire_record_decode(entry->record.data, entry->record.len, arena, &record) != RESULT_OK)
        return false;
    wire_event_decode((const uint8_t *)record.refused_event.data, record.refused_event.size, record.sequence,
                      arena, &event);
    json_array_append_new(rows, refusal_json(entry->time_ms, &record, &event, entry->report ? &report : NULL,
                                             unmasked && entry->report, language));
    return true;
}

static json_t *page_json(struct request *request, const Cakupan__RefusalsReply *reply) {
    json_t *rows = json_array(), *next = NULL;
    for (size_t i = 0; i < reply->n_refused; i++)
        if (!row_add(rows, reply->refused[i], reply->unmasked, &request_gateway(request)->arena,
                     request_language(request))) {
            json_decref(rows);
            return NULL;
        }
    if (reply->more)
        next = json_integer((json_int_t)reply->next_before);
    return json_pack("{s:o, s:o}", "refusals", rows, "next_before", next ? next : json_null());
}

static void answered(void *context, const Cakupan__DoorReply *reply, const struct failure *why) {
    struct request *request = context;
    json_t *page = reply && reply->refusals ? page_json(request, reply->refusals) : NULL;
    if (page)
        request_json(request, 200, page);
    else if (!reply || reply->code[0])
        door_problem(request, reply, why);
    else
        request_problem(request, "INTERNAL", NULL);
}

/* False after a problem was answered. */
static bool parameters_read(struct request *request, Cakupan__RefusalsRequest *ask) {
    uint64_t device = 0, before = 0, limit = ROWS_DEFAULT;
    const char *code = request_parameter(request, "code");
    if (code && !(ask->refusal = refusal_from_name(code))) {
        request_problem(request, "PARAMETER_INVALID", "code");
        return false;
    }
    if (!office_number(request, "device", 1, UINT32_MAX, &device) ||
        !office_number(request, "before", 1, INT64_MAX, &before) ||
        !office_number(request, "limit", 1, ROWS_MAX, &limit))
        return false;
    ask->device = (uint32_t)device;
    ask->before_offset = before;
    ask->limit = (uint32_t)limit;
    return true;
}

void handle_refusals(struct request *request) {
    struct gateway *gateway = request_gateway(request);
    struct failure why;
    Cakupan__RefusalsRequest refusals = CAKUPAN__REFUSALS_REQUEST__INIT;
    if (!parameters_read(request, &refusals))
        return;
    const char *header = request_header(request, "Cakupan-Reason");
    char reason[TEXT_MAX + 1];
    if (header && !reason_read(header, reason)) {
        request_problem(request, "REASON_MISSING", NULL);
        return;
    }
    if (header)
        refusals.reason = reason;
    Cakupan__DoorRequest ask = CAKUPAN__DOOR_REQUEST__INIT;
    ask.token_hash = (ProtobufCBinaryData){TOKEN_HASH_SIZE, (uint8_t *)request_caller(request)->token_hash};
    ask.ask_case = CAKUPAN__DOOR_REQUEST__ASK_REFUSALS;
    ask.refusals = &refusals;
    if (door_ask(gateway->door, &ask, gateway->now_ms, answered, request, &why) == RESULT_OK)
        request_wait(request);
    else
        door_problem(request, NULL, &why);
}
