/* registry_bench.c - the registry alone: enrols members through decide and apply, looks them up, saves and
 * loads.
 *
 * Usage: registry_bench [MEMBERS]. Prints one line of JSON. Events are made beforehand in slices and their
 * cost is not counted; memory is what the process grew by, so allocator overhead is in it.
 */
#include "cakupan/registry.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SLICE     16384u
#define KELURAHAN 3671011001u
#define LOOKUPS   1000000u
#define SLOW_NS   100000u

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t resident_bytes(void) {
    unsigned long total, resident;
    FILE *file = fopen("/proc/self/statm", "r");
    assert(file && fscanf(file, "%lu %lu", &total, &resident) == 2);
    fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* The NIK of person `number`: all different, spread like real ones over regions, birth dates and sequences.
 */
static identity_t nik_of(uint64_t number) {
    uint64_t date = number * 2654435761u % (28u * 12u * 100u);
    uint64_t serial = number / (28u * 12u * 100u);
    uint64_t day = date % 28u + 1, month = date / 28u % 12u + 1, year = date / (28u * 12u);
    return UINT64_C(3671010000000000) + serial / 9999u * UINT64_C(10000000000) + day * 100000000u +
           month * 1000000u + year * 10000u + serial % 9999u + 1;
}

static void make_event(uint64_t number, uint64_t sequence, int64_t now_ms, struct event *event) {
    *event = (struct event){.sequence = sequence,
                            .captured_at_ms = now_ms,
                            .kind = CHANGE_ENROL,
                            .present = FIELD_IDENTITY | FIELD_BIRTH_DAY | FIELD_SEX | FIELD_KELURAHAN |
                                       FIELD_SEGMENT | FIELD_CARE_CLASS | FIELD_LOCAL_CARD,
                            .identity = nik_of(number),
                            .birth_day = calendar_day(1990, 1, 1),
                            .sex = SEX_MALE,
                            .kelurahan = KELURAHAN,
                            .segment = SEGMENT_PBPU_PEMDA,
                            .care_class = 3,
                            .local_card = true};
}

static void apply(struct registry *registry, struct record *record) {
    struct failure why = {0};
    record->offset = registry_next_offset(registry);
    if (registry_apply(registry, record, &why) != RESULT_OK) {
        fprintf(stderr, "%s\n", why.sentence);
        exit(1);
    }
}

struct timing {
    uint64_t total_ns, slowest_ns, slow_count;
};

static struct timing enrol(struct registry *registry, uint64_t members, day_t today) {
    struct timing timing = {0};
    struct event *events = malloc(SLICE * sizeof *events);
    assert(events);
    int64_t now_ms = calendar_time_of_day(today) + 36000000;
    for (uint64_t first = 0; first < members; first += SLICE) {
        uint64_t count = members - first < SLICE ? members - first : SLICE;
        for (uint64_t i = 0; i < count; i++)
            make_event(first + i, first + i + 1, now_ms, &events[i]);
        uint64_t begin = now_ns(), last = begin;
        for (uint64_t i = 0; i < count; i++) {
            struct record record;
            char value[64];
            if (i + 8 < count)
                registry_prefetch(registry, events[i + 8].identity);
            registry_decide(registry, registry_device(registry, 1), &events[i], today, now_ms, &record,
                            value);
            assert(record.refusal == REFUSAL_NONE);
            apply(registry, &record);
            if (i % 16 == 15) { /* reading the clock costs: sixteen events are one measure of a stall */
                uint64_t now = now_ns();
                timing.slowest_ns = now - last > timing.slowest_ns ? now - last : timing.slowest_ns;
                timing.slow_count += now - last > SLOW_NS;
                last = now;
            }
        }
        timing.total_ns += now_ns() - begin;
    }
    free(events);
    return timing;
}

struct memory {
    uint8_t *data;
    size_t size, capacity, position;
};

static bool write_memory(void *context, const void *data, size_t size) {
    struct memory *memory = context;
    if (memory->size + size > memory->capacity)
        return false;
    memcpy(memory->data + memory->size, data, size);
    memory->size += size;
    return true;
}

static bool read_memory(void *context, void *data, size_t size) {
    struct memory *memory = context;
    if (memory->position + size > memory->size)
        return false;
    memcpy(data, memory->data + memory->position, size);
    memory->position += size;
    return true;
}

static double find_ns(const struct registry *registry, uint64_t members) {
    uint64_t found = 0, begin = now_ns();
    for (uint64_t i = 0; i < LOOKUPS; i++)
        found += registry_find(registry, nik_of(i * 7919u % members), NULL) != NULL;
    uint64_t end = now_ns();
    assert(found == LOOKUPS);
    return (double)(end - begin) / LOOKUPS;
}

int main(int count, char **arguments) {
    uint64_t members = count > 1 ? strtoull(arguments[1], NULL, 10) : 2000000;
    struct region_table *regions = calloc(1, sizeof *regions);
    assert(regions && members > 0);
    regions->city_code = 3671;
    assert(region_table_add(regions, KELURAHAN, "Bench", "Bench", 1));
    struct policy policy = {.count = 1, .rows = {{.valid_from = 1, .cut_off_day = 20, .newborn_days = 28}}};
    day_t today = calendar_day(2025, 9, 25);

    uint64_t before = resident_bytes();
    struct registry *registry = registry_new(regions, &policy);
    struct device device = {.id = 1, .role = ROLE_BPJS, .area = 3671, .next_sequence = 1, .name = "bench"};
    apply(registry, &(struct record){.kind = CHANGE_DEVICE_ADDED, .new_device = &device});
    struct timing timing = enrol(registry, members, today);
    double bytes = (double)(resident_bytes() - before) / (double)members;
    double lookup = find_ns(registry, members);

    uint64_t begin = now_ns();
    uint64_t digest = registry_digest(registry);
    uint64_t digest_ns = now_ns() - begin;
    struct memory memory = {.capacity = members * 48 + 65536};
    memory.data = malloc(memory.capacity);
    assert(memory.data);
    memset(memory.data, 0, memory.capacity);
    begin = now_ns();
    assert(registry_save(registry, write_memory, &memory) == RESULT_OK);
    uint64_t save_ns = now_ns() - begin;
    registry_destroy(&registry);
    registry = registry_new(regions, &policy);
    begin = now_ns();
    struct failure why;
    assert(registry_load(registry, read_memory, &memory, &why) == RESULT_OK);
    uint64_t load_ns = now_ns() - begin;
    assert(registry_digest(registry) == digest);

    printf("{\"members\": %" PRIu64
           ", \"ns_per_event\": %.1f, \"bytes_per_member\": %.1f, \"find_ns\": %.1f, "
           "\"slowest_16_us\": %.1f, \"slow_16\": %" PRIu64 ", \"digest_ms\": %.1f, \"save_ms\": %.1f, "
           "\"load_ms\": %.1f}\n",
           members, (double)timing.total_ns / (double)members, bytes, lookup, (double)timing.slowest_ns / 1e3,
           timing.slow_count, (double)digest_ns / 1e6, (double)save_ns / 1e6, (double)load_ns / 1e6);
    registry_destroy(&registry);
    free(memory.data);
    free(regions);
    return 0;
}
