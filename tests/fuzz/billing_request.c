/* billing_request.c - fuzzes what tools ask of billing, and what it answers them: whatever is accepted is
 * accepted again as protobuf-c writes it. */
#include "examples.h"
#include "wire/wire_billing.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t example_reply(uint8_t *out, size_t capacity, unsigned seed) {
    struct billing_summary summary = {
        .offset = seed, .open_month = 1525, .invoiced_month = 1524, .due_day = 46000};
    Cakupan__BillingSummary message;
    Cakupan__PayerSum sums[2 * PAYER_COUNT], *list[2 * PAYER_COUNT];
    Cakupan__MonthReply month = CAKUPAN__MONTH_REPLY__INIT;
    Cakupan__BillingReply reply = CAKUPAN__BILLING_REPLY__INIT;
    wire_billing_summary_put(&summary, &message, sums, list);
    month.month = 202612;
    month.due_date = 20261210;
    int64_t amounts[] = {0, 0, -35000, -2800};
    Cakupan__BookedPayment reversal = CAKUPAN__BOOKED_PAYMENT__INIT, *list_of_one = &reversal;
    reversal.decision = 1 + seed;
    reversal.reverses = seed;
    reversal.date = 20270105;
    reversal.sp2d = (char *)"00123/SP2D/2027";
    reversal.reason = (char *)"it pays for January";
    reversal.amount_rupiah = amounts;
    reversal.n_amount_rupiah = 4;
    month.payments = &list_of_one;
    month.n_payments = seed & 4 ? 1 : 0;
    reply.id = seed;
    reply.summary = seed & 1 ? &message : NULL;
    reply.month = seed & 2 ? &month : NULL;
    size_t size = cakupan__billing_reply__get_packed_size(&reply);
    return size <= capacity ? cakupan__billing_reply__pack(&reply, out) : 0;
}

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    unsigned kind = seed >> 8;
    if (kind % 4 == 0)
        return example_reply(out, capacity, kind);
    int64_t amounts[] = {0, 0, 35000, 2800};
    Cakupan__BillingStatusRequest status = CAKUPAN__BILLING_STATUS_REQUEST__INIT;
    Cakupan__PreviewRequest preview = CAKUPAN__PREVIEW_REQUEST__INIT;
    preview.month = 202612;
    preview.months = kind % 25;
    Cakupan__FrozenRequest frozen = CAKUPAN__FROZEN_REQUEST__INIT;
    frozen.month = 202612;
    frozen.max_bytes = 1 + kind;
    Cakupan__PayRequest pay = CAKUPAN__PAY_REQUEST__INIT;
    pay.month = 202612;
    pay.date = 20270105;
    pay.sp2d = (char *)"00123/SP2D/2027";
    pay.line_rupiah = amounts;
    pay.n_line_rupiah = 4;
    Cakupan__ReverseRequest reverse = CAKUPAN__REVERSE_REQUEST__INIT;
    reverse.month = 202612;
    reverse.sp2d = (char *)"00123/SP2D/2027";
    reverse.reason = (char *)"it pays for January";
    Cakupan__DecisionsRequest decisions = CAKUPAN__DECISIONS_REQUEST__INIT;
    decisions.limit = 1000;
    Cakupan__BudgetRequest budget = CAKUPAN__BUDGET_REQUEST__INIT;
    budget.what_if_layoffs = kind;
    static const Cakupan__BillingRequest__AskCase cases[] = {
        CAKUPAN__BILLING_REQUEST__ASK_STATUS,    CAKUPAN__BILLING_REQUEST__ASK_PREVIEW,
        CAKUPAN__BILLING_REQUEST__ASK_FROZEN,    CAKUPAN__BILLING_REQUEST__ASK_PAY,
        CAKUPAN__BILLING_REQUEST__ASK_DECISIONS, CAKUPAN__BILLING_REQUEST__ASK_BUDGET,
        CAKUPAN__BILLING_REQUEST__ASK_REVERSE};
    ProtobufCMessage *const asks[] = {&status.base,    &preview.base, &frozen.base, &pay.base,
                                      &decisions.base, &budget.base,  &reverse.base};
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    request.version = BILLING_VERSION;
    request.id = seed;
    request.author = (char *)"Rina, BPKD";
    request.ask_case = cases[kind / 4 % 7];
    request.status = (Cakupan__BillingStatusRequest *)asks[kind / 4 % 7]; /* all asks share one union */
    size_t size = cakupan__billing_request__get_packed_size(&request);
    return size <= capacity ? cakupan__billing_request__pack(&request, out) : 0;
}
FUZZ_EXAMPLES(example)

static struct arena arena;
static uint8_t written[1 << 20];

static void check_request(const uint8_t *data, size_t size) {
    Cakupan__BillingRequest *request, *again;
    struct failure why = {0};
    if (wire_billing_request_decode(data, size, &arena, &request, &why) != RESULT_OK) {
        FUZZ_CHECK(!request && why.code[0] != '\0' && why.sentence[0] != '\0');
        return;
    }
    FUZZ_CHECK(request->version == BILLING_VERSION && request->ask_case != 0 &&
               strlen(request->author) <= TEXT_MAX);
    size_t written_size = cakupan__billing_request__get_packed_size(request);
    FUZZ_CHECK(written_size <= sizeof written);
    cakupan__billing_request__pack(request, written);
    FUZZ_CHECK(wire_billing_request_decode(written, written_size, &arena, &again, &why) == RESULT_OK &&
               again->ask_case == request->ask_case && again->id == request->id);
}

static void check_reply(const uint8_t *data, size_t size) {
    Cakupan__BillingReply *reply;
    struct billing_summary summary;
    struct failure why = {0};
    if (wire_billing_reply_decode(data, size, &arena, &reply, &why) != RESULT_OK) {
        FUZZ_CHECK(!reply && why.code[0] != '\0' && why.sentence[0] != '\0');
        return;
    }
    FUZZ_CHECK(!reply->summary || wire_billing_summary_take(reply->summary, &summary, &why) == RESULT_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!arena.base)
        arena_init(&arena, 16 << 20);
    arena_reset(&arena);
    check_request(data, size);
    arena_reset(&arena);
    check_reply(data, size);
    return 0;
}
