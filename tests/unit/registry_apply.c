/* registry_apply.c - tests that a record which contradicts the state is found out and changes nothing. */
#include "registry_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

static struct city *city;
static struct record good; /* a suspension of nik(1), decided and not applied */

static void setup(void) {
    city = city_begin();
    city_enrol(city, nik(1), SEGMENT_PBPU);
    city_enrol(city, nik(2), SEGMENT_PBPU);
    struct event event = {.kind = CHANGE_SUSPEND,
                          .present = FIELD_IDENTITY,
                          .identity = nik(1),
                          .sequence = 1,
                          .captured_at_ms = city->now_ms};
    registry_decide(city->registry, registry_device(city->registry, KADER), &event, city->today, city->now_ms,
                    &good, city->value);
    good.offset = registry_next_offset(city->registry);
    cr_assert_eq(good.refusal, REFUSAL_NONE);
}
TestSuite(registry_apply, .init = setup);

static void contradicts(struct record record, const char *sentence) {
    struct failure why = {0};
    uint64_t digest = registry_digest(city->registry);
    cr_assert_eq(registry_apply(city->registry, &record, &why), RESULT_CORRUPT, "%s", sentence);
    cr_assert_eq(registry_digest(city->registry), digest, "%s", sentence);
    cr_assert_str_eq(why.code, "RECORD_CONTRADICTS");
    cr_assert(strstr(why.sentence, sentence), "%s", why.sentence);
}

CITY_TEST(registry_apply, the_good_one_is_good) {
    city_apply(city, &good);
    contradicts(good, "its offset is not the next one"); /* twice is once too often */
}

CITY_TEST(registry_apply, offsets_and_sequences) {
    struct record record = good;
    record.offset++;
    contradicts(record, "its offset is not the next one");
    record.offset = 0;
    contradicts(record, "its offset is not the next one");
    record = good;
    record.sequence = 2;
    contradicts(record, "its sequence is not the one");
    record.device = 99;
    contradicts(record, "its device does not exist");
    record = good;
    record.refusal = REFUSAL_BUSY; /* refused records have their place in the sequence, too */
    record.sequence = 2;
    contradicts(record, "its sequence is not the one");
    record.sequence = 1;
    city_apply(city, &record);
    cr_assert_eq(registry_device(city->registry, KADER)->next_sequence, 2);
    cr_assert_eq(city_member(city, nik(1))->status, STATUS_ACTIVE);
}

/* Each field of `before`, changed alone. */
CITY_TEST(registry_apply, before_is_compared_field_by_field) {
    struct record record;
#define DIFFERS(field)                                                                                       \
    record = good;                                                                                           \
    record.before.field ^= 1;                                                                                \
    contradicts(record, "differs from what is known")
    DIFFERS(identity);
    DIFFERS(family);
    DIFFERS(wage_rupiah);
    DIFFERS(employer);
    DIFFERS(kelurahan);
    DIFFERS(birth_day);
    DIFFERS(segment_day);
    DIFFERS(due_day);
    DIFFERS(payer_month);
    DIFFERS(segment);
    DIFFERS(status);
    DIFFERS(care_class);
    DIFFERS(sex);
    DIFFERS(flags);
#undef DIFFERS
}

CITY_TEST(registry_apply, members) {
    struct record record = good;
    record.member_id = 2;
    contradicts(record, "differs from what is known");
    record.member_id = 3;
    contradicts(record, "its member does not exist");
    record.member_id = 0;
    contradicts(record, "its member does not exist");
    record = good;
    record.previous_offset--;
    contradicts(record, "does not follow the member's last record");
    record = good;
    record.has_after = false;
    contradicts(record, "nothing of what is after");
    record = good;
    record.after.segment = SEGMENT_COUNT;
    contradicts(record, "segment or status is unknown");
    record = good;
    record.after.status = STATUS_MERGED;
    contradicts(record, "only a merge");
    record = good;
    record.after.identity = nik(3);
    contradicts(record, "takes an identity");
    record.kind = CHANGE_CORRECT_IDENTITY;
    record.after.identity = nik(2);
    contradicts(record, "takes an identity");
    record = good;
    record.kind = 39;
    contradicts(record, "its kind is unknown");
}

CITY_TEST(registry_apply, new_members) {
    struct record record = good;
    record.kind = CHANGE_ENROL;
    record.has_before = false;
    record.member_id = 3;
    record.previous_offset = 0;
    contradicts(record, "identity is known already");
    record.after.identity = nik(3);
    record.previous_offset = 1;
    contradicts(record, "has an earlier record");
    record.previous_offset = 0;
    record.member_id = 4;
    contradicts(record, "does not get the next number");
    record.member_id = 3;
    city_apply(city, &record);
}

