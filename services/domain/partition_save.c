/* partition_save.c - a partition as a stream, bound to the entry of its journal after which it goes on
 * (partition.h).
 *
 * Layout, 64-bit little-endian words as the ledger's own, which follows: a head of 20 (magic, version,
 * partition and count and first month, position, sequence, hash 4, size of the tariff, offset and digest of
 * the last change of tariff and whether there was one, month and offset of the last close, size of its sums,
 * zeros), the packed tariff, the packed sums, each filled up to whole words.
 */
#include "partition_state.h"

#include "words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SAVE_MAGIC   UINT64_C(0x54524150554b4143) /* "CAKUPART" */
#define SAVE_VERSION 1u
#define HEAD_WORDS   20u

enum head_word {
    HEAD_MAGIC,
    HEAD_VERSION,
    HEAD_PARTITION,
    HEAD_POSITION,
    HEAD_SEQUENCE,
    HEAD_HASH,
    HEAD_TARIFF_SIZE = HEAD_HASH + JOURNAL_HASH_SIZE / 8,
    HEAD_RETARIFF_KNOWN,
    HEAD_RETARIFF_OFFSET,
    HEAD_RETARIFF_DIGEST,
    HEAD_CLOSED_MONTH,
    HEAD_CLOSED_OFFSET,
    HEAD_SUMS_SIZE
};
_Static_assert(HEAD_SUMS_SIZE < HEAD_WORDS, "the head holds all of these");

static uint64_t which(const struct partition *partition) {
    return partition->number | (uint64_t)partition->count << 16 | (uint64_t)partition->first_month << 32;
}

static uint64_t word_at(const uint8_t *bytes, size_t size, size_t at) {
    uint64_t word = 0;
    for (unsigned i = 0; i < sizeof word && at + i < size; i++)
        word |= (uint64_t)bytes[at + i] << (8 * i);
    return word;
}

static void put_bytes(struct words_out *out, const uint8_t *bytes, size_t size) {
    for (size_t at = 0; at < size; at += sizeof(uint64_t))
        words_put(out, word_at(bytes, size, at));
}

enum result partition_save(const struct partition *partition, ledger_write *write, void *context) {
    if (partition->recalled.count || partition->pending.kind || charge_packer_count(partition->corrections))
        return RESULT_AGAIN;
    uint8_t tariff[TARIFF_PACKED_MAX];
    uint64_t head[HEAD_WORDS] = {
        [HEAD_MAGIC] = SAVE_MAGIC,
        [HEAD_VERSION] = SAVE_VERSION,
        [HEAD_PARTITION] = which(partition),
        [HEAD_POSITION] = partition->position,
        [HEAD_SEQUENCE] = partition->sequence,
        [HEAD_TARIFF_SIZE] = tariff_pack(partition_tariff(partition), tariff),
        [HEAD_RETARIFF_KNOWN] = partition->retariffed.known,
        [HEAD_RETARIFF_OFFSET] = partition->retariffed.offset,
        [HEAD_RETARIFF_DIGEST] = partition->retariffed.digest,
        [HEAD_CLOSED_MONTH] = partition->closed.month,
        [HEAD_CLOSED_OFFSET] = partition->closed.offset,
        [HEAD_SUMS_SIZE] = partition->closed.sums.size,
    };
    for (unsigned i = 0; i < JOURNAL_HASH_SIZE / 8; i++)
        head[HEAD_HASH + i] = word_at(partition->hash, JOURNAL_HASH_SIZE, i * sizeof(uint64_t));
    struct words_out out = {.write = write, .context = context};
    for (unsigned i = 0; i < HEAD_WORDS; i++)
        words_put(&out, head[i]);
    put_bytes(&out, tariff, head[HEAD_TARIFF_SIZE]);
    put_bytes(&out, partition->closed.sums.data, partition->closed.sums.size);
    return words_end(&out) ? ledger_save(partition->ledger, write, context) : RESULT_IO;
}

static void take_word(struct words_in *in, uint8_t *out, size_t size) {
    uint64_t word = words_take(in);
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(word >> (8 * i));
}

static void take_bytes(struct words_in *in, uint8_t *out, size_t size) {
    in->left += (size + 7) / 8;
    for (size_t at = 0; at < size; at += sizeof(uint64_t))
        take_word(in, out + at, size - at < sizeof(uint64_t) ? size - at : sizeof(uint64_t));
}

static enum result corrupt(struct failure *why, const char *sentence) {
    return fail(why, RESULT_CORRUPT, "SNAPSHOT_CORRUPT", "The partition's snapshot is not used: %s.",
                sentence);
}

