/* registry_fixture.c - the small city of registry_fixture.h. */
#include "registry_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fixtures are linked into every test program, so they fail by abort, which Criterion reports as a crash. */
static void require(bool condition, const char *sentence) {
    if (condition)
        return;
    fprintf(stderr, "registry fixture: %s\n", sentence);
    abort();
}

static void set_now(struct city *city, day_t day) {
    city->today = day;
    city->now_ms = calendar_time_of_day(day) + INT64_C(36000000); /* ten in the morning */
}

struct city *city_begin(void) {
    struct city *city = calloc(1, sizeof *city);
    require(city != NULL, "no memory");
    city->regions.city_code = 3671;
    require(region_table_add(&city->regions, CIBODAS, "Cibodas", "Satu", 300) &&
                region_table_add(&city->regions, JATIUWUNG, "Jatiuwung", "Satu", 300) &&
                region_table_add(&city->regions, BENDA, "Benda", "Dua", 400),
            "regions");
    city->policy = (struct policy){.count = 1,
                                   .rows = {{.valid_from = calendar_day(2020, 1, 1),
                                             .layoff_payer = LAYOFF_CITY_FROM_NEXT_MONTH,
                                             .grace_months = 6,
                                             .activation = ACTIVATION_SAME_DAY,
                                             .cut_off_day = 20,
                                             .newborn_days = 28,
                                             .newborn_nik_months = 3}}};
    city->registry = registry_new(&city->regions, &city->policy);
    city_today(city, 2025, 9, 10);
    require(city_add_device(city, ROLE_KADER, 367101) == KADER, "kader");
    require(city_add_device(city, ROLE_LABOUR_OFFICE, 3671) == LABOUR, "labour office");
    require(city_add_device(city, ROLE_BPJS, 3671) == BPJS, "BPJS");
    require(city_add_device(city, ROLE_HEALTH_OFFICE, 3671) == HEALTH, "health office");
    require(city_add_device(city, ROLE_READER, 3671) == READER, "reader");
    return city;
}

struct buffer {
    uint8_t data[1 << 20];
    size_t size, position;
};

static bool write_buffer(void *context, const void *data, size_t size) {
    struct buffer *buffer = context;
    if (buffer->size + size > sizeof buffer->data)
        return false;
    memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
    return true;
}

static bool read_buffer(void *context, void *data, size_t size) {
    struct buffer *buffer = context;
    if (buffer->position + size > buffer->size)
        return false;
    memcpy(data, buffer->data + buffer->position, size);
    buffer->position += size;
    return true;
}

static void check_snapshot(const struct city *city) {
    struct buffer *first = calloc(1, sizeof *first), *second = calloc(1, sizeof *second);
    require(first && second, "no memory");
    require(registry_save(city->registry, write_buffer, first) == RESULT_OK, "save failed");
    struct registry *loaded = registry_new(&city->regions, &city->policy);
    struct failure why = {0};
    require(registry_load(loaded, read_buffer, first, &why) == RESULT_OK, why.sentence);
    require(registry_digest(loaded) == registry_digest(city->registry), "a loaded snapshot differs");
    require(registry_save(loaded, write_buffer, second) == RESULT_OK, "second save failed");
    require(first->size == second->size && memcmp(first->data, second->data, first->size) == 0,
            "a loaded snapshot saves other bytes");
    for (uint32_t i = 0; i < city->record_count;
         i++) { /* all that ever led to somebody leads to the same one */
        uint32_t was = 0, is = 0;
        registry_find(city->registry, city->records[i].before.identity, &was);
        registry_find(loaded, city->records[i].before.identity, &is);
        require(was == is, "an identity leads elsewhere in a loaded snapshot");
    }
    registry_destroy(&loaded);
    free(first);
    free(second);
}

static void check_replay(const struct city *city) {
    struct registry *replayed = registry_new(&city->regions, &city->policy);
    struct failure why = {0};
    for (uint32_t i = 0; i < city->record_count; i++)
        require(registry_apply(replayed, &city->records[i], &why) == RESULT_OK, why.sentence);
    require(registry_digest(replayed) == registry_digest(city->registry), "a replay differs");
    registry_destroy(&replayed);
}

void city_end(struct city **city) {
    check_replay(*city);
    check_snapshot(*city);
    registry_destroy(&(*city)->registry);
    free(*city);
    *city = NULL;
}

/* Texts are not kept: the fold has no use for them. */
static void keep(struct city *city, const struct record *record) {
    require(city->record_count < RECORDS_MAX, "too many records");
    struct record *kept = &city->records[city->record_count++];
    *kept = *record;
    kept->author = kept->name = kept->reason = kept->approver = (struct text){0};
    kept->refused_event = kept->refused_value = (struct text){0};
    if (record->new_device) {
        require(city->device_count < 16, "too many devices");
        city->devices[city->device_count] = *record->new_device;
        kept->new_device = &city->devices[city->device_count++];
    }
}

