/* wire_record.c - tests of records and batches as bytes: round trips, protobuf-c as the judge, walking,
 * damage. */
#include "wire/wire_record.h"

#include "mutate.h"
#include "record.pb-c.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(literal) ((struct text){literal, sizeof(literal) - 1})

static struct arena arena;
static uint8_t buffer[RECORD_MAX_BYTES + 64];

static void setup(void) {
    arena_init(&arena, 1 << 20);
}
static void teardown(void) {
    arena_free(&arena);
}
TestSuite(wire_record, .init = setup, .fini = teardown);

static const struct member some_member = {
    .identity = IDENTITY_TEMPORARY | 77,
    .family = 3671010101100001,
    .wage_rupiah = UINT32_MAX,
    .employer = 4711,
    .kelurahan = 3671011001,
    .birth_day = UINT16_MAX,
    .segment_day = 46000,
    .due_day = 46030,
    .payer_month = 1512,
    .segment = SEGMENT_COUNT - 1,
    .status = STATUS_COUNT - 1,
    .care_class = 3,
    .sex = SEX_MALE,
    .flags = 15,
};
static const struct device some_device = {.id = 17,
                                          .role = ROLE_SERVICE,
                                          .revoked = true,
                                          .area = 3671011001,
                                          .next_sequence = 900,
                                          .public_key = {1, 0, 255},
                                          .name = "Kader Posyandu Melati 7, Kelurahan Sukasari Uta"};

static struct record full_record(void) {
    return (struct record){
        .offset = UINT64_MAX,
        .previous_offset = 12345,
        .member_id = UINT32_MAX,
        .other_member_id = 9,
        .kind = CHANGE_DEVICE_REVOKED,
        .refusal = REFUSAL_NIK_DATE,
        .warning = WARNING_LATE_REPORT,
        .device = 55,
        .sequence = UINT64_MAX,
        .content_hash = UINT64_C(0x8000000000000001),
        .captured_at_ms = INT64_MIN,
        .effective_day = 46000,
        .has_before = true,
        .has_after = true,
        .before = some_member,
        .after = {.identity = 3671014505900001, .segment = 1},
        .proof = PROOF_COURT_RULING,
        .disputed = true,
        .destination = 3275,
        .other = IDENTITY_TEMPORARY,
        .author = TEXT("kader-7"),
        .name = TEXT("Siti"),
        .reason = TEXT("reason"),
        .approver = TEXT("approver"),
        .refused_event = TEXT("\x08\x01\x00 any bytes"),
        .refused_value = TEXT("3671**********01"),
        .new_device = &some_device,
    };
}

static void assert_text(struct text left, struct text right) {
    cr_assert_eq(left.size, right.size);
    cr_assert(left.size == 0 || memcmp(left.data, right.data, left.size) == 0);
}

static void assert_same_member(const struct member *left, const struct member *right) {
    cr_assert_eq(left->identity, right->identity);
    cr_assert_eq(left->family, right->family);
    cr_assert_eq(left->wage_rupiah, right->wage_rupiah);
    cr_assert_eq(left->employer, right->employer);
    cr_assert_eq(left->kelurahan, right->kelurahan);
    cr_assert_eq(left->birth_day, right->birth_day);
    cr_assert_eq(left->segment_day, right->segment_day);
    cr_assert_eq(left->due_day, right->due_day);
    cr_assert_eq(left->payer_month, right->payer_month);
    cr_assert_eq(left->segment, right->segment);
    cr_assert_eq(left->status, right->status);
    cr_assert_eq(left->care_class, right->care_class);
    cr_assert_eq(left->sex, right->sex);
    cr_assert_eq(left->flags, right->flags);
}

