/* oracle.c - what must hold, whatever happened: judged from the disk's bytes by plain counting, not by the
 * folds. */
#include "world.h"

#include "wire/wire_record.h"

#include <stdlib.h>
#include <string.h>

/* The last word on one sequence of a device: the same in every ack. */
static void tell(struct world *world, struct device_node *device, uint64_t sequence, uint64_t offset,
                 uint16_t refusal, uint16_t warning) {
    if (sequence == 0 || sequence >= device->end) {
        world_complain(world, "device %u was told of sequence %llu, which it never sent", device->number,
                       (unsigned long long)sequence);
        return;
    }
    struct fate *fate = &device->fates[sequence];
    if (fate->told && (fate->offset != offset || fate->refusal != refusal || fate->warning != warning))
        world_complain(world, "device %u sequence %llu: offset %llu refusal %u, but before %llu and %u",
                       device->number, (unsigned long long)sequence, (unsigned long long)offset, refusal,
                       (unsigned long long)fate->offset, fate->refusal);
    *fate = (struct fate){true, offset, refusal, warning};
    const struct disk *disk = &world->enrollment.disk;
    if (offset == 0 || offset > disk->record_count) {
        world_complain(world, "device %u sequence %llu was acknowledged before it was durable",
                       device->number, (unsigned long long)sequence);
        return;
    }
    const struct disk_record *record = &disk->records[offset - 1];
    if (record->device != device->number || record->sequence != sequence || record->refusal != refusal ||
        record->warning != warning || record->content_hash != device->hashes[sequence])
        world_complain(world, "device %u sequence %llu: the journal at offset %llu says something else",
                       device->number, (unsigned long long)sequence, (unsigned long long)offset);
}

void oracle_ack(struct world *world, struct device_node *device, const struct wire_ack *ack) {
    for (uint32_t i = 0; i < ack->range_count; i++) {
        const struct wire_ack_range *range = &ack->ranges[i];
        for (uint32_t j = 0; j < range->count; j++) {
            uint64_t sequence = range->first_sequence + j;
            uint16_t refusal = 0, warning = 0;
            for (uint32_t k = 0; k < range->outcome_count; k++) {
                if (range->outcomes[k].sequence != sequence)
                    continue;
                refusal = range->outcomes[k].refusal;
                warning = range->outcomes[k].warning;
            }
            tell(world, device, sequence, range->first_offset + j, refusal, warning);
        }
    }
}

/* Each event of a device is on the disk once, in order, as it was sent; what was told is there. */
static void judge_device(struct world *world, const struct device_node *device) {
    const struct disk *disk = &world->enrollment.disk;
    uint64_t next = 1;
    for (size_t i = 0; i < disk->record_count; i++) {
        const struct disk_record *record = &disk->records[i];
        if (record->device != device->number)
            continue;
        if (record->sequence != next)
            world_complain(world, "device %u: sequence %llu is stored where %llu was next", device->number,
                           (unsigned long long)record->sequence, (unsigned long long)next);
        next = record->sequence + 1;
    }
    for (uint64_t sequence = 1; sequence < device->end; sequence++)
        if (device->fates[sequence].told && sequence >= next)
            world_complain(world, "device %u: sequence %llu was acknowledged and is lost", device->number,
                           (unsigned long long)sequence);
    if (!device->refused && (next != device->end || device->oldest != device->end))
        world_complain(world, "device %u: %llu of %llu events stored, %llu answered", device->number,
                       (unsigned long long)next - 1, (unsigned long long)device->end - 1,
                       (unsigned long long)device->oldest - 1);
}

/* Everybody as the last accepted record about them left them. */
struct census {
    struct member members[4096];
    bool known[4096];
};

static void count_record(struct world *world, struct census *census, const struct record *record) {
    if (record->refusal || record->member_id == 0)
        return;
    if (record->member_id >= 4096) {
        world_complain(world, "member %u of at most %u people", record->member_id, PEOPLE * 4);
        return;
    }
    bool known = census->known[record->member_id];
    struct member *member = &census->members[record->member_id];
    if (known != record->has_before || (known && memcmp(member, &record->before, sizeof *member) != 0))
        world_complain(world, "offset %llu: `before` is not what was known of member %u",
                       (unsigned long long)record->offset, record->member_id);
    if (record->has_after)
        *member = record->after;
    census->known[record->member_id] = known || record->has_after;
}

