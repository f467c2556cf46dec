/* wire_billing_tools.c - tests of what tools ask of billing and are answered: every ask, every limit, foreign
 * bytes. */
#include "wire/wire_billing.h"

#include "mutate.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static uint8_t buffer[1 << 20];
static struct failure why;

static void setup(void) {
    arena_init(&arena, 64 << 20);
}
static void teardown(void) {
    arena_free(&arena);
}
TestSuite(wire_billing_tools, .init = setup, .fini = teardown);

static enum result decode(const uint8_t *data, size_t size, Cakupan__BillingRequest **out) {
    uint8_t *exact = malloc(size + 1); /* reading past the end must show */
    memcpy(exact, data, size);
    arena_reset(&arena);
    enum result result = wire_billing_request_decode(exact, size, &arena, out, &why);
    free(exact);
    return result;
}

static enum result ask(Cakupan__BillingRequest *request, Cakupan__BillingRequest **out) {
    cr_assert_leq(cakupan__billing_request__get_packed_size(request), sizeof buffer);
    return decode(buffer, cakupan__billing_request__pack(request, buffer), out);
}

static Cakupan__BillingRequest request_of(Cakupan__BillingRequest__AskCase ask_case, void *message) {
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    request.version = BILLING_VERSION;
    request.id = 17;
    request.author = (char *)"Rina, BPKD";
    request.ask_case = ask_case;
    request.status = message; /* all asks share one union */
    return request;
}

#define TAKEN(request) cr_assert_eq(ask(&(request), &out), RESULT_OK, "%s", why.sentence)
#define REFUSED(request, its_code)                                                                           \
    do {                                                                                                     \
        cr_assert_eq(ask(&(request), &out), RESULT_INVALID, "line %d", __LINE__);                            \
        cr_assert_str_eq(why.code, its_code);                                                                \
        cr_assert_null(out);                                                                                 \
    } while (0)

Test(wire_billing_tools, a_request_needs_version_and_one_ask) {
    Cakupan__BillingStatusRequest status = CAKUPAN__BILLING_STATUS_REQUEST__INIT;
    Cakupan__BillingRequest *out, request = request_of(CAKUPAN__BILLING_REQUEST__ASK_STATUS, &status);
    TAKEN(request);
    cr_assert_eq(out->ask_case, CAKUPAN__BILLING_REQUEST__ASK_STATUS);
    cr_assert_eq(out->id, 17);
    cr_assert_str_eq(out->author, "Rina, BPKD");
    request.version = 2;
    REFUSED(request, "REQUEST_MALFORMED");
    request.version = BILLING_VERSION;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK__NOT_SET;
    REFUSED(request, "ASK_UNKNOWN");
    cr_assert_eq(decode((const uint8_t *)"", 0, &out), RESULT_INVALID);
    cr_assert_eq(decode((const uint8_t *)"\x08\x01\x22\x00\x2a\x00", 6, &out), RESULT_INVALID, "two asks");
    cr_assert_str_eq(why.code, "REQUEST_MALFORMED");
    cr_assert_eq(decode((const uint8_t *)"\x08\x01\x22\x00\x08\x01", 6, &out), RESULT_INVALID, "one twice");
    cr_assert_eq(decode((const uint8_t *)"\x08\x01\x22\x00\xf8\x01\x01", 7, &out), RESULT_INVALID,
                 "field 31");
    cr_assert_eq(decode((const uint8_t *)"\x08\x01\x22\x03\xf8\x01\x01", 7, &out), RESULT_INVALID,
                 "field 31 within the ask");
    cr_assert_eq(decode((const uint8_t *)"\x08\x01\x22\x00", 4, &out), RESULT_OK, "%s", why.sentence);
}

