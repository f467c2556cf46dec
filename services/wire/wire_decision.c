/* wire_decision.c - decisions of billing's coordinator as bytes (wire_decision.h), written and read field by
 * field: the same decision is the same bytes for ever, since the books chain them. */
#include "wire_decision.h"

#include "wire_bytes.h"

#include <string.h>

/* Field numbers of the message Decision in proto/billing.proto. */
enum {
    SEQUENCE = 1,
    KIND,
    TIME_MS,
    DAY,
    DEVICE,
    AUTHOR,
    MONTH,
    OFFSET,
    PARTITION,
    COUNT,
    EPOCH,
    WORKER,
    LOCAL,
    AMOUNTS,
    DUE_DAY,
    SP2D,
    YEAR,
    INVOICE_HASH,
    BYTES,
    FAILURE_ID,
    CODE,
    SENTENCE,
    NEW_ID,
    NEW_ROLE,
    NEW_AREA,
    NEW_REVOKED,
    NEW_KEY,
    NEW_NAME,
    ENTRY,
    REVERSES,
    REASON,
    FIELD_COUNT
};

#define AMOUNTS_MAX_BYTES (WIRE_VARINT_MAX_BYTES * PAYER_COUNT)

static const struct wire_rule rules[FIELD_COUNT] = {
    [0] = {WIRE_UNUSED, 0, ""},
    [SEQUENCE] = {WIRE_VARINT, UINT64_MAX, "sequence"},
    [KIND] = {WIRE_VARINT, DECISION_COUNT - 1, "kind"},
    [TIME_MS] = {WIRE_VARINT, UINT64_MAX, "time_ms"},
    [DAY] = {WIRE_VARINT, UINT16_MAX, "day"},
    [DEVICE] = {WIRE_VARINT, UINT32_MAX, "device"},
    [AUTHOR] = {WIRE_BYTES, TEXT_MAX, "author"},
    [MONTH] = {WIRE_VARINT, UINT16_MAX, "month"},
    [OFFSET] = {WIRE_VARINT, UINT64_MAX, "offset"},
    [PARTITION] = {WIRE_VARINT, UINT32_MAX, "partition"},
    [COUNT] = {WIRE_VARINT, UINT32_MAX, "count"},
    [EPOCH] = {WIRE_VARINT, UINT64_MAX, "epoch"},
    [WORKER] = {WIRE_VARINT, UINT32_MAX, "worker"},
    [LOCAL] = {WIRE_VARINT, 1, "local"},
    [AMOUNTS] = {WIRE_BYTES, AMOUNTS_MAX_BYTES, "amount_rupiah"},
    [DUE_DAY] = {WIRE_VARINT, UINT16_MAX, "due_day"},
    [SP2D] = {WIRE_BYTES, SP2D_MAX, "sp2d"},
    [YEAR] = {WIRE_VARINT, UINT16_MAX, "year"},
    [INVOICE_HASH] = {WIRE_BYTES, JOURNAL_HASH_SIZE, "invoice_hash"},
    [BYTES] = {WIRE_BYTES, DECISION_MAX_BYTES, "bytes"},
    [FAILURE_ID] = {WIRE_VARINT, UINT64_MAX, "failure_id"},
    [CODE] = {WIRE_BYTES, sizeof((struct decision *)0)->code - 1, "code"},
    [SENTENCE] = {WIRE_BYTES, sizeof((struct decision *)0)->sentence - 1, "sentence"},
    [NEW_ID] = {WIRE_VARINT, UINT32_MAX, "new_device_id"},
    [NEW_ROLE] = {WIRE_VARINT, ROLE_COUNT - 1, "new_device_role"},
    [NEW_AREA] = {WIRE_VARINT, UINT32_MAX, "new_device_area"},
    [NEW_REVOKED] = {WIRE_VARINT, 1, "new_device_revoked"},
    [NEW_KEY] = {WIRE_BYTES, DEVICE_KEY_SIZE, "new_device_key"},
    [NEW_NAME] = {WIRE_BYTES, DEVICE_NAME_MAX, "new_device_name"},
    [ENTRY] = {WIRE_VARINT, UINT64_MAX, "entry"},
    [REVERSES] = {WIRE_VARINT, UINT64_MAX, "reverses"},
    [REASON] = {WIRE_BYTES, TEXT_MAX, "reason"},
};

