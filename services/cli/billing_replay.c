/* billing_replay.c - folds the journal anew into one ledger of all members (billing_replay.h). */
#include "billing_replay.h"

#include "cakupan/charge_pack.h"
#include "domain/member_index.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A close, or a change of the tariff, at an offset. */
struct act {
    uint64_t offset;
    month_t month;         /* MONTH_NONE: a change of the tariff */
    struct tariff *tariff; /* owned */
};

struct month_kept {
    struct replayed_month month;
    struct ledger_sums *sums; /* owned */
};

/* A budget line of a payment, or of its reversal. */
struct paid {
    uint64_t decision;
    month_t month;
    int64_t rupiah;
};

struct billing_replay {
    const struct city *city;
    struct self_audit *audit;
    struct tariff first_tariff;
    struct ledger *ledger; /* NULL before the state has begun */
    uint32_t partitions;
    struct act *acts;
    size_t act_count, act_next;
    struct month_kept *months;
    size_t month_count;
    struct paid *paid;
    size_t paid_count;
    struct replay_digest corrections;
};

/* Two halves of independent mixing: a charge that differs in anything differs in all bits. */
static void digest_add(struct replay_digest *digest, const uint64_t *words, size_t count) {
    uint64_t hash = count;
    for (size_t i = 0; i < count; i++)
        hash = mix64(hash ^ words[i]) + words[i];
    digest->count++;
    digest->sum += hash;
}

void replay_digest_charge(struct replay_digest *digest, const struct charge *charge) {
    const uint64_t words[] = {charge->member_id,
                              (uint64_t)charge->month << 16 | charge->invoice_month,
                              (uint64_t)charge->payer << 32 | (uint64_t)charge->cause << 24 |
                                  (uint64_t)charge->segment << 16 | (uint64_t)charge->care_class << 8 |
                                  charge->vulnerable,
                              charge->kecamatan,
                              (uint64_t)charge->amount_rupiah,
                              charge->cause_offset};
    digest_add(digest, words, sizeof words / sizeof words[0]);
}

void replay_digest_entry(struct replay_digest *digest, const struct roster_entry *entry) {
    const uint64_t words[] = {entry->member_id,
                              entry->identity,
                              entry->kelurahan,
                              (uint64_t)entry->segment << 16 | (uint64_t)entry->care_class << 8 |
                                  entry->vulnerable,
                              (uint64_t)entry->amount_rupiah,
                              entry->cause_offset};
    digest_add(digest, words, sizeof words / sizeof words[0]);
}

struct billing_replay *billing_replay_new(const struct city *city, struct self_audit *audit) {
    struct billing_replay *replay = calloc(1, sizeof *replay);
    if (!replay)
        abort();
    replay->city = city;
    replay->audit = audit;
    return replay;
}

void billing_replay_close(struct billing_replay **replay) {
    if (!replay || !*replay)
        return;
    if ((*replay)->ledger)
        ledger_destroy(&(*replay)->ledger);
    for (size_t i = 0; i < (*replay)->act_count; i++)
        free((*replay)->acts[i].tariff);
    for (size_t i = 0; i < (*replay)->month_count; i++)
        free((*replay)->months[i].sums);
    free((*replay)->acts);
    free((*replay)->months);
    free((*replay)->paid);
    free(*replay);
    *replay = NULL;
}

static enum result begun(struct billing_replay *replay, const struct decision *decision,
                         struct failure *why) {
    if (replay->ledger)
        return fail(why, RESULT_CORRUPT, "DECISION_TWICE", "Decision %" PRIu64 " begins the state again.",
                    decision->sequence);
    enum result result = tariff_unpack(&replay->first_tariff, decision->bytes, decision->size, why);
    if (result != RESULT_OK)
        return result;
    replay->partitions = decision->count;
    replay->ledger = ledger_new(&replay->city->regions, &replay->first_tariff, decision->month);
    return RESULT_OK;
}

static enum result act_add(struct billing_replay *replay, const struct decision *decision,
                           struct failure *why) {
    struct act act = {.offset = decision->offset, .month = MONTH_NONE};
    if (!replay->ledger || (replay->act_count && replay->acts[replay->act_count - 1].offset > act.offset))
        return fail(why, RESULT_CORRUPT, "DECISION_ORDER",
                    "Decision %" PRIu64 " is of an earlier offset than the one before.", decision->sequence);
    if (decision->kind == DECISION_CLOSING) {
        act.month = decision->month;
    } else {
        act.tariff = calloc(1, sizeof *act.tariff);
        if (!act.tariff)
            abort();
        enum result result = tariff_unpack(act.tariff, decision->bytes, decision->size, why);
        if (result != RESULT_OK) {
            free(act.tariff);
            return result;
        }
    }
    replay->acts = reallocarray(replay->acts, replay->act_count + 1, sizeof *replay->acts);
    if (!replay->acts)
        abort();
    replay->acts[replay->act_count++] = act;
    return RESULT_OK;
}

static struct month_kept *month_add(struct billing_replay *replay, month_t month) {
    replay->months = reallocarray(replay->months, replay->month_count + 1, sizeof *replay->months);
    struct ledger_sums *sums = calloc(1, sizeof *sums);
    if (!replay->months || !sums)
        abort();
    struct month_kept *kept = &replay->months[replay->month_count++];
    *kept = (struct month_kept){.month = {.month = month, .sums = sums}, .sums = sums};
    return kept;
}

