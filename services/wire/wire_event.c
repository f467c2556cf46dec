/* wire_event.c - one event: its bytes <-> struct event, and every check of its form (proto/event.proto:
 * Event). */
#include "wire_event.h"
#include "cakupan/calendar.h"
#include "wire_bytes.h"

#include <xxhash.h>

#define NIK_MAX     UINT64_C(9999999999999999) /* 16 digits */
#define REGENCY_MAX 9999u                      /* four digits */

enum field_number {
    KIND = 1,
    NIK,
    TEMPORARY_ID,
    CAPTURED_AT_MS,
    AUTHOR,
    KK,
    NAME,
    BIRTH_DATE,
    SEX,
    KELURAHAN,
    SEGMENT,
    CARE_CLASS,
    WAGE_RUPIAH,
    EMPLOYER,
    DATE,
    PROOF,
    DISPUTED,
    OTHER_NIK,
    OTHER_TEMPORARY_ID,
    REASON,
    APPROVER,
    DESTINATION,
    LOCAL_CARD,
    FIELD_NUMBERS
};

/* Kinds and NIKs are checked by name below: their refusals have codes of their own. */
static const struct wire_rule rules[FIELD_NUMBERS] = {
    {WIRE_UNUSED, 0, NULL},
    [KIND] = {WIRE_VARINT, UINT64_MAX, "kind"},
    [NIK] = {WIRE_VARINT, UINT64_MAX, "nik"},
    [TEMPORARY_ID] = {WIRE_VARINT, IDENTITY_TEMPORARY - 1, "temporary_id"},
    [CAPTURED_AT_MS] = {WIRE_VARINT, UINT64_MAX, "captured_at_ms"},
    [AUTHOR] = {WIRE_BYTES, TEXT_MAX, "author"},
    [KK] = {WIRE_VARINT, UINT64_MAX, "kk"},
    [NAME] = {WIRE_BYTES, TEXT_MAX, "name"},
    [BIRTH_DATE] = {WIRE_VARINT, UINT32_MAX, "birth_date"},
    [SEX] = {WIRE_VARINT, SEX_MALE, "sex"},
    [KELURAHAN] = {WIRE_VARINT, UINT32_MAX, "kelurahan"},
    [SEGMENT] = {WIRE_VARINT, SEGMENT_COUNT - 1, "segment"},
    [CARE_CLASS] = {WIRE_VARINT, 3, "care_class"},
    [WAGE_RUPIAH] = {WIRE_VARINT, UINT32_MAX, "wage_rupiah"},
    [EMPLOYER] = {WIRE_VARINT, UINT32_MAX, "employer"},
    [DATE] = {WIRE_VARINT, UINT32_MAX, "date"},
    [PROOF] = {WIRE_VARINT, PROOF_COUNT - 1, "proof"},
    [DISPUTED] = {WIRE_VARINT, 1, "disputed"},
    [OTHER_NIK] = {WIRE_VARINT, UINT64_MAX, "other_nik"},
    [OTHER_TEMPORARY_ID] = {WIRE_VARINT, IDENTITY_TEMPORARY - 1, "other_temporary_id"},
    [REASON] = {WIRE_BYTES, TEXT_MAX, "reason"},
    [APPROVER] = {WIRE_BYTES, TEXT_MAX, "approver"},
    [DESTINATION] = {WIRE_VARINT, REGENCY_MAX, "destination"},
    [LOCAL_CARD] = {WIRE_VARINT, 1, "local_card"},
};
static const uint8_t text_fields[] = {AUTHOR, NAME, REASON, APPROVER};
#define TEXT_FIELDS (sizeof text_fields / sizeof *text_fields)

/* Notes the first fault; later ones say nothing new to whoever has to correct the event. */
static void refuse(struct event *event, enum refusal refusal, enum field_number field) {
    if (event->malformed != REFUSAL_NONE)
        return;
    const char *name = field ? rules[field].name : "";
    event->malformed = (uint16_t)refusal;
    event->malformed_field = (struct text){name, (uint16_t)strlen(name)};
}

static identity_t take_identity(struct event *event, const struct wire_value *values, enum field_number nik,
                                enum field_number temporary) {
    if (values[nik].number && values[temporary].number)
        refuse(event, REFUSAL_EVENT_MALFORMED, temporary);
    if (values[nik].number > NIK_MAX) {
        refuse(event, REFUSAL_NIK_LENGTH, nik); /* and its top bits must not pass for a temporary id */
        return 0;
    }
    if (values[nik].number)
        return values[nik].number;
    return values[temporary].number ? IDENTITY_TEMPORARY | values[temporary].number : 0;
}

static day_t take_date(struct event *event, const struct wire_value *values, enum field_number field) {
    day_t day = calendar_from_number((uint32_t)values[field].number);
    if (day == DAY_NONE && values[field].number != 0)
        refuse(event, REFUSAL_DATE_INVALID, field);
    return day;
}

/* Copies the texts into one piece of the arena, so that the event outlives the bytes it came in. Where one
 * is unclean none is taken: what nobody may print must not travel on. */
static void take_texts(struct event *event, const struct wire_value *values, struct arena *arena) {
    struct text *const targets[TEXT_FIELDS] = {&event->author, &event->name, &event->reason,
                                               &event->approver};
    size_t size = 0;
    for (size_t index = 0; index < TEXT_FIELDS; index++) {
        const struct wire_value *text = &values[text_fields[index]];
        if (!wire_text_clean(text->data, text->number)) {
            refuse(event, REFUSAL_TEXT_INVALID, text_fields[index]);
            return;
        }
        size += text->number;
    }
    if (size == 0)
        return;
    char *copy = arena_take(arena, size);
    if (!copy) {
        refuse(event, REFUSAL_EVENT_MALFORMED, 0);
        return;
    }
    for (size_t index = 0; index < TEXT_FIELDS; index++)
        copy = wire_copy_text(copy, values[text_fields[index]], targets[index]);
}