static void assert_same(const struct record *left, const struct record *right) {
    cr_assert_eq(left->offset, right->offset);
    cr_assert_eq(left->previous_offset, right->previous_offset);
    cr_assert_eq(left->member_id, right->member_id);
    cr_assert_eq(left->other_member_id, right->other_member_id);
    cr_assert_eq(left->kind, right->kind);
    cr_assert_eq(left->refusal, right->refusal);
    cr_assert_eq(left->warning, right->warning);
    cr_assert_eq(left->device, right->device);
    cr_assert_eq(left->sequence, right->sequence);
    cr_assert_eq(left->content_hash, right->content_hash);
    cr_assert_eq(left->captured_at_ms, right->captured_at_ms);
    cr_assert_eq(left->effective_day, right->effective_day);
    cr_assert_eq(left->has_before, right->has_before);
    cr_assert_eq(left->has_after, right->has_after);
    assert_same_member(&left->before, &right->before);
    assert_same_member(&left->after, &right->after);
    cr_assert_eq(left->proof, right->proof);
    cr_assert_eq(left->disputed, right->disputed);
    cr_assert_eq(left->destination, right->destination);
    cr_assert_eq(left->other, right->other);
    assert_text(left->author, right->author);
    assert_text(left->name, right->name);
    assert_text(left->reason, right->reason);
    assert_text(left->approver, right->approver);
    assert_text(left->refused_event, right->refused_event);
    assert_text(left->refused_value, right->refused_value);
    cr_assert_eq(left->new_device == NULL, right->new_device == NULL);
    if (!left->new_device)
        return;
    cr_assert_eq(left->new_device->id, right->new_device->id);
    cr_assert_eq(left->new_device->role, right->new_device->role);
    cr_assert_eq(left->new_device->revoked, right->new_device->revoked);
    cr_assert_eq(left->new_device->area, right->new_device->area);
    cr_assert_eq(left->new_device->next_sequence, right->new_device->next_sequence);
    cr_assert_arr_eq(left->new_device->public_key, right->new_device->public_key, DEVICE_KEY_SIZE);
    cr_assert_str_eq(left->new_device->name, right->new_device->name);
}

/* Decodes from memory that ends where the bytes end and is gone before the result is looked at. */
static enum result decode(const uint8_t *data, size_t size, struct record *out) {
    uint8_t *exact = malloc(size > 0 ? size : 1);
    memcpy(exact, data, size);
    enum result result = wire_record_decode(exact, size, &arena, out);
    free(exact);
    return result;
}

Test(wire_record, a_record_comes_back_as_it_was) {
    struct record back, record = full_record();
    size_t size = wire_record_encode(&record, buffer, sizeof buffer);
    cr_assert_eq(decode(buffer, size, &back), RESULT_OK);
    assert_same(&back, &record);
    record = (struct record){.offset = 1};
    size = wire_record_encode(&record, buffer, sizeof buffer);
    cr_assert_eq(size, 9);
    cr_assert_eq(decode(buffer, size, &back), RESULT_OK);
    assert_same(&back, &record);
    record.has_before = true; /* a member of whom nothing is known is still a member */
    size = wire_record_encode(&record, buffer, sizeof buffer);
    cr_assert_eq(decode(buffer, size, &back), RESULT_OK);
    assert_same(&back, &record);
}

Test(wire_record, the_bytes_are_those_of_protobuf) {
    struct record record = full_record();
    size_t size = wire_record_encode(&record, buffer, sizeof buffer);
    Cakupan__Record *judge = cakupan__record__unpack(NULL, size, buffer);
    cr_assert_not_null(judge);
    cr_assert_eq(judge->base.n_unknown_fields, 0);
    cr_assert_eq(judge->captured_at_ms, INT64_MIN);
    cr_assert_eq(judge->before->wage_rupiah, UINT32_MAX);
    cr_assert_eq(judge->new_device->next_sequence, 900);
    cr_assert_eq(judge->refused_event.len, record.refused_event.size);
    uint8_t packed[1024];
    cr_assert_eq(cakupan__record__pack(judge, packed), size);
    cr_assert_arr_eq(packed, buffer, size);
    cakupan__record__free_unpacked(judge, NULL);
    size = wire_member_encode(&some_member, buffer, sizeof buffer);
    Cakupan__MemberState *state = cakupan__member_state__unpack(NULL, size, buffer);
    cr_assert_eq(cakupan__member_state__pack(state, packed), size);
    cr_assert_arr_eq(packed, buffer, size);
    cakupan__member_state__free_unpacked(state, NULL);
}

Test(wire_record, a_member_comes_back_as_it_was) {
    struct member back;
    size_t size = wire_member_encode(&some_member, buffer, sizeof buffer);
    cr_assert_eq(wire_member_decode(buffer, size, &arena, &back), RESULT_OK);
    assert_same_member(&back, &some_member);
    for (size_t capacity = 0; capacity < size; capacity++)
        cr_assert_eq(wire_member_encode(&some_member, buffer, capacity), 0);
    static const char *const bad[] = {"\x28\x07", "\x30\x08", "\x38\x04",        "\x40\x03",
                                      "\x48\x40", "\x78\x01", "\x20\x80\x80\x04"};
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++)
        cr_assert_eq(wire_member_decode((const uint8_t *)bad[index], strlen(bad[index]), &arena, &back),
                     RESULT_CORRUPT, "bad member %zu", index);
}