static bool all_zero(const void *data, size_t size) {
    const uint8_t *bytes = data;
    for (size_t index = 0; index < size; index++)
        if (bytes[index])
            return false;
    return true;
}

/* Packed, as proto3 writes repeated numbers; left out where all are zero. */
static void put_amounts(struct wire_writer *writer, const int64_t amounts_rupiah[PAYER_COUNT]) {
    uint8_t packed[AMOUNTS_MAX_BYTES], *at = packed;
    if (all_zero(amounts_rupiah, PAYER_COUNT * sizeof *amounts_rupiah))
        return;
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++)
        at = wire_store_varint(at, wire_zigzag(amounts_rupiah[payer]));
    wire_put_entry(writer, AMOUNTS, packed, (size_t)(at - packed));
}

static void put_device(struct wire_writer *writer, const struct device *device) {
    wire_put_number(writer, NEW_ID, device->id);
    wire_put_number(writer, NEW_ROLE, device->role);
    wire_put_number(writer, NEW_AREA, device->area);
    wire_put_number(writer, NEW_REVOKED, device->revoked);
    wire_put_entry(writer, NEW_KEY, device->public_key, DEVICE_KEY_SIZE);
    wire_put_string(writer, NEW_NAME, device->name);
}

size_t wire_decision_encode(const struct decision *decision, uint8_t *out, size_t capacity) {
    struct wire_writer writer = wire_writer(out, capacity);
    wire_put_number(&writer, SEQUENCE, decision->sequence);
    wire_put_number(&writer, KIND, decision->kind);
    wire_put_number(&writer, TIME_MS, wire_zigzag(decision->time_ms));
    wire_put_number(&writer, DAY, decision->day);
    wire_put_number(&writer, DEVICE, decision->device);
    wire_put_text(&writer, AUTHOR, decision->author);
    wire_put_number(&writer, MONTH, decision->month);
    wire_put_number(&writer, OFFSET, decision->offset);
    wire_put_number(&writer, PARTITION, decision->partition);
    wire_put_number(&writer, COUNT, decision->count);
    wire_put_number(&writer, EPOCH, decision->epoch);
    wire_put_number(&writer, WORKER, decision->worker);
    wire_put_number(&writer, LOCAL, decision->local);
    put_amounts(&writer, decision->amount_rupiah);
    wire_put_number(&writer, DUE_DAY, decision->due_day);
    wire_put_string(&writer, SP2D, decision->sp2d);
    wire_put_number(&writer, YEAR, decision->year);
    if (!all_zero(decision->invoice_hash, JOURNAL_HASH_SIZE))
        wire_put_entry(&writer, INVOICE_HASH, decision->invoice_hash, JOURNAL_HASH_SIZE);
    if (decision->size > 0)
        wire_put_entry(&writer, BYTES, decision->bytes, decision->size);
    wire_put_number(&writer, FAILURE_ID, decision->failure_id);
    wire_put_string(&writer, CODE, decision->code);
    wire_put_string(&writer, SENTENCE, decision->sentence);
    if (decision->new_device)
        put_device(&writer, decision->new_device);
    wire_put_number(&writer, ENTRY, decision->entry);
    wire_put_number(&writer, REVERSES, decision->reverses);
    wire_put_text(&writer, REASON, decision->reason);
    return wire_written(&writer, out);
}

/* A text without NUL, into room for `rules[field].max` bytes and a NUL. */
static bool take_text(const struct wire_value *values, unsigned field, char *out) {
    size_t size = values[field].number;
    if (size > 0)
        memcpy(out, values[field].data, size);
    out[size] = 0;
    return wire_text_clean(values[field].data, size);
}

