/* wire_record.c - one record of the journal: its bytes <-> struct record (proto/record.proto: Record,
 * Device). */
#include "wire_record.h"
#include "wire_member.h"

enum field_number {
    OFFSET = 1,
    MEMBER_ID,
    KIND,
    PREVIOUS_OFFSET,
    DEVICE,
    SEQUENCE,
    CONTENT_HASH,
    CAPTURED_AT_MS,
    EFFECTIVE_DAY,
    REFUSAL,
    WARNING,
    OTHER_MEMBER_ID,
    BEFORE,
    AFTER,
    PROOF,
    DISPUTED,
    DESTINATION,
    OTHER,
    AUTHOR,
    NAME,
    REASON,
    APPROVER,
    REFUSED_EVENT,
    REFUSED_VALUE,
    NEW_DEVICE,
    FIELD_NUMBERS
};
enum device_field {
    ID = 1,
    ROLE,
    AREA,
    REVOKED,
    PUBLIC_KEY,
    DEVICE_NAME,
    NEXT_SEQUENCE,
    DEVICE_FIELD_NUMBERS
};

#define WIRE_DEVICE_MAX_BYTES 160 /* a key, a name and five numbers */

static const struct wire_rule rules[FIELD_NUMBERS] = {
    {WIRE_UNUSED, 0, NULL},
    [OFFSET] = {WIRE_FIXED64, UINT64_MAX, "offset"},
    [MEMBER_ID] = {WIRE_FIXED32, UINT32_MAX, "member_id"},
    [KIND] = {WIRE_VARINT, UINT8_MAX, "kind"},
    [PREVIOUS_OFFSET] = {WIRE_VARINT, UINT64_MAX, "previous_offset"},
    [DEVICE] = {WIRE_VARINT, UINT32_MAX, "device"},
    [SEQUENCE] = {WIRE_VARINT, UINT64_MAX, "sequence"},
    [CONTENT_HASH] = {WIRE_FIXED64, UINT64_MAX, "content_hash"},
    [CAPTURED_AT_MS] = {WIRE_VARINT, UINT64_MAX, "captured_at_ms"},
    [EFFECTIVE_DAY] = {WIRE_VARINT, UINT16_MAX, "effective_day"},
    [REFUSAL] = {WIRE_VARINT, UINT16_MAX, "refusal"},
    [WARNING] = {WIRE_VARINT, UINT16_MAX, "warning"},
    [OTHER_MEMBER_ID] = {WIRE_VARINT, UINT32_MAX, "other_member_id"},
    [BEFORE] = {WIRE_BYTES, WIRE_MEMBER_MAX_BYTES, "before"},
    [AFTER] = {WIRE_BYTES, WIRE_MEMBER_MAX_BYTES, "after"},
    [PROOF] = {WIRE_VARINT, UINT8_MAX, "proof"},
    [DISPUTED] = {WIRE_VARINT, 1, "disputed"},
    [DESTINATION] = {WIRE_VARINT, UINT32_MAX, "destination"},
    [OTHER] = {WIRE_FIXED64, UINT64_MAX, "other"},
    [AUTHOR] = {WIRE_BYTES, TEXT_MAX, "author"},
    [NAME] = {WIRE_BYTES, TEXT_MAX, "name"},
    [REASON] = {WIRE_BYTES, TEXT_MAX, "reason"},
    [APPROVER] = {WIRE_BYTES, TEXT_MAX, "approver"},
    [REFUSED_EVENT] = {WIRE_BYTES, UINT16_MAX, "refused_event"},
    [REFUSED_VALUE] = {WIRE_BYTES, TEXT_MAX, "refused_value"},
    [NEW_DEVICE] = {WIRE_BYTES, WIRE_DEVICE_MAX_BYTES, "new_device"},
};
static const struct wire_rule device_rules[DEVICE_FIELD_NUMBERS] = {
    {WIRE_UNUSED, 0, NULL},
    [ID] = {WIRE_VARINT, UINT32_MAX, "id"},
    [ROLE] = {WIRE_VARINT, ROLE_COUNT - 1, "role"},
    [AREA] = {WIRE_VARINT, UINT32_MAX, "area"},
    [REVOKED] = {WIRE_VARINT, 1, "revoked"},
    [PUBLIC_KEY] = {WIRE_BYTES, DEVICE_KEY_SIZE, "public_key"},
    [DEVICE_NAME] = {WIRE_BYTES, DEVICE_NAME_MAX, "name"},
    [NEXT_SEQUENCE] = {WIRE_VARINT, UINT64_MAX, "next_sequence"},
};

