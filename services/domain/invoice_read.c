/* invoice_read.c - finds in a frozen invoice's bytes the entry that a partition closed the month with
 * (invoice.h). The bytes have one form, so a reader of that form is all it takes. */
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

bool invoice_find_partition(const uint8_t *bytes, size_t size, uint32_t partition, uint64_t *sequence,
                            uint8_t hash[JOURNAL_HASH_SIZE]) {
    struct reader reader = {bytes, bytes + size};
    char element[32];
    snprintf(element, sizeof element, "{\"partition\":%" PRIu32 ",", partition);
    return skip_to(&reader, "\"partitions\":[") && skip_to(&reader, element) &&
           take_text(&reader, "\"sequence\":") && take_number(&reader, sequence) &&
           take_text(&reader, ",\"hash\":\"") && take_hash(&reader, hash);
}
