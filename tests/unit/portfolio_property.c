/* portfolio_property.c - three workers share a state's partitions at random: frozen, killed, robbed of
 * leases, told late, handed over in the middle of closes and changes of tariff, on real journals and
 * snapshots.
 *
 * Each seed demands: every partition ends with the ledger of one that was never disturbed, whoever
 * answered a barrier and however often gave the same bytes, and a journal holds each close once.
 * PORTFOLIO_SEED=n runs that one seed, PORTFOLIO_SEEDS=n that many from 1 or from PORTFOLIO_SEED on.
 */
#include "ledger_history.h"
#include "mutate.h"
#include "portfolio_owner.h"
#include "scratch.h"

#include "store/city_tariff.h"
#include "store/ledger_journal_files.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS      16 /* some 20 s with sanitizers */
#define OWNERS     3
#define PARTITIONS 4
#define BARRIERS   6
#define TURNS_MAX  20000

struct answer {
    bool given;
    uint16_t months;
    size_t size;
    uint8_t bytes[1 << 15];
    uint64_t sequence;
    uint8_t hash[JOURNAL_HASH_SIZE];
};

static struct run {
    uint64_t seed, dice;
    char state[SCRATCH_PATH];
    struct history *history;
    struct owner_feed feed;
    struct owner owners[OWNERS];
    bool frozen[OWNERS];
    uint32_t owner_of[PARTITIONS];
    uint64_t epoch[PARTITIONS], last_epoch;
    /* The barrier: 0 none, else its number from 1. */
    uint64_t barrier, done;
    bool running;
    uint64_t held_at[PARTITIONS]; /* position told while holding, 0: not yet */
    struct partition_order order[BARRIERS + 1];
    struct answer answers[BARRIERS + 1][PARTITIONS];
} run;
static struct tariff tariffs[2];
static month_t first_month;

#define check(condition) cr_assert(condition, "seed %llu: %s", (unsigned long long)run.seed, #condition)

static uint32_t roll(uint32_t sides) {
    return (uint32_t)(mutate_random(&run.dice) % sides);
}

static void start(struct owner *owner) {
    owner_begin(owner, run.state, &run.history->regions, &tariffs[0], PARTITIONS, first_month, &run.feed);
}

/* What the coordinator wants of a worker that hears it. */
static void tell(uint32_t number) {
    struct owner *owner = &run.owners[number];
    owner->orders.granted_count = 0;
    for (uint32_t i = 0; i < PARTITIONS; i++)
        if (run.owner_of[i] == number)
            owner_grant(owner, i, run.epoch[i]);
    owner_barrier(owner, run.barrier, run.running, run.barrier ? &run.order[run.barrier] : NULL);
    for (uint32_t i = 0; i < owner->orders.granted_count; i++)
        owner->orders.granted[i].answer_taken =
            run.barrier && run.answers[run.barrier][owner->orders.granted[i].partition].given;
}

static void hand_over(uint32_t partition) {
    run.owner_of[partition] = roll(OWNERS);
    run.epoch[partition] = ++run.last_epoch;
    if (run.barrier && !run.running)
        run.held_at[partition] = 0;
}

static void begin_barrier(void) {
    static const uint8_t acts[] = {PARTITION_CLOSE, PARTITION_CLOSE, PARTITION_PREVIEW, PARTITION_RETARIFF};
    struct partition_order *order = &run.order[run.done + 1];
    month_t open = first_month;
    for (uint64_t i = 1; i <= run.done; i++)
        open = (month_t)(open + (run.order[i].act == PARTITION_CLOSE));
    *order = (struct partition_order){.act = acts[roll(4)], .month = open, .months = 1};
    if (order->act == PARTITION_PREVIEW)
        order->months = (uint16_t)(1 + roll(3));
    if (order->act == PARTITION_RETARIFF)
        order->tariff = &tariffs[roll(2)];
    run.barrier = run.done + 1;
    run.running = false;
    memset(run.held_at, 0, sizeof run.held_at);
}

/* S: the highest of all positions, and of the head as it was heard. */
static void let_run(void) {
    uint64_t offset = roll(2) ? run.feed.head : 0;
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        if (run.held_at[i] == 0)
            return;
        if (run.held_at[i] - 1 > offset)
            offset = run.held_at[i] - 1;
    }
    run.order[run.barrier].offset = offset;
    run.running = true;
}

