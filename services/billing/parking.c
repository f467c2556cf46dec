/* parking.c - parks and settles failures (parking.h). */
#include "parking.h"

#include "runtime/log.h"
#include "runtime/require.h"

#include <stdlib.h>
#include <string.h>

/* In a FAILED decision `count` 1 says that `partition` is one. */
static bool is_same(const struct decision *parked, const struct parking *parking) {
    bool of_partition = parking->partition != PARKING_NO_PARTITION;
    return parked->month == parking->month && parked->count == of_partition &&
           (!of_partition || parked->partition == parking->partition) &&
           strcmp(parked->code, parking->failure->code) == 0;
}

static uint64_t find(const struct books *books, const struct parking *parking) {
    struct decision *parked = calloc(FINANCE_FAILURES_MAX, sizeof *parked);
    uint64_t failure_id = 0;
    require(parked, "out of memory for the list of failures");
    uint32_t count = finance_failures(books_finance(books), parked);
    for (uint32_t i = 0; i < count && i < FINANCE_FAILURES_MAX && failure_id == 0; i++) {
        if (is_same(&parked[i], parking))
            failure_id = parked[i].failure_id;
    }
    free(parked);
    return failure_id;
}

/* What can't be stored is said, and tried again with the next occasion. */
static enum result unless_io(enum result result, const struct failure *why) {
    if (result == RESULT_IO || result == RESULT_OK)
        return result;
    log_warning("a failure could not be stored: %s: %s", why->code, why->sentence);
    return RESULT_OK;
}

enum result parking_park(struct books *books, const struct parking *parking, uint64_t *failure_id,
                         struct failure *why) {
    *failure_id = find(books, parking);
    if (*failure_id != 0)
        return RESULT_OK;
    struct decision decision = {
        .kind = DECISION_FAILED, .time_ms = parking->time_ms, .day = parking->today, .month = parking->month};
    if (parking->partition != PARKING_NO_PARTITION) {
        decision.partition = parking->partition;
        decision.count = 1;
    }
    memcpy(decision.code, parking->failure->code, sizeof decision.code);
    memcpy(decision.sentence, parking->failure->sentence, sizeof decision.sentence);
    enum result result = books_decide(books, &decision, 1, why);
    if (result == RESULT_OK)
        *failure_id = decision.failure_id;
    return unless_io(result, why);
}

enum result parking_settle(struct books *books, uint64_t failure_id, int64_t time_ms, day_t today,
                           struct failure *why) {
    struct decision decision = {
        .kind = DECISION_SETTLED, .time_ms = time_ms, .day = today, .failure_id = failure_id};
    if (!finance_failure(books_finance(books), failure_id))
        return RESULT_OK;
    return unless_io(books_decide(books, &decision, 1, why), why);
}
