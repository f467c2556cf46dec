/* verify_audit.c - audit.db against the journals and the decisions (verify_audit.h). */
#include "verify_audit.h"

#include "bill_command.h"
#include "cakupan/partition.h"
#include "instance.h"
#include "store/ledger_journal_files.h"
#include "view/format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Charges by the month that they were invoiced in: from the state's first month on. */
struct month_sum {
    struct replay_digest digest;
    int64_t rupiah;
};

enum { MONTHS_MAX = 1200 };

struct charge_sums {
    month_t first_month;
    uint64_t beyond; /* charges of no such month */
    struct month_sum months[MONTHS_MAX];
};

struct comparing {
    const char *state;
    struct billing_client *client;
    const struct billing_replay *replay;
    struct audit_reader *reader;
    struct verify_check *check;
    uint64_t decisions, invoices, payments; /* up to which decision the tables are; rows of months seen */
    unsigned behind;                        /* partitions whose journals go on behind the tables */
    uint64_t behind_offset;                 /* of the one furthest behind */
    struct charge_sums told, made;          /* by the tables; by the journals */
};

static void differs(struct comparing *comparing, month_t month, const char *what) {
    char text[CALENDAR_TEXT];
    if (comparing->check->state == CHECK_DIFFERS)
        return; /* the first one is told */
    calendar_format_month(month, text);
    comparing->check->state = CHECK_DIFFERS;
    snprintf(comparing->check->remark, sizeof comparing->check->remark,
             "%s: %s; removed while the city is down, audit.db is made anew", text, what);
}

static void on_charge(void *context, const struct charge *charge) {
    struct charge_sums *sums = context;
    unsigned index = (unsigned)(charge->invoice_month - sums->first_month);
    if (index >= MONTHS_MAX) {
        sums->beyond++;
        return;
    }
    replay_digest_charge(&sums->months[index].digest, charge);
    sums->months[index].rupiah += charge->amount_rupiah;
}

static enum result entry_charges(const struct ledger_entry *entry, struct charge_sums *sums,
                                 struct failure *why) {
    struct partition_close close;
    struct partition_retariff retariff;
    enum result result = RESULT_OK;
    switch (entry->kind) {
    case LEDGER_ENTRY_CLOSE:
        result = partition_close_read(entry, &close, why);
        return result == RESULT_OK ? charges_unpack(close.charges, close.charges_size, on_charge, sums, why)
                                   : result;
    case LEDGER_ENTRY_RETARIFF:
        result = partition_retariff_read(entry, &retariff, why);
        return result == RESULT_OK
                   ? charges_unpack(retariff.charges, retariff.charges_size, on_charge, sums, why)
                   : result;
    default:
        return charges_unpack(entry->payload, entry->size, on_charge, sums, why);
    }
}

/* The projector takes what billing committed a moment later, after a close for minutes. */
static enum result behind_look(struct comparing *comparing, struct ledger_journal *journal,
                               const struct audit_progress *progress, struct failure *why) {
    struct ledger_entry head;
    enum result result = journal->operations->head(journal, &head, why);
    if (result != RESULT_OK || head.sequence <= progress->entry)
        return result;
    if (comparing->behind == 0 || progress->offset < comparing->behind_offset)
        comparing->behind_offset = progress->offset;
    comparing->behind++;
    return RESULT_OK;
}

/* The partition's charges up to the entry where the tables are. */
static enum result journal_sum(struct comparing *comparing, uint32_t partition, struct failure *why) {
    char directory[INSTANCE_PATH];
    struct audit_progress progress;
    struct ledger_journal *journal;
    struct ledger_entry entry;
    instance_path(directory, comparing->state, "billing/partition-%02u", partition);
    struct ledger_journal_place place = {.directory = directory,
                                         .partition = partition,
                                         .count = billing_replay_partitions(comparing->replay),
                                         .first_month = comparing->made.first_month};
    enum result result = audit_reader_progress(comparing->reader, (int)partition, &progress, why);
    if (result == RESULT_OK)
        result = ledger_journal_files_read(&journal, &place, why);
    if (result == RESULT_NOT_FOUND && progress.entry == 0)
        return RESULT_OK; /* nothing was posted yet */
    if (result != RESULT_OK)
        return result;
    result = behind_look(comparing, journal, &progress, why);
    for (uint64_t sequence = 1; result == RESULT_OK && sequence <= progress.entry; sequence++) {
        result = journal->operations->read(journal, sequence, &entry, why);
        if (result == RESULT_OK)
            result = entry_charges(&entry, &comparing->made, why);
    }
    journal->operations->close(&journal);
    if (progress.offset > comparing->check->offset)
        comparing->check->offset = progress.offset;
    return result;
}

static void month_compare(struct comparing *comparing, unsigned index) {
    const struct month_sum *told = &comparing->told.months[index], *made = &comparing->made.months[index];
    char count[FORMAT_TEXT], made_count[FORMAT_TEXT], sum[RUPIAH_TEXT], made_sum[RUPIAH_TEXT], what[240];
    if (replay_digest_equal(told->digest, made->digest) && told->rupiah == made->rupiah)
        return;
    bool sums_agree = told->digest.count == made->digest.count && told->rupiah == made->rupiah;
    snprintf(what, sizeof what, "charges has %s rows over %s, the journals have %s over %s%s",
             format_count(told->digest.count, count), format_rupiah(told->rupiah, sum),
             format_count(made->digest.count, made_count), format_rupiah(made->rupiah, made_sum),
             sums_agree ? ", but not the same ones" : "");
    differs(comparing, (month_t)(comparing->told.first_month + index), what);
}