static void take_answer(const struct wire_held *held) {
    struct answer *answer = &run.answers[run.barrier][held->partition];
    struct answer now = {.given = true, .months = held->answer_months, .sequence = held->answer_sequence};
    memcpy(now.hash, held->answer_hash, JOURNAL_HASH_SIZE);
    for (uint16_t i = 0; i < held->answer_months; i++) {
        check(now.size + held->answer_sums[i].size <= sizeof now.bytes);
        memcpy(now.bytes + now.size, held->answer_sums[i].data, held->answer_sums[i].size);
        now.size += held->answer_sums[i].size;
    }
    if (answer->given) {
        check(answer->months == now.months && answer->size == now.size);
        check(memcmp(answer->bytes, now.bytes, now.size) == 0);
        bool stored = run.order[run.barrier].act != PARTITION_PREVIEW;
        check(!stored ||
              (answer->sequence == now.sequence && memcmp(answer->hash, now.hash, JOURNAL_HASH_SIZE) == 0));
    }
    *answer = now;
}

/* Reads a report; what is said under another epoch than the lease's is refused. Some reports are lost. */
static void hear(uint32_t number) {
    uint32_t count;
    const struct wire_held *held = portfolio_report(run.owners[number].portfolio, &count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t partition = held[i].partition;
        bool leased = run.owner_of[partition] == number && run.epoch[partition] == held[i].epoch;
        if (!leased)
            continue;
        check(held[i].code[0] == 0 || strcmp(held[i].code, "FENCED") == 0);
        if (held[i].code[0])
            hand_over(partition);
        else if (run.barrier && held[i].holding == run.barrier && !run.running)
            run.held_at[partition] = held[i].position + 1;
        else if (run.barrier && held[i].answer_barrier == run.barrier)
            take_answer(&held[i]);
    }
}

static void end_barrier(void) {
    for (uint32_t i = 0; i < PARTITIONS; i++)
        if (!run.answers[run.barrier][i].given)
            return;
    run.done++;
    run.barrier = 0;
    run.running = false;
}

static void disturb(void) {
    uint32_t number = roll(OWNERS);
    switch (roll(14)) {
    case 0:
        hand_over(roll(PARTITIONS)); /* told or not: the one before may be frozen */
        return;
    case 1: /* killed; another process of that name */
        owner_end(&run.owners[number]);
        start(&run.owners[number]);
        run.frozen[number] = false;
        for (uint32_t i = 0; i < PARTITIONS; i++)
            if (run.owner_of[i] == number)
                hand_over(i);
        return;
    case 2:
        run.frozen[number] = true; /* what it has may go elsewhere while it sleeps */
        for (uint32_t i = 0; i < PARTITIONS; i++)
            if (run.owner_of[i] == number && roll(2))
                hand_over(i);
        return;
    case 3:
        run.frozen[number] =
            false; /* it wakes with its old orders, and acts by them until it hears new ones */
        for (uint32_t turns = roll(4); turns > 0; turns--)
            owner_turn(&run.owners[number], roll(40));
        return;
    case 4:
        portfolio_lapse(run.owners[number].portfolio); /* and is obeyed to before it works again */
        tell(number);
        bool more, refollow;
        portfolio_obey(run.owners[number].portfolio, &run.owners[number].orders, 0, 0, &more, &refollow);
        run.owners[number].portfolio->refollow |= refollow;
        return;
    case 5:
        for (uint32_t i = 0; i < PARTITIONS; i++) {
            struct held *held = &run.owners[number].portfolio->held[i];
            if (held->state == HELD_READY && !held->stalled &&
                barrier_allows_snapshot(run.owners[number].portfolio, held))
                held_snapshot(held, run.owners[number].now_ms);
        }
        return;
    case 6:
        run.owners[number].now_ms += COMMIT_EVERY_MS;
        return;
    default:
        return;
    }
}

static bool all_counted(void) {
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        const struct wire_held *held = owner_held(&run.owners[run.owner_of[i]], i);
        if (!held || !held->ready || held->epoch != run.epoch[i] || held->position != run.feed.head)
            return false;
    }
    return true;
}

static void disturbed_life(void) {
    run.feed.head = 1;
    for (uint32_t i = 0; i < PARTITIONS; i++)
        hand_over(i);
    for (uint32_t turns = 0; run.done < BARRIERS || run.feed.head < run.history->count || !all_counted();
         turns++) {
        check(turns < TURNS_MAX);
        bool calm = turns > TURNS_MAX / 2;
        if (!calm)
            disturb();
        if (run.feed.head < run.history->count)
            run.feed.head += roll(3) == 0;
        if (!run.barrier && run.done < BARRIERS &&
            run.feed.head * (BARRIERS + 1) > run.history->count * (run.done + 1))
            begin_barrier();
        for (uint32_t number = 0; number < OWNERS; number++) {
            struct owner *owner = &run.owners[number];
            if (calm)
                run.frozen[number] = false;
            if (run.frozen[number])
                continue;
            if (roll(3))
                tell(number);
            owner->now_ms += 5;
            owner_turn(owner, roll(30));
            if (roll(3))
                hear(number);
        }
        if (run.barrier && !run.running)
            let_run();
        else if (run.barrier)
            end_barrier();
    }
}