static struct record sized_record(uint64_t offset, uint16_t text_size) {
    static char text[UINT16_MAX];
    memset(text, 'x', sizeof text);
    return (struct record){
        .offset = offset, .member_id = (uint32_t)offset % 5, .refused_event = {text, text_size}};
}

/* Lengths of one, two and three bytes stand before records; each must fit exactly where it fits at all. */
Test(wire_record, an_entry_fits_exactly_or_not_at_all) {
    static const uint16_t texts[] = {0,     80,    110,   111,   112,   113,   114,
                                     115,   116,   117,   118,   16360, 16365, 16366,
                                     16367, 16368, 16369, 16370, 16371, 16372, UINT16_MAX};
    for (size_t index = 0; index < sizeof texts / sizeof *texts; index++) {
        struct record record = sized_record(3, texts[index]);
        size_t size = wire_record_append(&record, buffer, sizeof buffer);
        cr_assert_gt(size, texts[index]);
        for (size_t capacity = size < 8 ? 0 : size - 8; capacity < size + 8; capacity++) {
            uint8_t *exact = malloc(capacity + 1);
            cr_assert_eq(wire_record_append(&record, exact, capacity), capacity < size ? 0 : size);
            size_t position = 0;
            struct wire_record_entry entry;
            cr_assert(capacity < size || wire_record_next(exact, size, &position, &entry) == RESULT_OK);
            cr_assert(capacity < size ||
                      (entry.entry_size == size && entry.offset == 3 && entry.member_id == 3));
            free(exact);
        }
        Cakupan__Records *judge = cakupan__records__unpack(NULL, size, buffer);
        cr_assert(judge && judge->n_records == 1);
        cr_assert_eq(cakupan__records__get_packed_size(judge), size, "the shortest length there is");
        cakupan__records__free_unpacked(judge, NULL);
    }
    cr_assert_eq(wire_record_append(&(struct record){.offset = 1}, buffer, 0), 0);
    cr_assert_eq(wire_record_append(&(struct record){.offset = 1}, buffer, 2), 0);
}

Test(wire_record, a_batch_is_walked_entry_by_entry) {
    size_t size = 0, position = 0;
    for (uint64_t offset = 1; offset <= 100; offset++) {
        struct record record = sized_record(offset, (uint16_t)(offset * 7));
        size += wire_record_append(&record, buffer + size, sizeof buffer - size);
    }
    struct wire_record_entry entry;
    const uint8_t *end = buffer;
    for (uint64_t offset = 1; offset <= 100; offset++) {
        struct record record;
        cr_assert_eq(wire_record_next(buffer, size, &position, &entry), RESULT_OK);
        cr_assert_eq(entry.offset, offset);
        cr_assert_eq(entry.member_id, offset % 5);
        cr_assert_eq(entry.entry, end);
        end += entry.entry_size;
        cr_assert_eq(wire_record_decode(entry.data, entry.size, &arena, &record), RESULT_OK);
        cr_assert_eq(record.refused_event.size, offset * 7);
    }
    cr_assert_eq(wire_record_next(buffer, size, &position, &entry), RESULT_NOT_FOUND);
    cr_assert_eq(position, size);
    cr_assert_eq(wire_record_next(buffer, size, &position, &entry), RESULT_NOT_FOUND);
    position = size + 1;
    cr_assert_eq(wire_record_next(buffer, size, &position, &entry), RESULT_CORRUPT);
}

Test(wire_record, what_is_no_batch_is_corrupt) {
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
        {"\x0a", 1},
        {"\x0a\x0a\x09\x01\0\0\0\0\0\0\0", 11}, /* cut off */
        {"\x12\x09\x09\x01\0\0\0\0\0\0\0", 11}, /* another field */
        {"\x0a\x00", 2},                        /* no offset */
        {"\x0a\x08\x09\x01\0\0\0\0\0\0", 10},   /* half an offset */
        {"\x0a\x09\x08\x01\0\0\0\0\0\0\0", 11}, /* an offset of another type */
        {"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11},
    };
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        size_t position = 0;
        struct wire_record_entry entry;
        uint8_t *exact = malloc(bad[index].size);
        memcpy(exact, bad[index].bytes, bad[index].size);
        cr_assert_eq(wire_record_next(exact, bad[index].size, &position, &entry), RESULT_CORRUPT,
                     "bad batch %zu", index);
        cr_assert_eq(position, 0);
        free(exact);
    }
}

