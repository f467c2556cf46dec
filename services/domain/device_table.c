/* device_table.c - an array of devices and a hash table over their keys (device_table.h). */
#include "device_table.h"

#include "member_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The slot of `key`, or the empty one where it would go. */
static uint32_t *slot_of(const struct device_table *table, const uint8_t key[DEVICE_KEY_SIZE]) {
    uint64_t words[DEVICE_KEY_SIZE / sizeof(uint64_t)];
    memcpy(words, key, DEVICE_KEY_SIZE);
    uint64_t hash = mix64(words[0] ^ mix64(words[1] ^ mix64(words[2] ^ mix64(words[3]))));
    uint32_t mask = table->slot_count - 1;
    uint32_t slot = (uint32_t)hash & mask;
    while (table->slots[slot] != 0 &&
           memcmp(table->devices[table->slots[slot] - 1].public_key, key, DEVICE_KEY_SIZE) != 0)
        slot = (slot + 1) & mask;
    return &table->slots[slot];
}

static void grow(struct device_table *table) {
    table->slot_count = table->slot_count ? 2 * table->slot_count : 16;
    free(table->slots);
    table->slots = calloc(table->slot_count, sizeof *table->slots);
    table->devices = realloc(table->devices, table->slot_count / 2 * sizeof *table->devices);
    assert(table->slots && table->devices && "no memory for devices");
    for (uint32_t i = 0; i < table->count; i++)
        *slot_of(table, table->devices[i].public_key) = i + 1;
}

struct device *device_table_at(const struct device_table *table, uint32_t id) {
    return id >= 1 && id <= table->count ? &table->devices[id - 1] : NULL;
}

struct device *device_table_by_key(const struct device_table *table, const uint8_t key[DEVICE_KEY_SIZE]) {
    return table->count ? device_table_at(table, *slot_of(table, key)) : NULL;
}

void device_table_add(struct device_table *table, const struct device *device) {
    assert(device->id == table->count + 1 && "devices are added in the order of their numbers");
    if (table->count == table->slot_count / 2)
        grow(table);
    uint32_t *slot = slot_of(table, device->public_key);
    assert(*slot == 0 && "a device key is added once");
    table->devices[table->count] = *device;
    *slot = ++table->count;
}

void device_table_clear(struct device_table *table) {
    free(table->devices);
    free(table->slots);
    *table = (struct device_table){0};
}
