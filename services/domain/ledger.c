/* ledger.c - the fold itself: a record in, corrections for closed months out, the open month's sums kept
 * (ledger.h). */
#include "ledger_state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const causes[CHARGE_CAUSE_COUNT] = {
    [CHARGE_MONTH] = "MONTH",
    [CHARGE_BACK] = "BACK",
    [CHARGE_REVERSAL] = "REVERSAL",
    [CHARGE_TARIFF] = "TARIFF",
};

const char *charge_cause_name(enum charge_cause cause) {
    return (unsigned)cause < CHARGE_CAUSE_COUNT ? causes[cause] : NULL;
}

struct ledger *ledger_new(const struct region_table *regions, const struct tariff *tariff,
                          month_t first_month) {
    assert(regions && tariff && first_month != MONTH_NONE && "a ledger needs regions, a tariff and a month");
    struct ledger *ledger = calloc(1, sizeof *ledger);
    assert(ledger && "no memory for a ledger");
    ledger->regions = regions;
    ledger->tariff = tariff;
    ledger->first_month = ledger->open_month = first_month;
    places_fill(&ledger->places, regions);
    rates_fill(&ledger->open_rates, tariff, first_month);
    rates_fill(&ledger->next_rates, tariff, (month_t)(first_month + 1));
    return ledger;
}

void ledger_destroy(struct ledger **ledger) {
    if (!*ledger)
        return;
    run_pool_clear(&(*ledger)->pool);
    free((*ledger)->ids);
    free((*ledger)->members);
    free(*ledger);
    *ledger = NULL;
}

/* Numbers of a partition lie evenly (record_partition), so that a member stands close to where proportion
 * says; from there the bracket doubles until it holds the number. */
uint32_t ledger_find(const struct ledger *ledger, uint32_t member_id) {
    const uint32_t *ids = ledger->ids;
    uint32_t last = ledger->count - 1;
    if (ledger->count == 0 || member_id < ids[0] || member_id > ids[last])
        return ledger->count;
    uint64_t range = (uint64_t)ids[last] - ids[0];
    uint32_t at = range ? (uint32_t)((uint64_t)(member_id - ids[0]) * last / range) : 0;
    uint32_t low = at, high = at, step = 1;
    for (; ids[low] > member_id; step *= 2)
        low = low > step ? low - step : 0;
    for (step = 1; ids[high] < member_id; step *= 2)
        high = last - high > step ? high + step : last;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ids[middle] < member_id)
            low = middle + 1;
        else
            high = middle;
    }
    return ids[low] == member_id ? low : ledger->count;
}

struct ledger_member *ledger_add(struct ledger *ledger, uint32_t member_id) {
    if (ledger->count == ledger->capacity) {
        uint64_t capacity = ledger->capacity + (uint64_t)ledger->capacity / 4 + 64;
        assert(capacity <= UINT32_MAX && "more members than numbers");
        ledger->ids = realloc(ledger->ids, (size_t)capacity * sizeof *ledger->ids);
        ledger->members = realloc(ledger->members, (size_t)capacity * sizeof *ledger->members);
        assert(ledger->ids && ledger->members && "no memory for members");
        ledger->capacity = (uint32_t)capacity;
    }
    ledger->ids[ledger->count] = member_id;
    struct ledger_member *member = &ledger->members[ledger->count++];
    *member = (struct ledger_member){0};
    return member;
}

static enum result corrupt(const struct record *record, struct failure *why, const char *sentence) {
    return fail(why, RESULT_CORRUPT, "LEDGER_CONTRADICTS", "Record %" PRIu64 " (kind %u, member %u): %s.",
                record->offset, (unsigned)record->kind, (unsigned)record->member_id, sentence);
}

static bool lives_in(const struct region_table *regions, uint16_t kelurahan, uint32_t code) {
    if (kelurahan == REGION_NOWHERE)
        return region_index(regions, code) == REGION_NOWHERE;
    return regions->kelurahan[kelurahan].code == code;
}