Test(wire_billing_tools, texts_are_clean_and_short) {
    Cakupan__BillingStatusRequest status = CAKUPAN__BILLING_STATUS_REQUEST__INIT;
    Cakupan__BillingRequest *out, request = request_of(CAKUPAN__BILLING_REQUEST__ASK_STATUS, &status);
    char longest[TEXT_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[TEXT_MAX + 1] = 0;
    request.author = longest;
    REFUSED(request, "REQUEST_MALFORMED");
    longest[TEXT_MAX] = 0;
    TAKEN(request);
    request.author = (char *)"a\x1b[2Jb";
    REFUSED(request, "REQUEST_MALFORMED");
    request.author = (char *)"\xc3\x28";
    REFUSED(request, "REQUEST_MALFORMED");
    Cakupan__PayRequest pay = CAKUPAN__PAY_REQUEST__INIT;
    pay.month = 202612;
    pay.date = 20270105;
    pay.sp2d = (char *)"00123\n";
    request = request_of(CAKUPAN__BILLING_REQUEST__ASK_PAY, &pay);
    REFUSED(request, "REQUEST_MALFORMED");
    pay.sp2d = (char *)"00123/SP2D/2027";
    TAKEN(request);
}

Test(wire_billing_tools, months_days_and_years_exist) {
    Cakupan__PreviewRequest preview = CAKUPAN__PREVIEW_REQUEST__INIT;
    Cakupan__BillingRequest *out, request = request_of(CAKUPAN__BILLING_REQUEST__ASK_PREVIEW, &preview);
    preview.month = 202612;
    preview.months = 24;
    TAKEN(request);
    cr_assert_eq(out->preview->month, 202612);
    preview.months = 25;
    REFUSED(request, "REQUEST_MALFORMED");
    const uint32_t none[] = {0, 202600, 202613, 20261201, 208001};
    for (size_t index = 0; index < sizeof none / sizeof *none; index++) {
        preview = (Cakupan__PreviewRequest)CAKUPAN__PREVIEW_REQUEST__INIT;
        preview.month = none[index];
        REFUSED(request, "REQUEST_MALFORMED");
        Cakupan__CloseRequest close = CAKUPAN__CLOSE_REQUEST__INIT;
        close.month = none[index];
        Cakupan__BillingRequest other = request_of(CAKUPAN__BILLING_REQUEST__ASK_CLOSE, &close);
        REFUSED(other, "REQUEST_MALFORMED");
        Cakupan__InvoiceRequest invoice = CAKUPAN__INVOICE_REQUEST__INIT;
        invoice.month = none[index];
        other = request_of(CAKUPAN__BILLING_REQUEST__ASK_INVOICE, &invoice);
        REFUSED(other, "REQUEST_MALFORMED");
        Cakupan__AuditedRequest audited = CAKUPAN__AUDITED_REQUEST__INIT;
        audited.month = none[index];
        other = request_of(CAKUPAN__BILLING_REQUEST__ASK_AUDITED, &audited);
        REFUSED(other, "REQUEST_MALFORMED");
    }
    Cakupan__PayRequest pay = CAKUPAN__PAY_REQUEST__INIT;
    pay.month = 202612;
    pay.date = 20270230;
    request = request_of(CAKUPAN__BILLING_REQUEST__ASK_PAY, &pay);
    REFUSED(request, "REQUEST_MALFORMED");
    Cakupan__BudgetRequest budget = CAKUPAN__BUDGET_REQUEST__INIT;
    request = request_of(CAKUPAN__BILLING_REQUEST__ASK_BUDGET, &budget);
    TAKEN(request);
    budget.year = 70000;
    REFUSED(request, "REQUEST_MALFORMED");
    Cakupan__BudgetSetRequest set = CAKUPAN__BUDGET_SET_REQUEST__INIT;
    request = request_of(CAKUPAN__BILLING_REQUEST__ASK_BUDGET_SET, &set);
    REFUSED(request, "REQUEST_MALFORMED");
    set.year = 2026;
    TAKEN(request);
}

Test(wire_billing_tools, numbers_keep_their_bounds) {
    Cakupan__BillingRequest *out, request;
    int64_t amounts[PAYER_COUNT + 1] = {0, 1, INT64_C(1000000000000001)};
    Cakupan__PayRequest pay = CAKUPAN__PAY_REQUEST__INIT;
    pay.month = 202612;
    pay.date = 20270105;
    pay.line_rupiah = amounts;
    pay.n_line_rupiah = 3;
    request = request_of(CAKUPAN__BILLING_REQUEST__ASK_PAY, &pay);
    REFUSED(request, "REQUEST_MALFORMED");
    amounts[2]--;
    TAKEN(request);
    cr_assert_eq(out->pay->line_rupiah[2], INT64_C(1000000000000000));
    pay.n_line_rupiah = PAYER_COUNT + 1;
    REFUSED(request, "REQUEST_MALFORMED");
    pay.n_line_rupiah = 0;
    pay.amount_rupiah = INT64_MIN;
    REFUSED(request, "REQUEST_MALFORMED");
    Cakupan__FrozenRequest frozen = CAKUPAN__FROZEN_REQUEST__INIT;
    frozen.month = 202612;
    frozen.max_bytes = 4u << 20;
    request = request_of(CAKUPAN__BILLING_REQUEST__ASK_FROZEN, &frozen);
    TAKEN(request);
    frozen.max_bytes++;
    REFUSED(request, "REQUEST_MALFORMED");
    frozen.max_bytes = 0;
    REFUSED(request, "REQUEST_MALFORMED");
    frozen.max_bytes = 1;
    frozen.partition = LEDGER_PARTITIONS_MAX;
    REFUSED(request, "REQUEST_MALFORMED");
    Cakupan__DecisionsRequest decisions = CAKUPAN__DECISIONS_REQUEST__INIT;
    decisions.limit = 1001;
    request = request_of(CAKUPAN__BILLING_REQUEST__ASK_DECISIONS, &decisions);
    REFUSED(request, "REQUEST_MALFORMED");
    decisions.limit = 1000;
    TAKEN(request);
    static uint8_t tariff[TARIFF_PACKED_MAX + 1];
    Cakupan__RetariffRequest retariff = CAKUPAN__RETARIFF_REQUEST__INIT;
    request = request_of(CAKUPAN__BILLING_REQUEST__ASK_RETARIFF, &retariff);
    REFUSED(request, "REQUEST_MALFORMED");
    retariff.tariff = (ProtobufCBinaryData){sizeof tariff, tariff};
    REFUSED(request, "REQUEST_MALFORMED");
    retariff.tariff.len--;
    TAKEN(request);
}

Test(wire_billing_tools, a_request_above_its_bound_is_not_read) {
    Cakupan__AuditedRequest audited = CAKUPAN__AUDITED_REQUEST__INIT;
    static uint64_t counts[40000];
    memset(counts, 0xff, sizeof counts);
    audited.month = 202612;
    audited.counts = counts;
    audited.n_counts = 64;
    Cakupan__BillingRequest *out, request = request_of(CAKUPAN__BILLING_REQUEST__ASK_AUDITED, &audited);
    TAKEN(request);
    audited.n_counts = 65;
    REFUSED(request, "REQUEST_MALFORMED");
    audited.n_counts = 40000;
    REFUSED(request, "REQUEST_MALFORMED");
    cr_assert_not_null(strstr(why.sentence, "no such message"), "%s", why.sentence);
}

static struct billing_summary example(void) {
    struct billing_summary summary = {
        .offset = 100,
        .head = 107,
        .complete = true,
        .open_month = calendar_month(calendar_day(2026, 12, 1)),
        .arrears_rupiah = 14499588600,
        .arrears_months = 1,
        .invoiced_month = calendar_month(calendar_day(2026, 11, 1)),
        .due_day = calendar_day(2026, 12, 10),
        .owed_rupiah = -3,
        .failures = 2,
        .workers = 3,
        .partitions_ready = 15,
        .partitions = 16,
        .lag_records = 7,
        .lag_ms = 12,
    };
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
        summary.open[payer] = (struct payer_sum){1000 * payer, payer, -(int64_t)payer};
        summary.next[payer] = (struct payer_sum){2000 * payer, 2 * payer, 0};
    }
    return summary;
}