static bool read_device(struct wire_value bytes, struct arena *arena, const struct device **out) {
    struct wire_value values[DEVICE_FIELD_NUMBERS] = {0};
    uint32_t over;
    if (!wire_read_message(bytes.data, bytes.number, device_rules, DEVICE_FIELD_NUMBERS, values, &over) ||
        over != 0 || values[PUBLIC_KEY].number != DEVICE_KEY_SIZE ||
        !wire_text_clean(values[DEVICE_NAME].data, values[DEVICE_NAME].number))
        return false;
    struct device *device = arena_take(arena, sizeof *device);
    if (!device)
        return false;
    *device = (struct device){
        .id = (uint32_t)values[ID].number,
        .role = (uint8_t)values[ROLE].number,
        .revoked = values[REVOKED].number,
        .area = (uint32_t)values[AREA].number,
        .next_sequence = values[NEXT_SEQUENCE].number,
    };
    memcpy(device->public_key, values[PUBLIC_KEY].data, DEVICE_KEY_SIZE);
    if (values[DEVICE_NAME].number > 0)
        memcpy(device->name, values[DEVICE_NAME].data, values[DEVICE_NAME].number);
    *out = device;
    return true;
}

static void put_device(struct wire_writer *writer, const struct device *device) {
    uint8_t bytes[WIRE_DEVICE_MAX_BYTES];
    struct wire_writer inner = wire_writer(bytes, sizeof bytes);
    wire_put_number(&inner, ID, device->id);
    wire_put_number(&inner, ROLE, device->role);
    wire_put_number(&inner, AREA, device->area);
    wire_put_number(&inner, REVOKED, device->revoked);
    wire_put_entry(&inner, PUBLIC_KEY, device->public_key, DEVICE_KEY_SIZE);
    size_t name_size = strnlen(device->name, DEVICE_NAME_MAX);
    wire_put_text(&inner, DEVICE_NAME, (struct text){device->name, (uint16_t)name_size});
    wire_put_number(&inner, NEXT_SEQUENCE, device->next_sequence);
    wire_put_entry(writer, NEW_DEVICE, bytes, wire_written(&inner, bytes));
}

/* Copies the texts into one piece of the arena, so that the record outlives the bytes it came in. */
static bool take_texts(const struct wire_value *values, struct arena *arena, struct record *record) {
    struct text *const targets[] = {&record->author,   &record->name,          &record->reason,
                                    &record->approver, &record->refused_event, &record->refused_value};
    size_t size = 0;
    for (uint32_t field = AUTHOR; field <= REFUSED_VALUE; field++)
        size += values[field].number;
    if (size == 0)
        return true;
    char *copy = arena_take(arena, size);
    if (!copy)
        return false;
    for (uint32_t field = AUTHOR; field <= REFUSED_VALUE; field++)
        copy = wire_copy_text(copy, values[field], targets[field - AUTHOR]);
    return true;
}

