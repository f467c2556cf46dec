/* events_json.h - a batch of events as JSON (openapi.json: EventBatch) to a Frame, and its Ack back to
 * JSON. Reads foreign bytes: every limit is checked here. Pure. */
#ifndef GATEWAY_EVENTS_JSON_H
#define GATEWAY_EVENTS_JSON_H

#include "cakupan/result.h"
#include "wire/wire_event.h"

#include <jansson.h>

/* Into `frame` (serialized, in the arena). An event whose values can't be an event's is sent all the
 * same, as bytes that enrollment refuses, so that its sequence is answered; the same JSON always gives
 * the same bytes, whatever the order of its members. RESULT_INVALID: JSON_INVALID or
 * PARAMETER_INVALID; `why->sentence` is the place alone ("line 3, column 7", "first_sequence"), never
 * what stands there. */
MUST_USE enum result events_json_frame(const uint8_t *body, size_t size, struct arena *arena,
                                       struct text_bytes *frame, struct failure *why);
/* EventAnswer of an ack that refuses no frame. */
json_t *events_json_answer(const struct wire_ack *ack);

#endif