static struct month_kept *month_find(const struct billing_replay *replay, month_t month) {
    for (size_t i = 0; i < replay->month_count; i++)
        if (replay->months[i].month.month == month)
            return &replay->months[i];
    return NULL;
}

static void payment_add(struct billing_replay *replay, const struct decision *decision) {
    replay->paid = reallocarray(replay->paid, replay->paid_count + PAYER_COUNT, sizeof *replay->paid);
    if (!replay->paid)
        abort();
    for (unsigned payer = PAYER_NONE + 1; payer < PAYER_COUNT; payer++)
        if (decision->amount_rupiah[payer])
            replay->paid[replay->paid_count++] =
                (struct paid){decision->sequence, decision->month, decision->amount_rupiah[payer]};
}

enum result billing_replay_decision(struct billing_replay *replay, const struct decision *decision,
                                    struct failure *why) {
    struct month_kept *kept;
    switch (decision->kind) {
    case DECISION_BEGUN:
        return begun(replay, decision, why);
    case DECISION_CLOSING:
    case DECISION_RETARIFF:
        return act_add(replay, decision, why);
    case DECISION_INVOICE:
        kept = month_find(replay, decision->month);
        if (!kept)
            kept = month_add(replay, decision->month);
        memcpy(kept->month.invoice_hash, decision->invoice_hash, sizeof kept->month.invoice_hash);
        kept->month.invoice_decision = decision->sequence;
        return RESULT_OK;
    case DECISION_PAYMENT:
    case DECISION_PAYMENT_REVERSED:
        payment_add(replay, decision);
        return RESULT_OK;
    default:
        return RESULT_OK; /* leases, budgets and devices change no ledger */
    }
}

static enum result on_decision(void *context, const struct decision *decision, struct failure *why) {
    return billing_replay_decision(context, decision, why);
}

enum result billing_replay_open(struct billing_replay **out, struct billing_client *client,
                                const struct city *city, struct self_audit *audit, struct failure *why) {
    struct billing_replay *replay = billing_replay_new(city, audit);
    *out = NULL;
    enum result result = billing_decisions(client, on_decision, replay, why);
    if (result == RESULT_OK && !replay->ledger)
        result = fail(why, RESULT_NOT_FOUND, "BILLING_NOT_BEGUN",
                      "Nothing was ever billed here: the journal has no record yet.");
    if (result != RESULT_OK) {
        billing_replay_close(&replay);
        return result;
    }
    *out = replay;
    return RESULT_OK;
}

static void on_charge(void *context, const struct charge *charge) {
    replay_digest_charge(context, charge);
}
static void on_entry(void *context, const struct roster_entry *entry) {
    replay_digest_entry(context, entry);
}

static enum result act_do(struct billing_replay *replay, const struct act *act, struct failure *why) {
    if (act->month == MONTH_NONE) {
        ledger_retariff(replay->ledger, act->tariff, act->offset, on_charge, &replay->corrections);
        return RESULT_OK;
    }
    struct month_kept *kept = month_find(replay, act->month);
    if (!kept) /* its close has begun, its invoice is not there yet */
        kept = month_add(replay, act->month);
    struct replayed_month *month = &kept->month;
    month->offset = act->offset;
    month->corrections = replay->corrections;
    ledger_roster(replay->ledger, act->month, on_entry, &month->roster);
    return ledger_close(replay->ledger, act->month, kept->sums, on_charge, &month->charges, why);
}

enum result billing_replay_record(void *context, const struct batch_header *batch,
                                  const struct record *record, struct failure *why) {
    struct billing_replay *replay = context;
    (void)batch;
    enum result result = ledger_step(replay->ledger, record, on_charge, &replay->corrections, why);
    if (result == RESULT_OK && replay->audit)
        result = self_audit_step(replay->audit, record, why);
    while (result == RESULT_OK && replay->act_next < replay->act_count &&
           replay->acts[replay->act_next].offset <= record->offset)
        result = act_do(replay, &replay->acts[replay->act_next++], why);
    return result;
}

const struct ledger *billing_replay_ledger(const struct billing_replay *replay) {
    return replay->ledger;
}

month_t billing_replay_next_month(const struct billing_replay *replay) {
    month_t month = ledger_open_month(replay->ledger);
    for (size_t i = replay->act_next; i < replay->act_count; i++)
        month = (month_t)(month + (replay->acts[i].month != MONTH_NONE));
    return month;
}

uint32_t billing_replay_partitions(const struct billing_replay *replay) {
    return replay->partitions;
}

bool billing_replay_month(const struct billing_replay *replay, month_t month, struct replayed_month *out) {
    const struct month_kept *kept = month_find(replay, month);
    if (!kept || kept->month.offset == 0)
        return false;
    *out = kept->month;
    return true;
}

uint64_t billing_replay_payments(const struct billing_replay *replay, month_t month, uint64_t until,
                                 int64_t *rupiah) {
    uint64_t count = 0;
    *rupiah = 0;
    for (size_t i = 0; i < replay->paid_count; i++) {
        const struct paid *paid = &replay->paid[i];
        if (paid->month != month || paid->decision > until)
            continue;
        count++;
        *rupiah += paid->rupiah;
    }
    return count;
}