static enum result decode_reply(const Cakupan__BillingReply *reply, Cakupan__BillingReply **out) {
    size_t size = cakupan__billing_reply__get_packed_size(reply);
    cr_assert_leq(size, sizeof buffer);
    cakupan__billing_reply__pack(reply, buffer);
    uint8_t *exact = malloc(size + 1);
    memcpy(exact, buffer, size);
    arena_reset(&arena);
    enum result result = wire_billing_reply_decode(exact, size, &arena, out, &why);
    free(exact);
    return result;
}

Test(wire_billing_tools, a_summary_comes_back_as_it_was) {
    struct billing_summary summary = example(), taken;
    Cakupan__BillingSummary message;
    Cakupan__PayerSum sums[2 * PAYER_COUNT], *list[2 * PAYER_COUNT];
    Cakupan__BillingReply reply = CAKUPAN__BILLING_REPLY__INIT, *out;
    wire_billing_summary_put(&summary, &message, sums, list);
    reply.summary = &message;
    cr_assert_eq(decode_reply(&reply, &out), RESULT_OK, "%s", why.sentence);
    cr_assert_eq(wire_billing_summary_take(out->summary, &taken, &why), RESULT_OK);
    cr_assert_arr_eq(taken.open, summary.open, sizeof taken.open);
    cr_assert_arr_eq(taken.next, summary.next, sizeof taken.next);
    cr_assert(taken.offset == 100 && taken.head == 107 && taken.complete && taken.lag_records == 7 &&
              taken.lag_ms == 12 && taken.open_month == summary.open_month &&
              taken.invoiced_month == summary.invoiced_month && taken.due_day == summary.due_day &&
              taken.arrears_rupiah == summary.arrears_rupiah && taken.arrears_months == 1 &&
              taken.owed_rupiah == -3 && taken.failures == 2 && taken.workers == 3 &&
              taken.partitions_ready == 15 && taken.partitions == 16);
    summary = (struct billing_summary){0}; /* a state that has not begun */
    wire_billing_summary_put(&summary, &message, sums, list);
    cr_assert_eq(decode_reply(&reply, &out), RESULT_OK, "%s", why.sentence);
    message.open_month = 202613;
    cr_assert_eq(decode_reply(&reply, &out), RESULT_INVALID);
    cr_assert_str_eq(why.code, "REPLY_MALFORMED");
    message.open_month = 202612;
    message.owed_rupiah = INT64_MAX;
    cr_assert_eq(decode_reply(&reply, &out), RESULT_INVALID);
}

