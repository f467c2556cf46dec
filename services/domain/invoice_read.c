/* invoice_read.c - finds in a frozen invoice's bytes the entry that a partition closed the month with, and
 * its control totals (invoice.h). The bytes have one form, so a reader of that form is all it takes. */
#include "cakupan/invoice.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct reader {
    const uint8_t *at, *end;
};

/* Goes on behind the next `text`. */
static bool skip_to(struct reader *reader, const char *text) {
    size_t size = strlen(text);
    for (; (size_t)(reader->end - reader->at) >= size; reader->at++)
        if (memcmp(reader->at, text, size) == 0) {
            reader->at += size;
            return true;
        }
    return false;
}

static bool take_text(struct reader *reader, const char *text) {
    size_t size = strlen(text);
    if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, text, size) != 0)
        return false;
    reader->at += size;
    return true;
}

static bool take_number(struct reader *reader, uint64_t *out) {
    const uint8_t *begin = reader->at;
    *out = 0;
    for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++)
        if (__builtin_mul_overflow(*out, 10u, out) || __builtin_add_overflow(*out, *reader->at - '0', out))
            return false;
    return reader->at > begin;
}

static int digit(uint8_t letter) {
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

static bool take_hash(struct reader *reader, uint8_t hash[JOURNAL_HASH_SIZE]) {
    if (reader->end - reader->at < 2 * JOURNAL_HASH_SIZE)
        return false;
    for (unsigned i = 0; i < JOURNAL_HASH_SIZE; i++, reader->at += 2) {
        int high = digit(reader->at[0]), low = digit(reader->at[1]);
        if (high < 0 || low < 0)
            return false;
        hash[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* From -INT64_MAX to INT64_MAX: the one below is no amount of anything. */
static bool take_amount(struct reader *reader, int64_t *out) {
    bool negative = take_text(reader, "-");
    uint64_t number;
    if (!take_number(reader, &number) || number > INT64_MAX)
        return false;
    *out = negative ? -(int64_t)number : (int64_t)number;
    return true;
}

static bool take_payer(struct reader *reader, struct invoice_partition *out) {
    for (unsigned payer = PAYER_NONE + 1; payer < PAYER_COUNT; payer++) {
        char element[64];
        snprintf(element, sizeof element, "{\"payer\":\"%s\",\"people\":", payer_name((enum payer)payer));
        if (take_text(reader, element))
            return take_number(reader, &out->people[payer]) && take_text(reader, ",\"owed_rupiah\":") &&
                   take_amount(reader, &out->amount_rupiah[payer]) && take_text(reader, "}");
    }
    return false;
}

static bool take_entry(struct reader *reader, uint32_t partition, uint64_t *sequence,
                       uint8_t hash[JOURNAL_HASH_SIZE]) {
    char element[32];
    snprintf(element, sizeof element, "{\"partition\":%" PRIu32 ",", partition);
    return skip_to(reader, "\"partitions\":[") && skip_to(reader, element) &&
           take_text(reader, "\"sequence\":") && take_number(reader, sequence) &&
           take_text(reader, ",\"hash\":\"") && take_hash(reader, hash);
}

bool invoice_find_partition(const uint8_t *bytes, size_t size, uint32_t partition, uint64_t *sequence,
                            uint8_t hash[JOURNAL_HASH_SIZE]) {
    struct reader reader = {bytes, size ? bytes + size : bytes};
    return take_entry(&reader, partition, sequence, hash);
}

bool invoice_read_partition(const uint8_t *bytes, size_t size, uint32_t partition,
                            struct invoice_partition *out) {
    struct reader reader = {bytes, size ? bytes + size : bytes};
    *out = (struct invoice_partition){0};
    if (!take_entry(&reader, partition, &out->sequence, out->hash) || !take_text(&reader, "\",\"payers\":["))
        return false;
    for (bool first = true; !take_text(&reader, "]}"); first = false)
        if ((!first && !take_text(&reader, ",")) || !take_payer(&reader, out))
            return false;
    return true;
}

void invoice_partition_total(const struct ledger_sums *sums, struct invoice_partition *out) {
    for (enum payer payer = PAYER_NONE; payer < PAYER_COUNT; payer++) {
        struct ledger_line total = ledger_sums_total(sums, payer);
        out->amount_rupiah[payer] = total.amount_rupiah + total.corrections_rupiah;
        out->people[payer] = total.people;
    }
}
