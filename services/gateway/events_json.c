/* events_json.c - a batch of events as JSON to a Frame (events_json.h).
 *
 * A value is written to the wire as what enrollment would refuse with the right code: a kelurahan that is no
 * number as one that there is not, a date that is none as one that can't be. What has another type than the
 * field, or is no field at all, makes the event one that can't be decoded.
 */
#include "events_json.h"

#include "cakupan/calendar.h"
#include "wire/wire_bytes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define DIGITS_16     UINT64_C(10000000000000000) /* 17 digits: no NIK, no KK */
#define DATE_WRONG    99999999u
#define REGION_WRONG  UINT32_MAX
#define UNKNOWN_FIELD 63u
#define FRAME_EVENT   2u /* event.proto */

/* A JSON value as a field's number. False where its type is not the field's. */
typedef bool take_number(const json_t *value, uint64_t *number);

static bool digits_read(const json_t *value, size_t most, uint64_t *number) {
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    if (size == 0 || size > most || strspn(text, "0123456789") != size)
        return false;
    *number = strtoull(text, NULL, 10);
    return *number != 0;
}

static bool take_kind(const json_t *value, uint64_t *number) {
    if (!json_is_string(value))
        return false;
    enum change kind = change_from_name(json_string_value(value));
    *number = kind != CHANGE_NONE ? kind : CHANGE_MAX;
    return true;
}

/* NIK and KK. */
static bool take_16_digits(const json_t *value, uint64_t *number) {
    if (json_is_string(value) && !digits_read(value, 16, number))
        *number = DIGITS_16;
    return json_is_string(value);
}

static bool take_temporary_id(const json_t *value, uint64_t *number) {
    if (json_is_string(value) && !digits_read(value, 19, number))
        *number = UINT64_MAX;
    return json_is_string(value);
}

static bool take_instant(const json_t *value, uint64_t *number) {
    *number = wire_zigzag(json_integer_value(value));
    return json_is_integer(value);
}

static bool take_date(const json_t *value, uint64_t *number) {
    day_t day;
    bool fine = calendar_parse(json_string_value(value) ? json_string_value(value) : "",
                               json_string_length(value), &day);
    *number = fine ? calendar_to_number(day) : DATE_WRONG;
    return json_is_string(value);
}

static bool take_region(const json_t *value, uint64_t *number) {
    if (json_is_string(value) && (!digits_read(value, 10, number) || *number > UINT32_MAX))
        *number = REGION_WRONG;
    return json_is_string(value);
}

/* "0000" is abroad, or nobody knows: as if nothing was said. */
static bool take_destination(const json_t *value, uint64_t *number) {
    if (json_is_string(value) && strcmp(json_string_value(value), "0000") == 0)
        *number = 0;
    else
        return take_region(value, number);
    return true;
}

static bool take_count(const json_t *value, uint64_t *number) {
    json_int_t count = json_integer_value(value);
    *number = count < 0 ? UINT64_MAX : (uint64_t)count;
    return json_is_integer(value);
}

static bool take_flag(const json_t *value, uint64_t *number) {
    *number = json_is_true(value);
    return json_is_boolean(value);
}

static bool take_word(const json_t *value, const char *const *words, uint64_t count, uint64_t *number) {
    const char *text = json_string_value(value);
    for (*number = 0; text && *number < count; (*number)++)
        if (strcmp(text, words[*number]) == 0)
            break; /* none is found: the count, above every number of the field */
    return text != NULL;
}

static bool take_sex(const json_t *value, uint64_t *number) {
    static const char *const words[] = {"", "female", "male"};
    return take_word(value, words, 3, number);
}

static bool take_proof(const json_t *value, uint64_t *number) {
    static const char *const words[PROOF_COUNT] = {"none", "notice", "agreement", "court"};
    return take_word(value, words, PROOF_COUNT, number);
}

static bool take_segment(const json_t *value, uint64_t *number) {
    if (!json_is_string(value))
        return false;
    enum segment segment = segment_from_name(json_string_value(value));
    *number = segment != SEGMENT_NONE ? segment : SEGMENT_COUNT;
    return true;
}

