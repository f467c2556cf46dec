/* ledger_property.c - random histories against the ledger: 1,000 seeds, each with late facts, closes,
 * previews, forecasts, tariffs changed backwards, snapshots in the middle and a replay in another order of
 * partitions.
 *
 * Each seed demands: what was charged for a closed month, summed per member, month, payer and line, is what
 * the final history owes (ledger_oracle.h); each month is charged once; preview = close; running sums =
 * recount; trial balance zero; replay and snapshot give the same charges and bytes. LEDGER_SEED=n runs that
 * one seed, LEDGER_SEEDS=n that many.
 */
#include "ledger_history.h"
#include "ledger_oracle.h"

#include "store/city_tariff.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTITIONS_MAX 3
#define CHARGES_MAX    16384
#define OPERATIONS_MAX 2048
#define BYTES_MAX      (1u << 18)

struct charges {
    uint32_t count;
    struct charge at[CHARGES_MAX];
};

/* What was done to the ledgers, to do it again. */
struct operation {
    enum { TAKE_RECORD, CLOSE_MONTH, CHANGE_TARIFF } kind;
    uint32_t record;
    month_t month;
    const struct tariff *tariff;
    uint64_t offset;
};

static struct run {
    uint64_t seed;
    struct history *history;
    struct oracle oracle;
    uint32_t partitions, done, operation_count;
    struct ledger *ledgers[PARTITIONS_MAX];
    struct charges charges[PARTITIONS_MAX], replayed, previewed;
    struct operation operations[OPERATIONS_MAX];
} run;

static struct tariff tariffs[2];
static struct ledger_sums sums, again;
static month_t first_month;

static void collect(void *context, const struct charge *charge) {
    struct charges *charges = context;
    cr_assert_lt(charges->count, CHARGES_MAX);
    charges->at[charges->count++] = *charge;
}

#define check(condition) cr_assert(condition, "seed %llu: %s", (unsigned long long)run.seed, #condition)

static bool same_charge(const struct charge *a, const struct charge *b) {
    return a->member_id == b->member_id && a->month == b->month && a->invoice_month == b->invoice_month &&
           a->payer == b->payer && a->cause == b->cause && a->segment == b->segment &&
           a->care_class == b->care_class && a->vulnerable == b->vulnerable && a->kecamatan == b->kecamatan &&
           a->amount_rupiah == b->amount_rupiah && a->cause_offset == b->cause_offset;
}

/* The shipped tariff, and one in which three of its rows cost something else from a month within the
 * histories on. */
static void load_tariffs(void) {
    struct failure why = {0};
    cr_assert_eq(tariff_load(&tariffs[0], CITY_DIRECTORY, &why), RESULT_OK, "%s", why.sentence);
    first_month = calendar_month(calendar_day(2026, 11, 1));
    tariffs[1] = tariffs[0];
    for (uint16_t i = 0; i < tariffs[0].count; i++) {
        struct tariff_row *row = &tariffs[1].rows[i];
        bool changed = row->segment == SEGMENT_PBPU_PEMDA || row->segment == SEGMENT_PPU_BU ||
                       (row->segment == SEGMENT_PBPU && row->care_class == 1);
        if (row->valid_to != DAY_NONE || !changed)
            continue;
        struct tariff_row *later = &tariffs[1].rows[tariffs[1].count++];
        *later = *row;
        later->valid_from = calendar_day(2027, 2, 1);
        row->valid_to = calendar_day(2027, 1, 31);
        for (unsigned payer = 1; payer < PAYER_COUNT; payer++)
            later->share[payer] += later->share[payer] / 5;
    }
}

static struct ledger *new_ledger(const struct tariff *tariff) {
    return ledger_new(&run.history->regions, tariff, first_month);
}

static void apply(struct ledger *ledger, const struct operation *operation, struct charges *charges) {
    struct failure why = {0};
    const struct record *record = &run.history->records[operation->record];
    switch (operation->kind) {
    case TAKE_RECORD:
        cr_assert_eq(ledger_step(ledger, record, collect, charges, &why), RESULT_OK, "seed %llu: %s",
                     (unsigned long long)run.seed, why.sentence);
        break;
    case CLOSE_MONTH:
        check(ledger_close(ledger, operation->month, &sums, collect, charges, &why) == RESULT_OK);
        break;
    case CHANGE_TARIFF:
        ledger_retariff(ledger, operation->tariff, operation->offset, collect, charges);
        break;
    }
    check(ledger_trial_balance(ledger) == 0);
}

