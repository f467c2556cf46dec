/* books_fold.c - decisions into the coordinator's state: which are possible, and what each changes
 * (books.h). What is finance's is left to finance. */
#include "books_state.h"

#include "runtime/require.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *begun_problem(const struct decision *decision) {
    struct tariff tariff;
    if (decision->count == 0 || decision->count > LEDGER_PARTITIONS_MAX)
        return "it has 1 to 64 partitions";
    return tariff_unpack(&tariff, decision->bytes, decision->size, NULL) == RESULT_OK
               ? NULL
               : "its tariff can't be read";
}

static const char *epoch_problem(const struct books *books, const struct decision *decision) {
    if (decision->partition >= books->partitions)
        return "there is no such partition";
    if (decision->epoch <= books->epochs[decision->partition].epoch)
        return "epochs only grow";
    return decision->author.size < sizeof books->epochs[0].name ? NULL : "its worker's name is too long";
}

static const char *intent_problem(const struct books *books, const struct decision *decision) {
    struct tariff tariff;
    if (books->partitions == 0)
        return "the state has not begun";
    if (books->unfinished.act != 0)
        return "another close or change of tariff is not done";
    if (decision->kind == DECISION_CLOSING)
        return decision->month == finance_open_month(books->finance) ? NULL
                                                                     : "that month is not the open one";
    return tariff_unpack(&tariff, decision->bytes, decision->size, NULL) == RESULT_OK
               ? NULL
               : "its tariff can't be read";
}

static const char *invoice_problem(const struct books *books, const struct decision *decision) {
    const struct partition_order *intent = &books->unfinished;
    if (intent->act != PARTITION_CLOSE || intent->month != decision->month ||
        intent->offset != decision->offset)
        return "no close of that month at that offset was begun";
    uint8_t hash[JOURNAL_HASH_SIZE];
    books_invoice_hash(decision->bytes, decision->size, hash);
    return decision->size > 0 && memcmp(hash, decision->invoice_hash, sizeof hash) == 0
               ? NULL
               : "its bytes are not those of its hash";
}

static const char *retariffed_problem(const struct books *books, const struct decision *decision) {
    const struct partition_order *intent = &books->unfinished;
    return intent->act == PARTITION_RETARIFF && intent->offset == decision->offset
               ? NULL
               : "no change of tariff at that offset was begun";
}

static const char *device_problem(const struct books *books, const struct decision *decision) {
    const struct device *device = decision->new_device;
    if (!device || device->id == 0 || device->id > books->devices.count + 1)
        return "its device is none, or not the next one";
    if (decision->offset < books->device_offset)
        return "it lies before what was read already";
    const struct device *owner = device_table_by_key(&books->devices, device->public_key);
    bool known = device->id <= books->devices.count;
    return (known ? owner && owner->id == device->id : !owner) ? NULL : "its key is another device's";
}

static const char *rebuilt_problem(const struct books *books, const struct decision *decision) {
    struct finance_month closed;
    if (decision->partition >= books->partitions)
        return "there is no such partition";
    if (!finance_month(books->finance, decision->month, DAY_NONE, &closed))
        return "that month is not closed";
    return decision->entry > 0 && decision->offset == closed.as_of_offset ? NULL
                                                                          : "its close was at another offset";
}

static const char *problem_of(const struct books *books, const struct decision *decision) {
    switch (decision->kind) {
    case DECISION_BEGUN:
        return begun_problem(decision);
    case DECISION_EPOCH:
        return epoch_problem(books, decision);
    case DECISION_CLOSING:
    case DECISION_RETARIFF:
        return intent_problem(books, decision);
    case DECISION_INVOICE:
        return invoice_problem(books, decision);
    case DECISION_RETARIFFED:
        return retariffed_problem(books, decision);
    case DECISION_DEVICE:
        return device_problem(books, decision);
    case DECISION_FOLLOWED:
        return decision->offset < books->device_offset ? "it lies before what was read already" : NULL;
    case DECISION_REBUILT:
        return rebuilt_problem(books, decision);
    case DECISION_SCALED:
        return decision->count <= LEASE_WORKERS_MAX ? NULL : "there are at most 32 workers";
    default:
        return decision_name(decision->kind) ? NULL : "nobody knows its kind";
    }
}

