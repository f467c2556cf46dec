/* events_json.h - a batch of events as JSON (openapi.json: EventBatch) to a Frame, and its Ack back to
 * JSON. Reads foreign bytes: every limit is checked here. Pure. */
#ifndef GATEWAY_EVENTS_JSON_H
#define GATEWAY_EVENTS_JSON_H

#include "cakupan/result.h"
#include "event.pb-c.h"
#include "wire/arena.h"

#include <jansson.h>

/* Into `frame` (serialized, in the arena). An event whose values can't be an event's is sent all the same,
 * as bytes that enrollment refuses (EVENT_MALFORMED), so that its sequence is answered. RESULT_INVALID:
 * JSON_INVALID or PARAMETER_INVALID, with the place. */
MUST_USE enum result events_json_frame(const uint8_t *body, size_t size, struct arena *arena,
                                       const uint8_t **frame, size_t *frame_size, struct failure *why);
/* EventAnswer; NULL where the ack is a refusal of the frame. */
json_t *events_json_answer(const Cakupan__Ack *ack);

#endif