static bool is_preview(uint64_t barrier) {
    return run.order[barrier].act == PARTITION_PREVIEW;
}

/* The same records and orders, without any disturbance. */
static uint64_t plain_digest(uint32_t number) {
    static struct ledger_sums sums[3];
    struct failure why = {0};
    struct partition_config config = {number, PARTITIONS, first_month, &run.history->regions, &tariffs[0]};
    struct partition *plain = partition_new(&config);
    struct ledger_entry entry;
    uint64_t barrier = 1, sequence = 0;
    for (uint64_t offset = 0; offset <= run.feed.head; offset++) {
        const struct record *record = offset ? &run.history->records[offset - 1] : NULL;
        if (record && record_partition(record->member_id, PARTITIONS) == number)
            check(partition_step(plain, record, &why) == RESULT_OK);
        check(partition_settle(plain, offset, &why) == RESULT_OK);
        for (; barrier <= BARRIERS && (is_preview(barrier) || run.order[barrier].offset == offset);
             barrier++) {
            if (is_preview(barrier)) /* leaves nothing; after one, all may begin anew before its offset */
                continue;
            check(partition_act(plain, &run.order[barrier], 0, sums, &why) == RESULT_OK);
            for (; partition_take(plain, 0, &entry); partition_committed(plain, &entry))
                entry.sequence = ++sequence;
        }
    }
    uint64_t digest = ledger_digest(partition_ledger(plain));
    partition_destroy(&plain);
    return digest;
}

static void check_journal(uint32_t partition) {
    char path[BILLING_PATH];
    struct ledger_journal *journal;
    struct ledger_entry entry;
    struct failure why = {0};
    unsigned closes = 0, ordered = 0;
    billing_partition_path(path, run.state, partition);
    struct ledger_journal_place place = {path, partition, PARTITIONS, first_month};
    check(ledger_journal_files_read(&journal, &place, &why) == RESULT_OK);
    for (uint64_t sequence = 1; journal->operations->read(journal, sequence, &entry, &why) == RESULT_OK;
         sequence++)
        closes += entry.kind == LEDGER_ENTRY_CLOSE;
    journal->operations->close(&journal);
    for (uint64_t i = 1; i <= BARRIERS; i++)
        ordered += run.order[i].act == PARTITION_CLOSE;
    check(closes == ordered);
}

static void one_seed(uint64_t seed) {
    memset(&run, 0, sizeof run);
    run.seed = run.dice = seed;
    scratch_make(run.state);
    run.history = history_begin(seed);
    for (uint32_t i = 0; i < 300 && history_go(run.history); i++)
        ;
    run.feed.records = run.history->records;
    for (uint32_t i = 0; i < OWNERS; i++)
        start(&run.owners[i]);
    disturbed_life();
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        const struct held *held = &run.owners[run.owner_of[i]].portfolio->held[i];
        check(ledger_digest(partition_ledger(held->partition)) == plain_digest(i));
        check_journal(i);
    }
    for (uint32_t i = 0; i < OWNERS; i++)
        owner_end(&run.owners[i]);
    history_end(&run.history);
    scratch_remove(run.state);
}

static uint64_t number_of(const char *variable, uint64_t otherwise) {
    const char *text = getenv(variable);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

Test(portfolio_property, whatever_happens_to_the_workers_the_ledgers_are_the_same, .timeout = 300) {
    struct failure why;
    cr_assert_eq(tariff_load(&tariffs[0], CITY_DIRECTORY, &why), RESULT_OK);
    tariffs[1] = tariffs[0];
    for (uint16_t i = 0; i < tariffs[1].count; i++)
        if (!tariffs[1].rows[i].per_mille && tariffs[1].rows[i].share[PAYER_CITY_IURAN])
            tariffs[1].rows[i].share[PAYER_CITY_IURAN] += 1000;
    first_month = calendar_month(calendar_day(2026, 11, 1));
    uint64_t first = number_of("PORTFOLIO_SEED", 1);
    uint64_t count = number_of("PORTFOLIO_SEEDS", getenv("PORTFOLIO_SEED") ? 1 : SEEDS);
    for (uint64_t seed = first; seed < first + count; seed++)
        one_seed(seed);
}