static bool take_amounts(struct wire_value packed, int64_t out[PAYER_COUNT]) {
    uint64_t value;
    if (!packed.data)
        return true;
    struct wire_reader reader = {packed.data, packed.data + packed.number};
    for (unsigned payer = 0; payer < PAYER_COUNT; payer++) {
        if (!wire_read_varint(&reader, &value))
            return false;
        out[payer] = wire_unzigzag(value);
    }
    return reader.at == reader.end;
}

static bool take_hash(struct wire_value value, size_t size, uint8_t *out) {
    if (!value.data)
        return true;
    if (value.number != size)
        return false;
    memcpy(out, value.data, size);
    return true;
}

static bool take_device(const struct wire_value *values, struct arena *arena, struct decision *out) {
    if (values[NEW_ID].number == 0) {
        for (unsigned field = NEW_ROLE; field <= NEW_NAME; field++)
            if (values[field].number || values[field].data)
                return false;
        return true;
    }
    struct device *device = arena_take(arena, sizeof *device);
    if (!device || values[NEW_ROLE].number == ROLE_NONE || !values[NEW_KEY].data)
        return false;
    *device = (struct device){
        .id = (uint32_t)values[NEW_ID].number,
        .role = (uint8_t)values[NEW_ROLE].number,
        .area = (uint32_t)values[NEW_AREA].number,
        .revoked = values[NEW_REVOKED].number,
        .next_sequence = 1,
    };
    out->new_device = device;
    return take_hash(values[NEW_KEY], DEVICE_KEY_SIZE, device->public_key) &&
           take_text(values, NEW_NAME, device->name);
}

static void take_numbers(const struct wire_value *values, struct decision *out) {
    out->sequence = values[SEQUENCE].number;
    out->kind = (uint8_t)values[KIND].number;
    out->time_ms = wire_unzigzag(values[TIME_MS].number);
    out->day = (day_t)values[DAY].number;
    out->device = (uint32_t)values[DEVICE].number;
    out->month = (month_t)values[MONTH].number;
    out->offset = values[OFFSET].number;
    out->partition = (uint32_t)values[PARTITION].number;
    out->count = (uint32_t)values[COUNT].number;
    out->epoch = values[EPOCH].number;
    out->worker = (uint32_t)values[WORKER].number;
    out->local = values[LOCAL].number;
    out->due_day = (day_t)values[DUE_DAY].number;
    out->year = (uint16_t)values[YEAR].number;
    out->failure_id = values[FAILURE_ID].number;
    out->entry = values[ENTRY].number;
    out->reverses = values[REVERSES].number;
}

enum result wire_decision_decode(const uint8_t *data, size_t size, struct arena *arena,
                                 struct decision *out) {
    struct wire_value values[FIELD_COUNT] = {0};
    uint32_t over;
    memset(out, 0, sizeof *out);
    if (size > DECISION_MAX_BYTES || !wire_read_message(data, size, rules, FIELD_COUNT, values, &over) ||
        over > 0 || values[KIND].number == 0)
        return RESULT_CORRUPT;
    take_numbers(values, out);
    out->author = (struct text){(const char *)values[AUTHOR].data, (uint16_t)values[AUTHOR].number};
    out->reason = (struct text){(const char *)values[REASON].data, (uint16_t)values[REASON].number};
    out->bytes = values[BYTES].data;
    out->size = values[BYTES].number;
    bool fine = wire_text_clean(values[AUTHOR].data, values[AUTHOR].number) &&
                wire_text_clean(values[REASON].data, values[REASON].number) &&
                take_text(values, SP2D, out->sp2d) && take_text(values, CODE, out->code) &&
                take_text(values, SENTENCE, out->sentence) &&
                take_amounts(values[AMOUNTS], out->amount_rupiah) &&
                take_hash(values[INVOICE_HASH], JOURNAL_HASH_SIZE, out->invoice_hash) &&
                take_device(values, arena, out);
    return fine ? RESULT_OK : RESULT_CORRUPT;
}
