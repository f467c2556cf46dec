/* wire_message.h - what protobuf-c lets pass and no message of ours may hold: unknown fields, unclean texts,
 * fields that come twice. For the decoders of this room that go through protobuf-c. */
#ifndef WIRE_WIRE_MESSAGE_H
#define WIRE_WIRE_MESSAGE_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the message and all within it hold only fields that this version knows, and only texts of UTF-8
 * without control characters and of at most `text_max` bytes. Our messages do not nest in themselves, so this
 * does not either. */
bool wire_message_clean(const ProtobufCMessage *message, size_t text_max);
/* Whether no field of the outermost message comes twice, nor two of a oneof: protobuf-c takes the last, and
 * others could take the first. `data` was unpacked as a message of that descriptor, without repeated fields
 * and with one oneof at most. */
bool wire_message_once(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t size);

#endif