/* By number, so that an event's bytes do not depend on the order of its members. */
static const struct event_member {
    const char *name;
    take_number *take; /* NULL: a text */
} members[] = {
    {"", NULL},
    {"kind", take_kind},
    {"nik", take_16_digits},
    {"temporary_id", take_temporary_id},
    {"captured_at_ms", take_instant},
    {"author", NULL},
    {"kk", take_16_digits},
    {"name", NULL},
    {"birth_date", take_date},
    {"sex", take_sex},
    {"kelurahan", take_region},
    {"segment", take_segment},
    {"care_class", take_count},
    {"wage_rupiah", take_count},
    {"employer", take_count},
    {"date", take_date},
    {"proof", take_proof},
    {"disputed", take_flag},
    {"other_nik", take_16_digits},
    {"other_temporary_id", take_temporary_id},
    {"reason", NULL},
    {"approver", NULL},
    {"destination", take_destination},
    {"local_card", take_flag},
};
enum { MEMBER_COUNT = sizeof members / sizeof *members };

static bool absent(const json_t *value) {
    return json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0);
}

static bool member_put(struct wire_writer *writer, uint32_t field, const json_t *value) {
    uint64_t number;
    if (absent(value))
        return true;
    if (!members[field].take) {
        wire_put_entry(writer, field, json_string_value(value), json_string_length(value));
        return json_is_string(value);
    }
    if (!members[field].take(value, &number))
        return false;
    wire_put_number(writer, field, number);
    return true;
}

/* False where it can't be an event's. */
static bool event_put(struct wire_writer *writer, const json_t *event) {
    size_t known = 0;
    if (!json_is_object(event))
        return false;
    for (uint32_t field = 1; field < MEMBER_COUNT; field++) {
        const json_t *value = json_object_get(event, members[field].name);
        if (value && !member_put(writer, field, value))
            return false;
        known += value != NULL;
    }
    return known == json_object_size(event);
}

/* Bytes that no event has, and that tell one such JSON from another: the same id must bring the same. */
static void malformed_put(struct wire_writer *writer, const json_t *event) {
    char *text = json_dumps(event, JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_COMPACT);
    uint64_t hash = text ? XXH3_64bits(text, strlen(text)) : 0;
    free(text);
    wire_put_fixed64(writer, UNKNOWN_FIELD, hash | 1);
}

static void events_put(struct wire_writer *writer, const json_t *events) {
    size_t index;
    const json_t *event;
    json_array_foreach(events, index, event) {
        struct wire_writer before = *writer;
        uint8_t *begun = wire_begin(writer);
        bool fine =
            event_put(writer, event) && !writer->full && (size_t)(writer->at - begun) <= EVENT_MAX_BYTES;
        if (!fine) {
            *writer = before;
            begun = wire_begin(writer);
            malformed_put(writer, event);
        }
        wire_end(writer, FRAME_EVENT, begun);
    }
}

static enum result wrong(struct failure *why, const char *member) {
    return fail(why, RESULT_INVALID, "PARAMETER_INVALID", "%s", member);
}

/* What an EventBatch says beside its events. */
static enum result batch_read(json_t *batch, struct wire_frame *frame, const json_t **events,
                              struct failure *why) {
    json_t *sequence = json_object_get(batch, "first_sequence"),
           *check = json_object_get(batch, "check_only");
    const json_t *language = json_object_get(batch, "language");
    const char *const known[] = {"first_sequence", "language", "check_only", "events"};
    size_t found = 0;
    *events = json_object_get(batch, "events");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        found += json_object_get(batch, known[i]) != NULL;
    if (!json_is_object(batch) || found != json_object_size(batch))
        return wrong(why, "EventBatch");
    if (!json_is_array(*events) || json_array_size(*events) > FRAME_MAX_EVENTS)
        return wrong(why, "events");
    if (check && !json_is_boolean(check))
        return wrong(why, "check_only");
    frame->check_only = json_is_true(check);
    frame->first_sequence = (uint64_t)json_integer_value(sequence);
    bool numbered = json_array_size(*events) > 0 && !frame->check_only;
    if (!json_is_integer(sequence) || json_integer_value(sequence) < (numbered ? 1 : 0))
        return wrong(why, "first_sequence");
    const char *word = language ? json_string_value(language) : "id";
    if (!word || (strcmp(word, "id") != 0 && strcmp(word, "en") != 0))
        return wrong(why, "language");
    frame->language = word[0] == 'e' ? LANGUAGE_ENGLISH : LANGUAGE_INDONESIAN;
    return RESULT_OK;
}