Test(wire_billing_tools, replies_keep_their_bounds) {
    Cakupan__BillingReply reply = CAKUPAN__BILLING_REPLY__INIT, *out;
    Cakupan__BudgetReply budget = CAKUPAN__BUDGET_REPLY__INIT;
    Cakupan__BudgetMonth months[13], *list[13];
    for (unsigned index = 0; index < 13; index++) {
        cakupan__budget_month__init(list[index] = &months[index]);
        months[index].month = 202601 + index % 12;
    }
    reply.budget = &budget;
    budget.year = 2026;
    budget.months = list;
    budget.n_months = 12;
    cr_assert_eq(decode_reply(&reply, &out), RESULT_OK, "%s", why.sentence);
    budget.n_months = 13;
    cr_assert_eq(decode_reply(&reply, &out), RESULT_INVALID);
    budget.n_months = 12;
    months[3].month = 0;
    cr_assert_eq(decode_reply(&reply, &out), RESULT_INVALID);
    reply.budget = NULL;
    reply.sentence = (char *)"a\tb";
    cr_assert_eq(decode_reply(&reply, &out), RESULT_INVALID);
    reply.sentence = (char *)"";
    reply.refusal = 1 << 16;
    cr_assert_eq(decode_reply(&reply, &out), RESULT_INVALID);
    reply.refusal = 25;
    cr_assert_eq(decode_reply(&reply, &out), RESULT_OK);
}

Test(wire_billing_tools, damaged_bytes_never_crash) {
    struct billing_summary summary = example();
    Cakupan__BillingSummary message;
    Cakupan__PayerSum sums[2 * PAYER_COUNT], *list[2 * PAYER_COUNT];
    Cakupan__BillingReply reply = CAKUPAN__BILLING_REPLY__INIT, *out;
    Cakupan__PayRequest pay = CAKUPAN__PAY_REQUEST__INIT;
    pay.month = 202612;
    pay.date = 20270105;
    pay.sp2d = (char *)"00123/SP2D/2027";
    Cakupan__BillingRequest *request_out, request = request_of(CAKUPAN__BILLING_REQUEST__ASK_PAY, &pay);
    wire_billing_summary_put(&summary, &message, sums, list);
    reply.summary = &message;
    static uint8_t damaged[8192];
    uint64_t seed = 11;
    uint32_t taken = 0;
    for (uint32_t round = 0; round < 20000; round++) {
        size_t size = round % 2 ? cakupan__billing_request__pack(&request, damaged)
                                : cakupan__billing_reply__pack(&reply, damaged);
        size = mutate(damaged, size, sizeof damaged, &seed);
        arena_reset(&arena);
        if (round % 2)
            taken += decode(damaged, size, &request_out) == RESULT_OK;
        else
            taken += wire_billing_reply_decode(damaged, size, &arena, &out, &why) == RESULT_OK;
    }
    cr_assert_gt(taken, 100, "damage that nothing survives tests nothing");
}
