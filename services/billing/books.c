/* books.c - stores decisions, then applies them; reads them all at the start (books.h). */
#include "books_state.h"

#include "cakupan/invoice.h"
#include "runtime/require.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES    (64u << 10)
#define DECISION_EXTRA 4096u /* of an encoded decision, besides its bytes: texts and numbers */

void books_invoice_hash(const uint8_t *bytes, size_t size, uint8_t out[JOURNAL_HASH_SIZE]) {
    int failed = sodium_init() < 0 || crypto_generichash(out, JOURNAL_HASH_SIZE, bytes, size, NULL, 0) != 0;
    require(!failed, "libsodium has no BLAKE2b");
}

static enum result read_row(struct books *books, const struct books_row *row, struct decision *out,
                            struct failure *why) {
    arena_reset(&books->arena);
    enum result result = wire_decision_decode(row->bytes, row->size, &books->arena, out);
    if (result == RESULT_OK && out->sequence == row->sequence && out->kind == row->kind &&
        out->time_ms == row->time_ms)
        return RESULT_OK;
    return fail(why, RESULT_CORRUPT, "BOOKS_CORRUPT",
                "Decision %" PRIu64 " of the books can't be read: restore them from a copy.", row->sequence);
}

static enum result replay_row(void *context, const struct books_row *row, struct failure *why) {
    struct books *books = context;
    struct decision decision;
    enum result result = read_row(books, row, &decision, why);
    if (result == RESULT_OK)
        result = books_check(books, &decision, why);
    if (result == RESULT_OK)
        books_apply(books, &decision);
    return result;
}

enum result books_open(struct books **out, const struct books_config *config, struct failure *why) {
    struct books *books = calloc(1, sizeof *books);
    require(books, "no memory for the books");
    arena_init(&books->arena, ARENA_BYTES);
    books->finance = finance_new(config->terms, config->policy);
    enum result result = books_store_open(&books->store, config->path, why);
    if (result == RESULT_OK)
        result = books_store_read(books->store, 1, 0, replay_row, books, why);
    if (result != RESULT_OK)
        books_close(&books);
    *out = books;
    return result;
}

void books_close(struct books **books) {
    if (!*books)
        return;
    books_store_close(&(*books)->store);
    finance_destroy(&(*books)->finance);
    device_table_clear(&(*books)->devices);
    arena_free(&(*books)->arena);
    free((*books)->rebuilt);
    free((*books)->invoice);
    free(*books);
    *books = NULL;
}

/* Sentences come from anywhere and may be cut within a letter: what the books could not read back is
 * replaced. */