static void assert_corrupt(const char *bytes, size_t size) {
    uint8_t record_bytes[128] = {0x09, 1};
    struct record record;
    memcpy(record_bytes + 9, bytes, size);
    cr_assert_eq(decode(record_bytes, 9, &record), RESULT_OK);
    cr_assert_eq(decode(record_bytes, 9 + size, &record), RESULT_CORRUPT, "%02x %02x", bytes[0] & 255,
                 bytes[1] & 255);
}

Test(wire_record, what_is_no_record_is_corrupt) {
    struct record record;
    cr_assert_eq(decode((const uint8_t *)"", 0, &record), RESULT_CORRUPT, "no offset");
    cr_assert_eq(decode((const uint8_t *)"\x09\0\0\0\0\0\0\0\0", 9, &record), RESULT_CORRUPT, "offset 0");
    assert_corrupt("\x18\x80\x02", 3);                 /* kind 256 */
    assert_corrupt("\x48\x80\x80\x04", 4);             /* effective day 65536 */
    assert_corrupt("\x50\x80\x80\x04", 4);             /* refusal 65536 */
    assert_corrupt("\x80\x01\x02", 3);                 /* disputed 2 */
    assert_corrupt("\xd0\x01\x01", 3);                 /* field 26 */
    assert_corrupt("\x6a\x02\x28\x07", 4);             /* before: segment 7 */
    assert_corrupt("\x72\x02\x30\x08", 4);             /* after: status 8 */
    assert_corrupt("\x72\x02\x30", 3);                 /* cut off */
    assert_corrupt("\xca\x01\x00", 3);                 /* a device without a key */
    assert_corrupt("\xca\x01\x04\x2a\x02\x01\x02", 7); /* with a short one */
}

Test(wire_record, a_device_needs_a_key_and_a_clean_name) {
    struct device device = some_device;
    struct record back, record = {.offset = 1, .new_device = &device};
    strcpy(device.name, "name\n");
    size_t size = wire_record_encode(&record, buffer, sizeof buffer);
    cr_assert_eq(decode(buffer, size, &back), RESULT_CORRUPT);
    memset(device.name, 'n', sizeof device.name); /* even without a NUL no more than 47 bytes are taken */
    size = wire_record_encode(&record, buffer, sizeof buffer);
    cr_assert_eq(decode(buffer, size, &back), RESULT_OK);
    cr_assert_eq(strlen(back.new_device->name), DEVICE_NAME_MAX);
}

Test(wire_record, a_spent_arena_is_an_error) {
    struct arena small;
    struct record back, record = full_record();
    size_t size = wire_record_encode(&record, buffer, sizeof buffer);
    arena_init(&small, 192);
    for (size_t taken = 0; taken <= 192; taken += 16) {
        arena_reset(&small);
        cr_assert_not_null(arena_take(&small, taken));
        enum result result = wire_record_decode(buffer, size, &small, &back);
        cr_assert_eq(result, taken <= 16 ? RESULT_OK : RESULT_CORRUPT, "%zu taken", taken);
    }
    arena_free(&small);
}

/* Damaged journals are never taken for whole ones with another meaning than protobuf-c gives them. */
Test(wire_record, damaged_batches_never_harm, .timeout = 120) {
    uint8_t bytes[2048], valid[1024];
    struct record record = full_record();
    size_t valid_size = wire_record_append(&record, valid, sizeof valid);
    record = sized_record(2, 40);
    valid_size += wire_record_append(&record, valid + valid_size, sizeof valid - valid_size);
    uint64_t seed = 20261122;
    int accepted = 0;
    for (int round = 0; round < 100000; round++) {
        memcpy(bytes, valid, valid_size);
        size_t size = mutate(bytes, valid_size, sizeof bytes, &seed), position = 0;
        uint8_t *exact = malloc(size > 0 ? size : 1);
        memcpy(exact, bytes, size);
        struct wire_record_entry entry;
        arena_reset(&arena);
        while (wire_record_next(exact, size, &position, &entry) == RESULT_OK) {
            if (wire_record_decode(entry.data, entry.size, &arena, &record) != RESULT_OK)
                continue;
            Cakupan__Record *judge = cakupan__record__unpack(NULL, entry.size, entry.data);
            cr_assert(judge && judge->base.n_unknown_fields == 0);
            cr_assert_eq(judge->offset, record.offset);
            cr_assert_eq(judge->sequence, record.sequence);
            cr_assert_eq(judge->before != NULL, record.has_before);
            cr_assert_eq(judge->after != NULL, record.has_after);
            cakupan__record__free_unpacked(judge, NULL);
            accepted++;
        }
        free(exact);
    }
    cr_assert(accepted > 10000 && accepted < 190000, "%d accepted: the damage says nothing", accepted);
}
