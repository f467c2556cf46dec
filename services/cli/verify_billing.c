/* verify_billing.c - billing against a replay of the journal: the bill of the open month and the frozen ones
 * (verify_billing.h). */
#include "verify_billing.h"

#include "bill_command.h"
#include "cakupan/invoice.h"
#include "view/format.h"
#include "instance.h"
#include "verify_audit.h"
#include "verify_journals.h"
#include "wire/wire_billing.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void skip(struct verify_billing *verify, const struct failure *why) {
    for (int i = 0; i < VERIFY_BILLING_CHECKS; i++) {
        verify->checks[i].state = CHECK_SKIPPED;
        snprintf(verify->checks[i].remark, sizeof verify->checks[i].remark, "%s", why->sentence);
    }
    billing_replay_close(&verify->replay);
}

/* The open month as the decisions that were read have it: a close in between is refused, and said. */
static enum result preview_ask(struct verify_billing *verify, struct failure *why) {
    Cakupan__PreviewRequest preview = CAKUPAN__PREVIEW_REQUEST__INIT;
    Cakupan__BillingRequest request = CAKUPAN__BILLING_REQUEST__INIT;
    preview.month = wire_month_number(billing_replay_next_month(verify->replay));
    preview.months = 1;
    request.ask_case = CAKUPAN__BILLING_REQUEST__ASK_PREVIEW;
    request.preview = &preview;
    return bill_ask(verify->client, &request, &verify->claimed, NULL, why);
}

void verify_billing_ask(struct verify_billing *verify) {
    struct failure why;
    char audit[INSTANCE_PATH];
    instance_path(audit, verify->state, "billing/audit.db");
    if (audit_reader_open(&verify->audit, audit, &why) == RESULT_CORRUPT)
        verify->audit_failure = why;
    enum result result = billing_open(&verify->client, verify->state, false, &why);
    if (result == RESULT_OK)
        result = billing_replay_open(&verify->replay, verify->client, verify->city, NULL, &why);
    if (result == RESULT_OK)
        result = preview_ask(verify, &why);
    if (result != RESULT_OK) {
        skip(verify, &why);
        return;
    }
    verify->offset = verify->claimed.as_of_offset;
    verify->recounted = calloc(1, sizeof *verify->recounted);
    if (!verify->recounted)
        abort();
}

enum result verify_billing_record(struct verify_billing *verify, const struct batch_header *batch,
                                  const struct record *record, struct failure *why) {
    if (!verify->replay)
        return RESULT_OK;
    enum result result = billing_replay_record(verify->replay, batch, record, why);
    if (result == RESULT_OK && record->offset == verify->offset)
        result = ledger_preview(billing_replay_ledger(verify->replay), verify->claimed.month,
                                verify->recounted, NULL, NULL, why);
    return result;
}

/* Lines that one has and the other has not, or has otherwise. The recount is written as an invoice would
 * be, and read as one: so that both are judged in one form. */
static size_t lines_differ(const struct verify_billing *verify, const struct bill_view *claimed,
                           const struct ledger_sums *sums) {
    struct invoice invoice = {.month = claimed->month,
                              .as_of_offset = claimed->as_of_offset,
                              .regions = &verify->city->regions,
                              .sums = sums};
    uint8_t *bytes = malloc(INVOICE_MAX_BYTES);
    struct bill_view recounted;
    size_t differ = 0, i = 0, j = 0;
    struct failure why;
    if (!bytes)
        abort();
    size_t size = invoice_write(&invoice, bytes, INVOICE_MAX_BYTES);
    if (bill_view_read(&recounted, bytes, size, &why) != RESULT_OK)
        abort(); /* we have just written it */
    while (i < claimed->count || j < recounted.count) {
        int order = i == claimed->count    ? 1
                    : j == recounted.count ? -1
                                           : bill_line_order(&claimed->lines[i], &recounted.lines[j]);
        differ += order != 0 || !bill_line_equal(&claimed->lines[i], &recounted.lines[j]);
        i += order <= 0;
        j += order >= 0;
    }
    bill_view_free(&recounted);
    free(bytes);
    return differ;
}

static void ledger_judge(struct verify_billing *verify) {
    struct verify_check *check = &verify->checks[VERIFY_LEDGER];
    size_t differ = lines_differ(verify, &verify->claimed, verify->recounted);
    char month[CALENDAR_TEXT], count[FORMAT_TEXT];
    calendar_format_month(verify->claimed.month, month);
    check->offset = verify->offset;
    check->state = differ ? CHECK_DIFFERS : CHECK_AGREES;
    if (differ)
        snprintf(check->remark, sizeof check->remark, "%zu lines of the bill of %s differ from the recount",
                 differ, month);
    else
        snprintf(check->remark, sizeof check->remark,
                 "%s lines of the bill of %s as recounted, trial balance 0",
                 format_count(verify->claimed.count, count), month);
}

/* What is wrong with a closed month's invoice; NULL: nothing. */
static const char *invoice_wrong(struct verify_billing *verify, const struct replayed_month *month) {
    struct bill_view view;
    struct failure why;
    char hash[65];
    if (bill_ask_invoice(verify->client, month->month, &view, NULL, &why) != RESULT_OK)
        return "can't be read";
    sodium_bin2hex(hash, sizeof hash, month->invoice_hash, sizeof month->invoice_hash);
    const char *wrong = NULL;
    if (strcmp(hash, view.hash) != 0)
        wrong = "is not what was decided: another hash";
    else if (view.as_of_offset != month->offset)
        wrong = "names another offset than its close";
    else if (lines_differ(verify, &view, month->sums))
        wrong = "has lines that differ from the recount";
    bill_view_free(&view);
    return wrong;
}

static void invoices_judge(struct verify_billing *verify) {
    struct verify_check *check = &verify->checks[VERIFY_INVOICES];
    month_t first = ledger_first_month(billing_replay_ledger(verify->replay));
    struct replayed_month month;
    unsigned count = 0;
    check->state = CHECK_AGREES;
    for (month_t m = first; billing_replay_month(verify->replay, m, &month); m++, count++) {
        const char *wrong = invoice_wrong(verify, &month);
        check->offset = month.offset;
        if (!wrong)
            continue;
        char text[CALENDAR_TEXT];
        calendar_format_month(m, text);
        check->state = CHECK_DIFFERS;
        snprintf(check->remark, sizeof check->remark, "the invoice of %s %s", text, wrong);
        return;
    }
    if (count)
        snprintf(check->remark, sizeof check->remark, "closed months: %u, bytes and every line as recounted",
                 count);
    else
        snprintf(check->remark, sizeof check->remark, "no month is closed yet");
}

static void audit_judge(struct verify_billing *verify) {
    struct verify_check *check = &verify->checks[VERIFY_AUDIT];
    if (!verify->audit_failure.code[0]) {
        verify_audit(verify->state, verify->client, verify->replay, verify->audit, check);
        return;
    }
    check->state = CHECK_DIFFERS;
    snprintf(check->remark, sizeof check->remark, "%s", verify->audit_failure.sentence);
}

void verify_billing_judge(struct verify_billing *verify) {
    if (!verify->replay)
        return;
    ledger_judge(verify);
    invoices_judge(verify);
    verify_journals(verify->state, verify->replay, &verify->checks[VERIFY_JOURNALS]);
    audit_judge(verify);
}

void verify_billing_end(struct verify_billing *verify) {
    audit_reader_close(&verify->audit);
    billing_close(&verify->client);
    billing_replay_close(&verify->replay);
    bill_view_free(&verify->claimed);
    free(verify->recounted);
    verify->recounted = NULL;
}