static void note(struct operation operation) {
    check(run.operation_count < OPERATIONS_MAX);
    run.operations[run.operation_count++] = operation;
}

static uint32_t partition_of(const struct record *record) {
    return record_partition(record->member_id, run.partitions);
}

static void take_new_records(void) {
    for (; run.done < run.history->count; run.done++) {
        struct operation operation = {.kind = TAKE_RECORD, .record = run.done};
        uint32_t partition = partition_of(&run.history->records[run.done]);
        note(operation);
        apply(run.ledgers[partition], &operation, &run.charges[partition]);
        oracle_step(&run.oracle, &run.history->records[run.done]);
    }
}

static int64_t oracle_total(month_t month, enum payer payer, bool forecast) {
    int64_t total = 0;
    uint32_t amounts[PAYER_COUNT];
    for (uint32_t id = 1; id <= run.oracle.count; id++) {
        oracle_owed(&run.oracle, id, month, forecast, amounts);
        total += amounts[payer];
    }
    return total;
}

/* The running sums of the month after the open one are what is owed in it as things stand. */
static void check_next(month_t month) {
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
        int64_t next = 0;
        for (uint32_t i = 0; i < run.partitions; i++) {
            struct ledger_line line = ledger_sums_total(ledger_projected_next(run.ledgers[i]), payer);
            check(line.corrections == 0 && line.corrections_rupiah == 0);
            next += line.amount_rupiah;
        }
        check(next == oracle_total(month, payer, false));
    }
}

/* Running sums, preview, forecast and the oracle agree. */
static void check_sums(void) {
    struct failure why;
    int64_t open[PAYER_COUNT] = {0}, later[PAYER_COUNT] = {0};
    month_t month = ledger_open_month(run.ledgers[0]);
    month_t ahead = (month_t)(month + 1 + history_roll(run.history, 7));
    for (uint32_t i = 0; i < run.partitions; i++) {
        check(ledger_preview(run.ledgers[i], month, &sums, NULL, NULL, &why) == RESULT_OK);
        check(memcmp(&sums, ledger_projected(run.ledgers[i]), sizeof sums) == 0);
        for (unsigned payer = 1; payer < PAYER_COUNT; payer++)
            open[payer] += ledger_sums_total(&sums, payer).amount_rupiah;
        check(ledger_preview(run.ledgers[i], ahead, &sums, NULL, NULL, &why) == RESULT_OK);
        for (unsigned payer = 1; payer < PAYER_COUNT; payer++)
            later[payer] += ledger_sums_total(&sums, payer).amount_rupiah;
    }
    for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
        check(open[payer] == oracle_total(month, payer, false));
        check(later[payer] == oracle_total(ahead, payer, true));
    }
    check_next((month_t)(month + 1));
}

/* The invoice is the sum of the charges that say they are in it. */
static void check_invoice(const struct ledger_sums *invoice, const struct charges *charges, month_t month) {
    struct ledger_line expected[PAYER_COUNT] = {0};
    for (uint32_t i = 0; i < charges->count; i++) {
        const struct charge *charge = &charges->at[i];
        struct ledger_line *line = &expected[charge->payer];
        if (charge->invoice_month != month)
            continue;
        bool regular = charge->cause == CHARGE_MONTH;
        line->people += regular;
        line->corrections += !regular;
        *(regular ? &line->amount_rupiah : &line->corrections_rupiah) += charge->amount_rupiah;
    }
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++) {
        struct ledger_line total = ledger_sums_total(invoice, payer);
        check(memcmp(&total, &expected[payer], sizeof total) == 0);
    }
}

static void close_month(void) {
    struct failure why;
    month_t month = ledger_open_month(run.ledgers[0]);
    struct operation operation = {.kind = CLOSE_MONTH, .month = month};
    note(operation);
    for (uint32_t i = 0; i < run.partitions; i++) {
        struct charges *charges = &run.charges[i];
        uint32_t before = charges->count;
        run.previewed.count = 0;
        check(ledger_preview(run.ledgers[i], month, &again, collect, &run.previewed, &why) == RESULT_OK);
        apply(run.ledgers[i], &operation, charges);
        check(memcmp(&again, &sums, sizeof sums) == 0);
        check(charges->count - before == run.previewed.count);
        for (uint32_t k = 0; k < run.previewed.count; k++)
            check(same_charge(&charges->at[before + k], &run.previewed.at[k]));
        check_invoice(&sums, charges, month);
        check(ledger_open_month(run.ledgers[i]) == month + 1);
    }
}