static void take_numbers(struct event *event, const struct wire_value *values) {
    event->kind = (uint8_t)values[KIND].number;
    event->captured_at_ms = wire_unzigzag(values[CAPTURED_AT_MS].number);
    event->identity = take_identity(event, values, NIK, TEMPORARY_ID);
    event->other = take_identity(event, values, OTHER_NIK, OTHER_TEMPORARY_ID);
    event->family = values[KK].number;
    event->birth_day = take_date(event, values, BIRTH_DATE);
    event->day = take_date(event, values, DATE);
    event->sex = (uint8_t)values[SEX].number;
    event->kelurahan = (uint32_t)values[KELURAHAN].number;
    event->segment = (uint8_t)values[SEGMENT].number;
    event->care_class = (uint8_t)values[CARE_CLASS].number;
    event->wage_rupiah = (uint32_t)values[WAGE_RUPIAH].number;
    event->employer = (uint32_t)values[EMPLOYER].number;
    event->proof = (uint8_t)values[PROOF].number;
    event->disputed = values[DISPUTED].number;
    event->destination = (uint32_t)values[DESTINATION].number;
    event->local_card = values[LOCAL_CARD].number;
}

/* proto3 knows no presence: a field is there where it is not zero. */
static uint32_t fields_present(const struct event *event) {
    return (event->identity ? FIELD_IDENTITY : 0) | (event->family ? FIELD_FAMILY : 0) |
           (event->name.size ? FIELD_NAME : 0) | (event->birth_day ? FIELD_BIRTH_DAY : 0) |
           (event->sex ? FIELD_SEX : 0) | (event->kelurahan ? FIELD_KELURAHAN : 0) |
           (event->segment ? FIELD_SEGMENT : 0) | (event->care_class ? FIELD_CARE_CLASS : 0) |
           (event->wage_rupiah ? FIELD_WAGE : 0) | (event->employer ? FIELD_EMPLOYER : 0) |
           (event->day ? FIELD_DAY : 0) | (event->proof ? FIELD_PROOF : 0) |
           (event->disputed ? FIELD_DISPUTED : 0) | (event->other ? FIELD_OTHER : 0) |
           (event->reason.size ? FIELD_REASON : 0) | (event->approver.size ? FIELD_APPROVER : 0) |
           (event->destination ? FIELD_DESTINATION : 0) | (event->local_card ? FIELD_LOCAL_CARD : 0);
}

void wire_event_decode(const uint8_t *data, size_t size, uint64_t sequence, struct arena *arena,
                       struct event *out) {
    struct wire_value values[FIELD_NUMBERS] = {0};
    uint32_t over = 0;
    *out = (struct event){.sequence = sequence, .content_hash = XXH3_64bits(data, size)};
    if (size > EVENT_MAX_BYTES || !wire_read_message(data, size, rules, FIELD_NUMBERS, values, &over)) {
        refuse(out, REFUSAL_EVENT_MALFORMED, 0);
        return;
    }
    if (values[KIND].number == CHANGE_NONE || values[KIND].number >= CHANGE_DEVICE_COUNT) {
        refuse(out, REFUSAL_KIND_UNKNOWN, KIND);
        return;
    }
    if (over != 0) {
        refuse(out, rules[over].type == WIRE_BYTES ? REFUSAL_TEXT_INVALID : REFUSAL_VALUE_RANGE, over);
        out->kind = (uint8_t)values[KIND].number;
        return;
    }
    take_numbers(out, values);
    take_texts(out, values, arena);
    out->present = fields_present(out);
}

static void put_identity(struct wire_writer *writer, identity_t identity, enum field_number nik,
                         enum field_number temporary) {
    if (identity & IDENTITY_TEMPORARY)
        wire_put_number(writer, temporary, identity & ~IDENTITY_TEMPORARY);
    else
        wire_put_number(writer, nik, identity);
}

size_t wire_event_encode(const struct event *event, uint8_t *out, size_t capacity) {
    struct wire_writer writer = wire_writer(out, capacity);
    wire_put_number(&writer, KIND, event->kind);
    put_identity(&writer, event->identity, NIK, TEMPORARY_ID);
    wire_put_number(&writer, CAPTURED_AT_MS, wire_zigzag(event->captured_at_ms));
    wire_put_text(&writer, AUTHOR, event->author);
    wire_put_number(&writer, KK, event->family);
    wire_put_text(&writer, NAME, event->name);
    wire_put_number(&writer, BIRTH_DATE, calendar_to_number(event->birth_day));
    wire_put_number(&writer, SEX, event->sex);
    wire_put_number(&writer, KELURAHAN, event->kelurahan);
    wire_put_number(&writer, SEGMENT, event->segment);
    wire_put_number(&writer, CARE_CLASS, event->care_class);
    wire_put_number(&writer, WAGE_RUPIAH, event->wage_rupiah);
    wire_put_number(&writer, EMPLOYER, event->employer);
    wire_put_number(&writer, DATE, calendar_to_number(event->day));
    wire_put_number(&writer, PROOF, event->proof);
    wire_put_number(&writer, DISPUTED, event->disputed);
    put_identity(&writer, event->other, OTHER_NIK, OTHER_TEMPORARY_ID);
    wire_put_text(&writer, REASON, event->reason);
    wire_put_text(&writer, APPROVER, event->approver);
    wire_put_number(&writer, DESTINATION, event->destination);
    wire_put_number(&writer, LOCAL_CARD, event->local_card);
    return wire_written(&writer, out);
}
