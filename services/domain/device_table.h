/* device_table.h - devices by number and by key, in the order of their addition. */
#ifndef DOMAIN_DEVICE_TABLE_H
#define DOMAIN_DEVICE_TABLE_H

#include "cakupan/device.h"

struct device_table {
    struct device *devices; /* ids 1..count */
    uint32_t *slots;        /* ids by key, 0 empty; a power of two, at most half full */
    uint32_t count;
    uint32_t slot_count;
};

/* NULL outside 1..count. Valid until the next device is added. */
struct device *device_table_at(const struct device_table *table, uint32_t id);
struct device *device_table_by_key(const struct device_table *table, const uint8_t key[DEVICE_KEY_SIZE]);
/* Adds a copy; its id must be count + 1 and its key new. Aborts where memory is out. */
void device_table_add(struct device_table *table, const struct device *device);
void device_table_clear(struct device_table *table);

#endif