void city_apply(struct city *city, struct record *record) {
    struct failure why = {0};
    record->offset = registry_next_offset(city->registry);
    require(registry_apply(city->registry, record, &why) == RESULT_OK, why.sentence);
    keep(city, record);
}

void city_today(struct city *city, int year, int month, int day_of_month) {
    set_now(city, calendar_day(year, month, day_of_month));
    city_apply(city, &(struct record){.kind = CHANGE_DAY, .effective_day = city->today});
}

uint32_t city_add_device(struct city *city, enum role role, uint32_t area) {
    uint32_t id = registry_device_count(city->registry) + 1;
    struct device device = {.id = id, .role = role, .area = area, .next_sequence = 1};
    device.public_key[0] = (uint8_t)id;
    snprintf(device.name, sizeof device.name, "device %u", (unsigned)id);
    city_apply(city, &(struct record){.kind = CHANGE_DEVICE_ADDED, .new_device = &device});
    return id;
}

enum refusal city_send_raw(struct city *city, uint32_t device, struct event event) {
    const struct device *sender = registry_device(city->registry, device);
    require(sender != NULL, "no such device");
    event.sequence = sender->next_sequence;
    uint64_t digest = registry_digest(city->registry);
    struct record twice;
    registry_decide(city->registry, sender, &event, city->today, city->now_ms, &twice, city->value);
    registry_decide(city->registry, sender, &event, city->today, city->now_ms, &city->record, city->value);
    require(registry_digest(city->registry) == digest, "a decision changed the state");
    require(twice.refusal == city->record.refusal, "two decisions of one event differ");
    city_apply(city, &city->record);
    return (enum refusal)city->record.refusal;
}

enum refusal city_send(struct city *city, uint32_t device, struct event event) {
    if (event.captured_at_ms == 0)
        event.captured_at_ms = city->now_ms;
    event.present = (event.identity ? FIELD_IDENTITY : 0) | (event.family ? FIELD_FAMILY : 0) |
                    (event.name.size ? FIELD_NAME : 0) | (event.birth_day ? FIELD_BIRTH_DAY : 0) |
                    (event.sex ? FIELD_SEX : 0) | (event.kelurahan ? FIELD_KELURAHAN : 0) |
                    (event.segment ? FIELD_SEGMENT : 0) | (event.care_class ? FIELD_CARE_CLASS : 0) |
                    (event.wage_rupiah ? FIELD_WAGE : 0) | (event.employer ? FIELD_EMPLOYER : 0) |
                    (event.day ? FIELD_DAY : 0) | (event.proof ? FIELD_PROOF : 0) |
                    (event.disputed ? FIELD_DISPUTED : 0) | (event.other ? FIELD_OTHER : 0) |
                    (event.reason.size ? FIELD_REASON : 0) | (event.approver.size ? FIELD_APPROVER : 0) |
                    (event.destination ? FIELD_DESTINATION : 0) | (event.local_card ? FIELD_LOCAL_CARD : 0);
    return city_send_raw(city, device, event);
}

uint32_t city_run_due(struct city *city) {
    uint32_t cursor = 0, count = 0;
    for (;;) {
        enum result result = registry_due(city->registry, city->today, &cursor, &city->record);
        if (result == RESULT_NOT_FOUND)
            return count;
        if (result == RESULT_AGAIN)
            continue;
        require(result == RESULT_OK, "due work failed");
        city_apply(city, &city->record);
        count++;
    }
}

identity_t nik(unsigned serial) {
    return UINT64_C(3671010101900000) + serial;
}
identity_t baby_nik(unsigned serial) {
    return UINT64_C(3671010109250000) + serial;
}

struct event enrolment(identity_t identity, enum segment segment) {
    bool working = segment == SEGMENT_PPU_BU || segment == SEGMENT_PPU_PN;
    bool third = segment == SEGMENT_PBI_JK || segment == SEGMENT_PBPU_PEMDA;
    return (struct event){.kind = CHANGE_ENROL,
                          .identity = identity,
                          .birth_day = calendar_day(1990, 1, 1),
                          .sex = SEX_MALE,
                          .kelurahan = CIBODAS,
                          .segment = segment,
                          .care_class = third ? 3 : 2,
                          .employer = working ? 77 : 0,
                          .wage_rupiah = working ? 5500000 : 0,
                          .local_card = segment == SEGMENT_PBPU_PEMDA};
}

void city_enrol(struct city *city, identity_t identity, enum segment segment) {
    require(city_send(city, BPJS, enrolment(identity, segment)) == REFUSAL_NONE, city->value);
}

const struct member *city_member(const struct city *city, identity_t identity) {
    const struct member *member = registry_find(city->registry, identity, NULL);
    require(member != NULL, "nobody is known by this identity");
    return member;
}