/* The newest run is what the member's last record left behind. */
static const char *check_before(const struct ledger *ledger, const struct record *record) {
    uint32_t index = ledger_find(ledger, record->member_id);
    if (index == ledger->count)
        return "its member does not exist";
    const struct ledger_member *member = &ledger->members[index];
    const struct member *before = &record->before;
    const struct run *run = &member->newest;
    if (member->last_offset != record->previous_offset)
        return "it does not follow the member's last record";
    bool terms = run->segment == before->segment && run->care_class == before->care_class &&
                 run->wage_rupiah == before->wage_rupiah;
    bool place = lives_in(ledger->regions, run->kelurahan, before->kelurahan);
    bool state = run->state == run_state_of((enum status)before->status);
    if (member->identity != before->identity || !terms || !place || !state)
        return "what it says was before differs from what is known";
    return NULL;
}

static const char *check_new(const struct ledger *ledger, const struct record *record) {
    if (record->member_id == 0 || (ledger->count && record->member_id <= ledger->ids[ledger->count - 1]))
        return "a new member does not come in the order of numbers";
    if (record->previous_offset != 0)
        return "a new member has an earlier record";
    bool joins = record->kind == CHANGE_ENROL || record->kind == CHANGE_ENROL_VULNERABLE ||
                 record->kind == CHANGE_BIRTH || record->kind == CHANGE_MOVE_IN;
    return joins ? NULL : "it speaks of a member who never joined";
}

static const char *check_record(const struct ledger *ledger, const struct record *record) {
    const struct member *after = &record->after;
    if (!record->has_after || after->identity == 0)
        return "it says nothing of what is after";
    if (after->segment == SEGMENT_NONE || after->segment >= SEGMENT_COUNT || after->status == STATUS_NONE ||
        after->status >= STATUS_COUNT)
        return "its segment or status is unknown";
    if (record->effective_day == DAY_NONE)
        return "it has no day";
    return record->has_before ? check_before(ledger, record) : check_new(ledger, record);
}

void ledger_post(struct ledger *ledger, const struct dues *dues, struct charge *charge,
                 ledger_on_charge *on_charge, void *context) {
    charge->invoice_month = ledger->open_month;
    charge->segment = dues->segment;
    charge->care_class = dues->care_class;
    charge->vulnerable = dues->vulnerable;
    charge->kecamatan =
        dues->kecamatan < KECAMATAN_MAX ? ledger->regions->kecamatan[dues->kecamatan].code : 0;
    amount_add(&ledger->debit_rupiah[charge->payer], charge->amount_rupiah);
    amount_add(&ledger->premium_rupiah, -charge->amount_rupiah);
    sums_correct(&ledger->projected, dues, charge->payer, charge->amount_rupiah);
    if (on_charge)
        on_charge(context, charge);
}

/* One member's step: whom it is about, and who wants to hear of postings. */
struct step {
    struct ledger *ledger;
    uint32_t member_id;
    uint64_t cause_offset;
    ledger_on_charge *on_charge;
    void *context;
};

static void post_all(const struct step *step, month_t month, const struct dues *dues, enum charge_cause cause,
                     int sign) {
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
        if (dues->amounts_rupiah[payer] == 0)
            continue;
        struct charge charge = {.member_id = step->member_id,
                                .month = month,
                                .payer = (uint8_t)payer,
                                .cause = (uint8_t)cause,
                                .amount_rupiah = sign * (int64_t)dues->amounts_rupiah[payer],
                                .cause_offset = step->cause_offset};
        ledger_post(step->ledger, dues, &charge, step->on_charge, step->context);
    }
}

/* Of a closed month the whole old charge is taken back and the new one made, so that each line of an invoice
 * says for itself what it was for. */
static void correct_month(const struct step *step, month_t month, const struct run *run,
                          const struct run_change *change) {
    struct ledger *ledger = step->ledger;
    struct run changed = run_changed(run, change);
    const struct tariff_row *old_row = NULL, *new_row = NULL;
    if (run->segment != SEGMENT_NONE)
        old_row = tariff_at(ledger->tariff, (enum segment)run->segment, run->care_class, month);
    if (changed.segment != SEGMENT_NONE)
        new_row = tariff_at(ledger->tariff, (enum segment)changed.segment, changed.care_class, month);
    struct dues was = dues_of(run, old_row, &ledger->places),
                is = dues_of(&changed, new_row, &ledger->places);
    if (dues_equal(&was, &is))
        return;
    post_all(step, month, &was, CHARGE_REVERSAL, -1);
    post_all(step, month, &is, CHARGE_BACK, 1);
}

