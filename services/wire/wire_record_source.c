/* wire_record_source.c - which device and sequence a record came from, read without decoding the rest: to
 * find an old answer in a batch of thousands of records. */
#include "wire_bytes.h"
#include "wire_record.h"

#define DEVICE_FIELD   5 /* proto/record.proto: Record */
#define SEQUENCE_FIELD 6

void wire_record_source(const struct wire_record_entry *entry, uint32_t *device, uint64_t *sequence) {
    struct wire_reader reader = {entry->data, entry->data + entry->size};
    struct wire_field field;
    *device = 0;
    *sequence = 0;
    while (wire_read_field(&reader, &field) && field.number <= SEQUENCE_FIELD) {
        if (field.number == DEVICE_FIELD)
            *device = (uint32_t)field.value.number;
        if (field.number == SEQUENCE_FIELD)
            *sequence = field.value.number;
    }
}