static void take_census(struct world *world, struct census *census) {
    static const uint8_t nothing[JOURNAL_HASH_SIZE];
    const struct disk *disk = &world->enrollment.disk;
    const uint8_t *chain = nothing;
    for (size_t i = 0; i < disk->batch_count; i++) {
        const struct journal_batch *batch = &disk->batches[i].batch;
        uint8_t hash[JOURNAL_HASH_SIZE];
        struct wire_record_entry entry;
        size_t position = 0;
        journal_hash(chain, &batch->header, batch->records, batch->size, hash);
        if (memcmp(hash, batch->hash, sizeof hash) != 0)
            world_complain(world, "the hash chain breaks at batch %zu", i);
        chain = batch->hash;
        while (wire_record_next(batch->records, batch->size, &position, &entry) == RESULT_OK) {
            struct record record;
            arena_reset(&world->arena);
            if (wire_record_decode(entry.data, entry.size, &world->arena, &record) != RESULT_OK)
                world_complain(world, "a record of batch %zu can't be decoded", i);
            else
                count_record(world, census, &record);
        }
    }
}

/* Coverage's totals are what a plain count of everybody gives. */
static void judge_totals(struct world *world, const struct census *census) {
    static struct totals_cell counted[KELURAHAN_MAX];
    memset(counted, 0, sizeof counted);
    for (uint32_t i = 0; i < 4096; i++) {
        const struct member *member = &census->members[i];
        uint16_t place = census->known[i] && member->kelurahan
                             ? region_index(&world->regions, member->kelurahan)
                             : REGION_NOWHERE;
        if (place != REGION_NOWHERE)
            counted[place].people[member->segment][member->status]++;
    }
    if (memcmp(counted, world->coverage.totals.kelurahan, sizeof counted) != 0)
        world_complain(world, "the totals differ from a recount");
    if (world->coverage.totals.offset != world->enrollment.disk.record_count)
        world_complain(world, "the totals stand at offset %llu of %zu",
                       (unsigned long long)world->coverage.totals.offset,
                       world->enrollment.disk.record_count);
}

static bool append_bytes(void *context, const void *data, size_t size) {
    struct text_bytes *bytes = context;
    uint8_t *grown = realloc((uint8_t *)bytes->data, bytes->size + size + 1);
    if (!grown)
        abort();
    memcpy(grown + bytes->size, data, size);
    *bytes = (struct text_bytes){grown, bytes->size + size};
    return true;
}

static bool take_bytes(void *context, void *data, size_t size) {
    struct text_bytes *bytes = context;
    if (size > bytes->size)
        return false;
    memcpy(data, bytes->data, size);
    *bytes = (struct text_bytes){bytes->data + size, bytes->size - size};
    return true;
}

/* The registry in memory, one replayed from the journal and one read from a snapshot are the same. */
static void judge_registry(struct world *world) {
    struct enrollment_node *node = &world->enrollment;
    struct failure why;
    uint64_t digest = registry_digest(node->registry);
    const struct disk *disk = &node->disk;
    if (registry_day(node->registry) != disk->batches[disk->batch_count - 1].batch.header.day)
        world_complain(world, "a business day has passed without its record");
    struct text_bytes saved = {0};
    if (registry_save(node->registry, append_bytes, &saved) != RESULT_OK)
        world_complain(world, "the registry can't be saved");
    struct text_bytes left = saved;
    struct registry *loaded = registry_new(&world->regions, &world->policy);
    if (registry_load(loaded, take_bytes, &left, &why) != RESULT_OK)
        world_complain(world, "the snapshot can't be read: %s", why.sentence);
    else if (registry_digest(loaded) != digest)
        world_complain(world, "a registry read from its snapshot differs");
    registry_destroy(&loaded);
    free((uint8_t *)saved.data);
    enrollment_crash(world);
    enrollment_start(world);
    if (!world->failed && registry_digest(node->registry) != digest)
        world_complain(world, "the registry replayed from the journal differs");
}

/* Who was told that its key is revoked is revoked, after every crash. */
static void judge_revocations(struct world *world) {
    for (uint32_t i = 0; i < DEVICES; i++)
        if (world->devices[i].refused &&
            !registry_device(world->enrollment.registry, world->devices[i].number)->revoked)
            world_complain(world, "device %u was told that it is revoked, but it is not", i + 1);
}

void oracle_judge(struct world *world) {
    struct census *census = calloc(1, sizeof *census);
    if (!census)
        abort();
    for (uint32_t i = 0; i < DEVICES; i++)
        judge_device(world, &world->devices[i]);
    take_census(world, census);
    judge_totals(world, census);
    judge_revocations(world);
    judge_registry(world);
    free(census);
}
