/* portfolio.c - what a worker has, by its orders (portfolio.h): grants taken and given back, and the report
 * of it all. */
#include "portfolio_internal.h"

#include "runtime/log.h"
#include "runtime/require.h"

#include <stdlib.h>
#include <string.h>

struct portfolio *portfolio_new(const struct portfolio_config *config) {
    struct portfolio *portfolio = calloc(1, sizeof *portfolio);
    require(portfolio, "out of memory for a portfolio");
    portfolio->config = *config;
    return portfolio;
}

static void drop_all(struct portfolio *portfolio) {
    for (uint32_t i = 0; i < LEDGER_PARTITIONS_MAX; i++) {
        uint8_t state = portfolio->held[i].state;
        if (state != HELD_EMPTY && state != HELD_OVER)
            held_over(portfolio, &portfolio->held[i]);
    }
}

void portfolio_destroy(struct portfolio **portfolio) {
    if (!*portfolio)
        return;
    drop_all(*portfolio);
    free(*portfolio);
    *portfolio = NULL;
}

void portfolio_lapse(struct portfolio *portfolio) {
    portfolio->lapsed = true;
}

void portfolio_feed_failed(struct portfolio *portfolio, const struct failure *why) {
    static const struct failure none = {0};
    bool changed = strcmp(portfolio->feed_failure.code, why ? why->code : "") != 0;
    portfolio->feed_failure = why ? *why : none;
    portfolio->report_due |= changed;
}

/* What the state began with never changes; a coordinator that says otherwise keeps another state. */
static bool learn_state(struct portfolio *portfolio, const struct wire_worker_orders *orders) {
    struct tariff tariff;
    struct failure why = {0};
    if (orders->partition_count == 0)
        return false;
    if (portfolio->count) {
        require(portfolio->count == orders->partition_count && portfolio->first_month == orders->first_month,
                "the orders are another state's than those before");
        return true;
    }
    if (orders->partition_count > LEDGER_PARTITIONS_MAX ||
        tariff_unpack(&tariff, orders->first_tariff.data, orders->first_tariff.size, &why) != RESULT_OK) {
        log_alarm("orders can't be followed: %s", why.sentence);
        return false;
    }
    portfolio->count = orders->partition_count;
    portfolio->first_month = orders->first_month;
    portfolio->first_tariff = tariff;
    return true;
}

/* Epochs only grow: a lower one than was ever held is an old message's. */
static void take_grants(struct portfolio *portfolio, const struct wire_worker_orders *orders,
                        bool granted[LEDGER_PARTITIONS_MAX]) {
    for (uint32_t i = 0; i < orders->granted_count; i++) {
        const struct wire_granted *grant = &orders->granted[i];
        require(grant->partition < portfolio->count, "a partition beyond the last one was granted");
        struct held *held = &portfolio->held[grant->partition];
        granted[grant->partition] = true;
        if (grant->epoch == held->epoch && held->state == HELD_OVER)
            held_refuse(portfolio, held);
        if (grant->epoch <= held->epoch)
            continue;
        if (held->state != HELD_EMPTY && held->state != HELD_OVER)
            held_over(portfolio, held);
        held_grant(portfolio, grant->partition, grant->epoch);
    }
}

/* Gives back what is not granted: what is cheap at once, and one that has to be written. True where there are
 * more. */
static bool give_back(struct portfolio *portfolio, const bool granted[LEDGER_PARTITIONS_MAX], int64_t now_ms,
                      int64_t time_ms) {
    bool gave = false;
    for (uint32_t i = 0; i < portfolio->count; i++) {
        struct held *held = &portfolio->held[i];
        if (granted[i] || held->state == HELD_EMPTY || held->state == HELD_OVER)
            continue;
        if (portfolio->lapsed || held->state != HELD_READY) {
            held_over(portfolio, held);
            continue;
        }
        if (gave)
            return true;
        held_give_back(portfolio, held, now_ms, time_ms);
        gave = true;
    }
    return false;
}