enum result books_check(const struct books *books, const struct decision *decision, struct failure *why) {
    const char *problem = problem_of(books, decision);
    if (!problem)
        return finance_check(books->finance, decision, why);
    const char *name = decision_name(decision->kind);
    return fail(why, RESULT_CORRUPT, "BOOKS_CONTRADICTS", "Decision %" PRIu64 " (%s) can't be: %s.",
                decision->sequence, name ? name : "?", problem);
}

static void begin(struct books *books, const struct decision *decision) {
    enum result result = tariff_unpack(&books->first_tariff, decision->bytes, decision->size, NULL);
    require(result == RESULT_OK, "the state begins with a tariff that was read before");
    books->partitions = decision->count;
    books->first_month = decision->month;
    books->tariff = books->first_tariff;
    if (decision->offset > books->device_offset)
        books->device_offset = decision->offset;
}

static void grant(struct books *books, const struct decision *decision) {
    struct books_epoch *epoch = &books->epochs[decision->partition];
    *epoch =
        (struct books_epoch){.epoch = decision->epoch, .worker = decision->worker, .local = decision->local};
    snprintf(epoch->name, sizeof epoch->name, "%.*s", (int)decision->author.size,
             decision->author.size ? decision->author.data : "");
}

static void intend(struct books *books, const struct decision *decision) {
    bool closes = decision->kind == DECISION_CLOSING;
    if (!closes) {
        enum result result = tariff_unpack(&books->coming, decision->bytes, decision->size, NULL);
        require(result == RESULT_OK, "a change brings a tariff that was read before");
    }
    books->unfinished_time_ms = decision->time_ms;
    books->unfinished = (struct partition_order){.act = closes ? PARTITION_CLOSE : PARTITION_RETARIFF,
                                                 .offset = decision->offset,
                                                 .month = closes ? decision->month : MONTH_NONE,
                                                 .tariff = closes ? NULL : &books->coming};
}

static void take_rebuilt(struct books *books, const struct decision *decision) {
    books->rebuilt = reallocarray(books->rebuilt, books->rebuilt_count + 1, sizeof *books->rebuilt);
    require(books->rebuilt, "no memory for a rebuilt partition");
    struct books_rebuilt *rebuilt = &books->rebuilt[books->rebuilt_count++];
    *rebuilt = (struct books_rebuilt){
        .partition = decision->partition, .month = decision->month, .sequence = decision->entry};
    memcpy(rebuilt->hash, decision->invoice_hash, sizeof rebuilt->hash);
}

static void take_device(struct books *books, const struct decision *decision) {
    struct device *known = device_table_at(&books->devices, decision->new_device->id);
    if (known)
        *known = *decision->new_device;
    else
        device_table_add(&books->devices, decision->new_device);
    books->device_offset = decision->offset;
}

void books_apply(struct books *books, const struct decision *decision) {
    struct failure why;
    enum result result = finance_apply(books->finance, decision, &why);
    require(result == RESULT_OK, "a checked decision can be applied");
    switch (decision->kind) {
    case DECISION_BEGUN:
        begin(books, decision);
        break;
    case DECISION_EPOCH:
        grant(books, decision);
        break;
    case DECISION_CLOSING:
    case DECISION_RETARIFF:
        intend(books, decision);
        break;
    case DECISION_RETARIFFED:
        books->tariff = books->coming;
        books->retariffs++;
        books->unfinished.act = 0;
        break;
    case DECISION_INVOICE:
        books->retariffs = 0;
        books->unfinished.act = 0;
        break;
    case DECISION_REBUILT:
        take_rebuilt(books, decision);
        break;
    case DECISION_DEVICE:
        take_device(books, decision);
        break;
    case DECISION_FOLLOWED:
        books->device_offset = decision->offset;
        books->followed_day = decision->day;
        break;
    case DECISION_SCALED:
        books->scaled = decision->count;
        break;
    default:
        break;
    }
}