static enum result charges_compare(struct comparing *comparing, struct failure *why) {
    enum result result = audit_reader_charges(comparing->reader, on_charge, &comparing->told, why);
    uint32_t partitions = billing_replay_partitions(comparing->replay);
    for (uint32_t partition = 0; partition < partitions && result == RESULT_OK; partition++)
        result = journal_sum(comparing, partition, why);
    if (result != RESULT_OK)
        return result;
    for (unsigned index = 0; index < MONTHS_MAX; index++)
        month_compare(comparing, index);
    if (comparing->told.beyond != comparing->made.beyond)
        differs(comparing, comparing->told.first_month, "charges has rows of months before the state");
    return RESULT_OK;
}

/* Lines of the frozen invoice, which was compared with the replay before. */
static void on_invoice(void *context, const struct audit_sum *told) {
    struct comparing *comparing = context;
    struct bill_view view;
    struct audit_sum made = {.month = told->month};
    struct failure why;
    comparing->invoices++;
    if (bill_ask_invoice(comparing->client, told->month, &view, NULL, &why) != RESULT_OK) {
        differs(comparing, told->month, "invoices has rows of a month that is not closed");
        return;
    }
    for (size_t i = 0; i < view.count; i++) {
        made.people += (int64_t)view.lines[i].people;
        made.amount_rupiah += view.lines[i].amount_rupiah;
        made.corrections += (int64_t)view.lines[i].corrections;
        made.corrections_rupiah += view.lines[i].corrections_rupiah;
    }
    if (told->rows != view.count || told->people != made.people ||
        told->amount_rupiah != made.amount_rupiah || told->corrections != made.corrections ||
        told->corrections_rupiah != made.corrections_rupiah)
        differs(comparing, told->month, "invoices has other sums than the frozen invoice");
    else if (told->as_of_offset != view.as_of_offset || strcmp(told->invoice_hash, view.hash) != 0)
        differs(comparing, told->month, "invoices names another offset or hash than the frozen invoice");
    bill_view_free(&view);
}

static void on_payment(void *context, const struct audit_sum *told) {
    struct comparing *comparing = context;
    int64_t rupiah;
    uint64_t rows = billing_replay_payments(comparing->replay, told->month, comparing->decisions, &rupiah);
    comparing->payments += told->rows;
    if (rows != told->rows || rupiah != told->amount_rupiah)
        differs(comparing, told->month, "payments has other rows or sums than were decided");
}

/* Months that the tables do not have at all. */
static void months_compare(struct comparing *comparing) {
    month_t first = comparing->told.first_month;
    uint64_t invoices = 0, payments = 0;
    struct replayed_month month;
    for (month_t m = first; billing_replay_month(comparing->replay, m, &month); m++) {
        int64_t rupiah;
        invoices += month.invoice_decision > 0 && month.invoice_decision <= comparing->decisions;
        payments += billing_replay_payments(comparing->replay, m, comparing->decisions, &rupiah);
    }
    if (invoices != comparing->invoices)
        differs(comparing, first, "invoices lacks a closed month, or has one too many");
    if (payments != comparing->payments)
        differs(comparing, first, "payments lacks some that were decided");
}

static enum result compare(struct comparing *comparing, struct failure *why) {
    struct audit_progress progress;
    enum result result = audit_reader_progress(comparing->reader, AUDIT_DECISIONS, &progress, why);
    comparing->decisions = progress.entry;
    if (result == RESULT_OK)
        result = charges_compare(comparing, why);
    if (result == RESULT_OK)
        result = audit_reader_invoices(comparing->reader, on_invoice, comparing, why);
    if (result == RESULT_OK)
        result = audit_reader_payments(comparing->reader, on_payment, comparing, why);
    if (result == RESULT_OK)
        months_compare(comparing);
    return result;
}

static void agreement_say(const struct comparing *comparing) {
    struct verify_check *check = comparing->check;
    char rows[FORMAT_THINGS], months[FORMAT_THINGS], payments[FORMAT_THINGS], so_far[80] = "";
    uint64_t count = 0;
    for (unsigned index = 0; index < MONTHS_MAX; index++)
        count += comparing->told.months[index].digest.count;
    if (comparing->behind > 0) {
        check->offset = comparing->behind_offset;
        snprintf(so_far, sizeof so_far, " so far: the projector is behind in %u of %u journals",
                 comparing->behind, billing_replay_partitions(comparing->replay));
    }
    snprintf(check->remark, sizeof check->remark, "%s as in the journals%s; invoices of %s and %s as decided",
             format_things(count, "charge", rows), so_far,
             format_things(comparing->invoices, "month", months),
             format_things(comparing->payments, "payment", payments));
}

void verify_audit(const char *state, struct billing_client *client, const struct billing_replay *replay,
                  struct audit_reader *reader, struct verify_check *check) {
    struct failure why;
    check->state = CHECK_AGREES;
    if (!reader) {
        snprintf(check->remark, sizeof check->remark, "no audit.db is kept here");
        return;
    }
    struct comparing *comparing = calloc(1, sizeof *comparing);
    if (!comparing)
        abort();
    *comparing = (struct comparing){
        .state = state, .client = client, .replay = replay, .reader = reader, .check = check};
    comparing->told.first_month = comparing->made.first_month =
        ledger_first_month(billing_replay_ledger(replay));
    enum result result = compare(comparing, &why);
    if (result == RESULT_OK && check->state == CHECK_AGREES)
        agreement_say(comparing);
    if (result != RESULT_OK) { /* a take-over meanwhile says nothing of the rows */
        check->state = result == RESULT_CORRUPT ? CHECK_DIFFERS : CHECK_SKIPPED;
        snprintf(check->remark, sizeof check->remark, "%s", why.sentence);
    }
    free(comparing);
}