/* Puts what the member owes in the open month and in the next into the running sums, or takes it out. */
static void project(struct ledger *ledger, const struct run *newest, int sign) {
    const struct run *open = run_at(&ledger->pool, newest, ledger->open_month);
    const struct run *next = run_at(&ledger->pool, newest, (month_t)(ledger->open_month + 1));
    struct dues now = dues_of(open, rates_of(&ledger->open_rates, open), &ledger->places);
    struct dues then = dues_of(next, rates_of(&ledger->next_rates, next), &ledger->places);
    sums_count(&ledger->projected, &now, sign);
    sums_count(&ledger->projected_next, &then, sign);
}

static void change_runs(const struct step *step, struct ledger_member *member,
                        const struct run_change *change) {
    struct ledger *ledger = step->ledger;
    struct run_pool *pool = &ledger->pool;
    runs_cut(pool, &member->newest, change->from);
    for (month_t month = change->from; month < ledger->open_month; month++)
        correct_month(step, month, run_at(pool, &member->newest, month), change);
    if (change->from > ledger->open_month + 1) {
        runs_change(pool, &member->newest, change);
        return;
    }
    project(ledger, &member->newest, -1);
    runs_change(pool, &member->newest, change);
    project(ledger, &member->newest, 1);
}

static void take(struct ledger *ledger, const struct record *record, ledger_on_charge *on_charge,
                 void *context) {
    struct run_change change;
    bool changes = run_change_of(record, ledger->regions, ledger->first_month, &change);
    struct ledger_member *member;
    if (record->has_before) {
        member = &ledger->members[ledger_find(ledger, record->member_id)];
    } else {
        member = ledger_add(ledger, record->member_id);
        member->newest = (struct run){
            .cause_offset = record->offset, .from = ledger->first_month, .kelurahan = change.value.kelurahan};
    }
    member->identity = record->after.identity;
    member->last_offset = record->offset;
    struct step step = {ledger, record->member_id, record->offset, on_charge, context};
    if (changes)
        change_runs(&step, member, &change);
}

enum result ledger_step(struct ledger *ledger, const struct record *record, ledger_on_charge *on_charge,
                        void *context, struct failure *why) {
    if (record->offset <= ledger->last_offset)
        return corrupt(record, why, "its offset is not after the last one");
    if (record->refusal == REFUSAL_NONE && record->member_id != 0) {
        const char *wrong = check_record(ledger, record);
        if (wrong)
            return corrupt(record, why, wrong);
        take(ledger, record, on_charge, context);
        assert(ledger_trial_balance(ledger) == 0 && "the trial balance is not zero");
    }
    ledger->last_offset = record->offset;
    return RESULT_OK;
}

month_t ledger_first_month(const struct ledger *ledger) {
    return ledger->first_month;
}
month_t ledger_open_month(const struct ledger *ledger) {
    return ledger->open_month;
}
uint64_t ledger_last_offset(const struct ledger *ledger) {
    return ledger->last_offset;
}
uint32_t ledger_member_count(const struct ledger *ledger) {
    return ledger->count;
}
const struct ledger_sums *ledger_projected(const struct ledger *ledger) {
    return &ledger->projected;
}
const struct ledger_sums *ledger_projected_next(const struct ledger *ledger) {
    return &ledger->projected_next;
}
int64_t ledger_account(const struct ledger *ledger, enum payer payer) {
    return ledger->debit_rupiah[payer];
}

int64_t ledger_trial_balance(const struct ledger *ledger) {
    int64_t balance = ledger->premium_rupiah;
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        amount_add(&balance, ledger->debit_rupiah[payer]);
    return balance;
}
