/* ledger_segment.c - fuzzes the reader of a partition's segment files, and of the payloads in them: a disk
 * may hold anything. The input is what stands behind a sound head, or, where it begins with a zero, the
 * whole file. */
#include "cakupan/partition.h"
#include "examples.h"
#include "file_input.h"
#include "store/ledger_segment.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ledger_journal_place place = {"", 3, 16, 1523};

static uint8_t *put(uint8_t *at, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        *at++ = (uint8_t)(value >> (8 * i));
    return at;
}

/* Payloads with heads that say how much follows. */
static size_t make_payload(uint8_t kind, uint8_t out[64]) {
    memset(out, 0, 64);
    if (kind == LEDGER_ENTRY_CLOSE) {
        put(put(put(put(out, 1, 4), 12, 4), 3, 4), 3, 4);
        return 24 + 18;
    }
    if (kind == LEDGER_ENTRY_RETARIFF) {
        put(put(put(out, 1, 4), 16, 4), 3, 4);
        return 12 + 19;
    }
    out[0] = 1;
    return 3;
}

static size_t example(uint8_t *out, size_t capacity, unsigned seed) {
    uint8_t previous[JOURNAL_HASH_SIZE] = {0}, payload[64];
    size_t size = 1;
    out[0] = 1;
    for (uint64_t sequence = 1; sequence <= seed % 4; sequence++) {
        uint8_t kind = (uint8_t)(1 + (seed + sequence) % 3);
        struct ledger_entry entry = {.sequence = sequence,
                                     .epoch = 1,
                                     .offset = seed,
                                     .kind = kind,
                                     .payload = payload,
                                     .size = make_payload(kind, payload)};
        if (size + SEGMENT_ENTRY_BYTES + entry.size > capacity)
            break;
        ledger_journal_hash(previous, &entry, entry.hash);
        memcpy(previous, entry.hash, sizeof previous);
        ledger_segment_entry(&entry, out + size);
        memcpy(out + size + SEGMENT_ENTRY_BYTES, payload, entry.size);
        size += SEGMENT_ENTRY_BYTES + entry.size;
    }
    return size;
}
FUZZ_EXAMPLES(example)

static void read_payload(const struct ledger_entry *entry) {
    struct partition_close close;
    struct partition_retariff retariff;
    struct failure why;
    if (partition_close_read(entry, &close, &why) == RESULT_OK)
        FUZZ_CHECK(close.roster + close.roster_size == entry->payload + entry->size);
    if (partition_retariff_read(entry, &retariff, &why) == RESULT_OK)
        FUZZ_CHECK(retariff.charges + retariff.charges_size == entry->payload + entry->size);
}

/* Skipping and reading come to the same place. */
static void walk(struct ledger_segment *segment) {
    struct ledger_entry entry;
    struct failure why;
    uint64_t read = 0;
    while (ledger_segment_next(segment, &entry, &why) == RESULT_OK) {
        FUZZ_CHECK(entry.sequence == ++read);
        read_payload(&entry);
    }
    uint64_t at = segment->at;
    ledger_segment_rewind(segment);
    for (uint64_t i = 0; i < read; i++)
        FUZZ_CHECK(ledger_segment_skip(segment, &why) == RESULT_OK);
    FUZZ_CHECK(segment->at == at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct ledger_segment_head head = {.epoch = 1};
    struct ledger_segment segment;
    struct failure why;
    if (size == 0)
        return 0;
    int file = file_input_begin();
    if (data[0]) {
        FUZZ_CHECK(ledger_segment_begin(file, &place, &head, &why) == RESULT_OK &&
                   lseek(file, SEGMENT_HEAD_BYTES, SEEK_SET) > 0);
    }
    file_input_add(file, data + 1, size - 1);
    if (ledger_segment_open(&segment, file_input_path(file), 1, &place, &why) != RESULT_OK) {
        FUZZ_CHECK(!data[0]);
        return 0;
    }
    walk(&segment);
    ledger_segment_close(&segment);
    return 0;
}