static enum result frame_write(json_t *batch, struct arena *arena, struct text_bytes *frame,
                               struct failure *why) {
    struct wire_frame head = {0};
    const json_t *events;
    enum result result = batch_read(batch, &head, &events, why);
    if (result != RESULT_OK)
        return result;
    uint8_t *out = arena_take(arena, FRAME_MAX_BYTES);
    if (!out)
        abort(); /* the arena is the caller's, and large enough for a frame */
    struct wire_writer writer = wire_writer(out, FRAME_MAX_BYTES);
    writer.at += wire_frame_encode(&head, out, FRAME_MAX_BYTES);
    events_put(&writer, events);
    *frame = (struct text_bytes){out, (size_t)(writer.at - out)};
    return writer.full ? wrong(why, "events") : RESULT_OK;
}

/* NUL bytes pass, to be refused as that event's text: its batch goes on without it. */
enum result events_json_frame(const uint8_t *body, size_t size, struct arena *arena, struct text_bytes *frame,
                              struct failure *why) {
    json_error_t error;
    json_t *batch =
        json_loadb(size ? (const char *)body : "", size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!batch)
        return fail(why, RESULT_INVALID, "JSON_INVALID", "line %d, column %d", error.line, error.column);
    enum result result = frame_write(batch, arena, frame, why);
    json_decref(batch);
    return result;
}

static const struct wire_outcome *outcome_of(const struct wire_ack_range *range, uint64_t sequence,
                                             uint32_t *next) {
    if (*next == range->outcome_count || range->outcomes[*next].sequence != sequence)
        return NULL;
    return &range->outcomes[(*next)++];
}

/* The member at fault: where a code is about any of them, its value is the name. */
static const char *field_of(enum refusal code, const char *value) {
    const char *field = refusal_field(code);
    for (uint32_t i = 1; field[0] == '\0' && i < MEMBER_COUNT; i++)
        if (strcmp(value, members[i].name) == 0)
            field = value;
    return field;
}

static json_t *outcome_json(uint64_t sequence, uint64_t offset, const struct wire_outcome *outcome) {
    uint16_t refusal = outcome ? outcome->refusal : 0, warning = outcome ? outcome->warning : 0;
    enum refusal code = (enum refusal)(refusal ? refusal : warning);
    const char *name = refusal_name(code), *value = outcome ? outcome->value : "";
    const char *known = code == REFUSAL_NONE ? "" : name ? name : "?"; /* of a newer enrollment */
    return json_pack("{s:I, s:s, s:I, s:s, s:s, s:s, s:s, s:s}", "sequence", (json_int_t)sequence, "outcome",
                     refusal ? "refused" : "accepted", "offset", (json_int_t)offset, "code",
                     refusal ? known : "", "warning", refusal ? "" : known, "field",
                     name ? field_of(code, value) : "", "value", value, "sentence",
                     outcome ? outcome->sentence : "");
}

json_t *events_json_answer(const struct wire_ack *ack) {
    json_t *outcomes = json_array();
    for (uint32_t i = 0; i < ack->range_count; i++) {
        const struct wire_ack_range *range = &ack->ranges[i];
        uint32_t next = 0;
        for (uint32_t event = 0; event < range->count; event++) {
            uint64_t sequence = range->first_sequence + event;
            uint64_t offset = range->first_offset ? range->first_offset + event : 0;
            json_array_append_new(outcomes,
                                  outcome_json(sequence, offset, outcome_of(range, sequence, &next)));
        }
    }
    return json_pack("{s:I, s:I, s:I, s:b, s:o}", "first_sequence", (json_int_t)ack->first_sequence, "count",
                     (json_int_t)ack->count, "expected_sequence", (json_int_t)ack->expected_sequence,
                     "check_only", ack->check_only, "outcomes", outcomes);
}
