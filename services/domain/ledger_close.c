/* ledger_close.c - what a month costs: preview, close, forecast, roster, and a tariff changed backwards
 * (ledger.h). */
#include "ledger_month.h"

#include <assert.h>
#include <string.h>

/* Who wants to hear of each charge. */
struct telling {
    ledger_on_charge *on_charge;
    void *context;
};

static void tell_due(const struct telling *telling, const struct month_block *block,
                     const struct month_due *due) {
    const struct ledger *ledger = block->ledger;
    struct dues dues = month_dues(block, due);
    bool inside = dues.kecamatan < KECAMATAN_MAX;
    struct charge charge = {.member_id = ledger->ids[due->index],
                            .month = block->month,
                            .invoice_month = block->month,
                            .cause = CHARGE_MONTH,
                            .segment = dues.segment,
                            .care_class = dues.care_class,
                            .vulnerable = dues.vulnerable,
                            .kecamatan = inside ? ledger->regions->kecamatan[dues.kecamatan].code : 0,
                            .cause_offset = due->run->cause_offset};
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
        charge.payer = (uint8_t)payer;
        charge.amount_rupiah = dues.amounts_rupiah[payer];
        if (charge.amount_rupiah != 0)
            telling->on_charge(telling->context, &charge);
    }
}

static void tell_charges(void *context, const struct month_block *block) {
    for (uint32_t i = 0; i < block->count; i++)
        tell_due(context, block, &block->due[i]);
}

/* Takes the month's premiums out of the sums and leaves the corrections. */
static void clear_month(struct ledger_sums *sums) {
    struct ledger_line *line = &sums->line[0][0][0][0];
    for (size_t i = 0; i < sizeof sums->line / sizeof *line; i++)
        line[i].people = 0, line[i].amount_rupiah = 0;
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        sums->vulnerable[payer].people = 0, sums->vulnerable[payer].amount_rupiah = 0;
}

void ledger_project(struct ledger *ledger) {
    month_t next = (month_t)(ledger->open_month + 1);
    rates_fill(&ledger->open_rates, ledger->tariff, ledger->open_month);
    rates_fill(&ledger->next_rates, ledger->tariff, next);
    clear_month(&ledger->projected);
    clear_month(&ledger->projected_next);
    ledger_count_month(ledger, ledger->open_month, false, &ledger->projected, NULL, NULL);
    ledger_count_month(ledger, next, false, &ledger->projected_next, NULL, NULL);
}

static enum result refuse_month(const struct ledger *ledger, month_t month, struct failure *why) {
    char asked[CALENDAR_TEXT], open[CALENDAR_TEXT];
    calendar_format_month(month, asked);
    calendar_format_month(ledger->open_month, open);
    if (month < ledger->first_month)
        return fail(why, RESULT_CONFLICT, "BILL_MONTH_BEFORE_STATE",
                    "%s is before the first month of this state: %s is the open one.", asked, open);
    if (month < ledger->open_month)
        return fail(why, RESULT_CONFLICT, "BILL_MONTH_CLOSED",
                    "%s is closed: ask for its invoice; %s is the open month.", asked, open);
    return fail(why, RESULT_CONFLICT, "BILL_MONTH_NOT_OPEN",
                "%s can't be closed yet: months are closed in order, and %s is the open one.", asked, open);
}

/* Returns what ledger_count_month does. */
static month_t preview_month(const struct ledger *ledger, month_t month, struct ledger_sums *sums,
                             month_on_block *on_block, void *context) {
    if (month == ledger->open_month) {
        *sums = ledger->projected; /* for its corrections */
        clear_month(sums);
    } else {
        memset(sums, 0, sizeof *sums);
    }
    return ledger_count_month(ledger, month, month > ledger->open_month, sums, on_block, context);
}

enum result ledger_preview(const struct ledger *ledger, month_t month, struct ledger_sums *sums,
                           ledger_on_charge *on_charge, void *context, struct failure *why) {
    struct telling telling = {on_charge, context};
    if (month < ledger->open_month)
        return refuse_month(ledger, month, why);
    preview_month(ledger, month, sums, on_charge ? tell_charges : NULL, &telling);
    return RESULT_OK;
}

/* The payers' side is booked from the members counted one by one, BPJS's side from the running sums: that
 * they agree proves both. Corrections were booked when they were posted. */
static void book(struct ledger *ledger, const struct ledger_sums *counted) {
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
        struct ledger_line debit = ledger_sums_total(counted, (enum payer)payer);
        struct ledger_line credit = ledger_sums_total(&ledger->projected, (enum payer)payer);
        amount_add(&ledger->debit_rupiah[payer], debit.amount_rupiah);
        amount_add(&ledger->premium_rupiah, -credit.amount_rupiah);
    }
    assert(memcmp(counted, &ledger->projected, sizeof *counted) == 0 &&
           "the running sums of the month differ from a recount");
    assert(ledger_trial_balance(ledger) == 0 && "the trial balance is not zero");
}

static bool same_rates(const struct rates *a, const struct rates *b) {
    for (unsigned segment = 0; segment < SEGMENT_COUNT; segment++) {
        for (unsigned care_class = 0; care_class < CARE_CLASS_COUNT; care_class++) {
            const struct tariff_row *one = a->row[segment][care_class], *other = b->row[segment][care_class];
            if (!one != !other)
                return false;
            if (one && (one->per_mille != other->per_mille ||
                        memcmp(one->share, other->share, sizeof one->share) != 0 ||
                        one->wage_floor_rupiah != other->wage_floor_rupiah ||
                        one->wage_cap_rupiah != other->wage_cap_rupiah))
                return false;
        }
    }
    return true;
}

