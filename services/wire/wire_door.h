/* wire_door.h - the door's conversation (proto/door.proto): generated messages behind a validator,
 * every limit checked here.
 *
 * What decoders hand out borrows from the arena.
 */
#ifndef WIRE_WIRE_DOOR_H
#define WIRE_WIRE_DOOR_H

#include "arena.h"
#include "cakupan/result.h"
#include "door.pb-c.h"

#include <stdbool.h>

#define DOOR_VERSION           1u
#define DOOR_REQUEST_MAX_BYTES ((1u << 20) + 1024) /* a frame and who sends it */
#define DOOR_REPLY_MAX_BYTES   (2u << 20)

/* RESULT_INVALID (REQUEST_MALFORMED) where it is none, of another version, or over a limit. */
MUST_USE enum result wire_door_request_decode(const uint8_t *data, size_t size, struct arena *arena,
                                              Cakupan__DoorRequest **out, struct failure *why);
/* The id of what may be a request, 0 where it has none: to say no to what can't be decoded. */
uint64_t wire_door_request_id(const uint8_t *data, size_t size);
/* RESULT_INVALID (ANSWER_MALFORMED) where it is none. */
MUST_USE enum result wire_door_reply_decode(const uint8_t *data, size_t size, struct arena *arena,
                                            Cakupan__DoorReply **out, struct failure *why);

/* A reply that carries an ack and nothing else, written without a copy in between. Returns its size, 0 where
 * it does not fit; DOOR_ACK_HEAD bytes more than the ack always do. */
#define DOOR_ACK_HEAD 32
size_t wire_door_ack_encode(uint64_t id, bool disk_low, const uint8_t *ack, size_t ack_size, uint8_t *out,
                            size_t capacity);

#endif
