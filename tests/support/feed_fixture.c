/* feed_fixture.c - a journal in memory and caught replies (feed_fixture.h). */
#include "feed_fixture.h"

#include "wire/wire_record.h"

#include <stdlib.h>
#include <string.h>

#define RECORD_ROOM 512

static void *must(void *memory) {
    if (!memory)
        abort();
    return memory;
}

static enum result read_batch(struct journal *journal, uint64_t offset, struct journal_batch *batch,
                              struct failure *why) {
    struct feed_fixture *fixture = (struct feed_fixture *)journal;
    fixture->reads++;
    if (fixture->read_fails != RESULT_OK)
        return fail(why, fixture->read_fails, "READ", "The disk does not answer.");
    if (fixture->lent)
        memset(fixture->lent, 0xee, fixture->lent_size);
    size_t low = 0, high = fixture->batch_count;
    while (low < high) { /* the first batch that ends behind `offset` */
        size_t middle = (low + high) / 2;
        const struct batch_header *header = &fixture->batches[middle].header;
        if (header->first_offset + header->count <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == fixture->batch_count || !offset)
        return fail(why, RESULT_NOT_FOUND, "READ", "Past the head.");
    *batch = fixture->batches[low];
    fixture->lent = must(realloc(fixture->lent, batch->size ? batch->size : 1));
    fixture->lent_size = batch->size;
    memcpy(fixture->lent, batch->records, batch->size);
    batch->records = fixture->lent;
    return RESULT_OK;
}

static enum result read_head(struct journal *journal, struct journal_batch *batch, struct failure *why) {
    struct feed_fixture *fixture = (struct feed_fixture *)journal;
    if (fixture->read_fails != RESULT_OK)
        return fail(why, fixture->read_fails, "READ", "The disk does not answer.");
    *batch = fixture->batch_count ? fixture->batches[fixture->batch_count - 1] : (struct journal_batch){0};
    return RESULT_OK;
}

static const struct journal_operations operations = {.read = read_batch, .head = read_head};

void feed_fixture_init(struct feed_fixture *fixture) {
    *fixture = (struct feed_fixture){.journal = {&operations}, .padding = 20};
}

void feed_fixture_free(struct feed_fixture *fixture) {
    for (size_t i = 0; i < fixture->batch_count; i++)
        free((void *)fixture->batches[i].records);
    free(fixture->batches);
    free(fixture->lent);
    *fixture = (struct feed_fixture){0};
}

static void make_record(uint64_t offset, uint32_t padding, struct record *record) {
    static const char text[TEXT_MAX] = "SITI RAHAYU";
    *record = (struct record){
        .offset = offset,
        .member_id = (uint32_t)(offset % 1000),
        .kind = CHANGE_ENROL,
        .device = 3,
        .sequence = offset,
        .content_hash = offset * 77,
        .captured_at_ms = 1790000000000,
        .effective_day = 46000,
        .has_after = true,
        .after = {.identity = 3671010101900001,
                  .family = 3671010101100001,
                  .kelurahan = 3671011001,
                  .segment = SEGMENT_PBPU_PEMDA,
                  .status = STATUS_ACTIVE,
                  .care_class = 3},
        .name = {text, (uint16_t)padding},
    };
}

const struct journal_batch *feed_fixture_append_these(struct feed_fixture *fixture,
                                                      const struct record *records, uint32_t count) {
    if (fixture->batch_count == fixture->batch_capacity) {
        fixture->batch_capacity = fixture->batch_capacity ? fixture->batch_capacity * 2 : 64;
        fixture->batches =
            must(realloc(fixture->batches, fixture->batch_capacity * sizeof *fixture->batches));
    }
    uint8_t previous[JOURNAL_HASH_SIZE] = {0};
    struct batch_header header = {.first_offset = 1, .count = count, .time_ms = 1790000000000, .day = 46000};
    if (fixture->batch_count) {
        const struct journal_batch *last = &fixture->batches[fixture->batch_count - 1];
        memcpy(previous, last->hash, sizeof previous);
        header.first_offset = last->header.first_offset + last->header.count;
        header.time_ms = last->header.time_ms + 1;
    }
    uint8_t *bytes = must(malloc((size_t)count * RECORD_ROOM));
    size_t size = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t added = wire_record_append(&records[i], bytes + size, RECORD_ROOM);
        if (!added || records[i].offset != header.first_offset + i)
            abort();
        size += added;
    }
    struct journal_batch *batch = &fixture->batches[fixture->batch_count++];
    *batch = (struct journal_batch){.header = header, .records = must(realloc(bytes, size)), .size = size};
    journal_hash(previous, &header, batch->records, size, batch->hash);
    return batch;
}

const struct journal_batch *feed_fixture_append(struct feed_fixture *fixture, uint32_t count) {
    struct record *records = must(calloc(count ? count : 1, sizeof *records));
    uint64_t first = 1;
    if (fixture->batch_count) {
        const struct batch_header *last = &fixture->batches[fixture->batch_count - 1].header;
        first = last->first_offset + last->count;
    }
    for (uint32_t i = 0; i < count; i++)
        make_record(first + i, fixture->padding, &records[i]);
    const struct journal_batch *batch = feed_fixture_append_these(fixture, records, count);
    free(records);
    return batch;
}

static void catch_frame(void *context, const uint8_t *data, size_t size, bool more) {
    struct caught *caught = context;
    if (caught->complete || caught->count == sizeof caught->frames / sizeof *caught->frames)
        abort();
    if (caught->size + size > caught->capacity) {
        caught->capacity = (caught->size + size) * 2;
        caught->bytes = must(realloc(caught->bytes, caught->capacity));
    }
    if (size)
        memcpy(caught->bytes + caught->size, data, size);
    caught->frames[caught->count++].size = size;
    caught->size += size;
    caught->complete = !more;
}

enum result caught_answer(struct caught *caught, struct feed_server *server, const uint8_t *request,
                          size_t size, struct failure *why) {
    caught->size = caught->count = 0;
    caught->complete = false;
    enum result result = feed_server_answer(server, request, size, catch_frame, caught, why);
    const uint8_t *at = caught->bytes;
    for (size_t i = 0; i < caught->count; i++) {
        caught->frames[i].data = at;
        at += caught->frames[i].size;
    }
    return result;
}

void caught_free(struct caught *caught) {
    free(caught->bytes);
    *caught = (struct caught){0};
}