static void change_tariff(void) {
    const struct tariff *tariff = run.oracle.tariff == &tariffs[0] ? &tariffs[1] : &tariffs[0];
    struct operation operation = {
        .kind = CHANGE_TARIFF, .tariff = tariff, .offset = UINT64_C(1) << 40 | run.done};
    run.oracle.tariff = tariff;
    note(operation);
    for (uint32_t i = 0; i < run.partitions; i++)
        apply(run.ledgers[i], &operation, &run.charges[i]);
}

struct bytes {
    size_t size, at;
    uint8_t data[BYTES_MAX];
};
static struct bytes snapshot, resaved;

static bool write_bytes(void *context, const void *data, size_t size) {
    struct bytes *bytes = context;
    if (bytes->size + size > BYTES_MAX)
        return false;
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
    return true;
}

static bool read_bytes(void *context, void *data, size_t size) {
    struct bytes *bytes = context;
    if (bytes->at + size > bytes->size)
        return false;
    memcpy(data, bytes->data + bytes->at, size);
    bytes->at += size;
    return true;
}

/* The ledger is replaced by one that was loaded from its snapshot. */
static void pass_through_snapshot(uint32_t partition) {
    struct failure why = {0};
    snapshot.size = snapshot.at = resaved.size = 0;
    struct ledger *loaded = new_ledger(run.oracle.tariff);
    check(ledger_save(run.ledgers[partition], write_bytes, &snapshot) == RESULT_OK);
    cr_assert_eq(ledger_load(loaded, read_bytes, &snapshot, &why), RESULT_OK, "seed %llu: %s",
                 (unsigned long long)run.seed, why.sentence);
    check(ledger_save(loaded, write_bytes, &resaved) == RESULT_OK);
    check(snapshot.size == resaved.size && memcmp(snapshot.data, resaved.data, snapshot.size) == 0);
    check(memcmp(ledger_projected(loaded), ledger_projected(run.ledgers[partition]), sizeof sums) == 0);
    check(memcmp(ledger_projected_next(loaded), ledger_projected_next(run.ledgers[partition]), sizeof sums) ==
          0);
    ledger_destroy(&run.ledgers[partition]);
    run.ledgers[partition] = loaded;
}

static void play(void) {
    uint32_t steps = 40 + history_roll(run.history, 120);
    month_t end = (month_t)(first_month + ORACLE_MONTHS - 12);
    for (uint32_t i = 0; i < steps && calendar_month(run.history->today) < end; i++) {
        if (!history_go(run.history))
            break;
        take_new_records();
        bool over = ledger_open_month(run.ledgers[0]) <= calendar_month(run.history->today);
        if (over && history_roll(run.history, 8) == 0)
            close_month();
        if (history_roll(run.history, 50) == 0)
            change_tariff();
        if (history_roll(run.history, 30) == 0)
            pass_through_snapshot(history_roll(run.history, run.partitions));
        if (history_roll(run.history, 25) == 0)
            check_sums();
    }
    check_sums();
}

static struct {
    int64_t total, right;
    uint32_t months;
} charged[ORACLE_MEMBERS + 1][ORACLE_MONTHS][PAYER_COUNT];

static void add_up(const struct charges *charges) {
    for (uint32_t i = 0; i < charges->count; i++) {
        const struct charge *charge = &charges->at[i];
        const struct oracle_cell *cell = oracle_cell(&run.oracle, charge->member_id, charge->month);
        bool right = charge->segment == cell->segment && charge->care_class == cell->care_class &&
                     charge->vulnerable == cell->vulnerable && charge->kecamatan == cell->kelurahan / 10000;
        unsigned month = charge->month - first_month;
        charged[charge->member_id][month][charge->payer].total += charge->amount_rupiah;
        charged[charge->member_id][month][charge->payer].right += right ? charge->amount_rupiah : 0;
        charged[charge->member_id][month][charge->payer].months += charge->cause == CHARGE_MONTH;
        check(charge->invoice_month >= charge->month);
        check((charge->cause == CHARGE_MONTH) == (charge->invoice_month == charge->month));
        for (uint32_t k = i; k-- > 0 && charges->at[k].cause_offset == charge->cause_offset;)
            check(charges->at[k].member_id != charge->member_id || charges->at[k].month != charge->month ||
                  charges->at[k].payer != charge->payer || charges->at[k].cause != charge->cause);
    }
}

