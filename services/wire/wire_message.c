/* wire_message.c - what protobuf-c lets pass (wire_message.h): a walk along the descriptors. */
#include "wire_message.h"

#include "wire_bytes.h"

static bool text_clean(const char *text, size_t text_max) {
    size_t size = text ? strnlen(text, text_max + 1) : 0;
    return size <= text_max && wire_text_clean((const uint8_t *)text, size);
}

static bool value_clean(const ProtobufCFieldDescriptor *field, const void *value, size_t text_max) {
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return text_clean(*(const char *const *)value, text_max);
    const ProtobufCMessage *within = *(const ProtobufCMessage *const *)value;
    return !within || wire_message_clean(within, text_max);
}

static bool field_clean(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                        size_t text_max) {
    if (field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_MESSAGE)
        return true;
    const uint8_t *base = (const uint8_t *)message;
    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        bool other_of_union = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
                              *(const uint32_t *)(base + field->quantifier_offset) != field->id;
        return other_of_union || value_clean(field, base + field->offset, text_max);
    }
    size_t count = *(const size_t *)(base + field->quantifier_offset);
    const uint8_t *list = *(const uint8_t *const *)(base + field->offset);
    for (size_t index = 0; index < count; index++)
        if (!value_clean(field, list + index * sizeof(void *), text_max))
            return false;
    return true;
}

bool wire_message_clean(const ProtobufCMessage *message, size_t text_max) {
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    if (message->n_unknown_fields > 0)
        return false;
    for (unsigned index = 0; index < descriptor->n_fields; index++)
        if (!field_clean(message, &descriptor->fields[index], text_max))
            return false;
    return true;
}

static bool in_oneof(const ProtobufCMessageDescriptor *descriptor, uint32_t number) {
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(descriptor, number);
    return field && (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

bool wire_message_once(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t size) {
    struct wire_reader reader = {data, wire_past(data, size)};
    struct wire_field field;
    uint64_t seen = 0;
    bool chosen = false;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field) || field.number >= 64 || (seen >> field.number & 1) != 0)
            return false;
        seen |= UINT64_C(1) << field.number;
        bool chooses = in_oneof(descriptor, field.number);
        if (chooses && chosen)
            return false;
        chosen = chosen || chooses;
    }
    return true;
}