static void take_numbers(const struct wire_value *values, struct record *record) {
    *record = (struct record){
        .offset = values[OFFSET].number,
        .previous_offset = values[PREVIOUS_OFFSET].number,
        .member_id = (uint32_t)values[MEMBER_ID].number,
        .other_member_id = (uint32_t)values[OTHER_MEMBER_ID].number,
        .kind = (uint8_t)values[KIND].number,
        .refusal = (uint16_t)values[REFUSAL].number,
        .warning = (uint16_t)values[WARNING].number,
        .device = (uint32_t)values[DEVICE].number,
        .sequence = values[SEQUENCE].number,
        .content_hash = values[CONTENT_HASH].number,
        .captured_at_ms = wire_unzigzag(values[CAPTURED_AT_MS].number),
        .effective_day = (day_t)values[EFFECTIVE_DAY].number,
        .has_before = values[BEFORE].data != NULL,
        .has_after = values[AFTER].data != NULL,
        .proof = (uint8_t)values[PROOF].number,
        .disputed = values[DISPUTED].number,
        .destination = (uint32_t)values[DESTINATION].number,
        .other = values[OTHER].number,
    };
}

enum result wire_record_decode(const uint8_t *data, size_t size, struct arena *arena, struct record *out) {
    struct wire_value values[FIELD_NUMBERS] = {0};
    uint32_t over;
    if (size > RECORD_MAX_BYTES || !wire_read_message(data, size, rules, FIELD_NUMBERS, values, &over) ||
        over != 0)
        return RESULT_CORRUPT;
    take_numbers(values, out);
    bool fine = out->offset > 0 && take_texts(values, arena, out);
    if (out->has_before)
        fine = fine && wire_read_member(values[BEFORE].data, values[BEFORE].number, &out->before);
    if (out->has_after)
        fine = fine && wire_read_member(values[AFTER].data, values[AFTER].number, &out->after);
    if (values[NEW_DEVICE].data)
        fine = fine && read_device(values[NEW_DEVICE], arena, &out->new_device);
    return fine ? RESULT_OK : RESULT_CORRUPT;
}

static void put_state(struct wire_writer *writer, uint32_t number, const struct member *member) {
    uint8_t bytes[WIRE_MEMBER_MAX_BYTES];
    struct wire_writer inner = wire_writer(bytes, sizeof bytes);
    wire_put_member(&inner, member);
    wire_put_entry(writer, number, bytes, wire_written(&inner, bytes));
}

size_t wire_record_encode(const struct record *record, uint8_t *out, size_t capacity) {
    struct wire_writer writer = wire_writer(out, capacity);
    wire_put_fixed64(&writer, OFFSET, record->offset);
    wire_put_fixed32(&writer, MEMBER_ID, record->member_id);
    wire_put_number(&writer, KIND, record->kind);
    wire_put_number(&writer, PREVIOUS_OFFSET, record->previous_offset);
    wire_put_number(&writer, DEVICE, record->device);
    wire_put_number(&writer, SEQUENCE, record->sequence);
    wire_put_fixed64(&writer, CONTENT_HASH, record->content_hash);
    wire_put_number(&writer, CAPTURED_AT_MS, wire_zigzag(record->captured_at_ms));
    wire_put_number(&writer, EFFECTIVE_DAY, record->effective_day);
    wire_put_number(&writer, REFUSAL, record->refusal);
    wire_put_number(&writer, WARNING, record->warning);
    wire_put_number(&writer, OTHER_MEMBER_ID, record->other_member_id);
    if (record->has_before)
        put_state(&writer, BEFORE, &record->before);
    if (record->has_after)
        put_state(&writer, AFTER, &record->after);
    wire_put_number(&writer, PROOF, record->proof);
    wire_put_number(&writer, DISPUTED, record->disputed);
    wire_put_number(&writer, DESTINATION, record->destination);
    wire_put_fixed64(&writer, OTHER, record->other);
    wire_put_text(&writer, AUTHOR, record->author);
    wire_put_text(&writer, NAME, record->name);
    wire_put_text(&writer, REASON, record->reason);
    wire_put_text(&writer, APPROVER, record->approver);
    wire_put_text(&writer, REFUSED_EVENT, record->refused_event);
    wire_put_text(&writer, REFUSED_VALUE, record->refused_value);
    if (record->new_device)
        put_device(&writer, record->new_device);
    return wire_written(&writer, out);
}