CITY_TEST(registry_apply, merges) {
    struct record record = good;
    record.kind = CHANGE_MERGE;
    record.other_member_id = 2;
    contradicts(record, "does not end a known member");
    record.after.status = STATUS_MERGED;
    record.other_member_id = 1;
    contradicts(record, "leads to no other member");
    record.other_member_id = 3;
    contradicts(record, "leads to no other member");
    record.other_member_id = 2;
    city_apply(city, &record);
    record.offset = registry_next_offset(city->registry);
    record.sequence = 2;
    record.before = record.after;
    record.previous_offset = record.offset - 1;
    contradicts(record, "was merged before");
}

CITY_TEST(registry_apply, days_and_devices) {
    uint64_t offset = registry_next_offset(city->registry);
    struct device device = *registry_device(city->registry, KADER);
    contradicts((struct record){.offset = offset, .kind = CHANGE_DAY}, "business day is earlier");
    contradicts((struct record){.offset = offset, .kind = CHANGE_DAY, .effective_day = city->today - 1},
                "business day is earlier");
    contradicts((struct record){.offset = offset, .kind = CHANGE_DEVICE_ADDED}, "names no device");
    struct record record = {.offset = offset, .kind = CHANGE_DEVICE_ADDED, .new_device = &device};
    contradicts(record, "does not get the next number");
    device.id = registry_device_count(city->registry) + 1;
    contradicts(record, "has the key of another");
    record.kind = CHANGE_DEVICE_REVOKED;
    contradicts(record, "revokes a device that does not exist");
}

CITY_TEST(registry_apply, devices_by_key) {
    for (unsigned i = 0; i < 10; i++)
        city_add_device(city, ROLE_KADER, CIBODAS);
    for (uint32_t id = 1; id <= registry_device_count(city->registry); id++) {
        const struct device *device = registry_device(city->registry, id);
        cr_assert_eq(registry_device_by_key(city->registry, device->public_key), device);
        cr_assert_eq(device->next_sequence, id == BPJS ? 3u : 1u);
    }
    uint8_t nobody[DEVICE_KEY_SIZE] = {0};
    cr_assert_null(registry_device_by_key(city->registry, nobody));
    cr_assert_null(registry_device(city->registry, 0));
    cr_assert_null(registry_device(city->registry, registry_device_count(city->registry) + 1));
}

/* A snapshot that is cut off or of another kind is refused at every length. */
struct cut {
    uint8_t data[65536];
    size_t size, position;
};
static bool write_cut(void *context, const void *data, size_t size) {
    struct cut *cut = context;
    memcpy(cut->data + cut->size, data, size);
    cut->size += size;
    return true;
}
static bool read_cut(void *context, void *data, size_t size) {
    struct cut *cut = context;
    if (cut->position + size > cut->size)
        return false;
    memcpy(data, cut->data + cut->position, size);
    cut->position += size;
    return true;
}
static bool write_nothing(void *context, const void *data, size_t size) {
    (void)context, (void)data, (void)size;
    return false;
}

static enum result load_from(struct cut *cut, struct failure *why) {
    struct registry *registry = registry_new(&city->regions, &city->policy);
    cut->position = 0;
    enum result result = registry_load(registry, read_cut, cut, why);
    registry_destroy(&registry);
    return result;
}

CITY_TEST(registry_apply, snapshots_that_are_none) {
    static struct cut whole, cut;
    struct failure why = {0};
    cr_assert_eq(registry_save(city->registry, write_cut, &whole), RESULT_OK);
    cr_assert_eq(registry_save(city->registry, write_nothing, NULL), RESULT_IO);
    for (size_t size = 0; size < whole.size; size++) {
        cut = whole;
        cut.size = size;
        cr_assert_eq(load_from(&cut, &why), RESULT_CORRUPT, "cut at %zu", size);
    }
    cut = whole;
    cut.data[8]++; /* the version */
    cr_assert_eq(load_from(&cut, &why), RESULT_CONFLICT);
    cr_assert_str_eq(why.code, "SNAPSHOT_VERSION");
    cut = whole;
    memcpy(cut.data + 7 * 8 + 48, cut.data + 7 * 8, 48); /* the second member is the first again */
    cr_assert_eq(load_from(&cut, &why), RESULT_CORRUPT);
    cr_assert(strstr(why.sentence, "one identity"));
    cut = whole;
    cut.data[7 * 8 + 4 * 8 + 5] = STATUS_COUNT;
    cr_assert_eq(load_from(&cut, &why), RESULT_CORRUPT);
    cr_assert_eq(load_from(&whole, &why), RESULT_OK);
}