/* The next month's sums are kept already; those of the one behind it follow from them: under the same tariff
 * a month costs what the one before did, but for those whose next run begins with it. `latest`: the last
 * month with which a run begins. */
static void open_next(struct ledger *ledger, month_t latest) {
    struct rates before = ledger->next_rates;
    month_t month = (month_t)(++ledger->open_month + 1);
    ledger->open_rates = before;
    ledger->projected = ledger->projected_next;
    rates_fill(&ledger->next_rates, ledger->tariff, month);
    if (!same_rates(&before, &ledger->next_rates)) {
        clear_month(&ledger->projected_next);
        ledger_count_month(ledger, month, false, &ledger->projected_next, NULL, NULL);
        return;
    }
    for (uint32_t i = 0; i < ledger->count && latest >= month; i++) {
        const struct run *newest = &ledger->members[i].newest;
        if (newest->from < month)
            continue;
        const struct run *was = run_at(&ledger->pool, newest, (month_t)(month - 1));
        const struct run *is = run_at(&ledger->pool, newest, month);
        struct dues old = dues_of(was, rates_of(&before, was), &ledger->places);
        struct dues new = dues_of(is, rates_of(&ledger->next_rates, is), &ledger->places);
        sums_count(&ledger->projected_next, &old, -1);
        sums_count(&ledger->projected_next, &new, 1);
    }
}

enum result ledger_close_month(struct ledger *ledger, month_t month, struct ledger_sums *sums,
                               month_on_block *on_block, void *context, struct failure *why) {
    if (month != ledger->open_month)
        return refuse_month(ledger, month, why);
    assert(calendar_first_day((month_t)(month + 1)) != DAY_NONE && "the calendar ends in 2079");
    month_t latest = preview_month(ledger, month, sums, on_block, context);
    book(ledger, sums);
    open_next(ledger, latest);
    return RESULT_OK;
}

enum result ledger_close(struct ledger *ledger, month_t month, struct ledger_sums *sums,
                         ledger_on_charge *on_charge, void *context, struct failure *why) {
    struct telling telling = {on_charge, context};
    return ledger_close_month(ledger, month, sums, on_charge ? tell_charges : NULL, &telling, why);
}

/* Under one line each payer's difference is one posting, whether it is owed or given back. */
static void post_differences(struct ledger *ledger, const struct dues *was, const struct dues *is,
                             const struct charge *like, ledger_on_charge *on_charge, void *context) {
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
        struct charge charge = *like;
        charge.payer = (uint8_t)payer;
        charge.amount_rupiah = (int64_t)is->amounts_rupiah[payer] - was->amounts_rupiah[payer];
        if (charge.amount_rupiah != 0)
            ledger_post(ledger, is->none ? was : is, &charge, on_charge, context);
    }
}

static void retariff_month(struct ledger *ledger, const struct tariff *tariff, struct charge like,
                           ledger_on_charge *on_charge, void *context) {
    struct rates old_rates, new_rates;
    rates_fill(&old_rates, ledger->tariff, like.month);
    rates_fill(&new_rates, tariff, like.month);
    if (same_rates(&old_rates, &new_rates))
        return;
    for (uint32_t i = 0; i < ledger->count; i++) {
        const struct run *run = run_at(&ledger->pool, &ledger->members[i].newest, like.month);
        struct dues was = dues_of(run, rates_of(&old_rates, run), &ledger->places);
        struct dues is = dues_of(run, rates_of(&new_rates, run), &ledger->places);
        like.member_id = ledger->ids[i];
        post_differences(ledger, &was, &is, &like, on_charge, context);
    }
}

void ledger_retariff(struct ledger *ledger, const struct tariff *tariff, uint64_t cause_offset,
                     ledger_on_charge *on_charge, void *context) {
    struct charge like = {.cause = CHARGE_TARIFF, .cause_offset = cause_offset};
    for (like.month = ledger->first_month; like.month < ledger->open_month; like.month++)
        retariff_month(ledger, tariff, like, on_charge, context);
    ledger->tariff = tariff;
    ledger_project(ledger);
    assert(ledger_trial_balance(ledger) == 0 && "the trial balance is not zero");
}

void ledger_roster(const struct ledger *ledger, month_t month, ledger_on_roster *on_entry, void *context) {
    struct rates rates;
    rates_fill(&rates, ledger->tariff, month);
    for (uint32_t i = 0; i < ledger->count; i++) {
        const struct ledger_member *member = &ledger->members[i];
        const struct run *run = run_at(&ledger->pool, &member->newest, month);
        const struct tariff_row *row = rates_of(&rates, run);
        if (!row || !(row->share[PAYER_CITY_IURAN] || row->share[PAYER_CITY_BANTUAN]))
            continue; /* most members: not the city's */
        struct dues dues = dues_of(run, row, &ledger->places);
        int64_t amount =
            (int64_t)dues.amounts_rupiah[PAYER_CITY_IURAN] + dues.amounts_rupiah[PAYER_CITY_BANTUAN];
        if (amount == 0)
            continue;
        bool inside = run->kelurahan != REGION_NOWHERE;
        struct roster_entry entry = {.member_id = ledger->ids[i],
                                     .identity = member->identity,
                                     .kelurahan =
                                         inside ? ledger->regions->kelurahan[run->kelurahan].code : 0,
                                     .segment = dues.segment,
                                     .care_class = dues.care_class,
                                     .vulnerable = dues.vulnerable,
                                     .amount_rupiah = amount,
                                     .cause_offset = run->cause_offset};
        on_entry(context, &entry);
    }
}