static bool open_one(struct portfolio *portfolio, int64_t now_ms) {
    bool opened = false;
    for (uint32_t i = 0; i < portfolio->count; i++) {
        if (portfolio->held[i].state != HELD_OPENING)
            continue;
        if (opened)
            return true;
        held_open(portfolio, &portfolio->held[i], now_ms);
        opened = true;
    }
    return false;
}

void portfolio_obey(struct portfolio *portfolio, const struct wire_worker_orders *orders, int64_t now_ms,
                    int64_t time_ms, bool *more, bool *refollow) {
    bool granted[LEDGER_PARTITIONS_MAX] = {false};
    *more = *refollow = false;
    if (!learn_state(portfolio, orders))
        return;
    take_grants(portfolio, orders, granted);
    for (uint32_t i = 0; i < portfolio->count; i++)
        portfolio->held[i].granted = granted[i];
    barrier_obey(portfolio, orders);
    *more = give_back(portfolio, granted, now_ms, time_ms);
    portfolio->lapsed = false;
    if (!*more)
        *more = open_one(portfolio, now_ms);
    for (uint32_t i = 0; i < portfolio->count; i++)
        portfolio->refollow |= portfolio->held[i].followed != portfolio_wants(portfolio, &portfolio->held[i]);
    if (!*more) { /* all that is opened in a row is followed together */
        *refollow = portfolio->refollow;
        portfolio->refollow = false;
    }
}

static void project(struct held *held) {
    const struct ledger *ledger = partition_ledger(held->partition);
    const struct ledger_sums *open = ledger_projected(ledger), *next = ledger_projected_next(ledger);
    for (enum payer payer = PAYER_NONE + 1; payer < PAYER_COUNT; payer++) {
        struct ledger_line line = ledger_sums_total(open, payer);
        held->projected[payer] = (struct payer_sum){line.amount_rupiah, line.people, line.corrections_rupiah};
        line = ledger_sums_total(next, payer);
        held->projected_next[payer] =
            (struct payer_sum){line.amount_rupiah, line.people, line.corrections_rupiah};
    }
    held->sums_old = false;
}

static void report_answer(const struct held *held, size_t *room, struct wire_held *out) {
    const struct held_answer *answer = &held->answer;
    if (!answer->barrier || answer->size > *room)
        return;
    *room -= answer->size;
    out->answer_barrier = answer->barrier;
    out->answer_months = answer->months;
    out->answer_sums = answer->sums;
    out->answer_sequence = answer->sequence;
    memcpy(out->answer_hash, answer->hash, JOURNAL_HASH_SIZE);
}

static void report_held(const struct portfolio *portfolio, struct held *held, size_t *room,
                        struct wire_held *out) {
    bool ready = held->state == HELD_READY;
    const struct failure *failure =
        held->failure.code[0] || !ready ? &held->failure : &portfolio->feed_failure;
    if (ready)
        held->position = partition_position(held->partition);
    *out = (struct wire_held){.partition = held->number,
                              .epoch = held->epoch,
                              .position = held->position,
                              .ready = ready,
                              .code = failure->code,
                              .sentence = failure->sentence};
    if (!ready)
        return;
    if (held->sums_old)
        project(held);
    bool holds = barrier_asks(portfolio, held) && !portfolio->run && !portfolio_repeats(portfolio);
    out->holding = holds ? portfolio->barrier : 0;
    out->open_month = partition_open_month(held->partition);
    out->tariff_digest = partition_tariff_digest(held->partition);
    out->members = ledger_member_count(partition_ledger(held->partition));
    memcpy(out->projected, held->projected, sizeof out->projected);
    memcpy(out->projected_next, held->projected_next, sizeof out->projected_next);
    report_answer(held, room, out);
}

const struct wire_held *portfolio_report(struct portfolio *portfolio, uint32_t *count) {
    size_t room = ANSWERS_MAX_BYTES;
    *count = 0;
    for (uint32_t i = 0; i < portfolio->count; i++) {
        struct held *held = &portfolio->held[i];
        if (held->state != HELD_EMPTY && held->state != HELD_OVER)
            report_held(portfolio, held, &room, &portfolio->report[(*count)++]);
    }
    return portfolio->report;
}