static enum result take_tariff(struct partition *partition, struct words_in *in, const uint64_t *head,
                               struct failure *why) {
    uint8_t packed[TARIFF_PACKED_MAX];
    struct tariff *tariff = &partition->tariffs[0];
    take_bytes(in, packed, head[HEAD_TARIFF_SIZE]);
    if (in->failed)
        return corrupt(why, "it ends too early");
    enum result result = tariff_unpack(tariff, packed, head[HEAD_TARIFF_SIZE], why);
    if (result != RESULT_OK)
        return result;
    uint64_t expected =
        head[HEAD_RETARIFF_KNOWN] ? head[HEAD_RETARIFF_DIGEST] : partition->first_tariff_digest;
    if (tariff_digest(tariff) != expected)
        return fail(why, RESULT_CONFLICT, "SNAPSHOT_OTHER",
                    "The partition's snapshot was made under another tariff: it is not used.");
    return RESULT_OK;
}

static enum result take_closed(struct partition *partition, struct words_in *in, const uint64_t *head,
                               struct failure *why) {
    size_t size = head[HEAD_SUMS_SIZE];
    struct ledger_sums *sums = calloc(1, sizeof *sums);
    struct pack_out *packed = &partition->closed.sums;
    assert(sums && "no memory for the sums of a month");
    pack_reserve(packed, size);
    take_bytes(in, packed->data, size);
    packed->size = size;
    partition->closed.month = (month_t)head[HEAD_CLOSED_MONTH];
    partition->closed.offset = head[HEAD_CLOSED_OFFSET];
    enum result result = RESULT_OK;
    if (in->failed || (size > 0) != (partition->closed.month != MONTH_NONE))
        result = corrupt(why, "its last close is none");
    else if (size > 0)
        result = ledger_sums_unpack(sums, partition->regions, packed->data, size, why);
    free(sums);
    return result;
}

static enum result check_head(const struct partition *partition, const uint64_t *head, struct failure *why) {
    if (head[HEAD_MAGIC] != SAVE_MAGIC || head[HEAD_VERSION] != SAVE_VERSION)
        return fail(why, RESULT_CONFLICT, "SNAPSHOT_VERSION",
                    "The partition's snapshot is not of version %u: it is not used.", SAVE_VERSION);
    if (head[HEAD_PARTITION] != which(partition))
        return fail(
            why, RESULT_CONFLICT, "SNAPSHOT_OTHER",
            "The snapshot is of another partition than %u of %u, or of another state: it is not used.",
            partition->number, partition->count);
    if (head[HEAD_TARIFF_SIZE] > TARIFF_PACKED_MAX || head[HEAD_SUMS_SIZE] > LEDGER_SUMS_PACKED_MAX)
        return corrupt(why, "its sizes are impossible");
    return RESULT_OK;
}

enum result partition_load(struct partition *partition, ledger_read *read, void *context,
                           struct failure *why) {
    assert(partition->position == 0 && partition->sequence == 0 &&
           "a snapshot is loaded into a new partition");
    struct words_in in = {.read = read, .context = context, .left = HEAD_WORDS};
    uint64_t head[HEAD_WORDS];
    for (unsigned i = 0; i < HEAD_WORDS; i++)
        head[i] = words_take(&in);
    enum result result = in.failed ? corrupt(why, "it has no head") : check_head(partition, head, why);
    if (result == RESULT_OK)
        result = take_tariff(partition, &in, head, why);
    if (result == RESULT_OK)
        result = take_closed(partition, &in, head, why);
    if (result != RESULT_OK)
        return result;
    ledger_destroy(&partition->ledger);
    partition->ledger = ledger_new(partition->regions, &partition->tariffs[0], partition->first_month);
    result = ledger_load(partition->ledger, read, context, why);
    if (result == RESULT_OK && ledger_last_offset(partition->ledger) > head[HEAD_POSITION])
        result = corrupt(why, "its ledger is ahead of its position");
    if (result != RESULT_OK)
        return result;
    partition->position = head[HEAD_POSITION];
    partition->sequence = head[HEAD_SEQUENCE];
    for (unsigned i = 0; i < JOURNAL_HASH_SIZE / 8; i++)
        for (unsigned byte = 0; byte < 8; byte++)
            partition->hash[8 * i + byte] = (uint8_t)(head[HEAD_HASH + i] >> (8 * byte));
    partition->retariffed.known = head[HEAD_RETARIFF_KNOWN];
    partition->retariffed.offset = head[HEAD_RETARIFF_OFFSET];
    partition->retariffed.digest = head[HEAD_RETARIFF_DIGEST];
    return RESULT_OK;
}

bool partition_fits(const struct partition *partition, const struct ledger_entry *at,
                    const struct ledger_entry *next) {
    return at->sequence == partition->sequence &&
           memcmp(at->hash, partition->hash, sizeof partition->hash) == 0 &&
           (!next || next->offset >= partition->position);
}