static void clean(char *text) {
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

static void complete(struct books *books, struct decision *decision, size_t index) {
    decision->sequence = books_store_head(books->store) + 1 + index;
    if (decision->kind == DECISION_FAILED && decision->failure_id == 0)
        decision->failure_id = decision->sequence;
    if (decision->kind == DECISION_INVOICE)
        books_invoice_hash(decision->bytes, decision->size, decision->invoice_hash);
    clean(decision->code);
    clean(decision->sentence);
}

/* Checked, encoded, and read back: what is stored once must be readable for ever. */
static enum result encode(struct books *books, struct decision *decision, uint8_t *at, size_t capacity,
                          struct books_row *row, struct failure *why) {
    struct decision again;
    enum result result = books_check(books, decision, why);
    if (result != RESULT_OK)
        return result;
    *row = (struct books_row){.sequence = decision->sequence,
                              .kind = decision->kind,
                              .time_ms = decision->time_ms,
                              .bytes = at,
                              .size = wire_decision_encode(decision, at, capacity)};
    if (row->size > 0 && read_row(books, row, &again, NULL) == RESULT_OK)
        return RESULT_OK;
    return fail(why, RESULT_INVALID, "DECISION_MALFORMED",
                "A decision (%s) can't be stored: a text of it is unclean or too long.",
                decision_name(decision->kind));
}

static enum result store_all(struct books *books, struct decision *decisions, size_t count,
                             struct books_row *rows, uint8_t *buffer, struct failure *why) {
    uint8_t *at = buffer;
    for (size_t i = 0; i < count; i++) {
        size_t capacity = decisions[i].size + DECISION_EXTRA;
        complete(books, &decisions[i], i);
        enum result result = encode(books, &decisions[i], at, capacity, &rows[i], why);
        if (result != RESULT_OK)
            return result;
        at += capacity;
    }
    return books_store_append(books->store, rows, count, why);
}

static void note_stuck(struct books *books, enum result result, int64_t time_ms, const struct failure *why) {
    bool was = books->stuck.code[0] != '\0';
    if (result == RESULT_OK)
        books->stuck.code[0] = '\0';
    if (result != RESULT_FULL)
        return;
    books->stuck = *why;
    if (!was)
        books->stuck_since_ms = time_ms;
}

const struct failure *books_stuck(const struct books *books, int64_t *since_ms) {
    *since_ms = books->stuck_since_ms;
    return books->stuck.code[0] ? &books->stuck : NULL;
}

enum result books_decide(struct books *books, struct decision *decisions, size_t count, struct failure *why) {
    size_t bytes = 1;
    for (size_t i = 0; i < count; i++)
        bytes += decisions[i].size + DECISION_EXTRA;
    struct books_row *rows = calloc(count + 1, sizeof *rows);
    uint8_t *buffer = malloc(bytes);
    require(rows && buffer, "no memory for decisions");
    struct failure reason = {0};
    enum result result = store_all(books, decisions, count, rows, buffer, &reason);
    if (result != RESULT_OK && why)
        *why = reason;
    if (count > 0)
        note_stuck(books, result, decisions[0].time_ms, &reason);
    for (size_t i = 0; i < count && result == RESULT_OK; i++) {
        require(books_check(books, &decisions[i], &reason) == RESULT_OK,
                "decisions of one call do not build on one another");
        books_apply(books, &decisions[i]);
    }
    free(rows);
    free(buffer);
    return result;
}

const struct finance *books_finance(const struct books *books) {
    return books->finance;
}

bool books_begun(const struct books *books, struct books_begun *out) {
    *out = (struct books_begun){books->partitions, books->first_month, &books->first_tariff};
    return books->partitions > 0;
}

const struct tariff *books_tariff(const struct books *books) {
    return &books->tariff;
}

struct books_epoch books_epoch(const struct books *books, uint32_t partition) {
    require(partition < LEDGER_PARTITIONS_MAX, "there is no such partition");
    return books->epochs[partition];
}

uint32_t books_scaled(const struct books *books) {
    return books->scaled;
}

bool books_unfinished(const struct books *books, struct partition_order *out) {
    *out = books->unfinished;
    return books->unfinished.act != 0;
}

int64_t books_unfinished_time_ms(const struct books *books) {
    return books->unfinished_time_ms;
}

/* Copies the invoice of a decision, for the row ends with the call. */
static enum result take_invoice(void *context, const struct books_row *row, struct failure *why) {
    struct books *books = context;
    struct decision decision;
    enum result result = read_row(books, row, &decision, why);
    if (result != RESULT_OK)
        return result;
    uint8_t *copy = realloc(books->invoice, decision.size + 1);
    require(copy, "no memory for an invoice");
    memcpy(copy, decision.bytes, decision.size);
    books->invoice = copy;
    books->invoice_size = decision.size;
    return RESULT_OK;
}

enum result books_invoice(struct books *books, month_t month, const uint8_t **bytes, size_t *size,
                          struct failure *why) {
    struct finance_month closed;
    char text[CALENDAR_TEXT];
    calendar_format_month(month, text);
    if (!finance_month(books->finance, month, DAY_NONE, &closed))
        return fail(why, RESULT_NOT_FOUND, "BILL_MONTH_NOT_CLOSED",
                    "%s is not closed, so it has no invoice: preview it, or close it first.", text);
    enum result result = books_store_read(books->store, closed.invoice_sequence, 1, take_invoice, books, why);
    *bytes = books->invoice;
    *size = books->invoice_size;
    return result;
}

enum result books_close_entry(struct books *books, month_t month, uint32_t partition, uint64_t *sequence,
                              uint8_t hash[JOURNAL_HASH_SIZE], struct failure *why) {
    const uint8_t *invoice;
    size_t size;
    for (size_t i = books->rebuilt_count; i-- > 0;) {
        const struct books_rebuilt *rebuilt = &books->rebuilt[i];
        if (rebuilt->partition != partition || rebuilt->month != month)
            continue;
        *sequence = rebuilt->sequence;
        memcpy(hash, rebuilt->hash, JOURNAL_HASH_SIZE);
        return RESULT_OK;
    }
    enum result result = books_invoice(books, month, &invoice, &size, why);
    if (result != RESULT_OK || invoice_find_partition(invoice, size, partition, sequence, hash))
        return result;
    return fail(why, RESULT_CORRUPT, "FROZEN_DIFFERS",
                "The invoice names no entry of partition %" PRIu32 ": restore the books.", partition);
}

uint32_t books_retariffs(const struct books *books) {
    return books->retariffs;
}

const struct device *books_device(const struct books *books, uint32_t id) {
    return device_table_at(&books->devices, id);
}

const struct device *books_device_by_key(const struct books *books, const uint8_t key[DEVICE_KEY_SIZE]) {
    return device_table_by_key(&books->devices, key);
}

uint64_t books_device_offset(const struct books *books) {
    return books->device_offset;
}

day_t books_followed_day(const struct books *books) {
    return books->followed_day;
}

uint64_t books_sequence(const struct books *books) {
    return books_store_head(books->store);
}

struct listing {
    books_on_bytes *on_bytes;
    void *context;
    bool enough;
};

static enum result list_row(void *context, const struct books_row *row, struct failure *why) {
    struct listing *listing = context;
    (void)why;
    listing->enough = !listing->on_bytes(listing->context, row->sequence, row->bytes, row->size);
    return listing->enough ? RESULT_AGAIN : RESULT_OK; /* any other result than OK ends the reading */
}

enum result books_list(struct books *books, uint64_t from, books_on_bytes *on_bytes, void *context,
                       struct failure *why) {
    struct listing listing = {.on_bytes = on_bytes, .context = context};
    enum result result = books_store_read(books->store, from, 0, list_row, &listing, why);
    return listing.enough ? RESULT_OK : result;
}