static void check_charges(void) {
    memset(charged, 0, sizeof charged);
    for (uint32_t i = 0; i < run.partitions; i++)
        add_up(&run.charges[i]);
    month_t open = ledger_open_month(run.ledgers[0]);
    for (uint32_t id = 1; id <= run.oracle.count; id++) {
        for (month_t month = first_month; month < first_month + ORACLE_MONTHS; month++) {
            uint32_t amounts[PAYER_COUNT] = {0};
            if (month < open)
                oracle_owed(&run.oracle, id, month, false, amounts);
            for (unsigned payer = 1; payer < PAYER_COUNT; payer++) {
                check(charged[id][month - first_month][payer].total == amounts[payer]);
                check(charged[id][month - first_month][payer].right == amounts[payer]);
                check(charged[id][month - first_month][payer].months <= 1);
            }
        }
    }
}

/* One partition after the other, in pieces of any size: a partition knows nothing of the others. */
static void check_replay(void) {
    for (uint32_t partition = 0; partition < run.partitions; partition++) {
        struct ledger *ledger = new_ledger(&tariffs[0]);
        run.replayed.count = 0;
        for (uint32_t i = 0; i < run.operation_count; i++) {
            const struct operation *operation = &run.operations[i];
            if (operation->kind != TAKE_RECORD ||
                partition_of(&run.history->records[operation->record]) == partition)
                apply(ledger, operation, &run.replayed);
        }
        check(ledger_digest(ledger) == ledger_digest(run.ledgers[partition]));
        check(run.replayed.count == run.charges[partition].count);
        for (uint32_t i = 0; i < run.replayed.count; i++)
            check(same_charge(&run.replayed.at[i], &run.charges[partition].at[i]));
        ledger_destroy(&ledger);
    }
}

struct coverage {
    uint64_t charges[CHARGE_CAUSE_COUNT], closes, records;
};

static void run_seed(uint64_t seed, struct coverage *seen) {
    run.seed = seed;
    run.history = history_begin(seed);
    run.done = run.operation_count = 0;
    run.partitions = 1 + history_roll(run.history, PARTITIONS_MAX);
    memset(&run.oracle, 0, sizeof run.oracle);
    run.oracle.first_month = first_month;
    run.oracle.tariff = &tariffs[0];
    for (uint32_t i = 0; i < run.partitions; i++) {
        run.ledgers[i] = new_ledger(&tariffs[0]);
        run.charges[i].count = 0;
    }
    play();
    check_charges();
    check_replay();
    seen->records += run.history->count;
    seen->closes += (uint64_t)(ledger_open_month(run.ledgers[0]) - first_month);
    for (uint32_t i = 0; i < run.partitions; i++) {
        for (uint32_t k = 0; k < run.charges[i].count; k++)
            seen->charges[run.charges[i].at[k].cause]++;
        ledger_destroy(&run.ledgers[i]);
    }
    history_end(&run.history);
}

Test(ledger_property, any_history_is_charged_as_it_is_owed) {
    const char *one = getenv("LEDGER_SEED"), *many = getenv("LEDGER_SEEDS");
    uint64_t first = one ? strtoull(one, NULL, 10) : 1;
    uint64_t count = one ? 1 : many ? strtoull(many, NULL, 10) : 1000;
    struct coverage seen = {0};
    load_tariffs();
    for (uint64_t seed = first; seed < first + count; seed++)
        run_seed(seed, &seen);
    fprintf(stderr,
            "seeds %llu..%llu: %llu records, %llu closes, charges: %llu months, %llu back, %llu reversed, "
            "%llu by tariff\n",
            (unsigned long long)first, (unsigned long long)(first + count - 1),
            (unsigned long long)seen.records, (unsigned long long)seen.closes,
            (unsigned long long)seen.charges[CHARGE_MONTH], (unsigned long long)seen.charges[CHARGE_BACK],
            (unsigned long long)seen.charges[CHARGE_REVERSAL],
            (unsigned long long)seen.charges[CHARGE_TARIFF]);
    for (unsigned cause = CHARGE_MONTH; !one && cause < CHARGE_CAUSE_COUNT; cause++)
        cr_assert_gt(seen.charges[cause], count, "histories that never lead to %s prove nothing",
                     charge_cause_name(cause));
}
